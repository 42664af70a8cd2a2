"""Locks of Pulumi's file backend: a killed operation leaves its lock behind, and nothing else ever removes it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from province.errors import Place, ZyError
from province.record import Beat

WAIT_SECONDS = 120.0
"""An operation whose command was killed ends by itself at its next line of output."""
_LOOK_EVERY = 0.5


def clear_locks(stack: str, locks: Sequence[Path], beat: Beat) -> None:
    """Remove locks of dead processes; wait for living ones. Raises ``ZY-CLD-026`` when one stays."""
    deadline = time.monotonic() + WAIT_SECONDS
    for lock in locks:
        while (owner := _owner(lock)) is not None:
            if not _alive(owner):
                lock.unlink(missing_ok=True)
                break
            if time.monotonic() > deadline:
                raise ZyError(
                    "ZY-CLD-026",
                    f"process {owner} works on the stack",
                    place=Place(target=stack),
                    fix="wait until it has ended, then `zy resume`",
                )
            beat(f"{stack}: waiting for process {owner}, which still works on it")
            time.sleep(_LOOK_EVERY)


def _owner(lock: Path) -> int | None:
    """Process that holds a lock; ``None`` when the lock has gone. A lock of another machine raises ``ZY-CLD-026``."""
    try:
        content = json.loads(lock.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return 0  # written half: its writer was killed
    if content.get("hostname") != socket.gethostname():
        raise ZyError(
            "ZY-CLD-026",
            f"{content.get('username')} works on the stack from {content.get('hostname')}",
            place=Place(target=lock.parent.name),
            fix="ask them; if that machine is gone for good, run `pulumi cancel` on the stack",
        )
    return int(content.get("pid") or 0)


def _alive(pid: int) -> bool:
    """Whether that process runs, and is Pulumi (numbers are given again)."""
    try:
        return pid > 0 and Path(f"/proc/{pid}/exe").readlink().name.startswith("pulumi")
    except OSError:
        return False
