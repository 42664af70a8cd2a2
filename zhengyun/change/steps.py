"""The activities of a change: do one step of a room, and conclude."""

from __future__ import annotations

import contextvars
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from temporalio import activity

from province.errors import ZyError
from province.record import Outcome, Result, Room, RoomName, Step
from zhengyun.change.journal import Change, Event
from zhengyun.change.planfile import Plan
from zhengyun.change.schedule import Schedule
from zhengyun.change.workflow import CONCLUDE, RUN_STEP, StepRef

_PULSE = 2.0  # s; well below the heartbeat timeout


@dataclass(frozen=True)
class Steps:
    """What a worker can do for one change."""

    change: Change
    plan: Plan
    rooms: Mapping[RoomName, Room]
    schedule: Schedule

    @activity.defn(name=RUN_STEP)
    def run_step(self, ref: StepRef) -> bool:
        """Do one step and write its results to the journal; whether all of its targets went well.

        A step whose window has closed before its turn is left out. One that began in time is always finished: half
        done, or half taken back, is what no window is meant to keep.
        """
        planned = self.plan.room(ref.room)
        step = planned.waves[ref.wave][ref.step]
        late = "" if self._begun(ref.room, step) else self.schedule.too_late(ref.room, step)
        if late:
            left = tuple(Result(target=one, outcome=Outcome.SKIPPED, message=late) for one in step.targets)
            self.change.append(Event.STEP_ENDED, room=ref.room, step=step.name, results=left)
            return False
        self.change.append(Event.STEP_BEGUN, room=ref.room, step=step.name)
        with _pulse():
            results = tuple(self._apply(ref.room, step))
        self.change.append(Event.STEP_ENDED, room=ref.room, step=step.name, results=results)
        return all(result.outcome in (Outcome.CHANGED, Outcome.UNCHANGED) for result in results)

    @activity.defn(name=CONCLUDE)
    def conclude(self) -> None:
        self.change.conclude()

    def _begun(self, room: RoomName, step: Step) -> bool:
        entries = self.change.entries()
        return any(e.event is Event.STEP_BEGUN and (e.room, e.step) == (room, step.name) for e in entries)

    def _apply(self, room: RoomName, step: Step) -> list[Result]:
        def beat(text: str) -> None:
            self.change.append(Event.PROGRESS, room=room, step=step.name, text=text)

        try:
            return self.rooms[room].apply(self.plan.room(room), step, beat)
        except ZyError as error:
            message = f"{error}; {error.fix}"
        except Exception as error:  # the border of the room: a mistake of ours there must not hide other results
            traceback.print_exc()
            message = f"{type(error).__name__}: {error} (see worker.log of the change)"
        return [Result(target=target, outcome=Outcome.FAILED, message=message) for target in step.targets]


@contextmanager
def _pulse() -> Iterator[None]:
    """Heartbeats while the block runs: a room may be quiet for minutes, but not its worker."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(_PULSE):
            activity.heartbeat()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(beat,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
