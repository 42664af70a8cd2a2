"""What a plan must pass before it is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from policies.approval import Approval, Approved, check, required
from province.errors import Place, ZyError
from province.province import Province
from province.record import Room, RoomName
from zhengyun.change.planfile import Plan, inputs, moved
from zhengyun.signature import verified


def check_policy(plan: Plan) -> None:
    """Raises ``ZY-CHG-030`` when a mandatory rule forbids the plan."""
    refused = plan.refused_by
    if refused:
        first = refused[0]
        raise ZyError(
            "ZY-CHG-030",
            f"policy refuses the plan: {len(refused)} mandatory finding{'s' * (len(refused) > 1)};"
            f" first {first.rule}, {first.object}: {first.message}",
            place=Place(target=first.target or None),
            fix=first.fix,
        )


def check_approvals(
    plan: Plan, approvals: Sequence[Approval], provinces: Iterable[Province], carried_out: Iterable[str]
) -> None:
    """Raises ``ZY-POL-030`` to ``-035`` when the plan needs approvals and they are not all there and genuine.

    ``provinces``: the one that is wanted, and the one of the last change. ``carried_out``: digests of earlier plans.
    """
    needed = required(provinces, {action.target for action in plan.actions})
    if not needed:
        return
    if any(digest == plan.digest for digest in carried_out):
        raise ZyError(
            "ZY-POL-034", "this plan was carried out already; its approvals were for once", fix="make a new plan"
        )
    against = Approved(plan.digest, plan.operator, plan.created, datetime.now(UTC))
    check(needed, approvals, against, verified)


def check_inputs(plan: Plan) -> None:
    """Raises ``ZY-CHG-003`` when the inventory is no longer what the plan was made from."""
    changed = moved(plan.inputs, inputs(Path(plan.inventory)))
    if changed:
        raise ZyError(
            "ZY-CHG-003",
            f"the inventory has changed since the plan was made: {', '.join(changed)}",
            place=Place(file=plan.inventory),
            fix="make a new plan and look at it: zy plan -o FILE",
        )


def check_live(plan: Plan, rooms: Mapping[RoomName, Room]) -> None:
    """Raises ``ZY-CHG-004`` when a room's live state is no longer what the plan was made from."""
    changed = [
        planned.room.value
        for planned in plan.rooms
        if planned.waves and rooms[planned.room].live(plan.targets.get(planned.room, ())) != planned.live
    ]
    if changed:
        raise ZyError(
            "ZY-CHG-004",
            f"the live state has changed since the plan was made: {', '.join(changed)}",
            place=Place(target=changed[0]),
            fix="make a new plan and look at it: zy plan -o FILE",
        )
