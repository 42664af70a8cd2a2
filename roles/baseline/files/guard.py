#!/usr/bin/env python3
"""Put back what hardening changed: at once, by a dead-man timer, or at the next boot.

The role installs this file on the host and calls it there; it needs the standard library alone.

    guard.py arm SECONDS         start (or prolong) the timer that restores the guard's record; a new generation begins
    guard.py confirm GENERATION  access has been proven: forget the guard's record, unless a later run armed it since
    guard.py restore DIR         put back everything that DIR/record.json holds
    guard.py restore DIR --boot  the same before services start: files only, nothing is reloaded
    guard.py show DIR            what ``restore DIR`` would change, as JSON

A record lists, in the order of first touch, what a thing was before: files, kernel settings, accounts, units, loaded
rules. It is restored backwards, so that an account goes after its files.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HOME = Path("/var/lib/zhengyun/hardening")
GUARD = HOME / "guard"
GENERATION = HOME / "generation"
LOCK = Path("/run/zhengyun.lock")
ANOTHER_RUN = 75  # EX_TEMPFAIL of sysexits(3): the same again later may work
BOOT_UNIT = Path("/etc/systemd/system/zy-guard-boot.service")
BOOT_LINK = Path("/etc/systemd/system/multi-user.target.wants/zy-guard-boot.service")
BOOT_TEXT = f"""[Unit]
Description=Put back unconfirmed changes of zhengyun
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target ssh.service sshd.service nftables.service
ConditionPathExists={GUARD}/record.json
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 {HOME}/guard.py restore {GUARD} --boot
"""
Entry = dict[str, Any]


def run(argv: list[str], text: str = "") -> str:
    """Run a command; what went wrong, or nothing. A failure must not stop the rest of the restoring."""
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{' '.join(argv)}: {done.stderr.strip()}"


def saved_text(folder: Path, entry: Entry) -> str:
    copy = entry.get("copy")
    return (folder / copy).read_text(encoding="utf-8", errors="replace") if copy else ""


def read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""


def restore_file(folder: Path, entry: Entry) -> None:
    path = Path(entry["path"])
    if not entry["existed"]:
        path.unlink(missing_ok=True)
        return
    partial = path.with_name(f".{path.name}.zy")
    shutil.copyfile(folder / entry["copy"], partial)
    os.chown(partial, entry["uid"], entry["gid"])
    partial.chmod(entry["mode"])
    partial.replace(path)


def restore_unit(entry: Entry, boot: bool) -> str:
    """Before services run, only whether the unit is enabled: a manager that boots cannot be asked for more."""
    name, verbs = entry["name"], {"enabled": "enable", "disabled": "disable"}
    offline = ["--root=/"] if boot else []
    told = [run(["systemctl", *offline, verbs[entry["enabled"]], name])] if entry["enabled"] in verbs else []
    if not boot:
        told.append(run(["systemctl", "start" if entry["active"] else "stop", name]))
    return "; ".join(filter(None, told))


def restore_live(entry: Entry) -> str:
    run(entry["clear"])  # fails where nothing had been loaded yet
    return run(entry["write"], entry["text"]) if entry["text"] else ""


def restore_account(entry: Entry) -> str:
    try:
        pwd.getpwnam(entry["name"])
    except KeyError:
        return ""
    return run(["userdel", "--force", "--remove", entry["name"]])


def restore_login(entry: Entry) -> str:
    """An account that was there before. Its keys are files of the record."""
    back = ["--expiredate", entry["expires"], "--shell", entry["shell"], "--groups", ",".join(entry["groups"])]
    unlock = [] if entry["locked"] else ["--unlock"]
    return run(["usermod", *back, *unlock, entry["name"]])


def restore_one(folder: Path, entry: Entry, boot: bool) -> str:
    """Put one thing back; what went wrong, or nothing. At boot nothing is loaded: services do so."""
    kind = entry["kind"]
    told = ""
    if kind == "file":
        restore_file(folder, entry)
    elif kind == "directory":
        with contextlib.suppress(OSError):  # others may have put something there
            Path(entry["path"]).rmdir()
    elif kind == "account":
        told = restore_account(entry)
    elif kind == "login":
        told = restore_login(entry)
    elif kind == "lock":
        told = run(["usermod", "--unlock", entry["name"]])
    elif kind == "sysctl" and not boot:
        Path(entry["path"]).write_text(entry["value"], encoding="ascii")
    elif kind == "unit":
        told = restore_unit(entry, boot)
    elif kind == "live" and not boot:
        told = restore_live(entry)
    return told


def load_record(folder: Path) -> Entry:
    path = folder / "record.json"
    if not path.exists():
        return {"entries": [], "undo": []}
    loaded: Entry = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def restore(folder: Path, boot: bool) -> int:
    """Put everything back, whatever fails on the way. The record goes only when nothing failed."""
    record, told = load_record(folder), []
    for entry in reversed(record["entries"]):
        try:
            told.append(restore_one(folder, entry, boot))
        except OSError as error:
            told.append(f"{entry['kind']} {entry['name']}: {error}")
    told += [] if boot else [run(argv) for argv in record["undo"]]
    shutil.rmtree(HOME / "loaded", ignore_errors=True)
    failed = [words for words in told if words]
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    disarm()
    print("\n".join(failed), end="", file=sys.stderr)
    return 1 if failed else 0


def confirm(generation: int) -> int:
    """Forget the guard's record. It is an error when there is none: the timer has put things back meanwhile.

    What a later run has changed since then is not proven yet, so that run alone may confirm.
    """
    if current_generation() != generation:
        print("another run has begun to change this host since", file=sys.stderr)
        return ANOTHER_RUN
    if not (GUARD / "record.json").exists():
        print("the changes had been put back already", file=sys.stderr)
        return 1
    shutil.rmtree(GUARD)
    disarm()
    return 0


def show_one(folder: Path, entry: Entry) -> tuple[str, str, str]:
    """Object, its text now, and its text after restoring."""
    kind, name = entry["kind"], entry["name"]
    if kind == "file":
        return name, read(Path(name)), saved_text(folder, entry)
    if kind == "sysctl":
        return f"sysctl {name}", read(Path(entry["path"])).strip(), entry["value"].strip()
    if kind == "unit":
        return f"unit {name}", "as hardened", f"{entry['enabled']}, {'active' if entry['active'] else 'inactive'}"
    named = {
        "live": (f"loaded {name}", "ours", entry.get("text") or "none"),
        "account": (f"account {name}", "present", ""),
        "person": (f"account {name}", "", ""),  # who was there before us stays
        "login": (f"account {name}", "as hardened", "as before"),
        "lock": (f"password of {name}", "locked", "as before"),
        "directory": (f"folder {name}", "present", ""),
    }
    return named[kind]


def show(folder: Path) -> list[dict[str, str]]:
    shown = [show_one(folder, entry) for entry in load_record(folder)["entries"]]
    return [{"object": name, "before": now, "after": then} for name, now, then in shown if now != then]


def disarm() -> None:
    BOOT_LINK.unlink(missing_ok=True)
    BOOT_UNIT.unlink(missing_ok=True)
    for unit in ("zy-guard.timer", "zy-guard.service"):
        if os.environ.get("INVOCATION_ID") is None or unit.endswith(".timer"):  # the service must not stop itself
            subprocess.run(["systemctl", "stop", unit], capture_output=True, check=False)


def current_generation() -> int:
    """How many times the guard has been armed."""
    return int(read(GENERATION) or 0)


def arm(seconds: int) -> None:
    """Start the timer anew, and leave a unit for a reboot in the meantime (transient timers do not survive one)."""
    GENERATION.write_text(f"{current_generation() + 1}\n", encoding="ascii")
    subprocess.run(["systemctl", "stop", "zy-guard.timer"], capture_output=True, check=False)
    BOOT_UNIT.write_text(BOOT_TEXT, encoding="ascii")
    BOOT_LINK.parent.mkdir(exist_ok=True)
    if not BOOT_LINK.is_symlink():
        BOOT_LINK.symlink_to(BOOT_UNIT)
    os.sync()  # or a power cut could keep the change and lose the way back
    timer = ["systemd-run", "--quiet", "--unit=zy-guard", "--collect", f"--on-active={seconds}"]
    command = ["/usr/bin/python3", str(HOME / "guard.py"), "restore", str(GUARD)]
    subprocess.run([*timer, "--timer-property=AccuracySec=1s", *command], check=True, capture_output=True)


def command(argv: list[str]) -> int:
    if argv[0] == "show":
        print(json.dumps(show(Path(argv[1]))))
        return 0
    if argv[0] == "arm":  # the caller holds the lock
        arm(int(argv[1]))
        return 0
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return confirm(int(argv[1])) if argv[0] == "confirm" else restore(Path(argv[1]), boot="--boot" in argv)


def main(argv: list[str]) -> int:
    try:
        return command(argv)
    except (OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
