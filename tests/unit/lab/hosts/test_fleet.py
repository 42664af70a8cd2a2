"""lab.hosts: specs judged, hosts found by name, states told without a running lab."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

import pytest

from lab.guest.guest import Parts
from lab.guest.network import Network
from lab.hosts.fleet import Fleet, State, _each
from lab.hosts.spec import HostSpec, validate
from province.errors import ZyError, ZyErrors

NETWORK = Network("zy-unit", IPv4Interface("10.99.0.1/24"), IPv6Interface("fd99::1/64"))
APP = HostSpec("gd-app-1", IPv4Interface("10.99.0.11/24"), IPv6Interface("fd99::11/64"))
LOG = HostSpec("gd-log-1", IPv4Interface("10.99.0.13/24"), IPv6Interface("fd99::13/64"))


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "lab", NETWORK, Parts(tmp_path / "kernel", tmp_path / "image"), (APP, LOG))


def test_good_specs_pass() -> None:
    validate([APP, LOG], NETWORK)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(APP, name="GD App"), "'GD App' is no host name"),
        (replace(APP, name="app-"), "'app-' is no host name"),
        (replace(APP, name="../app"), "'../app' is no host name"),
        (replace(APP, ipv4=IPv4Interface("10.98.0.11/24")), "10.98.0.11/24 does not lie in"),
        (replace(APP, ipv4=IPv4Interface("10.99.0.11/16")), "10.99.0.11/16 does not lie in"),
        (replace(APP, ipv6=IPv6Interface("fd98::11/64")), "fd98::11/64 does not lie in"),
        (replace(APP, ipv4=IPv4Interface("10.99.0.1/24")), "10.99.0.1 is already that of the gateway"),
        (replace(APP, memory_mib=64), "64 MiB of memory"),
    ],
)
def test_a_wrong_spec_is_named(wrong: HostSpec, says: str) -> None:
    with pytest.raises(ZyErrors) as caught:
        validate([wrong, LOG], NETWORK)
    (error,) = caught.value.errors
    assert error.code == "ZY-LAB-204"
    assert says in error.message
    assert error.place.target == wrong.name


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(ZyErrors) as caught:
        validate([APP, replace(APP, memory_mib=1)], NETWORK)
    messages = [error.message for error in caught.value.errors]
    assert len(messages) == 4
    assert sum("is already that of gd-app-1" in message for message in messages) == 3


def test_unknown_host_is_answered_with_those_that_exist(fleet: Fleet) -> None:
    assert fleet.spec("gd-log-1") == LOG
    with pytest.raises(ZyError, match="no host gd-lgo-1") as caught:
        fleet.shell("gd-lgo-1")
    assert caught.value.code == "ZY-LAB-208"
    assert "gd-app-1, gd-log-1" in caught.value.fix


def test_up_without_parts_touches_nothing(fleet: Fleet) -> None:
    with pytest.raises(ZyError, match="ZY-LAB-209"):
        fleet.up(print)
    assert not fleet.home.exists()


def test_stopped_hosts_are_told_with_the_next_command(fleet: Fleet) -> None:
    found = fleet.status()
    assert [(status.name, status.state) for status in found] == [
        ("gd-app-1", State.STOPPED),
        ("gd-log-1", State.STOPPED),
    ]
    assert found[0].sentence == "gd-app-1 does not run."
    assert found[0].next_command == "zy lab up"


def test_down_of_a_lab_that_never_ran_does_nothing(fleet: Fleet) -> None:
    said: list[str] = []
    fleet.down(said.append)
    assert said == []


def test_host_keys_and_addresses_reach_the_seed(fleet: Fleet) -> None:
    (fleet.home).mkdir()
    seed = fleet.seed(APP)
    assert b"Address=10.99.0.11/24" in seed
    assert b"Address=fd99::11/64" in seed
    assert b"Gateway=fd99::1\n" in seed
    assert (fleet.guest(APP).folder / "host_key").read_bytes() in seed
    assert fleet.access.key.read_bytes() not in seed  # the key that logs in stays outside
    assert fleet.seed(APP) == seed


def test_one_failure_hides_no_other_and_stops_nobody() -> None:
    done: list[int] = []

    def act(number: int) -> None:
        if number < 3:
            raise ZyError("ZY-LAB-205", f"host {number}", fix="none")
        done.append(number)

    with pytest.raises(ZyErrors) as caught:
        _each([1, 2, 3, 4], act)
    assert [error.message for error in caught.value.errors] == ["host 1", "host 2"]
    assert sorted(done) == [3, 4]


def test_a_mistake_of_ours_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        _each([0], lambda number: print(1 // number))
