"""Plugins of Pulumi that outlived it: they do not notice when it is killed, and may still be making things."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

_GONE_WITHIN = 10.0
"""Seconds until a killed process has left /proc."""


def end_orphans(home: Path) -> int:
    """End plugins that were started for this ``PULUMI_HOME`` and whose ``pulumi`` has gone; how many there were.

    Plugins of operations that still run have a living ``pulumi`` above them, and are left alone.
    """
    found = list(_orphans(home))
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + _GONE_WITHIN
    while any(_name(pid) for pid in found) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(found)


def _orphans(home: Path) -> Iterator[int]:
    wanted = f"PULUMI_HOME={home}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if not _name(pid).startswith("pulumi-"):
            continue
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it has ended, or is somebody else's
        if wanted in environment and not _name(parent).startswith("pulumi"):
            yield pid


def _name(pid: int) -> str:
    """File name of a process's program; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return ""
