"""The plan file: everything that would change, and the digest of what it was made from.

The file's own digest finds damage and edits by hand; it is no signature (that is what an approval will be).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from province.errors import Place, ZyError
from province.record import Action, Finding, Operation, Record, RoomName, RoomPlan, Severity


class Purpose(StrEnum):
    APPLY = "apply"
    DESTROY = "destroy"
    ROLLBACK = "rollback"


class Plan(Record):
    """What all rooms would do. Build it with :func:`seal`; ``digest`` covers every other field."""

    format: Literal[1] = 1
    purpose: Purpose
    province: str
    title: str
    inventory: str
    """Absolute path of the inventory's folder."""
    inputs: dict[str, str]
    """SHA-256 of each file of the inventory, by relative path."""
    targets: Mapping[RoomName, tuple[str, ...]]
    """What ``--limit`` chose in each room; an empty tuple means all of it."""
    created: datetime
    operator: str
    rooms: tuple[RoomPlan, ...]
    digest: str = ""

    @property
    def actions(self) -> list[Action]:
        return [action for room in self.rooms for action in room.actions]

    @property
    def findings(self) -> list[Finding]:
        return [finding for room in self.rooms for finding in room.findings]

    @property
    def refused_by(self) -> list[Finding]:
        """Findings that forbid the plan."""
        return [finding for finding in self.findings if finding.severity is Severity.MANDATORY]

    @property
    def places(self) -> frozenset[tuple[RoomName, str]]:
        """Every target that a step will be at work on, with its room."""
        steps = ((room.room, step) for room in self.rooms for wave in room.waves for step in wave)
        return frozenset((room, target) for room, step in steps for target in step.targets)

    def room(self, name: RoomName) -> RoomPlan:
        return next(room for room in self.rooms if room.room is name)


def summary(actions: Sequence[Action]) -> dict[str, int]:
    """How many actions of each operation; the contract's ``summary``."""
    counted = Counter(action.operation for action in actions)
    return {operation.value: counted[operation] for operation in Operation}


def inputs(inventory: Path) -> dict[str, str]:
    """Digest of every file that declares something. Images are covered by the sha256 they are declared with."""
    return {
        str(path.relative_to(inventory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(inventory.rglob("*.yaml"))
    }


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Files that were added, removed or edited between two digests."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def seal(plan: Plan) -> Plan:
    """The plan with its digest."""
    return plan.model_copy(update={"digest": _digest(plan)})


def write(plan: Plan, path: Path) -> None:
    """Write atomically, readable by its owner only: a plan shows how the government's network is built."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(plan.model_dump_json(indent=1))
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def read(path: Path) -> Plan:
    """The plan in a file. Raises ``ZY-CHG-001`` when it is none, ``ZY-CHG-002`` when it was altered."""
    try:
        plan = Plan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _unreadable(path, f"{'/'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}") from error
    if plan.digest != _digest(plan):
        raise ZyError(
            "ZY-CHG-002",
            "the plan was altered after it was written (its digest does not fit)",
            place=Place(file=str(path)),
            fix="make a new one: zy plan -o FILE",
        )
    return plan


def _digest(plan: Plan) -> str:
    content = plan.model_dump(mode="json", exclude={"digest"})
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _unreadable(path: Path, why: str) -> ZyError:
    return ZyError(
        "ZY-CHG-001",
        f"this is no plan file of zy: {why}",
        place=Place(file=str(path)),
        fix="name a file that `zy plan -o FILE` wrote",
    )
