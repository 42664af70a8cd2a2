"""Pushes that go wrong, on real routers: cut off, killed, rejected. Whatever happens, no router stays half changed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.change import Bounds, Order
from network.room import NetworkRoom
from province.record import Outcome, RoomName, RoomPlan, Step
from tests.lab.routers_of_the_inventory import PROVINCE, Net, apply, bare_routers, others

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    with bare_routers(tmp_path_factory.mktemp("network"), "zy-test-push") as found:
        yield found


def _with(plan: RoomPlan, router: str, lines: str) -> RoomPlan:
    """The plan with more lines in one router's candidate, as no plan of ours would have."""
    orders = dict(plan.payload["orders"])
    order = Order.model_validate(orders[router])
    more = order.model_copy(update={"candidate": order.candidate + lines})
    return plan.model_copy(update={"payload": {"orders": {**orders, router: more.model_dump(mode="json")}}})


def test_an_invalid_line_is_named_and_every_router_stays_as_it_was(net: Net) -> None:
    before = net.running()
    results = {r.target: r for r in apply(net.room, _with(net.room.plan(()), "gz-pe-2", "ip bananas 10.0.0.0/8\n"))}
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
    assert "ZY-NET-013" in results["gz-pe-2"].message
    assert "`ip bananas 10.0.0.0/8`: Unknown command" in results["gz-pe-2"].message
    assert "gz-pe-2 failed" in results["gd-pe-1"].message
    assert net.running() == before


def test_a_line_that_a_daemon_refuses_takes_all_routers_back(net: Net) -> None:
    """The parser takes it; bgpd does not, when other lines are running already."""
    before = net.running()
    bad = "router bgp 64999 vrf nowhere\n neighbor 10.0.0.1 activate\nexit\n"
    results = {r.target: r for r in apply(net.room, _with(net.room.plan(()), "gz-ce-gat", bad))}
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
    assert "ZY-NET-013" in results["gz-ce-gat"].message
    assert net.running() == before


def test_a_push_that_cuts_management_comes_back_by_itself(net: Net) -> None:
    """The candidate shuts the router's own management port: only its timer can help, and does."""
    before = net.running()
    room = net.with_bounds(Bounds(trial=60, settle=90.0))
    plan = room.plan(("gz-ce-zsj",))
    cut = _with(plan, "gz-ce-zsj", "interface mgmt\n shutdown\nexit\n")
    (result,) = apply(room, cut)
    assert result.outcome is Outcome.FAILED
    assert "its own timer restored it" in result.message
    assert net.running() == before
    assert net.on("gz-ce-zsj", "sudo -n zy-confirm status").split()[0] != "pending"


@pytest.mark.parametrize("phase", ["arm", "load", "confirm"])
def test_a_push_that_is_killed_is_finished_by_the_next_one(net: Net, phase: str, tmp_path: Path) -> None:
    """SIGKILL when the first router has done ``phase``; the same plan, applied again, ends where it should."""
    net.rack.reset(print)
    room = net.with_bounds(Bounds(trial=240, settle=90.0))
    plan = room.plan(())
    (tmp_path / "plan.json").write_text(plan.model_dump_json(), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, __file__, str(net.ssh_config), str(net.state), str(tmp_path / "plan.json")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.rstrip().endswith(f": {phase}"):
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait(60) == -signal.SIGKILL, "it ended before it could be killed"
    assert others(apply(room, plan), Outcome.CHANGED, Outcome.UNCHANGED) == []
    assert net.room.plan(()).actions == ()
    assert all("pending" not in net.on(router, "sudo -n zy-confirm status") for router in PROVINCE.routers)


def _child(ssh_config: str, state: str, plan_file: str) -> None:
    """The push that will be killed: says each beat at once."""
    room = NetworkRoom(PROVINCE, Path(ssh_config), Path(state), Bounds(trial=240, settle=90.0))
    plan = RoomPlan.model_validate_json(Path(plan_file).read_text(encoding="utf-8"))
    assert plan.room is RoomName.NETWORK
    step: Step = plan.waves[0][0]
    room.apply(plan, step, lambda line: print(line, flush=True))


if __name__ == "__main__":
    _child(*sys.argv[1:])
