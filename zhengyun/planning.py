"""Ask all rooms at once what they would do, and make one plan of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from policies import model
from policies.approval import advice
from province.errors import ZyError, ZyErrors
from province.province import Province
from province.record import Check, Room, RoomName, RoomPlan, Severity
from zhengyun.change.planfile import Plan, Purpose, inputs, seal
from zhengyun.selector import Targets

Say = Callable[[str], None]
T = TypeVar("T")


def in_parallel(work: Mapping[RoomName, Callable[[], T]], say: Say, doing: str) -> dict[RoomName, T]:
    """Do the same for several rooms at once. Raises :class:`ZyErrors` with what went wrong in any, after all ended."""
    say(f"{doing}: {', '.join(work)}")
    with ThreadPoolExecutor(max(1, len(work))) as threads:
        futures = {room: threads.submit(job) for room, job in work.items()}
    errors: list[ZyError] = []
    for future in futures.values():
        error = future.exception()
        if isinstance(error, ZyErrors):
            errors += error.errors
        elif isinstance(error, ZyError):
            errors.append(error)
        elif error is not None:
            raise error
    if errors:
        raise ZyErrors(errors)
    return {room: future.result() for room, future in futures.items()}


def make_plan(inventory: Path, province: Province, rooms: Mapping[RoomName, Room], targets: Targets, who: str) -> Plan:
    """What these targets need to become what the inventory says. The inventory is digested first: edits while we
    look make the plan stale, never wrong."""
    seen = inputs(inventory)
    work = {room: _planner(rooms[room], names) for room, names in targets.items()}
    planned = _with_policy(province, in_parallel(work, _quiet, "planning"))
    return _sealed(Purpose.APPLY, inventory, province, seen, targets, who, planned)


def make_destroy_plan(inventory: Path, province: Province, rooms: Mapping[RoomName, Room], who: str) -> Plan:
    """What removes everything that we made."""
    seen = inputs(inventory)
    planned = in_parallel({name: room.destroy_plan for name, room in rooms.items()}, _quiet, "planning")
    return _sealed(Purpose.DESTROY, inventory, province, seen, dict.fromkeys(rooms, ()), who, planned)


def _with_policy(province: Province, planned: Mapping[RoomName, RoomPlan]) -> dict[RoomName, RoomPlan]:
    """The plans, and in the cloud's what policy says of the inventory: always what forbids, advice on what changes."""
    cloud = planned.get(RoomName.CLOUD)
    if cloud is None:
        return dict(planned)
    found, errors = model.run(model.rules_for(province), province)
    changed = {action.target for action in cloud.actions}
    told = [one for one in found if one.severity is Severity.MANDATORY or one.target in changed]
    told += [model.finding_of(error) for error in errors] + advice(province, changed)
    return {**planned, RoomName.CLOUD: cloud.model_copy(update={"findings": (*cloud.findings, *told)})}


def plan_back(inventory: Path, province: Province, planned: RoomPlan, router: str, who: str) -> Plan:
    """One router's way back to an earlier configuration, as a plan like others."""
    targets: Targets = {RoomName.NETWORK: (router,)}
    rooms = {RoomName.NETWORK: planned}
    return _sealed(Purpose.ROLLBACK, inventory, province, inputs(inventory), targets, who, rooms)


def verify(rooms: Mapping[RoomName, Room], targets: Targets, say: Say) -> list[Check]:
    """Measure the live system, all rooms at once."""
    work = {room: _verifier(rooms[room], names) for room, names in targets.items()}
    return [check for checks in in_parallel(work, say, "verifying").values() for check in checks]


def _planner(room: Room, names: tuple[str, ...]) -> Callable[[], RoomPlan]:
    return lambda: room.plan(names)


def _verifier(room: Room, names: tuple[str, ...]) -> Callable[[], list[Check]]:
    return lambda: room.verify(names)


def _quiet(_: str) -> None:
    """Planning is announced by the command itself."""


def _sealed(
    purpose: Purpose,
    inventory: Path,
    province: Province,
    seen: dict[str, str],
    targets: Targets,
    who: str,
    planned: Mapping[RoomName, RoomPlan],
) -> Plan:
    return seal(
        Plan(
            purpose=purpose,
            province=province.identity.code,
            title=f"{province.identity.name} {province.identity.name_en}",
            inventory=str(inventory),
            inputs=seen,
            targets=targets,
            created=datetime.now(UTC),
            operator=who,
            rooms=tuple(planned[room] for room in RoomName if room in planned),
        )
    )
