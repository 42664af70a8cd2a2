#!/usr/bin/python
"""Bring the areas of a host to their wanted settings in one round trip: see DOCUMENTATION."""

from __future__ import annotations

import contextlib
import fcntl
import grp
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-untyped] # has no types

DOCUMENTATION = r"""
module: zy_settings
short_description: files, kernel settings, accounts and units of several control areas, in one round trip
description:
  - Compares first. Check mode reports exactly what a run would change, as one diff per object.
  - Keeps what a thing was before the very first touch (for removal), and before this run (for the guard).
  - Candidates are validated before they replace anything, and the whole area again once they are in place.
  - A guarded area that fails puts all guarded ones back, so only they may have a check.
  - Another that fails is returned in problems, by its name.
options:
  areas:
    type: list
    elements: dict
    required: true
    description:
      - In the order in which they are brought in line. Every key but area may be absent.
      - area, its name; guarded, whether it can lock people out.
      - files, whole files (path, content, mode, owner, group, validate as argv with %s).
      - keys, settings inside of files that are not ours (path, separator, settings).
      - sysctls, kernel settings; not applicable where the kernel has none.
      - accounts, that must exist (name, comment; until, their last day or nothing) and can be used. Who is not
        among them any more and once was loses login, keys, groups and sessions; account and files stay as a record.
        An empty list leaves nobody, an absent one is no statement. The account we came in by is refused.
      - lock_root, refused when we came in as root.
      - units, by name, running (enabled and active) or not.
      - check, a command that must accept the files once in place; load, commands that load the area after a change.
      - probe, a command that shows what is loaded, so that a change by hand is seen.
      - touches, files that the load commands rewrite, absent in the result where they do not exist; live, loaded rules
        to save before (name, read, clear, write).
      - undo, commands to run after originals have been put back.
      - needs, files of packages without which the area cannot be brought in line.
      - certificate, of this host (name, key, path, authority and pem, both as text). Where it is due and there is no
        pem yet, the area waits. Its key is made, and requests returns what has to be signed; the key stays on the host.
  guard_seconds: {type: int, required: true, description: Put guarded areas back after this time unless confirmed.}
  guard_script: {type: str, required: true, description: Text of guard.py.}
"""
HOME = Path("/var/lib/zhengyun/hardening")
GUARD_SCRIPT = HOME / "guard.py"
UNITS = "/etc/systemd/system"  # where the guard leaves a unit for the next boot
LEAST_FREE = 64  # MiB; the way back, the record of integrity while it is made anew, and a day of records
LOCK = Path("/run/zhengyun.lock")
EMPTY: dict[str, Any] = {
    "guarded": False,
    "files": [],
    "keys": [],
    "sysctls": {},
    "accounts": None,
    "units": [],
    "lock_root": False,
    "check": [],
    "load": [],
    "probe": [],
    "touches": [],
    "live": {},
    "undo": [],
    "needs": [],
    "certificate": {},
}
Entry = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One object that is not as wanted, with both texts."""

    object: str
    before: str
    after: str

    def diff(self) -> dict[str, str]:
        return {
            "before_header": self.object,
            "after_header": self.object,
            "before": self.before,
            "after": self.after,
        }


class Refused(Exception):
    """The area must not or could not be changed; the message is for the reader."""


def run(argv: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(argv, 127, "", str(error))


def must(argv: list[str]) -> None:
    done = run(argv)
    if done.returncode != 0:
        raise Refused(f"`{' '.join(argv)}` ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")


def read(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def existing(folder: str) -> str:
    """The folder, or the nearest above it that exists."""
    path = Path(folder)
    return str(next(one for one in (path, *path.parents) if one.is_dir()))


def with_keys(text: str, separator: str, settings: dict[str, Any]) -> str:
    """``text`` with each key set once: its first line replaced, commented or not, or a new one appended."""
    for key, value in settings.items():
        line = f"{key}{separator}{value}"
        live = re.compile(rf"^{re.escape(key)}(?:\s|=).*$", re.MULTILINE)
        commented = re.compile(rf"^#\s?{re.escape(key)}(?:\s|=).*$", re.MULTILINE)
        found = live.search(text) or commented.search(text)
        if found:
            text = text[: found.start()] + line + text[found.end() :]
            continue
        gap = "\n" if text and not text.endswith("\n") else ""
        text = f"{text}{gap}{line}\n"
    return text


class Record:
    """What things were before: first touch wins. ``guard.py`` reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "record.json"
        self.content: dict[str, Any] = json.loads(read(str(self.path)) or '{"entries": [], "undo": []}')

    def has(self, kind: str, name: str) -> bool:
        return any(entry["kind"] == kind and entry["name"] == name for entry in self.content["entries"])

    def add(self, kind: str, name: str, **values: Any) -> None:
        if not self.has(kind, name):
            self.content["entries"].append({"kind": kind, "name": name, **values})

    def add_file(self, path: str) -> None:
        """Keep the file's content and its owner; and which of its folders are not there yet."""
        if self.has("file", path):
            return
        missing = [folder for folder in Path(path).parents if not folder.exists()]
        for folder in reversed(missing):
            self.add("directory", str(folder), path=str(folder))
        if not Path(path).exists():
            self.add("file", path, path=path, existed=False)
            return
        status = Path(path).stat()
        copy = f"files{path}"
        (self.folder / copy).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, self.folder / copy)
        (self.folder / copy).chmod(0o600)
        kept = {"copy": copy, "mode": status.st_mode & 0o7777, "uid": status.st_uid, "gid": status.st_gid}
        self.add("file", path, path=path, existed=True, **kept)

    def add_undo(self, commands: list[list[str]]) -> None:
        self.content["undo"] += [argv for argv in commands if argv not in self.content["undo"]]

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        put(str(self.path), json.dumps(self.content), 0o600, 0, 0)


