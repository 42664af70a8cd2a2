"""Bringing services up: order, repair, and what is said when it fails. Small real processes stand for the services."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from graphlib import CycleError
from pathlib import Path

import pytest

from lab.openstack import probe
from lab.openstack.passwords import Passwords
from lab.openstack.service import Service, bring_up, order
from lab.openstack.services import services
from lab.openstack.spec import Spec
from lab.process import Process, stop_all
from province.errors import ZyError

ENV = {"PATH": os.environ["PATH"]}
Make = Callable[..., Service]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Service] = []

    def one(
        name: str, *needs: str, argv: tuple[str, ...] = ("sleep", "600"), ready: probe.Probe = probe.running
    ) -> Service:
        process = Process(name, tmp_path / "run", tmp_path / "log" / name)
        made.append(Service(process=process, argv=argv, env=ENV, ready=ready, needs=needs))
        return made[-1]

    yield one
    stop_all([service.process for service in made], grace=0)


def silent(_: str) -> None:
    pass


def test_all_needs_of_the_lab_exist_and_come_first() -> None:
    listed = services(Spec(Path("/h"), Path("/p")), Passwords("a", "s", "r", "n", "k"))
    names = [service.name for service in listed]
    assert len(set(names)) == len(names)
    sequence = order(listed)
    assert sorted(sequence) == sorted(names), "a need that no service fulfils"
    for service in listed:
        assert all(sequence.index(need) < sequence.index(service.name) for need in service.needs)
    assert len([name for name in names if "-compute-" in name]) == 4, "two hosts in each region, for anti-affinity"


def test_sockets_of_a_dead_agent_are_not_taken_for_living_ones(tmp_path: Path) -> None:
    spec = Spec(tmp_path, Path("/p"))
    listed = {service.name: service for service in services(spec, Passwords("a", "s", "r", "n", "k"))}
    agent, other = listed["gd-octavia-agent"], listed["gz-octavia-agent"]
    run = tmp_path / "gd" / "octavia"
    run.mkdir(parents=True)
    for name in ("status", "stats", "get"):
        (run / f"{name}.sock").touch()
    assert agent.ready() is None
    agent.before()
    assert agent.ready() is not None
    assert agent.env["ZY_OCTAVIA_RUN"] == str(run) != other.env["ZY_OCTAVIA_RUN"]
    assert listed["gd-octavia"].env["ZY_OCTAVIA_RUN"] == str(run), "the API and its agent meet"


def test_a_cycle_is_refused(make: Make) -> None:
    with pytest.raises(CycleError):
        order([make("a", "b"), make("b", "a")])


def test_a_service_waits_for_what_it_needs(make: Make) -> None:
    events: list[str] = []
    first = replace(make("first"), before=lambda: events.append("first"), after=lambda: events.append("first ready"))
    second = replace(make("second", "first"), before=lambda: events.append("second"))
    assert bring_up([second, first], silent) == ["first", "second"]
    assert events == ["first", "first ready", "second"]


def test_only_what_is_missing_is_started(make: Make) -> None:
    all_three = [make("a"), make("b", "a"), make("c", "b")]
    bring_up(all_three, silent)
    before = [service.process.identity() for service in all_three]
    all_three[1].process.stop(grace=0)  # returns once it is dead, which a bare SIGKILL does not
    assert bring_up(all_three, silent) == ["b"]
    after = [service.process.identity() for service in all_three]
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] not in (None, before[1])


def test_a_service_that_dies_is_named_with_its_log(make: Make) -> None:
    dying = make("dying", argv=("sh", "-c", "echo no such database >&2; exit 3"), ready=lambda: "not yet")
    waiting = make("waiting", ready=lambda: "never")
    with pytest.raises(ZyError, match="ZY-LAB-121: dying died") as caught:
        bring_up([waiting, dying], silent)
    assert "no such database" in caught.value.message
    assert caught.value.place.target == "dying"


def test_a_service_that_never_gets_ready_is_named(make: Make) -> None:
    slow = replace(make("slow", ready=lambda: "it still loads"), within=0.0)
    with pytest.raises(ZyError, match="ZY-LAB-122") as caught:
        bring_up([slow], silent)
    assert "it still loads" in caught.value.message


def test_a_port_of_somebody_else_is_named(make: Make) -> None:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        with pytest.raises(ZyError, match="ZY-LAB-120") as caught:
            bring_up([replace(make("web"), port=port)], silent)
        assert str(port) in caught.value.message


def test_probes_tell_what_is_missing(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert probe.tcp(port)() is not None
        assert probe.api(port)() is not None
        server.listen()
        assert probe.tcp(port)() is None
    assert probe.unix(tmp_path / "none.sock")() is not None
    assert probe.command("true")() is None
    assert probe.command("sh", "-c", "echo broken >&2; exit 1")() == "broken"
    log = tmp_path / "log"
    assert probe.said(log, "ready")() is not None
    log.write_text("now ready")
    assert probe.said(log, "ready")() is None
