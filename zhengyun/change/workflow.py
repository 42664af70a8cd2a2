"""How a change goes, as a Temporal workflow: rooms beside each other, waves in order, a wave's steps in parallel.

A failed step stops the later waves of its own room only: they may build on it, other rooms do not. What is done
in a step, and what came of it, is in the change's folder; through Temporal go names and whether a step went well.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from province.record import Record, RoomName

RUN_STEP = "run-step"
CONCLUDE = "conclude"

HEARTBEAT_TIMEOUT = timedelta(seconds=10)
"""After so long without a sign of life a step is given to the next worker: the wait of `zy resume`."""
STEP_TIMEOUT = timedelta(hours=6)
"""A stack of a city takes minutes, a slow wave of routers an hour; what takes longer hangs."""
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1.0, maximum_attempts=20)
"""For workers that die. What fails on a target is a result, and is not tried again behind the operator's back."""


class StepRef(Record):
    room: RoomName
    wave: int
    step: int


class RoomOutline(Record):
    """How many steps each wave of a room has."""

    room: RoomName
    waves: tuple[int, ...]


class Outline(Record):
    rooms: tuple[RoomOutline, ...]


@workflow.defn(name="change")
class ChangeWorkflow:
    @workflow.run
    async def run(self, outline: Outline) -> None:
        await asyncio.gather(*(self._room(room) for room in outline.rooms))
        await workflow.execute_activity(CONCLUDE, start_to_close_timeout=timedelta(minutes=5), retry_policy=RETRY)

    async def _room(self, room: RoomOutline) -> None:
        for wave, steps in enumerate(room.waves):
            refs = [StepRef(room=room.room, wave=wave, step=step) for step in range(steps)]
            if not all(await asyncio.gather(*(self._step(ref) for ref in refs))):
                return

    async def _step(self, ref: StepRef) -> bool:
        """Whether all targets of the step went well."""
        try:
            well: bool = await workflow.execute_activity(
                RUN_STEP,
                ref,
                result_type=bool,
                start_to_close_timeout=STEP_TIMEOUT,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                retry_policy=RETRY,
            )
        except ActivityError:
            return False
        return well
