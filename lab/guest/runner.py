"""Supervise one UML guest: ``systemctl reboot`` inside boots it again, ``poweroff`` ends it.

UML reboots by executing itself anew and then cannot open its tap again, which its own leaked descriptor keeps busy.
So the runner ends the process when the guest says that it restarts, and starts a fresh one.

Run as a program by its path, under ``python -I -S``: it must work without the rest of the lab, for as long as the
guest lives. Guest and runner share one session, so that ``lab.process`` finds all of them.

    python -I -S runner.py CONSOLE_LOG COMMAND…
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from types import FrameType
from typing import BinaryIO

_RESTARTS = b"reboot: Restarting system"  # kernel/reboot.c; always on the console, whatever its log level
_ENDS = (b"reboot: System halted", b"reboot: Power down")


class _Ended(Exception):
    """We were told to end."""


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _Ended


def run_once(command: list[str], log: BinaryIO) -> bool:
    """Run the guest until it ends; True when it asked to be started again."""
    # A process group of its own, for its userspace processes; the session stays ours.
    guest = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    )
    again = False
    try:
        for line in guest.stdout or ():
            log.write(line)
            if _RESTARTS in line:
                again = True
                break
            if any(text in line for text in _ENDS):
                break
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(guest.pid, signal.SIGKILL)
        guest.wait()
    return again


def main(console: str, command: list[str]) -> int:
    """Run the guest again and again, until it powers off, dies or we are told to end."""
    signal.signal(signal.SIGTERM, _end)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a panic would leave the guest's memory on disk
    with open(console, "ab", buffering=0) as log:  # noqa: PTH123 -- pathlib costs each guest 2 MB of memory
        try:
            while run_once(command, log):
                log.write(b"== restarted by the runner\n")
        except _Ended:
            log.write(b"== ended by the lab\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
