"""Pushes to simulated VRP8 and Comware routers that break at every step, and pushing processes that are killed.

No lab is needed: the routers are simulated, behind real ssh on addresses of the loopback.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.routers.simulator.dialect import COMWARE7
from lab.routers.simulator.faults import Blow
from network.backup import Backups
from network.change import Order, Push
from network.diff import same
from network.platforms import Session
from network.platforms.hosts import Hosts
from network.platforms.vrp import VrpRouter
from province.record import Outcome
from tests.unit.network.simulated import BOUNDS, IMPATIENT, PATIENT, Simulated, simulated
from tests.unit.network.test_comware import NEW as COMWARE_LINES

STEPS = (
    "display current-configuration",
    "interface GigabitEthernet0/1/1",
    "commit trial.*",
    "commit persist.*",
    "save",
)
BLOWS = (Blow.DROP, Blow.DROP_AFTER, Blow.HANG, Blow.REBOOT)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Simulated]:
    with simulated(tmp_path) as found:
        yield found


@pytest.mark.parametrize("blow", BLOWS)
@pytest.mark.parametrize("step", STEPS)
def test_a_router_that_breaks_at_any_step_leaves_all_as_before(world: Simulated, step: str, blow: Blow) -> None:
    """Or all as planned, where the blow came after the last word. Never some so and some otherwise."""
    orders = world.orders()
    for name in world.devices:
        world.device(name).saved = world.device(name).running
    world.strike("r2", step, blow)
    world.patience = IMPATIENT if blow is Blow.HANG else PATIENT
    results = world.push(orders)
    world.patience = PATIENT
    world.faulty("r2")
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
    assert any(code in results["r2"].message for code in ("ZY-NET-061", "ZY-NET-062", "ZY-NET-010"))
    assert world.as_before(orders)


@pytest.mark.parametrize(
    ("faults", "code"),
    [({"strangers": 21}, "ZY-NET-063"), ({"other_key": True}, "ZY-NET-011"), ({"aaa_seconds": 60.0}, "ZY-NET-01")],
)
def test_a_router_that_lets_nobody_in_stops_the_push(world: Simulated, faults: dict[str, object], code: str) -> None:
    orders = world.orders()
    world.faulty("r2", **faults)
    world.patience = IMPATIENT
    results = world.push(orders)
    world.patience = PATIENT
    world.faulty("r2")
    assert code in results["r2"].message
    assert world.as_before(orders)


@pytest.mark.parametrize("step", ["configuration commit delay 1", "ip address 10.0.1.1 30", "configuration commit"])
@pytest.mark.parametrize("blow", [Blow.DROP, Blow.DROP_AFTER, Blow.REBOOT])
def test_a_comware_router_that_breaks_leaves_all_as_before(tmp_path: Path, step: str, blow: Blow) -> None:
    with simulated(tmp_path, 2, COMWARE7) as world:
        orders = [world.order(name, COMWARE_LINES) for name in world.devices]
        world.strike("r2", step, blow)
        results = world.push(orders)
        world.faulty("r2")
        assert {result.outcome for result in results.values()} == {Outcome.FAILED}
        assert world.as_before(orders)


@pytest.mark.parametrize("beats", [1, 3, 4, 5, 6, 8, 9, 10, 12, 14])
def test_a_killed_push_is_finished_by_the_next(world: Simulated, beats: int) -> None:
    """SIGKILL of another process at its n-th word; then the same orders again."""
    orders = world.orders()
    told = world.access.folder / "orders.jsonl"
    told.write_text("".join(order.model_dump_json() + "\n" for order in orders), encoding="utf-8")
    command = [sys.executable, __file__, str(world.access.ssh_config), str(told), str(beats)]
    repository = str(Path(__file__).parents[2])
    pushed = subprocess.run(command, env=os.environ | {"PYTHONPATH": repository}, check=False, timeout=60)
    assert pushed.returncode == -signal.SIGKILL
    results = world.push(orders)
    assert {result.outcome for result in results.values()} <= {Outcome.CHANGED, Outcome.UNCHANGED}
    assert all(same(world.running(order.router), order.candidate) for order in orders)


def _push_until_killed(ssh_config: Path, told: Path, beats: int) -> None:
    hosts, left = Hosts(ssh_config), [beats]

    def beat(_line: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    orders = [Order.model_validate_json(line) for line in told.read_text(encoding="utf-8").splitlines()]
    backups = Backups(told.parent / "backups")
    Push(orders, lambda router: Session(VrpRouter(router, hosts)), backups, beat, BOUNDS).run()


if __name__ == "__main__":
    _push_until_killed(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
