"""A plan is held to the windows of its targets: before it begins, and before each of its steps; an emergency is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

import zhengyun.workspace
from policies.window import Calendar
from province.errors import ZyError
from province.load import load
from province.province import Province
from province.record import Action, Beat, Check, Operation, Outcome, Result, RoomName, RoomPlan, Step
from province.window import CHINA, Freeze, Window
from zhengyun.change.journal import Change, ChangeResult, Changes, Emergency, Event
from zhengyun.change.planfile import Plan, Purpose, seal
from zhengyun.change.schedule import Schedule
from zhengyun.change.steps import Steps
from zhengyun.change.workflow import StepRef
from zhengyun.cli import run
from zhengyun.output import Exit
from zhengyun.transparency.audit import audit
from zhengyun.transparency.log import Kind
from zhengyun.workspace import Records

LAB = Path(__file__).parents[3] / "inventories" / "lab"
OPEN, CLOSED = datetime(2026, 12, 2, 1, tzinfo=CHINA), datetime(2026, 12, 2, 5, tzinfo=CHINA)
NIGHT = Window.model_validate(
    {"code": "night", "name": "夜间", "name_en": "night", "targets": ["gz-pe-*"], "from": "23:00", "until": "05:00"}
)
NAMES = {"name": "封网", "name_en": "freeze"}
FIRST, SECOND = Step(name="canary", targets=("gz-pe-1",)), Step(name="rest", targets=("gz-pe-2", "gd-pe-1"))


@pytest.fixture(scope="module")
def lab() -> Province:
    return load(LAB)


@pytest.fixture(scope="module")
def province(lab: Province) -> Province:
    return lab.model_copy(update={"windows": {"night": NIGHT}})


def frozen(lab: Province, targets: Sequence[str]) -> Province:
    """A province that has been frozen since the beginning of time, for tests at today's date."""
    freeze = Freeze(code="long", **NAMES, targets=tuple(targets), first=date(2000, 1, 1), last=date(2999, 12, 31))
    return lab.model_copy(update={"freezes": {"long": freeze}})


def room_plan() -> RoomPlan:
    actions = (Action(target="gz-pe-1", object="vrf zsj", operation=Operation.CREATE),)
    return RoomPlan(room=RoomName.NETWORK, actions=actions, waves=((FIRST,), (SECOND,)), live="as planned")


def plan(purpose: Purpose = Purpose.APPLY) -> Plan:
    return seal(
        Plan(
            purpose=purpose, province="gd", title="t", inventory=str(LAB), inputs={}, targets={RoomName.NETWORK: ()},
            created=OPEN, operator="wang", rooms=(room_plan(),),
        )
    )  # fmt: skip


def at(moment: datetime, province: Province) -> Schedule:
    return Schedule(Calendar.of(province), lambda: moment)


def test_a_plan_in_its_window_passes(province: Province) -> None:
    at(OPEN, province).check(plan())


def test_a_plan_outside_of_a_window_is_refused_with_whom_why_and_when(province: Province) -> None:
    with pytest.raises(ZyError) as refused:
        at(CLOSED, province).check(plan())
    assert refused.value.code == "ZY-CHG-031"
    assert "gz-pe-1, gz-pe-2 (window night 夜间; opens 2026-12-02 23:00 UTC+8)" in refused.value.message
    assert "gd-pe-1" not in refused.value.message
    assert "2026-12-02 23:00" in refused.value.fix
    assert "--emergency" in refused.value.fix


def test_windows_that_never_meet_are_told(province: Province) -> None:
    other = NIGHT.model_copy(update={"code": "noon", "targets": ("gd-pe-1",), "opens": "12:00", "closes": "13:00"})
    both = province.model_copy(update={"windows": {"night": NIGHT, "noon": other}})
    with pytest.raises(ZyError) as refused:
        at(OPEN, both).check(plan())
    assert "--limit" in refused.value.fix


def test_many_targets_are_counted(lab: Province) -> None:
    routers = Step(name="rest", targets=tuple(sorted(lab.routers)))
    many = plan().model_copy(update={"rooms": (room_plan().model_copy(update={"waves": ((routers,),)}),)})
    with pytest.raises(ZyError) as refused:
        at(OPEN, frozen(lab, ["*"])).check(many)
    assert f"and {len(lab.routers) - 5} more (freeze long" in refused.value.message


