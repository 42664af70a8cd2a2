"""The room over fake routers: what it plans, that a second plan is empty, and that removal leaves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from network.change import Bounds
from network.expect import Expected
from network.platforms import connector
from network.room import NetworkRoom
from province.errors import Place, ZyError, ZyErrors
from province.extranet import Gear, Platform
from province.province import Province
from province.record import Operation, Outcome, Result, RoomPlan, Severity, Status
from tests.unit.network.fakes import FakeRouter, Fleet

QUICK = Bounds(trial=1, settle=0.0, spare=0.0, poll=0.0)


@pytest.fixture
def room(province: Province, fleet: Fleet, tmp_path: Path) -> NetworkRoom:
    return NetworkRoom(province, tmp_path / "ssh_config", tmp_path / "state", QUICK, fleet.connect)


def _apply(room: NetworkRoom, plan: RoomPlan) -> list[Result]:
    read_back = RoomPlan.model_validate(json.loads(plan.model_dump_json()))  # as from a plan file
    return [result for wave in read_back.waves for s in wave for result in room.apply(read_back, s, lambda _line: None)]


def _all_up(room: NetworkRoom, fleet: Fleet) -> None:
    for order in room.plan(()).payload["orders"].values():
        fleet.routers[order["router"]].up = type(fleet.routers[order["router"]].up).model_validate(order["expected"])


def test_plan_apply_plan(room: NetworkRoom, fleet: Fleet) -> None:
    _all_up(room, fleet)
    plan = room.plan(())
    assert plan.live == room.live(())
    assert {action.operation for action in plan.actions} == {Operation.CREATE}
    assert set(plan.waves[0][0].targets) == set(fleet.routers)
    assert {result.outcome for result in _apply(room, plan)} == {Outcome.CHANGED}
    again = room.plan(())
    assert (again.actions, again.waves, again.payload) == ((), (), {})
    assert again.live != plan.live


def test_a_plan_is_judged_offline(province: Province, fleet: Fleet, tmp_path: Path) -> None:
    ends = {end: getattr(province.links["gd-pe-1-gd-pe-2"], end) for end in "ab"}
    tagged = {end: one.model_copy(update={"port": f"eth1.{n}"}) for n, (end, one) in enumerate(ends.items(), start=1)}
    link = province.links["gd-pe-1-gd-pe-2"].model_copy(update=tagged)
    made = province.model_copy(update={"links": {**province.links, link.code: link}})
    for one, stops in ((province, []), (made, ["vlan-ends"])):
        room = NetworkRoom(one, tmp_path / "ssh_config", tmp_path / "state", QUICK, fleet.connect)
        findings = room.plan(("gz-ce-zsj",)).findings
        assert [f.rule for f in findings if f.severity is Severity.MANDATORY] == stops
        assert "single-point-of-failure" in {f.rule for f in findings}


def test_old_gear_is_not_planned_and_holds_up_nobody(province: Province, fleet: Fleet, tmp_path: Path) -> None:
    old = Gear(code="old", vendor="Lab", model="1", platform=Platform.FRR, srv6=False)
    router = province.routers["gz-pe-2"].model_copy(update={"gear": "old"})
    made = province.model_copy(update={"gear": {"old": old}, "routers": {**province.routers, "gz-pe-2": router}})
    room = NetworkRoom(made, tmp_path / "ssh_config", tmp_path / "state", QUICK, fleet.connect)
    with pytest.raises(ZyErrors) as caught:
        room.plan(())
    assert [(error.code, error.place.target) for error in caught.value.errors] == [("ZY-NET-008", "routers/gz-pe-2")]
    plan = room.plan(("gd-pe-1", "gz-pe-1"))
    assert {action.target for action in plan.actions} == {"gd-pe-1", "gz-pe-1"}
    waits = [(one.target, one.severity) for one in plan.findings if one.rule == "gear-srv6"]
    assert waits == [("gz-pe-2", Severity.ADVISORY)]
    checks = {check.id: check for check in room.verify(("gd-pe-1", "gd-pe-2", "gz-pe-1"))}
    assert checks["network.bgp.gz-pe-1"].expected == (
        "vpn102 ipv4 100.64.0.7, vpn102 ipv6 fd44:2::7, vpnv4 fd44:1::1, vpnv4 fd44:1::2, vpnv6 fd44:1::1, "
        "vpnv6 fd44:1::2"
    )
    assert checks["network.isis.gz-pe-1"].expected == "eth1", "eth2 leads to the one that waits"
    assert "network.reach.ipv6.gd-zsj.gz-zsj" in checks
    assert not [check for check in checks if check.endswith(".gz-gat")], "a site behind old gear is not asked"


def test_two_plans_of_one_state_are_equal(room: NetworkRoom) -> None:
    assert room.plan(()) == room.plan(())


def test_removal_leaves_what_was_there_before(room: NetworkRoom, fleet: Fleet) -> None:
    before = room.live(())
    _all_up(room, fleet)
    _apply(room, room.plan(()))
    removal = room.destroy_plan()
    assert {action.operation for action in removal.actions} == {Operation.DELETE}
    assert {result.outcome for result in _apply(room, removal)} == {Outcome.CHANGED}
    assert room.live(()) == before
    assert room.destroy_plan().actions == ()


def test_a_limit_narrows_and_names_of_other_rooms_mean_no_router(room: NetworkRoom) -> None:
    plan = room.plan(("gz-ce-zsj",))
    assert {action.target for action in plan.actions} == {"gz-ce-zsj"}
    assert plan.payload["orders"]["gz-ce-zsj"]["expected"]["sessions"] == []
    assert room.plan(("gd-app-1",)).actions == ()
    assert room.verify(("gd-app-1",)) == []


def test_a_router_that_is_down_is_a_finding_and_the_next_plan_has_it(room: NetworkRoom, fleet: Fleet) -> None:
    fleet.routers["gd-pe-1"].deaf = True
    _all_up(room, fleet)
    plan = room.plan(())
    assert ("network.unreachable", "gd-pe-1") in [(one.rule, one.target) for one in plan.findings]
    assert "gd-pe-1" not in plan.payload["orders"]
    sessions = plan.payload["orders"]["gz-pe-1"]["expected"]["sessions"]
    assert "vpnv4 fd44:1::2" in sessions
    assert "vpnv4 fd44:1::1" not in sessions, "a session with a router that is down is not waited for"
    assert {result.outcome for result in _apply(room, plan)} == {Outcome.CHANGED}
    fleet.routers["gd-pe-1"].deaf = False
    assert room.live(()) != plan.live, "a plan that left it out is stale once it is back"
    assert {action.target for action in room.plan(()).actions} == {"gd-pe-1"}


def test_every_unreachable_router_is_named_when_none_answers(room: NetworkRoom, fleet: Fleet) -> None:
    for router in fleet.routers.values():
        router.deaf = True
    with pytest.raises(ZyErrors) as caught:
        room.plan(())
    assert [error.place.target for error in caught.value.errors] == sorted(fleet.routers)


def test_a_router_that_does_not_let_us_in_stops_the_plan(room: NetworkRoom, fleet: Fleet) -> None:
    class Stranger(FakeRouter):
        def running(self) -> str:
            raise ZyError("ZY-NET-011", "another host key", place=Place(target=self.name), fix="find out why")

    fleet.routers["gz-pe-1"] = Stranger("gz-pe-1", "")
    with pytest.raises(ZyErrors, match="ZY-NET-011"):
        room.plan(())


def test_checks_fail_for_what_is_down_and_never_raise(room: NetworkRoom, fleet: Fleet) -> None:
    _all_up(room, fleet)
    fleet.routers["gd-pe-1"].deaf = True
    fleet.routers["gz-pe-1"].up = fleet.routers["gz-pe-1"].up.model_copy(update={"segments": ()})
    checks = {check.id: check for check in room.verify(())}
    assert checks["network.reachable.gd-pe-1"].status is Status.FAILED
    assert checks["network.srv6.gz-pe-1"].status is Status.FAILED
    assert "not: vpn102" in checks["network.srv6.gz-pe-1"].actual
    assert checks["network.bgp.gz-pe-1"].status is Status.PASSED
    assert checks["network.reach.ipv6.gd-gat.gz-gat"].status is Status.PASSED
    # the fake answers every ping, so each closed path must be seen as open
    assert checks["network.isolation.ipv4.gd-gat.gd-zsj"].status is Status.FAILED
    # the source of this one cannot be reached: nothing was sent, so nothing is proven
    assert checks["network.isolation.ipv4.gd-zsj.gd-gat"].status is Status.FAILED


def test_a_backup_is_a_revision_and_tells_who_did_not_answer(room: NetworkRoom, fleet: Fleet) -> None:
    fleet.routers["gd-pe-2"].deaf = True
    seen = room.backup(("gd-pe-1", "gd-pe-2"))
    assert (sorted(seen.running), sorted(seen.down)) == (["gd-pe-1"], ["gd-pe-2"])
    (revision,) = room.history.revisions("gd-pe-1")
    assert room.history.at("gd-pe-1", revision.id).splitlines()[2] == "hostname gd-pe-1"
    assert room.history.revisions("gd-pe-2") == []


def test_a_change_is_recorded_and_gone_back_from(room: NetworkRoom, fleet: Fleet) -> None:
    before = room.live(("gz-pe-1",))
    _all_up(room, fleet)
    _apply(room, room.plan(()))
    after, first = room.history.revisions("gz-pe-1")
    assert (after.why, first.why) == ("new", "before new")
    back = room.plan_back("gz-pe-1", room.history.at("gz-pe-1", first.id))
    assert {action.target for action in back.actions} == {"gz-pe-1"}
    assert {result.outcome for result in _apply(room, back)} == {Outcome.CHANGED}
    fleet.routers["gz-pe-1"].up = Expected()
    assert room.live(("gz-pe-1",)) == before
    assert len(room.history.revisions("gz-pe-1")) == 3
    assert room.plan_back("gz-pe-1", room.history.at("gz-pe-1", first.id)).actions == ()


def test_a_change_is_not_taken_back_for_want_of_git(
    room: NetworkRoom, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    _all_up(room, fleet)
    plan = room.plan(())
    monkeypatch.setenv("PATH", "/nowhere")
    said: list[str] = []
    results = room.apply(plan, plan.waves[0][0], said.append)
    assert {result.outcome for result in results} == {Outcome.CHANGED}
    assert any("ZY-NET-069" in line for line in said)


def test_a_platform_without_a_driver_is_said_so(province: Province, tmp_path: Path) -> None:
    router = province.routers["gd-pe-1"].model_copy(update={"platform": Platform.IOSXR})
    other = province.model_copy(update={"routers": {**province.routers, "gd-pe-1": router}})
    with pytest.raises(ZyError) as raised:
        connector(other, tmp_path / "ssh_config")("gd-pe-1")
    assert raised.value.code == "ZY-NET-035"
