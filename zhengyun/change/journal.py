"""Changes, past and running: a folder each, with its plan, the inventory it was made from, a journal and a result.

    changes/20261124-0312-41a7/{plan.json, inventory/, journal.jsonl, result.json, worker.pid, worker.log}

With them lie its ``approvals/``, if it has any, and ``emergency.json``, if it did not wait for its windows.

The journal is only ever appended to; all else is written once, atomically. A change without a result is
running (its worker lives) or was interrupted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from lab.process import Process
from policies.approval import Approval
from province.errors import Place, ZyError
from province.record import Outcome, Record, Result, RoomName
from zhengyun.change.planfile import Plan, Purpose, read, write


class Event(StrEnum):
    BEGUN = "begun"
    RESUMED = "resumed"
    STEP_BEGUN = "step-begun"
    PROGRESS = "progress"
    STEP_ENDED = "step-ended"


class Entry(Record):
    """One line of the journal."""

    time: datetime
    event: Event
    room: RoomName | None = None
    step: str = ""
    text: str = ""
    results: tuple[Result, ...] = ()


class Emergency(Record):
    """On whose word, and why, a change was carried out whatever the windows and freezes of its targets say."""

    operator: str
    time: datetime
    reason: str
    held: str
    """What was passed over, in words; empty when all was open as it began."""


class State(StrEnum):
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    DONE = "done"
    FAILED = "failed"
    ABANDONED = "abandoned"
    """Interrupted, and given up for a rollback."""


class RoomResult(Record):
    room: RoomName
    results: tuple[Result, ...]


class ChangeResult(Record):
    """What became of a change, target by target."""

    change: str
    purpose: Purpose
    state: State
    began: datetime
    ended: datetime
    rooms: tuple[RoomResult, ...]

    def summary(self) -> dict[str, int]:
        """Targets by outcome, and how many single changes were made."""
        results = [result for room in self.rooms for result in room.results]
        counts = {outcome.value: sum(r.outcome is outcome for r in results) for outcome in Outcome}
        return {**counts, "changes": sum(result.changes for result in results)}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the folder that holds everything about it."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def worker(self) -> Process:
        """The process that carries the change out; its children (pulumi, ansible) are in its session."""
        return Process("worker", run=self.folder, log=self.folder / "worker.log")

    @property
    def inventory(self) -> Path:
        """The inventory as it was when the change began; a resumed change reads no other."""
        return self.folder / "inventory"

    def plan(self) -> Plan:
        return read(self.folder / "plan.json")

    def emergency(self) -> Emergency | None:
        path = self.folder / "emergency.json"
        return Emergency.model_validate_json(path.read_bytes()) if path.exists() else None

    def append(
        self,
        event: Event,
        *,
        room: RoomName | None = None,
        step: str = "",
        text: str = "",
        results: tuple[Result, ...] = (),
    ) -> None:
        """Append one entry. One write call, so that lines of threads and processes do not mix."""
        entry = Entry(time=datetime.now(UTC), event=event, room=room, step=step, text=text, results=results)
        line = entry.model_dump_json(exclude_defaults=True) + "\n"
        with (self.folder / "journal.jsonl").open("ab", buffering=0) as stream:
            stream.write(_closing(stream) + line.encode())
            if event is not Event.PROGRESS:
                os.fsync(stream.fileno())

    def entries(self) -> list[Entry]:
        """All entries. A line torn by a power cut is no entry."""
        return self.entries_from(0)[0]

    def entries_from(self, offset: int) -> tuple[list[Entry], int]:
        """Entries from a place in the file on, and the place to go on from: how a running change is watched."""
        try:
            with (self.folder / "journal.jsonl").open("rb") as stream:
                stream.seek(offset)
                text = stream.read()
        except FileNotFoundError:
            return [], offset
        whole = text[: text.rfind(b"\n") + 1]
        return list(_parsed(whole.splitlines())), offset + len(whole)

    def result(self) -> ChangeResult | None:
        path = self.folder / "result.json"
        return ChangeResult.model_validate_json(path.read_bytes()) if path.exists() else None

    def state(self) -> State:
        result = self.result()
        if result is not None:
            return result.state
        return State.RUNNING if self.worker.alive() else State.INTERRUPTED

    def conclude(self, given_up: bool = False) -> ChangeResult:
        """Work the result out of the journal and write it: the change has ended."""
        entries, plan = self.entries(), self.plan()
        rooms = tuple(RoomResult(room=room.room, results=_results(plan, room.room, entries)) for room in plan.rooms)
        good = all(r.outcome in (Outcome.CHANGED, Outcome.UNCHANGED) for room in rooms for r in room.results)
        state = State.ABANDONED if given_up else State.DONE if good else State.FAILED
        result = ChangeResult(
            change=self.id,
            purpose=plan.purpose,
            state=state,
            began=entries[0].time if entries else plan.created,
            ended=datetime.now(UTC),
            rooms=rooms,
        )
        partial = self.folder / "result.partial"
        partial.write_text(result.model_dump_json(indent=1), encoding="utf-8")
        partial.replace(self.folder / "result.json")
        return result


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes of this state root, oldest first."""

    root: Path

    def all(self) -> list[Change]:
        folders = sorted(self.root.iterdir()) if self.root.is_dir() else []
        return [Change(folder) for folder in folders if not folder.name.startswith(".")]

    def get(self, change: str) -> Change:
        """Raises ``ZY-CHG-005`` when there is no such change."""
        found = Change(self.root / change)
        if found not in self.all():
            known = ", ".join(c.id for c in self.all()[-3:]) or "there is none yet"
            raise ZyError(
                "ZY-CHG-005",
                f"there is no change {change}",
                place=Place(target=change),
                fix=f"see `zy status`; the latest: {known}",
            )
        return found

    def unfinished(self) -> Change | None:
        """The change that has no result; the lock sees to it that there is one at most."""
        return next((change for change in self.all() if change.result() is None), None)

    def create(
        self, plan: Plan, operator: str, approvals: Sequence[Approval] = (), emergency: Emergency | None = None
    ) -> Change:
        """A new change, whole or not at all: it gets its name when everything is in it."""
        change = self._next_id(datetime.now(UTC))
        making = Change(self.root / f".{change}")
        making.folder.mkdir(parents=True, mode=0o700)
        _copy_inventory(Path(plan.inventory), making.inventory)
        write(plan, making.folder / "plan.json")
        for number, approval in enumerate(approvals, 1):
            path = making.folder / "approvals" / f"{number}-{approval.subject}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(approval.model_dump_json(), encoding="utf-8")
        if emergency is not None:
            (making.folder / "emergency.json").write_text(emergency.model_dump_json(indent=1), encoding="utf-8")
        making.append(Event.BEGUN, text=operator)
        return Change(making.folder.rename(self.root / change))

    def _next_id(self, moment: datetime) -> str:
        """Date, minute, second and hundredth: ids are in the order of their changes, and none is given twice."""
        while True:
            change = f"{moment:%Y%m%d-%H%M-%S}{moment.microsecond // 10_000:02d}"
            if not any((self.root / name).exists() for name in (change, f".{change}")):
                return change
            moment += timedelta(milliseconds=10)