def test_what_holds_no_way_back_and_no_emergency(province: Province) -> None:
    emergency = at(CLOSED, province).emergency(plan(), "wang", "fire")
    assert emergency == Emergency(
        operator="wang",
        time=CLOSED,
        reason="fire",
        held="gz-pe-1, gz-pe-2 (window night 夜间; opens 2026-12-02 23:00 UTC+8)",
    )
    assert at(OPEN, province).emergency(plan(), "wang", "fire").held == ""
    assert Schedule.binding(plan(), province, emergency).calendar == Calendar()
    assert Schedule.binding(plan(Purpose.ROLLBACK), province, None).calendar == Calendar()
    for purpose in (Purpose.APPLY, Purpose.DESTROY):
        assert Schedule.binding(plan(purpose), province, None).calendar == Calendar.of(province)


@dataclass
class CountingRoom:
    """Does every step at once, and counts. Only the network has any."""

    name: RoomName = RoomName.NETWORK
    done: int = 0

    def plan(self, limit: Sequence[str]) -> RoomPlan:  # noqa: ARG002 - the protocol's signature
        return room_plan() if self.name is RoomName.NETWORK else RoomPlan(room=self.name)

    def live(self, limit: Sequence[str]) -> str:  # noqa: ARG002 - the same
        return "as planned"

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:  # noqa: ARG002 - the same
        self.done += 1
        return [Result(target=target, outcome=Outcome.CHANGED, changes=1) for target in step.targets]

    def verify(self, limit: Sequence[str]) -> list[Check]:  # noqa: ARG002 - the same
        return []

    def destroy_plan(self) -> RoomPlan:
        return self.plan(())


ROOMS = {room: CountingRoom(room) for room in RoomName}
REF = StepRef(room=RoomName.NETWORK, wave=1, step=0)


@pytest.mark.parametrize(
    ("moment", "begun", "done"), [(OPEN, False, True), (CLOSED, False, False), (CLOSED, True, True)]
)
def test_a_step_begins_in_its_window_and_is_finished_in_any_case(
    tmp_path: Path, province: Province, moment: datetime, begun: bool, done: bool
) -> None:
    change, room = Changes(tmp_path).create(plan(), "wang"), CountingRoom()
    # a step of the same name in another room, and another one of this room, say nothing about this one
    change.append(Event.STEP_BEGUN, room=RoomName.CLOUD, step=SECOND.name)
    change.append(Event.STEP_BEGUN, room=RoomName.NETWORK, step=FIRST.name)
    if begun:
        change.append(Event.STEP_BEGUN, room=RoomName.NETWORK, step=SECOND.name)
    steps = Steps(change, change.plan(), {RoomName.NETWORK: room}, at(moment, province))
    assert ActivityEnvironment().run(steps.run_step, REF) is done
    assert room.done == int(done)
    ended = change.entries()[-1]
    assert (ended.event, ended.step) == (Event.STEP_ENDED, "rest")
    assert {one.target: one.outcome for one in ended.results} == dict.fromkeys(
        SECOND.targets, Outcome.CHANGED if done else Outcome.SKIPPED
    )
    assert all("window night" in one.message for one in ended.results if one.outcome is Outcome.SKIPPED)


