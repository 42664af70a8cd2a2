"""The Comware 7 platform over simulated routers: no candidate, a timer that does not speak, one line at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.routers.simulator.dialect import COMWARE7
from lab.routers.simulator.faults import Blow
from network.diff import same
from province.errors import ZyError
from province.record import Outcome
from tests.unit.network.simulated import Simulated, simulated

NEW = """\
interface GigabitEthernet0/1/1
 description to the far end
 ip address 10.0.1.1 30
 isis enable 1
ip vpn-instance zsj
 route-distinguisher 10.127.0.1:100
 vpn-target 64900:100 export-extcommunity
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Simulated]:
    with simulated(tmp_path, 2, COMWARE7) as found:
        yield found


def test_a_push_ends_as_planned_saved_and_without_a_trace(world: Simulated) -> None:
    orders = [world.order(name, NEW) for name in world.devices]
    assert {result.outcome for result in world.push(orders).values()} == {Outcome.CHANGED}
    assert all(same(world.running(order.router), order.candidate) for order in orders)
    router = world.device("r1")
    assert router.saved == router.running
    assert router.files == {}
    assert router.trial is None


def test_a_change_on_trial_is_found_by_the_next_session(world: Simulated) -> None:
    order = world.order("r1", NEW, sysname="other-name")
    with world.connect("r1") as device:
        device.arm(90)
        device.load(order.candidate)
    world.now += 30
    with world.connect("r1") as device:
        assert device.trial() == 90.0, "two minutes were asked for, half a minute is over"
        device.abort()
        assert device.trial() is None
    assert world.as_before([order])
    assert world.device("r1").name == "r1"


def test_a_timer_that_ran_out_is_no_trial(world: Simulated) -> None:
    order = world.order("r1", NEW)
    with world.connect("r1") as device:
        device.arm(60)
        device.load(order.candidate)
    world.now += 60
    assert world.as_before([order])
    assert world.device("r1").files == {}


def test_a_rejected_line_stops_the_entering_there(world: Simulated) -> None:
    orders = [world.order("r1", NEW.replace("isis enable 1", "isis enabel 1")), world.order("r2", NEW)]
    results = world.push(orders)
    assert "line 4 `isis enabel 1`: % Unrecognized command" in results["r1"].message
    assert world.as_before(orders)


def test_a_router_that_drops_in_the_middle_leaves_all_as_before(world: Simulated) -> None:
    orders = [world.order(name, NEW) for name in world.devices]
    world.strike("r2", "ip address 10.0.1.1 30", Blow.DROP)
    results = world.push(orders)
    world.faulty("r2")
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
    assert world.as_before(orders)


def test_state_is_read_and_what_is_down_is_not(world: Simulated) -> None:
    with world.connect("r1") as device:
        live = device.live()
        assert "GigabitEthernet0/1/0" in live.adjacencies
        assert live.sessions == ("vpnv4 fd44:1::1", "vpnv6 fd44:1::1")
    world.faulty("r1", down=frozenset({"GigabitEthernet0/1/0", "fd44:1::1"}))
    with world.connect("r1") as device:
        assert (device.live().adjacencies, device.live().sessions) == ((), ())


def test_nothing_of_ours_is_nothing_to_abort(world: Simulated) -> None:
    with world.connect("r1") as device, pytest.raises(ZyError, match="ZY-NET-064"):
        device.abort()
