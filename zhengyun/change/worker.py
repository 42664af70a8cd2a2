"""The worker of one change: a process of its own, which outlives the command that began the change.

    python -m zhengyun.change.worker CHANGE-FOLDER SERVER-HOME ADDRESS

It begins the workflow, or goes on with it, serves its steps, stops the server when all is done, and ends.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Worker

from province.load import load
from province.record import Room, RoomName
from zhengyun.change.journal import Change
from zhengyun.change.planfile import Plan
from zhengyun.change.schedule import Schedule
from zhengyun.change.server import Server
from zhengyun.change.steps import Steps
from zhengyun.change.workflow import ChangeWorkflow, Outline, RoomOutline
from zhengyun.rooms import rooms_of_change

_THREADS = 8
"""Steps at a time. Most of a step is waiting: for OpenStack, for ssh, for routers."""
_CONNECT_ATTEMPTS = 120
"""Times 0.25 s: the server accepts connections a little before its services are ready."""


def outline(plan: Plan) -> Outline:
    """The form of a plan, without its content."""
    rooms = (RoomOutline(room=room.room, waves=tuple(map(len, room.waves))) for room in plan.rooms)
    return Outline(rooms=tuple(rooms))


async def serve(change: Change, rooms: Mapping[RoomName, Room], schedule: Schedule, address: str) -> None:
    """Carry the change out to its end."""
    plan = change.plan()
    steps = Steps(change, plan, rooms, schedule)
    client = await _connect(address)
    with ThreadPoolExecutor(_THREADS) as threads:
        worker = Worker(
            client,
            task_queue=change.id,
            workflows=[ChangeWorkflow],
            activities=[steps.run_step, steps.conclude],
            activity_executor=threads,
            max_concurrent_activities=_THREADS,
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        )
        async with worker:
            handle = await client.start_workflow(
                ChangeWorkflow.run,
                outline(plan),
                id=change.id,
                task_queue=change.id,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
            await handle.result()


async def _connect(address: str) -> Client:
    for _ in range(_CONNECT_ATTEMPTS - 1):
        try:
            return await _ready(address)
        except (RPCError, RuntimeError):
            await asyncio.sleep(0.25)
    return await _ready(address)


async def _ready(address: str) -> Client:
    """A client whose namespace answers."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    await client.count_workflows("WorkflowType = 'change'")
    return client


def main() -> None:
    change = Change(Path(sys.argv[1]))
    province = load(change.inventory)
    schedule = Schedule.binding(change.plan(), province, change.emergency())
    asyncio.run(serve(change, rooms_of_change(change, province), schedule, sys.argv[3]))
    Server(Path(), Path(sys.argv[2])).stop()


if __name__ == "__main__":
    main()
