"""Pushes to simulated VRP8 routers: all as planned, or all as before. More: tests/faults/test_push_simulated.py."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.routers.simulator.faults import Blow
from network.change import Bounds
from network.diff import same
from province.record import Outcome
from tests.unit.network.simulated import IMPATIENT, NEW, Simulated, simulated


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Simulated]:
    with simulated(tmp_path) as found:
        yield found


def test_a_push_ends_as_planned_and_saved(world: Simulated) -> None:
    orders = world.orders()
    assert {result.outcome for result in world.push(orders).values()} == {Outcome.CHANGED}
    assert all(same(world.running(order.router), order.candidate) for order in orders)
    assert all(world.device(name).saved == world.device(name).running for name in world.devices)
    assert {result.outcome for result in world.push(orders).values()} == {Outcome.UNCHANGED}


def test_a_rejected_line_in_the_middle_is_named_and_takes_all_back(world: Simulated) -> None:
    orders = [world.order(name, NEW.replace("isis enable 1", "isis enabel 1")) for name in ("r1",)]
    orders += [world.order(name) for name in ("r2", "r3")]
    results = world.push(orders)
    assert "line 4 `isis enabel 1`: Error: Unrecognized command" in results["r1"].message
    assert world.as_before(orders)


def test_a_commit_lock_of_others_takes_all_back(world: Simulated) -> None:
    orders = world.orders()
    world.faulty("r3", locked_by="netconf-user")
    results = world.push(orders)
    assert "ZY-NET-060" in results["r3"].message
    assert world.as_before(orders)


def test_a_change_by_hand_since_the_plan_is_refused(world: Simulated) -> None:
    orders = world.orders()
    running = world.device("r2").running
    running["mpls"] = {}
    results = world.push(orders)
    assert "ZY-NET-014" in results["r2"].message
    assert "nothing was pushed" in results["r1"].message
    assert "mpls" in world.running("r2")


def test_a_full_disk_takes_all_back(world: Simulated) -> None:
    """The change runs and is confirmed; it cannot be saved, so a restart would forget it."""
    orders = world.orders()
    world.strike("r2", "save", Blow.REFUSE, "Error: There is not enough space on the device.")
    results = world.push(orders)
    assert "not enough space" in results["r2"].message
    assert world.as_before(orders)


def test_neighbours_that_take_a_while_are_waited_for(world: Simulated) -> None:
    orders = world.orders()
    world.faulty("r2", settles=30.0)
    patient = Bounds(trial=60, settle=30.0, spare=0.0, poll=0.02)
    assert {result.outcome for result in world.push(orders, patient, proving=16.0).values()} == {Outcome.CHANGED}
    assert world.now > 1030, "the other two were proven long before"


def test_a_neighbour_that_stays_down_takes_all_back(world: Simulated) -> None:
    orders = world.orders()
    world.faulty("r2", down=frozenset({"GigabitEthernet0/1/1"}))
    results = world.push(orders)
    assert "IS-IS neighbour at GigabitEthernet0/1/1" in results["r2"].message
    assert world.as_before(orders)


def test_a_push_that_cuts_management_is_taken_back_by_the_device(world: Simulated) -> None:
    orders = world.orders()
    world.faulty("r2", cuts="description to the far end")
    results = world.push(orders)
    assert "its own timer restored it" in results["r2"].message
    assert world.as_before(orders)


def test_a_new_name_changes_prompts_and_nothing_else(world: Simulated) -> None:
    orders = [world.order(name, sysname=f"core-{name}") for name in world.devices]
    assert {result.outcome for result in world.push(orders).values()} == {Outcome.CHANGED}
    assert world.device("r1").name == "core-r1"


def test_no_secret_is_in_logs_errors_plans_or_copies(
    world: Simulated, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The router's own secrets, as it shows them, with paramiko and netmiko at their most talkative."""
    caplog.set_level(logging.DEBUG)
    secret = "$1c$sample-not-a-secret$"
    orders = world.orders()
    world.strike("r2", "commit trial.*", Blow.HANG)
    world.patience = IMPATIENT
    texts = [order.model_dump_json() for order in orders]
    texts += [str(result) for result in world.push(orders).values()]
    texts += [path.read_text(encoding="utf-8") for path in (world.access.folder / "backups").rglob("*.conf")]
    texts += [caplog.text, *capfd.readouterr()]
    assert secret in "".join(world.device("r1").running["aaa"]), "the router has it, so it could have leaked"
    assert len("".join(texts)) > 1000
    assert not [text for text in texts if secret in text]
