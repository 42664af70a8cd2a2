"""Waves: what holds for every network, what the lab's six routers get, and what a failure in a later wave does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.change import Bounds
from network.expect import Expected, down_before, due
from network.room import NetworkRoom
from network.waves import Rollout, waves, ways_out
from province.extranet import Link, LinkEnd, Platform, Role, Router
from province.province import Province
from province.record import Outcome, Result, RoomPlan
from tests.unit.network.fakes import Fleet

QUICK = Bounds(trial=1, settle=0.0, spare=0.0, poll=0.0)
FEW = Rollout(canary=1, share=0.05, largest=500)


def _network(province: Province, sites: int, ces: int) -> Province:
    """A ring of sites with two PEs each, and CEs that hang on both of one site."""
    routers: dict[str, Router] = {}
    links: dict[str, Link] = {}

    def join(a: str, b: str) -> None:
        ends = [LinkEnd(router=code, port=f"eth{len(links)}") for code in (a, b)]
        links[f"{a}-{b}"] = Link(code=f"{a}-{b}", a=ends[0], b=ends[1])

    where = list(province.sites)
    for site in range(sites):
        for side in "ab":
            roles = frozenset({Role.PE, Role.P}) if site == 0 else frozenset({Role.PE})
            code = f"pe-{site}{side}"
            routers[code] = Router(
                code=code, site=where[site % len(where)], platform=Platform.FRR, roles=roles, route_reflector=site == 0
            )
        join(f"pe-{site}a", f"pe-{site}b")
        if site:
            join(f"pe-{site - 1}a", f"pe-{site}a")
            join(f"pe-{site - 1}b", f"pe-{site}b")
    for number in range(ces):
        code = f"ce-{number}"
        routers[code] = Router(
            code=code, site=where[-1], platform=Platform.FRR, roles=frozenset({Role.CE}), department="zsj"
        )
        join(f"pe-{number % sites}a", code)
        join(f"pe-{number % sites}b", code)
    return province.model_copy(update={"routers": routers, "links": links, "lans": {}, "vpns": {}})


@given(data=st.data(), sites=st.integers(1, 12), ces=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_every_router_once_and_never_all_ways_out_at_once(
    province: Province, data: st.DataObject, sites: int, ces: int
) -> None:
    network = _network(province, sites, ces)
    codes = sorted(network.routers)
    changed = data.draw(st.sets(st.sampled_from(codes)))
    bare = data.draw(st.sets(st.sampled_from(codes)))
    rollout = Rollout(data.draw(st.integers(0, 3)), data.draw(st.sampled_from((0.0, 0.05, 0.5))), 10)
    found = waves(network, changed, bare, rollout)
    assert sorted(router for wave in found for router in wave.routers) == sorted(changed)
    assert all(wave.routers for wave in found)
    assert len({wave.name for wave in found}) == len(found)
    for wave in found:
        if wave.name == "new":
            assert set(wave.routers) == changed & bare
            assert wave is found[-1]
            continue
        assert not any(group <= set(wave.routers) for group in ways_out(network))
        assert len(wave.routers) <= (rollout.canary if wave.name == "canary" else max(10, len(changed)))


def test_a_pair_is_found_by_site_and_by_what_hangs_on_it(province: Province) -> None:
    network = _network(province, 4, 4)
    groups = ways_out(network)
    assert {"pe-1a", "pe-1b"} in groups, "ce-1 hangs on both"
    assert {"pe-0a", "pe-0b"} in groups, "both reflectors"


def test_two_thousand_routers_go_as_canary_five_percent_and_rest(province: Province) -> None:
    network = _network(province, 400, 1200)
    found = waves(network, network.routers.keys(), (), FEW)
    assert [(wave.name, len(wave.routers)) for wave in found[:3]] == [("canary", 1), ("few", 100), ("rest", 500)]
    assert found[0].routers[0].startswith("ce-"), "edges come before the core"
    assert any(router.startswith("pe-0") for router in found[-1].routers), "reflectors come last"


def test_the_lab_goes_in_waves_once_it_is_configured(province: Province) -> None:
    found = waves(province, province.routers.keys(), (), FEW)
    assert [(wave.name, wave.routers) for wave in found] == [
        ("canary", ("gz-ce-gat",)),
        ("few", ("gz-ce-zsj",)),
        ("rest", ("gd-pe-1", "gz-pe-1")),
        ("rest-2", ("gd-pe-2", "gz-pe-2")),
    ]


def test_a_first_configuration_is_one_wave(province: Province) -> None:
    """Sessions of a reflector need the IGP that others bring: in parts it would prove nothing."""
    (only,) = waves(province, province.routers.keys(), province.routers.keys(), FEW)
    assert (only.name, len(only.routers)) == ("new", 6)


def test_what_was_down_before_is_not_waited_for_and_what_is_up_has_to_stay() -> None:
    wanted = Expected(adjacencies=("eth1", "eth2"), sessions=("vpnv4 fd44:1::1",))
    later = Expected(adjacencies=("eth1", "eth2", "eth3", "eth4"))
    live = Expected(adjacencies=("eth1", "eth3"))
    running = "interface eth1\ninterface eth2\nrouter isis\n"
    found = due(wanted, later, live, running)
    assert found.adjacencies == ("eth1", "eth3"), "eth2 was down, eth3 is up and must stay, eth4 is for a later wave"
    assert found.sessions == ("vpnv4 fd44:1::1",), "not configured before: it is what the change brings"
    assert down_before(wanted, live, running) == Expected(adjacencies=("eth2",))


@pytest.fixture
def room(province: Province, fleet: Fleet, tmp_path: Path) -> NetworkRoom:
    return NetworkRoom(province, tmp_path / "ssh_config", tmp_path / "state", QUICK, fleet.connect)


def _changed_again(room: NetworkRoom, fleet: Fleet) -> RoomPlan:
    """All configured, then every router loses a line by hand, so that the next plan has waves."""
    for name, order in room.plan(()).payload["orders"].items():
        router = fleet.routers[name]
        router.running_text, router.up = order["candidate"], Expected.model_validate(order["expected"])
        router.running_text = router.running_text.replace("router bgp", "vrf stray\nexit-vrf\nrouter bgp", 1)
    plan = room.plan(())
    assert [wave[0].name for wave in plan.waves] == ["canary", "few", "rest", "rest-2"]
    return plan


def _steps(room: NetworkRoom, plan: RoomPlan) -> dict[str, list[Result]]:
    """As the change engine does them: in order, until one fails."""
    done: dict[str, list[Result]] = {}
    for (step,) in plan.waves:
        done[step.name] = room.apply(plan, step, lambda _line: None)
        if any(result.outcome is Outcome.FAILED for result in done[step.name]):
            break
    return done


def test_all_waves_go_well(room: NetworkRoom, fleet: Fleet) -> None:
    plan = _changed_again(room, fleet)
    done = _steps(room, plan)
    assert {result.outcome for results in done.values() for result in results} == {Outcome.CHANGED}
    assert room.plan(()).actions == ()


def test_a_late_failure_takes_the_earlier_waves_back(room: NetworkRoom, fleet: Fleet) -> None:
    plan = _changed_again(room, fleet)
    before = room.live(())
    fleet.routers["gd-pe-2"].reject = "router bgp"
    done = _steps(room, plan)
    told = {result.target: result for result in done["rest-2"]}
    assert set(told) == set(fleet.routers)
    assert {result.outcome for result in told.values()} == {Outcome.FAILED}
    assert "rejects" in told["gd-pe-2"].message
    assert "the wave rest-2 failed (as before, from the copy)" in told["gz-ce-gat"].message
    fleet.routers["gd-pe-2"].reject = ""
    assert room.live(()) == before


def test_killed_while_taking_back_it_goes_on_taking_back(
    room: NetworkRoom, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _changed_again(room, fleet)
    before = room.live(())
    broken = fleet.routers["gz-pe-2"]
    broken.reject = "router bgp"

    class Killed(Exception):
        pass

    def killed(*_: object) -> list[Result]:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("network.change.Push.withdraw", killed)
        with pytest.raises(Killed):
            _steps(room, plan)
    assert room.live(()) != before
    broken.reject = ""  # a push would go well now; it must not be tried
    told = room.apply(plan, plan.waves[-1][0], lambda _line: None)
    assert {result.outcome for result in told} == {Outcome.FAILED}
    assert room.live(()) == before
    assert {r.outcome for r in room.apply(plan, plan.waves[0][0], lambda _line: None)} == {Outcome.CHANGED}, "again"


def test_what_others_changed_meanwhile_is_not_overwritten(room: NetworkRoom, fleet: Fleet) -> None:
    plan = _changed_again(room, fleet)
    fleet.routers["gd-pe-2"].reject = "router bgp"
    for (step,) in plan.waves[:-1]:
        room.apply(plan, step, lambda _line: None)
    fleet.routers["gz-ce-gat"].running_text += "vrf by-hand\nexit-vrf\n"
    told = {result.target: result for result in room.apply(plan, plan.waves[-1][0], lambda _line: None)}
    assert "NOT as before: somebody has changed it since" in told["gz-ce-gat"].message
    assert "by-hand" in fleet.routers["gz-ce-gat"].running_text
