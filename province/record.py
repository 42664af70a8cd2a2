"""What rooms plan, do and find, in one vocabulary, so that plans, journals and reports read alike.

Every record is a frozen pydantic model: it goes into plan files, through the change engine and into reports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

JsonObject = dict[str, Any]
Beat = Callable[[str], None]
"""Called by a room while it works, with one line of progress; it may raise to cancel."""


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoomName(StrEnum):
    CLOUD = "cloud"
    HOSTS = "hosts"
    NETWORK = "network"


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    """What is there already comes under our care, unchanged (纳管)."""
    RELEASE = "release"
    """It leaves our care, and stays as it is (移出管理)."""


class Status(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Outcome(StrEnum):
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"


class Severity(StrEnum):
    ADVISORY = "advisory"
    MANDATORY = "mandatory"


class Action(Record):
    """One thing that would change on one target. ``diff`` is a unified diff or empty; never holds a secret."""

    target: str
    """Stack (``province``, ``region-gz``, ``tenant-gdbos``), host or router."""
    object: str
    """What changes: a resource (``network gd-exchange``), a file or setting, a configuration block."""
    operation: Operation
    diff: str = ""
    risk: str = ""
    """Why a person should look twice (management path, BGP, replacement of data); empty for none."""


class Finding(Record):
    """A rule that judged something. Mandatory ones stop a plan."""

    rule: str
    severity: Severity
    object: str
    message: str
    fix: str
    clause: str = ""
    """Clause of GB/T 22239-2019 (``8.1.3.2 a``) that the rule serves."""
    target: str = ""


class Step(Record):
    """What one durable activity of the change engine does: a stack, or a group of hosts or routers."""

    name: str
    targets: tuple[str, ...]


class RoomPlan(Record):
    """What one room would do. ``waves`` run one after the other, the steps of a wave in parallel."""

    room: RoomName
    actions: tuple[Action, ...] = ()
    findings: tuple[Finding, ...] = ()
    waves: tuple[tuple[Step, ...], ...] = ()
    live: str = ""
    """Digest of the live state that the plan was made from; apply refuses when it has moved."""
    payload: JsonObject = {}
    """What the room needs in order to do exactly this (candidate configurations, saved Pulumi plans)."""


class Result(Record):
    """What became of one target."""

    target: str
    outcome: Outcome
    changes: int = 0
    message: str = ""
    seconds: float = 0.0


class Check(Record):
    """One thing measured on the live system, with what was expected, what was seen, and how."""

    id: str
    title: str
    title_zh: str
    room: RoomName
    target: str
    status: Status
    expected: str
    actual: str
    evidence: str
    """The command or API call that measured it."""
    clause: str = ""


class Room(Protocol):
    """A part of the province that can be planned, changed, proven and removed: cloud, hosts, network."""

    @property
    def name(self) -> RoomName: ...

    def plan(self, limit: Sequence[str]) -> RoomPlan:
        """Compare intended with live. ``limit`` names targets; empty means all. Changes nothing."""
        ...

    def live(self, limit: Sequence[str]) -> str:
        """Digest of the live state of these targets, comparable with :attr:`RoomPlan.live`."""
        ...

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:
        """Do one step of a plan. Safe to call again after a kill: it ends at the same state.

        Target failures are returned as failed results, never raised, so one failure hides no other.
        """
        ...

    def verify(self, limit: Sequence[str]) -> list[Check]:
        """Measure the live system. A target that cannot be reached is a failed check, not an exception."""
        ...

    def destroy_plan(self) -> RoomPlan:
        """What removal would do: the same form as a plan, applied by the same :meth:`apply`."""
        ...