def _copy_inventory(source: Path, copy: Path) -> None:
    """Copy what declares; refer to the rest (images may be large, and are pinned by sha256)."""
    for path in sorted(source.rglob("*")):
        target = copy / path.relative_to(source)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".yaml":
            shutil.copyfile(path, target)
        else:
            target.symlink_to(path.resolve())


def _closing(stream: IO[bytes]) -> bytes:
    """What ends a line that a power cut tore."""
    size = os.fstat(stream.fileno()).st_size
    if size == 0:
        return b""
    with Path(stream.name).open("rb") as reader:
        reader.seek(size - 1)
        return b"" if reader.read() == b"\n" else b"\n"


def _parsed(lines: list[bytes]) -> Iterator[Entry]:
    for line in lines:
        try:
            yield Entry.model_validate_json(line)
        except ValidationError:
            continue


def _results(plan: Plan, room: RoomName, entries: list[Entry]) -> tuple[Result, ...]:
    """Result of every target of a room; a step that never ended skipped its targets.

    A later step may take back what an earlier one did: then the last word about a target holds.
    """
    ended: Mapping[str, tuple[Result, ...]] = {
        entry.step: entry.results for entry in entries if entry.event is Event.STEP_ENDED and entry.room is room
    }
    begun = {entry.step for entry in entries if entry.event is Event.STEP_BEGUN and entry.room is room}
    own = {step.name: step.targets for wave in plan.room(room).waves for step in wave}
    taken_back = {one.target: one for step, told in ended.items() for one in told if one.target not in own[step]}
    results: list[Result] = []
    for name, targets in own.items():
        why = "it was not finished" if name in begun else "a step before it was not done"
        known = {result.target: result for result in ended.get(name, ())} | taken_back
        skipped = {target: Result(target=target, outcome=Outcome.SKIPPED, message=why) for target in targets}
        results += [known.get(target, skipped[target]) for target in targets]
    return tuple(results)
