"""Plan files, and what a plan must pass before it is carried out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from province.errors import ZyError
from province.record import (
    Action,
    Beat,
    Check,
    Finding,
    Operation,
    Result,
    RoomName,
    RoomPlan,
    Severity,
    Step,
)
from zhengyun.change.gate import check_inputs, check_live, check_policy
from zhengyun.change.planfile import Plan, Purpose, inputs, read, seal, summary, write

STEP = Step(name="routers", targets=("r1",))
ACTION = Action(target="r1", object="vrf zsj", operation=Operation.CREATE, diff="+vrf 政务")
ROOM = RoomPlan(room=RoomName.NETWORK, actions=(ACTION,), waves=((STEP,),), live="before", payload={"order": 1})


class StillRoom:
    """A room whose live state is a word."""

    name = RoomName.NETWORK

    def __init__(self, live: str) -> None:
        self.state = live

    def plan(self, limit: Sequence[str]) -> RoomPlan:  # noqa: ARG002 - the protocol's signature
        return ROOM

    def live(self, limit: Sequence[str]) -> str:
        return f"{self.state}{''.join(limit)}"

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:  # noqa: ARG002 - the same
        return []

    def verify(self, limit: Sequence[str]) -> list[Check]:  # noqa: ARG002 - the same
        return []

    def destroy_plan(self) -> RoomPlan:
        return ROOM


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "a.yaml").write_text("a: 1\n")
    return made(inventory, ROOM)


def made(inventory: Path, room: RoomPlan) -> Plan:
    return seal(
        Plan(
            purpose=Purpose.APPLY,
            province="gd",
            title="广东省",
            inventory=str(inventory),
            inputs=inputs(inventory),
            targets={RoomName.NETWORK: ("r1",)},
            created=datetime(2026, 11, 24, 3, 12, tzinfo=UTC),
            operator="test",
            rooms=(room,),
        )
    )


def test_plan_comes_back_as_it_was_written(plan: Plan, tmp_path: Path) -> None:
    write(plan, tmp_path / "out" / "plan.json")
    assert read(tmp_path / "out" / "plan.json") == plan
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["plan.json"]
    assert (tmp_path / "out" / "plan.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("old", "new"),
    [('"vrf zsj"', '"vrf gat"'), ('"create"', '"delete"'), ('"live": "before"', '"live": "after"'), ("gd", "gx")],
)
def test_altered_plan_is_refused(plan: Plan, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "plan.json"
    write(plan, path)
    text = path.read_text(encoding="utf-8").replace('"live":', '"live": ')
    text = json.dumps(json.loads(text), ensure_ascii=False)
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ZyError) as refused:
        read(path)
    assert refused.value.code == "ZY-CHG-002"
    assert refused.value.place.file == str(path)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[1]", b"\xff\xfe", b'{"format": 2}'])
def test_what_is_no_plan_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "plan.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ZyError) as refused:
        read(path)
    assert refused.value.code == "ZY-CHG-001"


def test_unchanged_inventory_passes(plan: Plan) -> None:
    check_inputs(plan)


@pytest.mark.parametrize("edit", ["edited", "added", "removed"])
def test_moved_inventory_is_refused_by_file(plan: Plan, edit: str) -> None:
    inventory = Path(plan.inventory)
    if edit == "edited":
        (inventory / "a.yaml").write_text("a: 2\n")
    elif edit == "added":
        (inventory / "more").mkdir()
        (inventory / "more" / "a.yaml").write_text("a: 1\n")
    else:
        (inventory / "a.yaml").unlink()
    with pytest.raises(ZyError) as refused:
        check_inputs(plan)
    assert refused.value.code == "ZY-CHG-003"
    assert "a.yaml" in refused.value.message
    assert "zy plan" in refused.value.fix


def test_live_state_is_compared_for_the_plans_own_targets(plan: Plan) -> None:
    planned = plan.model_copy(update={"rooms": (ROOM.model_copy(update={"live": "beforer1"}),)})
    check_live(planned, {RoomName.NETWORK: StillRoom("before")})
    with pytest.raises(ZyError) as refused:
        check_live(planned, {RoomName.NETWORK: StillRoom("after")})
    assert refused.value.code == "ZY-CHG-004"
    assert "network" in refused.value.message


def test_room_with_nothing_to_do_is_not_looked_at(plan: Plan) -> None:
    idle = plan.model_copy(update={"rooms": (RoomPlan(room=RoomName.NETWORK, live="before"),)})
    check_live(idle, {RoomName.NETWORK: StillRoom("after")})


def test_mandatory_finding_refuses_and_advice_does_not(plan: Plan) -> None:
    def with_finding(severity: Severity) -> Plan:
        finding = Finding(
            rule="no-open-port", severity=severity, object="sg", message="port 22 is open", fix="close it"
        )
        return plan.model_copy(update={"rooms": (ROOM.model_copy(update={"findings": (finding,)}),)})

    check_policy(with_finding(Severity.ADVISORY))
    with pytest.raises(ZyError) as refused:
        check_policy(with_finding(Severity.MANDATORY))
    assert refused.value.code == "ZY-CHG-030"
    assert refused.value.fix == "close it"


def test_summary_counts_every_operation() -> None:
    nothing = dict.fromkeys(("update", "replace", "delete", "import", "release"), 0)
    assert summary([ACTION, ACTION]) == {"create": 2, **nothing}
