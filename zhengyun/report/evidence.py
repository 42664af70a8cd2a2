"""What a report is made of: the last change and the last verification, as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from province.province import Province
from province.record import Check, Record, RoomName
from zhengyun.change.journal import Change, ChangeResult, Entry
from zhengyun.change.planfile import Plan
from zhengyun.workspace import Workspace


class Verification(Record):
    """Everything that one ``zy verify`` measured."""

    province: str
    began: datetime
    ended: datetime
    checks: tuple[Check, ...]
    targets: Mapping[RoomName, tuple[str, ...]] = {}
    """What was measured in each room; an empty tuple means all of it."""

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(self.model_dump_json(indent=1), encoding="utf-8")
        partial.replace(path)


@dataclass(frozen=True, slots=True)
class Done:
    """A change that has ended, with its plan and its journal."""

    plan: Plan
    result: ChangeResult
    entries: tuple[Entry, ...]


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
        verification=_verification(workspace.records.verification, code),
    )


def _done(change: Change) -> Done | None:
    result = change.result()
    return Done(change.plan(), result, tuple(change.entries())) if result else None


def _verification(path: Path, province: str) -> Verification | None:
    try:
        found = Verification.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):  # one of an older version tells nothing; `zy verify` makes a new one
        return None
    return found if found.province == province else None
