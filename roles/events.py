"""What ansible-runner's events say, in the province's vocabulary. Pure.

An event is the JSON object that ansible-runner documents: ``event`` names its kind, ``event_data`` holds the task,
the host and ``res``, the module's result. Diffs have Ansible's usual form (before, after and their headers).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff

from province.record import Action, JsonObject, Operation, Outcome, Result

RISKS = (
    (("/etc/ssh/",), "management path: ssh"),
    (("/etc/nftables", "loaded firewall", "unit nftables", "loaded nftables"), "management path: firewall"),
    (("/etc/pam.d/", "/usr/share/pam-configs/", "/etc/security/", "loaded accounts"), "logins: PAM"),
    (("/etc/sudoers", "password of root", "account "), "rights: sudo and accounts"),
)
"""What could lock people out, by the beginning of an object's name."""

UNABLE = (
    (
        ("Missing sudo password", "sudo: not found", "sudo: a password is required", "not in the sudoers file"),
        "ZY-HST-024: automation's account has no right to sudo without a password on this host",
    ),
    (
        ("No usable temporary directory", "No space left on device", "Read-only file system"),
        "ZY-HST-025: the host's disk takes no writes",
    ),
    (
        ("module interpreter", "python3: not found"),
        "ZY-HST-026: the host has no Python for Ansible to run on",
    ),
)
"""Why a host cannot even begin, by the words of Ansible, sudo, Python and the shell that tell it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One object on one host that a run changed, or would change."""

    host: str
    object: str
    before: str
    after: str

    def action(self) -> Action:
        lines = unified_diff(self.before.splitlines(), self.after.splitlines(), "live", "intended", lineterm="", n=3)
        return Action(
            target=self.host, object=self.object, operation=self._operation(), diff="\n".join(lines), risk=self._risk()
        )

    def _operation(self) -> Operation:
        if not self.before:
            return Operation.CREATE
        return Operation.UPDATE if self.after else Operation.DELETE

    def _risk(self) -> str:
        return next((risk for starts, risk in RISKS if self.object.startswith(starts)), "")


@dataclass(slots=True)
class Run:
    """Everything of one run of Ansible that matters to us, gathered event by event."""

    differences: list[Difference] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Host → why, as its last failed task said."""
    unreachable: dict[str, str] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    """Ansible's own last words, for when there are no events at all."""

    def take(self, event: JsonObject) -> None:
        kind, data = event.get("event", ""), event.get("event_data", {})
        host = data.get("host", "")
        if kind == "runner_on_ok":
            known = {(one.host, one.object) for one in self.differences}
            self.differences += [d for d in differences(host, data) if (d.host, d.object) not in known]
        elif kind == "runner_on_failed" and not data.get("ignore_errors"):
            self.failed[host] = message(data)
        elif kind == "runner_on_unreachable":
            self.unreachable[host] = message(data)
        elif kind == "playbook_on_stats":
            self._take_stats(data)
        elif event.get("stdout"):
            self.said = [*self.said[-20:], event["stdout"]]
        if host and "duration" in data:
            self.seconds[host] = self.seconds.get(host, 0.0) + data["duration"]

    def _take_stats(self, data: JsonObject) -> None:
        self.finished = set(data.get("processed", {}))
        # What a rescue mended is no failure.
        self.failed = {host: why for host, why in self.failed.items() if data.get("failures", {}).get(host)}

    def result(self, host: str) -> Result:
        """What became of a host; a host of which nothing was heard has failed."""
        seconds = round(self.seconds.get(host, 0.0), 1)
        if host in self.unreachable:
            why = f"ZY-HST-001: the host cannot be reached: {self.unreachable[host]}"
            return Result(target=host, outcome=Outcome.FAILED, message=why, seconds=seconds)
        changes = sum(1 for one in self.differences if one.host == host)
        if host in self.failed:
            why = coded(self.failed[host])
            return Result(target=host, outcome=Outcome.FAILED, changes=changes, message=why, seconds=seconds)
        if host not in self.finished:
            why = "ZY-HST-011: the run ended before this host was done; run it again"
            return Result(target=host, outcome=Outcome.FAILED, changes=changes, message=why, seconds=seconds)
        outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
        return Result(target=host, outcome=outcome, changes=changes, seconds=seconds)

    def digest(self, hosts: Sequence[str]) -> str:
        """Digest of how these hosts differ from what is intended: it moves when anything managed moves."""
        facts = sorted((d.host, d.object, d.before) for d in self.differences if d.host in hosts)
        lost = sorted(host for host in hosts if host in self.unreachable or host in self.failed)
        return hashlib.sha256(json.dumps([facts, lost]).encode()).hexdigest()


def differences(host: str, data: JsonObject) -> Iterator[Difference]:
    """Of one task's result. A changed task without a diff still is a difference, named by the task."""
    result = data.get("res", {})
    if not result.get("changed"):
        return
    found = list(_parts(result.get("diff")))
    for part in found:
        name = str(part.get("after_header") or part.get("before_header") or data.get("task", ""))
        before, after = _text(part.get("before")), _text(part.get("after"))
        yield Difference(host, name, before, part.get("prepared") or after)
    if not found:
        yield Difference(host, str(data.get("task", "")), "", "changed")


def _parts(diff: object) -> Iterable[JsonObject]:
    several = diff if isinstance(diff, list) else [diff]
    return (part for part in several if isinstance(part, dict) and part)


def _text(value: object) -> str:
    if isinstance(value, str) or value is None:
        return value or ""
    return json.dumps(value, indent=2, sort_keys=True)


def message(data: JsonObject) -> str:
    """Why a task failed, in one paragraph, with the command's own words where it had any."""
    result = data.get("res", {})
    words = [str(result.get(key, "")).strip() for key in ("msg", "stderr")]
    # Where the module itself could not run, msg says only that its answer is none; its last line says why.
    words += str(result.get("module_stderr", "")).strip().splitlines()[-1:]
    return " ".join(dict.fromkeys(word for word in words if word)) or f"task {data.get('task', '?')} failed"


def coded(why: str) -> str:
    """The message with a code: the roles' own (ZY-HST-020 to 027) where it has one, else by what Ansible says."""
    if why.startswith("ZY-HST-"):
        return why
    return next((f"{told}: {why}" for signs, told in UNABLE if any(s in why for s in signs)), f"ZY-HST-012: {why}")