@dataclass
class EngineInPlace:
    """Begins changes as the engine does, and ends them at once."""

    changes: Changes

    def begin(self, plan: Plan, operator: str, approvals: Sequence[object], emergency: Emergency | None) -> Change:
        assert not approvals
        return self.changes.create(plan, operator, (), emergency)

    def run(self, change: Change, watch: object) -> ChangeResult:
        assert callable(watch)
        for wave in room_plan().waves:
            results = tuple(Result(target=one, outcome=Outcome.CHANGED) for one in wave[0].targets)
            change.append(Event.STEP_ENDED, room=RoomName.NETWORK, step=wave[0].name, results=results)
        return change.conclude()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where ``zy`` works with a room that wants two waves."""
    monkeypatch.setenv("ZY_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(zhengyun.workspace, "build_rooms", lambda *_: ROOMS)
    monkeypatch.setattr(Records, "engine", lambda self, _: EngineInPlace(self.changes))
    return tmp_path


def on(monkeypatch: pytest.MonkeyPatch, province: Province) -> None:
    monkeypatch.setattr(zhengyun.workspace, "load", lambda _: province)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def code_of(document: dict[str, object]) -> object:
    errors = document["errors"]
    assert isinstance(errors, list)
    return errors[0]["code"]


def test_from_a_frozen_plan_to_an_emergency(
    terminal: Path, lab: Province, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, frozen(lab, ["router=gz-pe-*"]))
    file, records = str(terminal / "p.json"), Records(terminal / "state")
    code, shown = answer(capsys, "plan", "-i", str(LAB), "--only", "network", "-o", file)
    expected = {"targets": ["gz-pe-1", "gz-pe-2"], "open": False, "until": "3000-01-01T00:00:00+08:00", "by": ["long"]}
    assert (code, shown["windows"]) == (Exit.DONE, [expected])
    run(["plan", "-i", str(LAB), "--only", "network"])
    assert "✖ not now 不可变更: freeze long 封网" in capsys.readouterr().out

    for command in (["apply", file], ["network", "apply", "-i", str(LAB), "--yes"]):
        code, refused = answer(capsys, *command)
        assert (code, code_of(refused)) == (Exit.REFUSED, "ZY-CHG-031")
    code, refused = answer(capsys, "network", "apply", "-i", str(LAB))
    assert code_of(refused) == "ZY-CHG-031", "nobody is asked about what is refused in any case"
    code, refused = answer(capsys, "apply", file, "--emergency", "  ")
    assert (code, code_of(refused)) == (Exit.BAD_INPUT, "ZY-CHG-008")
    assert records.changes.all() == [], "nothing was begun"

    code, done = answer(capsys, "apply", file, "--emergency", "光缆中断，王处长同意")
    assert (code, done["state"]) == (Exit.DONE, "done")
    (change,) = records.changes.all()
    emergency = change.emergency()
    assert emergency is not None
    assert (emergency.reason, emergency.held.startswith("gz-pe-1, gz-pe-2 (freeze long 封网")) == (
        "光缆中断，王处长同意",
        True,
    )
    _, status = answer(capsys, "status")
    assert status["changes"][0]["emergency"] == "光缆中断，王处长同意"  # type: ignore[index]
    run(["status"])
    assert "emergency 紧急: 光缆中断，王处长同意" in capsys.readouterr().out
    logged = [entry.fact for entry in records.log.entries() if entry.fact.kind is Kind.EMERGENCY]
    assert [fact.file for fact in logged] == [f"changes/{change.id}/emergency.json"]
    assert audit(records.log, records.state) == []
    (change.folder / "emergency.json").write_text("{}")
    assert [error.code for error in audit(records.log, records.state)] == ["ZY-POL-042"]


def test_without_windows_nothing_is_said_of_them(
    terminal: Path, lab: Province, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, lab)
    assert run(["plan", "-i", str(LAB), "--only", "network"]) == Exit.DONE
    assert "窗口" not in capsys.readouterr().out
    code, done = answer(capsys, "network", "apply", "-i", str(LAB), "--yes")
    assert (code, done["state"]) == (Exit.DONE, "done")
    (change,) = Records(terminal / "state").changes.all()
    assert change.emergency() is None
    assert not (change.folder / "emergency.json").exists()


def test_a_way_back_is_never_held(
    terminal: Path, lab: Province, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, lab)
    everything = ["apply", "-i", str(LAB), "--yes"]
    assert answer(capsys, *everything)[0] == Exit.DONE
    assert answer(capsys, *everything)[0] == Exit.DONE
    last = Records(terminal / "state").changes.all()[-1]
    on(monkeypatch, frozen(lab, ["*"]))
    monkeypatch.setattr("zhengyun.carrying.load", lambda _: frozen(lab, ["*"]))
    monkeypatch.setattr("zhengyun.carrying.build_rooms", lambda *_: ROOMS)
    code, back = answer(capsys, "rollback", last.id, "-i", str(LAB), "--yes")
    assert (code, back["purpose"]) == (Exit.DONE, "rollback")
    assert answer(capsys, *everything)[0] == Exit.REFUSED
    code, refused = answer(capsys, "destroy", "-i", str(LAB), "--yes", "gd")
    assert (code, code_of(refused)) == (Exit.REFUSED, "ZY-CHG-031")


def test_the_clock_at_the_edge_is_the_real_one(lab: Province) -> None:
    assert abs(Schedule.of(lab).clock() - datetime.now(UTC)) < timedelta(minutes=1)
