"""The push, over fake routers: a failure in each phase, and a kill between any two."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.backup import Backups
from network.change import Bounds, Order, Push
from network.config import candidate, digest
from network.expect import Expected
from province.errors import Place, ZyError
from province.record import Beat, Outcome, Result
from tests.unit.network.fakes import FakeRouter, Fleet

OURS = "vrf vpn7\nexit-vrf\n"
QUICK = Bounds(trial=1, settle=0.0, spare=0.0, poll=0.0)


class Killed(Exception):
    """Stands for SIGKILL: nothing after it runs, so tests that use it let no clean-up touch the routers."""


def _orders(fleet: Fleet, state: Expected | None = None) -> list[Order]:
    return [
        Order(
            router=name,
            base=digest(router.running_text),
            candidate=candidate(router.running_text, OURS),
            blocks=1,
            expected=state or Expected(),
        )
        for name, router in sorted(fleet.routers.items())
    ]


def _push(fleet: Fleet, folder: Path, orders: list[Order]) -> list[Result]:
    return Push(orders, fleet.connect, Backups(folder), lambda _line: None, QUICK).run()


def _as_before(fleet: Fleet, orders: list[Order]) -> bool:
    return all(
        digest(fleet.routers[order.router].running_text) == order.base and fleet.routers[order.router].kept is None
        for order in orders
    )


def _changed(fleet: Fleet, orders: list[Order]) -> bool:
    return all(
        digest(fleet.routers[order.router].saved) == digest(order.candidate)
        and fleet.routers[order.router].kept is None
        for order in orders
    )


def test_a_push_arms_loads_and_confirms_each_router_once(fleet: Fleet, tmp_path: Path) -> None:
    orders = _orders(fleet)
    results = _push(fleet, tmp_path, orders)
    assert {result.outcome for result in results} == {Outcome.CHANGED}
    assert _changed(fleet, orders)
    assert {tuple(router.log) for router in fleet.routers.values()} == {("arm 1", "load", "confirm")}
    assert Backups(tmp_path).recall("gd-pe-1", orders[0].base) is not None


def test_again_changes_nothing(fleet: Fleet, tmp_path: Path) -> None:
    orders = _orders(fleet)
    _push(fleet, tmp_path, orders)
    for router in fleet.routers.values():
        router.log.clear()
    assert {result.outcome for result in _push(fleet, tmp_path, orders)} == {Outcome.UNCHANGED}
    assert not any(router.log for router in fleet.routers.values())


def test_a_router_that_moved_since_the_plan_stops_the_push(fleet: Fleet, tmp_path: Path) -> None:
    orders = _orders(fleet)
    fleet.routers["gz-pe-1"].running_text += "vrf other\nexit-vrf\n"
    results = {result.target: result for result in _push(fleet, tmp_path, orders)}
    assert "ZY-NET-014" in results["gz-pe-1"].message
    assert "nothing was pushed" in results["gd-pe-1"].message
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
    assert not any(router.log for router in fleet.routers.values())


def test_a_rejected_line_takes_all_routers_back(fleet: Fleet, tmp_path: Path) -> None:
    orders = _orders(fleet)
    fleet.routers["gd-pe-2"].reject = "vrf vpn7"
    results = {result.target: result for result in _push(fleet, tmp_path, orders)}
    assert "rejects vrf vpn7 (as before)" in results["gd-pe-2"].message
    assert "gd-pe-2 failed" in results["gz-pe-1"].message
    assert "as before" in results["gz-pe-1"].message
    assert _as_before(fleet, orders)


def test_sessions_that_stay_down_take_all_routers_back(fleet: Fleet, tmp_path: Path) -> None:
    orders = _orders(fleet, Expected(sessions=("vpnv4 fd44:1::1",)))
    for name, router in fleet.routers.items():
        router.up = Expected(sessions=() if name == "gz-ce-gat" else ("vpnv4 fd44:1::1",))
    results = {result.target: result for result in _push(fleet, tmp_path, orders)}
    assert "ZY-NET-016" in results["gz-ce-gat"].message
    assert "BGP session vpnv4 fd44:1::1" in results["gz-ce-gat"].message
    assert _as_before(fleet, orders)


def test_a_configuration_that_does_not_take_is_noticed(fleet: Fleet, tmp_path: Path) -> None:
    class Forgetful(FakeRouter):
        def load(self, candidate: str) -> None:
            super().load(candidate.replace("vrf vpn7\n", ""))

    fleet.routers["gz-pe-2"] = Forgetful("gz-pe-2", fleet.routers["gz-pe-2"].running_text)
    orders = _orders(fleet)
    results = {result.target: result for result in _push(fleet, tmp_path, orders)}
    assert "ZY-NET-015" in results["gz-pe-2"].message
    assert _as_before(fleet, orders)


def test_a_router_that_is_cut_off_is_waited_for(fleet: Fleet, tmp_path: Path) -> None:
    """The push cuts a router off; it comes back by its timer; the others are taken back at once."""
    lost = fleet.routers["gd-pe-1"]
    lost.cut_by = "vrf vpn7"
    orders = _orders(fleet)
    said: list[str] = []

    def beat(line: str) -> None:
        said.append(line)
        if "waiting for its timer" in line:
            lost.expire()

    bounds = Bounds(trial=5, settle=5.0, spare=0.0, poll=0.0)
    results = {r.target: r for r in Push(orders, fleet.connect, Backups(tmp_path), beat, bounds).run()}
    assert "its own timer restored it" in results["gd-pe-1"].message
    assert "as before" in results["gz-pe-1"].message
    assert any("waiting for its timer" in line for line in said)
    assert _as_before(fleet, orders)


def test_a_router_that_never_comes_back_is_said_so(fleet: Fleet, tmp_path: Path) -> None:
    fleet.routers["gd-pe-1"].cut_by = "vrf vpn7"
    results = {
        r.target: r
        for r in Push(
            _orders(fleet), fleet.connect, Backups(tmp_path), lambda _line: None, Bounds(0, 0.0, 0.0, 0.0)
        ).run()
    }
    assert "not seen again in time" in results["gd-pe-1"].message


def test_a_failed_confirm_brings_confirmed_routers_back_from_their_copies(fleet: Fleet, tmp_path: Path) -> None:
    class TooLate(FakeRouter):
        def confirm(self) -> None:
            self.expire()
            raise ZyError("ZY-NET-019", "no trial is pending", place=Place(target=self.name), fix="push again")

    fleet.routers["gz-pe-2"] = TooLate("gz-pe-2", fleet.routers["gz-pe-2"].running_text)
    orders = _orders(fleet)
    results = {result.target: result for result in _push(fleet, tmp_path, orders)}
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
    assert "from the copy" in results["gd-pe-1"].message
    assert _as_before(fleet, orders)
    assert digest(fleet.routers["gd-pe-1"].saved) == orders[0].base, "a restart must not bring the push back"


def test_a_timer_that_ran_out_before_the_confirmation_is_said_so(fleet: Fleet, tmp_path: Path) -> None:
    """It is proven in time, and restores itself just before it would be confirmed."""

    class Impatient(FakeRouter):
        def live(self) -> Expected:
            self.expire()
            return super().live()

    fleet.routers["gz-pe-2"] = Impatient("gz-pe-2", fleet.routers["gz-pe-2"].running_text)
    orders = _orders(fleet)
    results = {result.target: result for result in _push(fleet, tmp_path, orders)}
    assert "ZY-NET-017" in results["gz-pe-2"].message
    assert _as_before(fleet, orders)


@pytest.mark.parametrize("fatal", ["look", "arm", "load", "prove", "confirm"])
def test_killed_in_any_phase_then_called_again(fleet: Fleet, tmp_path: Path, fatal: str) -> None:
    orders = _orders(fleet)
    push = Push(orders, fleet.connect, Backups(tmp_path), _dies_in(fatal), QUICK)
    push._take_back = lambda: ("", {})  # type: ignore[method-assign] # a killed process runs no handler
    with pytest.raises(Killed):
        push.run()
    results = _push(fleet, tmp_path, orders)
    assert {result.outcome for result in results} <= {Outcome.CHANGED, Outcome.UNCHANGED}
    assert _changed(fleet, orders)


def _dies_in(phase: str) -> Beat:
    def beat(line: str) -> None:
        if line.endswith(phase):
            raise Killed

    return beat


def test_a_half_loaded_router_is_taken_back_before_it_is_loaded_again(fleet: Fleet, tmp_path: Path) -> None:
    orders = _orders(fleet)
    half = fleet.routers["gz-pe-1"]
    half.arm(60)
    half.running_text += "vrf half\nexit-vrf\n"
    assert {result.outcome for result in _push(fleet, tmp_path, orders)} == {Outcome.CHANGED}
    assert "abort" in half.log
    assert _changed(fleet, orders)


def test_a_cancelled_push_leaves_nothing_on_trial(fleet: Fleet, tmp_path: Path) -> None:
    """`beat` may raise to cancel; from then on it is not listened to until every router is as before."""
    orders = _orders(fleet)
    with pytest.raises(Killed):
        Push(orders, fleet.connect, Backups(tmp_path), _dies_in("load"), QUICK).run()
    assert _as_before(fleet, orders)