def put(path: str, text: str, mode: int, uid: int, gid: int) -> None:
    """Replace a file atomically and durably."""
    target = Path(path)
    for folder in reversed([folder for folder in target.parents if not folder.exists()]):
        folder.mkdir()
        folder.chmod(0o755)  # whatever our umask is
    handle, partial = tempfile.mkstemp(dir=str(target.parent), prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chown(partial, uid, gid)
        Path(partial).chmod(mode)
        Path(partial).replace(target)
    except OSError:
        Path(partial).unlink()
        raise


@dataclass(frozen=True)
class Wanted:
    """One file as it should be; ``mode`` octal digits."""

    path: str
    content: str
    mode: str
    owner: str
    group: str
    validate: tuple[str, ...]

    def attributes(self) -> str:
        return f"# {self.mode} {self.owner}:{self.group}\n"

    def change(self) -> Change | None:
        before = read(self.path)
        if before is None:
            return Change(self.path, "", self.content)
        now = self.current_attributes()
        if before == self.content and now == self.attributes():
            return None
        if before == self.content:
            return Change(self.path, now, self.attributes())
        return Change(self.path, before, self.content)

    def current_attributes(self) -> str:
        status = Path(self.path).stat()
        return f"# {status.st_mode & 0o7777:04o} {owner_name(status.st_uid)}:{group_name(status.st_gid)}\n"

    def validate_candidate(self) -> None:
        if not self.validate:
            return
        with tempfile.TemporaryDirectory(dir="/run") as folder:
            candidate = str(Path(folder) / "candidate")
            put(candidate, self.content, 0o600, 0, 0)
            done = run([part.replace("%s", candidate) for part in self.validate])
        if done.returncode != 0:
            said = (done.stderr or done.stdout).replace(candidate, self.path).strip()
            raise Refused(f"ZY-HST-021: the new {self.path} is not valid and was not put in place: {said}")

    def write(self) -> None:
        uid, gid = pwd.getpwnam(self.owner).pw_uid, grp.getgrnam(self.group).gr_gid
        put(self.path, self.content, int(self.mode, 8), uid, gid)


def owner_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


class Certificate:
    """The host's certificate: due when there is none that fits key and authority and lasts for another 30 days."""

    def __init__(self, wanted: dict[str, str]) -> None:
        self.wanted = wanted
        self.object = f"certificate of {wanted['name']}"
        self.why = self._why_due()

    def _why_due(self) -> str:
        path, key = self.wanted["path"], self.wanted["key"]
        if not Path(path).exists() or not Path(key).exists():
            return "none"
        own = run(["openssl", "x509", "-in", path, "-noout", "-pubkey", "-checkend", str(30 * 86400)])
        if own.returncode != 0:
            return "unreadable, or ends within 30 days"
        if not own.stdout.startswith(run(["openssl", "pkey", "-in", key, "-pubout"]).stdout.strip()):
            return "of another key"
        trusted = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile", "/dev/stdin", path]
        return "" if run(trusted, self.wanted["authority"]).returncode == 0 else "of another authority"

    def change(self) -> Change:
        return Change(self.object, f"{self.why}\n", "signed by the authority of the log transport\n")

    def request(self) -> str:
        """A request to be signed (PKCS #10), with a new key where there is none."""
        key = self.wanted["key"]
        if not Path(key).exists():
            made = run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
            if made.returncode != 0:
                raise Refused(f"openssl made no key: {made.stderr.strip()}")
            put(key, made.stdout, 0o600, 0, 0)
        asked = run(["openssl", "req", "-new", "-key", key, "-subj", f"/CN={self.wanted['name']}"])
        if asked.returncode != 0:
            raise Refused(f"openssl made no request: {asked.stderr.strip()}")
        return asked.stdout


def sysctl_path(key: str) -> Path:
    return Path("/proc/sys") / key.replace(".", "/")


@dataclass(frozen=True)
class Login:
    """What lets an account in, as it is: fields of passwd(5) and shadow(5), groups besides its own, key files."""

    name: str
    uid: int
    shell: str
    expires: int | None
    password_locked: bool
    groups: tuple[str, ...]
    keys: tuple[str, ...]

    @classmethod
    def read(cls, entry: pwd.struct_passwd) -> Login:
        files = [Path(entry.pw_dir) / ".ssh" / name for name in ("authorized_keys", "authorized_keys2")]
        fields = shadow_fields(entry.pw_name)
        return cls(
            name=entry.pw_name,
            uid=entry.pw_uid,
            shell=entry.pw_shell,
            expires=int(fields[7]) if fields[7] else None,
            password_locked=fields[1].startswith(("!", "*")),
            groups=tuple(group.gr_name for group in grp.getgrall() if entry.pw_name in group.gr_mem),
            keys=tuple(str(path) for path in files if path.exists()),
        )

    @property
    def sessions(self) -> list[int]:
        return processes_of(self.uid)

    @property
    def has_left(self) -> bool:
        ended = self.expires == LEFT_DAY and self.shell == NO_SHELL and self.password_locked
        return ended and not self.groups and not self.keys and not self.sessions

    def fits(self, until: str) -> bool:
        return self.expires == expiry(until) and self.shell != NO_SHELL

    def kept(self) -> dict[str, Any]:
        """For the record: what brings it back."""
        expires = "" if self.expires is None else day_text(self.expires)
        return {"expires": expires, "shell": self.shell, "groups": list(self.groups), "locked": self.password_locked}

    def shown(self) -> str:
        """Without sessions: they come and go, and a plan must not grow stale by that."""
        until = "no end" if self.expires is None else f"until {day_text(self.expires - 1)}"
        parts = [until, f"shell {self.shell}"]
        parts += [f"group {name}" for name in self.groups] + [f"keys in {path}" for path in self.keys]
        return "\n".join(parts) + "\n"


NO_SHELL = "/usr/sbin/nologin"
FIRST_PERSON = 1000
"""UID_MIN of login.defs(5) on every system that we know; numbers below are the system's."""
LEFT_DAY = 1
"""Day after the epoch on which the account of who has left ended (usermod(8), --lock)."""
LEFT = "has left: locked, without shell, keys, groups and sessions; account and files stay as a record\n"
_EPOCH = date(1970, 1, 1)


def day_text(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).isoformat()


def expiry(until: str) -> int | None:
    """The field of shadow(5) for a last day: the account ends with the next."""
    return (date.fromisoformat(until) - _EPOCH).days + 1 if until else None


def shadow_fields(name: str) -> list[str]:
    lines = (line.split(":") for line in (read("/etc/shadow") or "").splitlines())
    return next((fields for fields in lines if fields[0] == name), [name, "*", *[""] * 7])


def processes_of(uid: int) -> list[int]:
    """What runs as the account, or as root in its sessions: by real and by login user (/proc/PID/loginuid)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            users = {folder.stat().st_uid, int(read(f"{folder}/loginuid") or "-1")}
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        if uid in users:
            found.append(int(folder.name))
    return found


def own_account() -> str:
    """The account by which this session came in; nobody may take that away from us."""
    return os.environ.get("SUDO_USER", "")


class Area:
    """One area: what is wanted of it, how it differs, and how to bring it there."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.wanted = wanted = {**EMPTY, **wanted}
        self.name: str = wanted["area"]
        self.guarded: bool = wanted["guarded"]
        self.files = [self._file(item) for item in wanted["files"]] + [self._edited(item) for item in wanted["keys"]]
        self.not_applicable: list[str] = []
        missing = [path for path in wanted["needs"] if not Path(path).exists()]
        if missing:
            raise Refused(f"ZY-HST-033: {', '.join(missing)} does not exist; install its package, or enrol first")
        self.certificate = Certificate(wanted["certificate"]) if wanted["certificate"] else None
        self.dirty = HOME / "dirty" / self.name
        self.loaded = HOME / "loaded" / self.name
        self.file_changes = [change for change in (file.change() for file in self.files) if change]
        self.load_changes = self._load_changes()
        self.sysctl_changes = self._sysctl_changes()
        self.account_changes = self._account_changes()
        self.unit_changes = self._unit_changes()

    def changes(self) -> list[Change]:
        settings = self.sysctl_changes + self.account_changes
        if self.certificate and self.certificate.why:
            settings.insert(0, self.certificate.change())
        return self.file_changes + settings + self.load_changes + self.unit_changes

    def refuse_what_cannot_be_written(self) -> None:
        """Before anything is touched: a change that stops half-way for want of room could not be put back either."""
        if not self.changes():
            return
        folders = {str(Path(change.object).parent) for change in self.file_changes}
        for folder in sorted(folders | ({UNITS} if self.guarded else set())):
            there = existing(folder)
            if not os.access(there, os.W_OK):
                raise Refused(f"ZY-HST-025: {there} cannot be written; is its file system read-only?")
        free = shutil.disk_usage(existing(str(HOME))).free >> 20
        if free < LEAST_FREE:
            raise Refused(f"ZY-HST-025: {free} MiB are free below {existing(str(HOME))}, and {LEAST_FREE} are needed")

    def _file(self, item: dict[str, Any]) -> Wanted:
        return Wanted(
            path=item["path"],
            content=item["content"],
            mode=item.get("mode", "0644"),
            owner=item.get("owner", "root"),
            group=item.get("group", "root"),
            validate=tuple(item.get("validate", ())),
        )

    def _edited(self, item: dict[str, Any]) -> Wanted:
        text = read(item["path"])
        if text is None:
            raise Refused(f"{item['path']} does not exist; is its package installed?")
        status = Path(item["path"]).stat()
        return Wanted(
            path=item["path"],
            content=with_keys(text, item["separator"], item["settings"]),
            mode=f"{status.st_mode & 0o7777:04o}",
            owner=owner_name(status.st_uid),
            group=group_name(status.st_gid),
            validate=(),
        )

    def probe(self) -> str:
        done = run(self.wanted["probe"])
        return done.stdout if done.returncode == 0 else f"not loaded: {done.stderr.strip()}\n"

    def _load_changes(self) -> list[Change]:
        """Loading that is still due: after a killed run, or because what is loaded was changed by hand."""
        if self.dirty.exists():
            return [Change(f"loaded {self.name}", "a run was interrupted here\n", "loaded again\n")]
        if not self.wanted["probe"]:
            return []
        expected, now = read(str(self.loaded)), self.probe()
        if expected == now:
            return []
        if expected is None:
            return [Change(f"loaded {self.name}", now, "loaded by us\n")]
        return [Change(f"loaded {self.name}", now, expected)]

    def _sysctl_changes(self) -> list[Change]:
        changes = []
        for key, value in self.wanted["sysctls"].items():
            now = read(str(sysctl_path(key)))
            if now is None:
                self.not_applicable.append(key)
            elif now.split() != str(value).split():
                changes.append(Change(f"sysctl {key}", f"{now.strip()}\n", f"{value}\n"))
        return changes

    def _account_changes(self) -> list[Change]:
        wanted = {account["name"]: account for account in self.wanted["accounts"] or []}
        self.leavers = [] if self.wanted["accounts"] is None else self._leavers(set(wanted))
        if own_account() in {*wanted, *(login.name for login in self.leavers)}:
            raise Refused(f"ZY-HST-051: {own_account()} is the account of this session, and no administrator's")
        changes = []
        for name, account in wanted.items():
            login = self._login(name)
            until = account.get("until", "")
            if login is None:
                changes.append(Change(f"account {name}", "", f"{account['comment']}\n"))
            elif not login.fits(until):
                changes.append(Change(f"account {name}", login.shown(), f"{account['comment']}, {until or 'no end'}\n"))
        changes += [Change(f"account {one.name}", one.shown(), LEFT) for one in self.leavers if not one.has_left]
        if self.wanted["lock_root"] and not root_is_locked():
            if os.environ.get("SUDO_USER", "") in ("", "root"):
                raise Refused("ZY-HST-022: root's password is not locked, because this session came in as root itself")
            changes.append(Change("password of root", "usable\n", "locked\n"))
        return changes

    @staticmethod
    def _login(name: str) -> Login | None:
        try:
            return Login.read(pwd.getpwnam(name))
        except KeyError:
            return None

    def _leavers(self, wanted: set[str]) -> list[Login]:
        """Who once was an administrator here, by the record of what we made, and is none any more; never the system."""
        entries = Record(HOME / "original").content["entries"]
        were = {entry["name"] for entry in entries if entry["kind"] in ("account", "person")}
        logins = [login for name in sorted(were - wanted) if (login := self._login(name)) is not None]
        return [login for login in logins if login.uid >= FIRST_PERSON]

    def _unit_changes(self) -> list[Change]:
        wanted = {unit["name"]: unit["running"] for unit in self.wanted["units"]}
        changes = []
        own = {Path(file.path).name for file in self.files}
        for name, found in unit_states(list(wanted)).items():
            if found == "not-found" and not wanted[name]:
                continue
            if found == "not-found" and name not in own:
                raise Refused(f"there is no unit {name}; is its package installed?")
            now = "disabled, inactive" if found == "not-found" else found
            aim = "enabled, active" if wanted[name] else "disabled, inactive"
            rests = not wanted[name] and now.endswith("inactive") and not now.startswith("enabled")
            if now != aim and not rests:
                changes.append(Change(f"unit {name}", f"{now}\n", f"{aim}\n"))
        return changes

    # Applying

    @property
    def waits(self) -> bool:
        """For a certificate that somebody else has to sign first."""
        return bool(self.certificate and self.certificate.why and not self.certificate.wanted["pem"])

    def remember(self, record: Record) -> None:
        if self.certificate and self.certificate.why:
            for path in (self.certificate.wanted["key"], self.certificate.wanted["path"]):
                record.add_file(path)
        for change in self.file_changes:
            record.add_file(change.object)
        if self.file_changes or self.load_changes:
            for path in self.wanted["touches"]:
                record.add_file(path)
            self._remember_live(record)
            record.add_undo(self.wanted["undo"])
        for change in self.sysctl_changes:
            key = change.object.split(" ", 1)[1]
            record.add("sysctl", key, key=key, path=str(sysctl_path(key)), value=change.before)
        self._remember_accounts(record)
        for change in self.unit_changes:
            enabled, active = change.before.strip().split(", ")
            record.add("unit", change.object.split(" ", 1)[1], enabled=enabled, active=active == "active")
        record.save()

    def _remember_accounts(self, record: Record) -> None:
        for change in self.account_changes:
            name = change.object.split()[-1]
            login = self._login(name)
            if change.object.startswith("password"):
                record.add("lock", name)
            elif login is None:
                record.add("account", name)
            elif not record.has("account", name):
                for path in login.keys:
                    record.add_file(path)
                record.add("login", name, **login.kept())
        for account in self.wanted["accounts"] or []:  # also who was there before us leaves by us
            if not record.has("account", account["name"]):
                record.add("person", account["name"])

    def _remember_live(self, record: Record) -> None:
        live = self.wanted["live"]
        if live:
            done = run(live["read"])
            text = done.stdout if done.returncode == 0 else ""
            record.add("live", live["name"], text=text, clear=live["clear"], write=live["write"])

    def apply(self) -> None:
        changed = {change.object for change in self.file_changes}
        due = [file for file in self.files if file.path in changed]
        for file in due:
            file.validate_candidate()
        signed = self.certificate if self.certificate and self.certificate.why else None
        loads = bool(due or self.load_changes or signed)
        if loads:
            put(str(self.dirty), "", 0o600, 0, 0)
        if signed:
            put(signed.wanted["path"], signed.wanted["pem"], 0o644, 0, 0)
        self._accounts()
        self._place(due)
        for change in self.sysctl_changes:
            sysctl_path(change.object.split(" ", 1)[1]).write_text(change.after, encoding="ascii")
        if loads:
            self._load()
        for change in self.unit_changes:
            verb = "enable" if change.after.startswith("enabled") else "disable"
            must(["systemctl", verb, "--now", change.object.split(" ", 1)[1]])

    def _accounts(self) -> None:
        wanted = {account["name"]: account for account in self.wanted["accounts"] or []}
        for change in self.account_changes:
            name = change.object.split()[-1]
            if change.object.startswith("password"):
                must(["usermod", "--lock", name])
                continue
            if change.after == LEFT:
                self._close(name)
                continue
            if self._login(name) is None:
                # Its password never expires, because it has none: nobody is locked out by surprise after 90 days.
                # Its home is its own (8.1.4.2 f), whatever the umask of login.defs is at this moment.
                own = ["-K", "PASS_MAX_DAYS=-1", "-K", "HOME_MODE=0700"]
                new = ["useradd", "--create-home", "--user-group", "--shell", "/bin/bash", *own]
                must([*new, "--comment", change.after.strip(), name])
            ends = expiry(wanted[name].get("until", ""))
            must(["usermod", "--expiredate", "" if ends is None else day_text(ends), "--shell", "/bin/bash", name])

    def _close(self, name: str) -> None:
        """First nobody can come in any more, then who is in is put out."""
        shut = ["--lock", "--expiredate", day_text(LEFT_DAY), "--shell", NO_SHELL, "--groups", ""]
        must(["usermod", *shut, name])
        login = self._login(name)
        assert login is not None
        for path in login.keys:
            Path(path).unlink()
        for process in login.sessions:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _place(self, due: list[Wanted]) -> None:
        """Put files in place. When the area as a whole is not accepted, the guard puts them back before any is used."""
        for file in due:
            file.write()
        if not due or not self.wanted["check"]:
            return
        done = run(self.wanted["check"])
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise Refused(f"ZY-HST-021: `{' '.join(self.wanted['check'])}` refused the new {self.name}: {said}")

    def _load(self) -> None:
        for argv in self.wanted["load"]:
            must(argv)
        if self.wanted["probe"]:
            put(str(self.loaded), self.probe(), 0o600, 0, 0)
        self.dirty.unlink()


def root_is_locked() -> bool:
    shadow = read("/etc/shadow") or ""
    return any(line.startswith(("root:!", "root:*")) for line in shadow.splitlines())


def unit_states(names: list[str]) -> dict[str, str]:
    """``enabled, active`` and the like by unit; ``not-found`` for one that does not exist."""
    if not names:
        return {}
    shown = run(["systemctl", "show", "--property=LoadState,ActiveState,UnitFileState", *names]).stdout
    states = {}
    for name, block in zip(names, shown.split("\n\n"), strict=False):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        active = "active" if values.get("ActiveState") in ("active", "activating", "reloading") else "inactive"
        found = values.get("LoadState") not in ("not-found", None)
        states[name] = f"{values['UnitFileState'] or 'static'}, {active}" if found else "not-found"
    return states


class Host:
    """Brings areas in line one after the other, and keeps what became of them."""

    def __init__(self, guard_seconds: int, guard_script: str) -> None:
        self.guard_seconds = guard_seconds
        self.guard_script = guard_script
        self.changes: list[Change] = []
        self.not_applicable: list[str] = []
        self.problems: dict[str, str] = {}
        self.requests: dict[str, str] = {}
        self.armed = False

    def look(self, wanted: dict[str, Any]) -> Area | None:
        """The area as it is; a guarded one that cannot even be compared stops everything."""
        try:
            area = Area(wanted)
            area.refuse_what_cannot_be_written()
        except (Refused, OSError) as error:
            if wanted.get("guarded"):
                raise Refused(str(error)) from error
            self.problems[wanted["area"]] = str(error)
            return None
        self.not_applicable += area.not_applicable
        return area

    def compare(self, wanted: dict[str, Any]) -> None:
        """What bringing the area in line would change."""
        area = self.look(wanted)
        if area is not None:
            self.changes += area.changes()

    def bring(self, wanted: dict[str, Any]) -> None:
        area = self.look(wanted)
        if area is None or not area.changes():
            return
        try:
            self._prepare(area)
            if area.waits:
                assert area.certificate is not None
                self.requests[area.name] = area.certificate.request()
                return
            self.changes += area.changes()
            area.apply()
        except (Refused, OSError) as error:
            if area.guarded:
                raise Refused(str(error)) from error
            self.problems[area.name] = str(error)

    def _prepare(self, area: Area) -> None:
        """Nothing is touched before the way back is kept."""
        HOME.mkdir(parents=True, exist_ok=True)
        HOME.chmod(0o700)
        if read(str(GUARD_SCRIPT)) != self.guard_script:
            put(str(GUARD_SCRIPT), self.guard_script, 0o700, 0, 0)
        area.remember(Record(HOME / "original"))
        if area.guarded:
            area.remember(Record(HOME / "guard"))
            os.sync()  # a power cut must not keep the change and lose the way back
            self.arm()

    def arm(self) -> None:
        """Once a run: a later area only adds to the record."""
        if not self.armed:
            must(["/usr/bin/python3", str(GUARD_SCRIPT), "arm", str(self.guard_seconds)])
        self.armed = True


def is_pending() -> bool:
    """Whether changes wait to be confirmed."""
    return (HOME / "guard" / "record.json").exists()


def put_back() -> str:
    """After a failure in a guarded area nothing half-done may stay."""
    if not is_pending():
        return ""
    done = run(["/usr/bin/python3", str(GUARD_SCRIPT), "restore", str(HOME / "guard")])
    return f" (what this run had changed was put back{': ' if done.stderr else ''}{done.stderr.strip()})"


def absent(areas: list[dict[str, Any]]) -> list[str]:
    """Touched files that are not there: a run that was killed left what makes them undone."""
    return [path for wanted in areas for path in wanted.get("touches", ()) if not Path(path).exists()]


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "areas": {"type": "list", "elements": "dict", "required": True},
            "guard_seconds": {"type": "int", "required": True},
            "guard_script": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    host = Host(module.params["guard_seconds"], module.params["guard_script"])
    try:
        with LOCK.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if is_pending() and not module.check_mode:
                host.arm()  # the timer of an interrupted run must not end in the middle of this one
            elif is_pending():
                told = "of a run that was interrupted\n"
                host.changes.append(Change("unconfirmed changes", told, "proven and confirmed\n"))
            for wanted in module.params["areas"]:
                if module.check_mode:
                    host.compare(wanted)
                else:
                    host.bring(wanted)
    except (Refused, OSError) as error:
        module.fail_json(msg=f"{error}{'' if module.check_mode else put_back()}")
    module.exit_json(
        changed=bool(host.changes),
        diff=[change.diff() for change in host.changes],
        not_applicable=host.not_applicable,
        problems=host.problems,
        requests=host.requests,
        guarded=is_pending(),
        generation=int(read(str(HOME / "generation")) or 0),
        absent=absent(module.params["areas"]),
    )


if __name__ == "__main__":
    main()
