"""What apply accepts of a stack whose turn has come: what was planned, or less."""

from __future__ import annotations

import pytest

from province.errors import ZyError
from province.record import Action, Finding, Operation, RoomName, RoomPlan, Severity
from stacks.operation import Preview
from stacks.room import _hold_to


def action(name: str, operation: Operation) -> Action:
    return Action(target="region-gd", object=name, operation=operation)


PLAN = RoomPlan(
    room=RoomName.CLOUD,
    actions=(
        action("Network n", Operation.CREATE),
        action("Port p", Operation.UPDATE),
        Action(target="region-gz", object="Port q", operation=Operation.DELETE),
    ),
)


@pytest.mark.parametrize(
    "now",
    [
        [],
        [("Network n", Operation.CREATE), ("Port p", Operation.UPDATE)],
        [("Port p", Operation.UPDATE)],
        [("Network n", Operation.UPDATE)],
        [("Network n", Operation.REPLACE)],
    ],
)
def test_what_was_planned_or_less_is_held(now: list[tuple[str, Operation]]) -> None:
    _hold_to(PLAN, "region-gd", Preview(tuple(action(*each) for each in now), ()))


@pytest.mark.parametrize(
    "now",
    [
        ("Port p", Operation.DELETE),
        ("Port p", Operation.REPLACE),
        ("Port q", Operation.DELETE),
        ("Network n", Operation.DELETE),
        ("Router r", Operation.UPDATE),
    ],
)
def test_more_than_planned_is_refused(now: tuple[str, Operation]) -> None:
    with pytest.raises(ZyError) as raised:
        _hold_to(PLAN, "region-gd", Preview((action(*now),), ()))
    assert raised.value.code == "ZY-CLD-010"
    assert now[0] in raised.value.message


@pytest.mark.parametrize(("severity", "refused"), [(Severity.MANDATORY, True), (Severity.ADVISORY, False)])
def test_policy_refuses_at_the_last_moment_too(severity: Severity, refused: bool) -> None:
    finding = Finding(rule="r", severity=severity, object="o", message="joins zones", fix="part them")
    now = Preview((), (finding,))
    if not refused:
        _hold_to(PLAN, "region-gd", now)
        return
    with pytest.raises(ZyError) as raised:
        _hold_to(PLAN, "region-gd", now)
    assert (raised.value.code, raised.value.fix) == ("ZY-CLD-011", "part them")
