#!/usr/bin/python3
"""The dead-man timer of a lab router: a change that nobody confirms undoes itself.

    zy-confirm start SECONDS [SNAPSHOT]  keep SNAPSHOT (default: the running configuration), restore it in SECONDS
    zy-confirm confirm                   the change stays, and becomes the startup configuration
    zy-confirm abort                     restore now, as the startup configuration too
    zy-confirm status                    ``none``, ``pending SECONDS`` or ``restored`` / ``failed`` (the last trial)
    zy-confirm resume                    at boot: a trial that a restart interrupted is over, so restore

The timer is a process of its own session: it outlives the ssh session and the management port. Exit: 0 done,
1 refused (a trial is pending, or none is), 2 the restore failed (/var/log/zy-confirm.log says why).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

STATE = Path("/var/lib/zhengyun/trial")  # trial.json, snapshot.conf: in the overlay, so they survive a restart
LOG = Path("/var/log/zy-confirm.log")
LOCK = Path("/run/zhengyun/confirm.lock")
CONFIG = "/usr/sbin/zy-config"
SHORTEST, LONGEST = 1, 65535  # s; the upper bound is VRP8's `commit trial`


class Refused(Exception):
    """This cannot be done now; nothing was changed."""


def now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def trial() -> dict[str, Any] | None:
    """The pending trial, or None."""
    path = STATE / "trial.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def pending() -> dict[str, Any]:
    found = trial()
    if found is None:
        raise Refused("no trial is pending")
    return found


def put(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def seconds_of(text: str) -> int:
    if not text.isdecimal() or not SHORTEST <= int(text) <= LONGEST:
        raise Refused(f"seconds are a number from {SHORTEST} to {LONGEST}, not {text}")
    return int(text)


def start(seconds: int, snapshot: str | None) -> None:
    if trial() is not None:
        raise Refused("a trial is pending: confirm or abort it first")
    if snapshot is None:
        text = subprocess.run([CONFIG, "show"], check=True, capture_output=True, text=True).stdout
    else:
        text = Path(snapshot).read_text(encoding="utf-8")
    STATE.mkdir(parents=True, exist_ok=True, mode=0o700)
    put(STATE / "snapshot.conf", text)
    token = secrets.token_hex(8)
    timer = subprocess.Popen(
        ["/bin/sh", "-c", 'sleep "$1"; exec "$0" expire "$2"', sys.argv[0], str(seconds), token],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    put(STATE / "trial.json", json.dumps({"token": token, "deadline": now() + seconds, "timer": timer.pid}))


def end(found: dict[str, Any], outcome: str) -> None:
    """The trial is over. Its timer is ended too, unless we are the timer, or the pid is another's by now."""
    put(STATE / "outcome", outcome)
    (STATE / "trial.json").unlink()
    try:
        command = Path(f"/proc/{found['timer']}/cmdline").read_bytes()
    except FileNotFoundError:
        return
    if found["timer"] != os.getpid() and found["token"].encode() in command:
        os.killpg(found["timer"], signal.SIGTERM)


def confirm() -> None:
    found = pending()
    subprocess.run([CONFIG, "save"], check=True)
    end(found, "confirmed")


def restore(found: dict[str, Any]) -> None:
    """Bring the snapshot back, as the startup configuration too: the trial's may have been written there meanwhile.

    Raises CalledProcessError; the trial is then over too, with the outcome ``failed``.
    """
    with LOG.open("a", encoding="utf-8") as log:
        for command in (["replace", str(STATE / "snapshot.conf")], ["save"]):
            print(f"{time.strftime('%FT%TZ', time.gmtime())} {' '.join(command)}", file=log, flush=True)
            done = subprocess.run([CONFIG, *command], stdout=log, stderr=log, check=False)
            if done.returncode != 0:
                break
    end(found, "restored" if done.returncode == 0 else "failed")
    done.check_returncode()


def expire(token: str) -> None:
    found = trial()
    if found is not None and found["token"] == token:
        restore(found)


def status() -> str:
    found = trial()
    if found is not None:
        return f"pending {max(0, round(found['deadline'] - now()))}"
    outcome = STATE / "outcome"
    return outcome.read_text(encoding="utf-8") if outcome.exists() else "none"


def dispatch(arguments: list[str]) -> None:
    match arguments:
        case ["start", seconds]:
            start(seconds_of(seconds), None)
        case ["start", seconds, snapshot]:
            start(seconds_of(seconds), snapshot)
        case ["confirm"]:
            confirm()
        case ["abort"]:
            restore(pending())
        case ["expire", token]:
            expire(token)
        case ["resume"]:
            if (found := trial()) is not None:
                restore(found)
        case ["status"]:
            print(status())
        case _:
            raise Refused("usage: zy-confirm start SECONDS [SNAPSHOT] | confirm | abort | status")


def main(arguments: list[str]) -> int:
    with LOCK.open("w") as lock:
        os.set_inheritable(lock.fileno(), False)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            dispatch(arguments)
        except Refused as reason:
            print(f"refused: {reason}", file=sys.stderr)
            return 1
        except subprocess.CalledProcessError as failure:
            print(f"failed: {failure}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
