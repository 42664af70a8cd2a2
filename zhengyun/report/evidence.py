"""What a report is made of: the last change and the last verification, as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from province.province import Province
from province.record import Check, Record, RoomName
from zhengyun.change.journal import Change, ChangeResult, Emergency, Entry
from zhengyun.change.planfile import Plan
from zhengyun.workspace import Workspace


class Look(Record):
    """What one look at the live system found."""

    province: str
    ended: datetime
    targets: Mapping[RoomName, tuple[str, ...]] = {}
    """What was looked at in each room; an empty tuple means all of it."""

    @property
    def whole(self) -> frozenset[RoomName]:
        """Rooms that were looked at as a whole."""
        return frozenset(room for room, limit in self.targets.items() if not limit)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(self.model_dump_json(indent=1), encoding="utf-8")
        partial.replace(path)


class Verification(Look):
    """Everything that one ``zy verify`` measured."""

    began: datetime
    checks: tuple[Check, ...]


class Drifted(Record):
    """An object that is not as intended."""

    room: RoomName
    target: str
    object: str


class Drift(Look):
    """Everything that one ``zy drift`` found."""

    objects: tuple[Drifted, ...]


L = TypeVar("L", bound=Look)


@dataclass(frozen=True, slots=True)
class Done:
    """A change that has ended, with its plan and its journal."""

    plan: Plan
    result: ChangeResult
    entries: tuple[Entry, ...]
    emergency: Emergency | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a report tells."""

    province: Province
    made: datetime
    change: Done | None
    verification: Verification | None


def gather(workspace: Workspace) -> Evidence:
    """The last change that has ended and the last verification of this province."""
    code = workspace.province.identity.code
    ended = (done for change in reversed(workspace.records.changes.all()) if (done := _done(change)) is not None)
    return Evidence(
        province=workspace.province,
        made=datetime.now(UTC),
        change=next((done for done in ended if done.plan.province == code), None),
        verification=last(Verification, workspace.records.verification, code),
    )


def _done(change: Change) -> Done | None:
    result = change.result()
    return Done(change.plan(), result, tuple(change.entries()), change.emergency()) if result else None


def last(kind: type[L], path: Path, province: str) -> L | None:
    """The look that was kept last, if it was at this province."""
    try:
        found = kind.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):  # one of an older version tells nothing; the next look replaces it
        return None
    return found if found.province == province else None
