"""Topologies that cannot be built are refused whole, each mistake with its code."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface

import pytest

from lab.routers.sample import NETWORK, topology
from lab.routers.spec import CableSpec, PortSpec, Topology, validate
from province.errors import ZyErrors

GOOD = topology()


def codes(wrong: Topology) -> list[str]:
    with pytest.raises(ZyErrors) as caught:
        validate(wrong, NETWORK)
    return [error.code for error in caught.value.errors]


def test_the_sample_is_valid() -> None:
    validate(GOOD, NETWORK)


@pytest.mark.parametrize("name", ["", "1st", "Über", "a b", "x" * 32])
def test_bad_names(name: str) -> None:
    (end, *rest) = GOOD.ends
    assert codes(replace(GOOD, ends=(replace(end, name=name), *rest))) == ["ZY-LAB-301"]


def test_an_end_system_with_a_routers_name() -> None:
    (end, *rest) = GOOD.ends
    assert codes(replace(GOOD, ends=(replace(end, name="gd-pe-1"), *rest))) == ["ZY-LAB-301"]


@pytest.mark.parametrize("port", ["mgmt", "lo", "sr0", "management", "Eth1", "x" * 16])
def test_bad_port_names(port: str) -> None:
    (first, *rest) = GOOD.routers
    wrong = replace(first, ports=(*first.ports, PortSpec(port)))
    assert codes(replace(GOOD, routers=(wrong, *rest))) == ["ZY-LAB-302"]


def test_a_cable_to_a_port_that_is_not_there() -> None:
    assert codes(replace(GOOD, cables=(*GOOD.cables, CableSpec("gd-pe-1", "eth9", "gd-pe-9", "eth1")))) == [
        "ZY-LAB-302",
        "ZY-LAB-302",
    ]


def test_a_port_with_two_cables() -> None:
    assert codes(replace(GOOD, cables=(*GOOD.cables, CableSpec("gd-pe-1", "eth1", "gd-pe-1", "lan0")))) == [
        "ZY-LAB-302",  # eth1: the cable that is there
        "ZY-LAB-302",  # lan0: the end system
    ]


def test_a_management_address_elsewhere() -> None:
    (first, *rest) = GOOD.routers
    wrong = replace(first, management4=IPv4Interface("10.99.9.11/24"), management6=IPv6Interface("fd99:9::11/64"))
    assert codes(replace(GOOD, routers=(wrong, *rest))) == ["ZY-LAB-303", "ZY-LAB-303"]


@pytest.mark.parametrize("taken", ["10.99.1.1/24", "10.99.1.12/24", "10.99.1.254/24"])
def test_a_management_address_of_the_gateway_a_router_or_the_guest(taken: str) -> None:
    (first, *rest) = GOOD.routers
    wrong = replace(first, management4=IPv4Interface(taken))
    assert codes(replace(GOOD, routers=(wrong, *rest))) == ["ZY-LAB-303"]


@pytest.mark.parametrize("gateway", ["10.64.0.10", "10.65.0.1"])
def test_a_gateway_that_is_the_end_system_itself_or_elsewhere(gateway: str) -> None:
    (end, *rest) = GOOD.ends
    assert codes(replace(GOOD, ends=(replace(end, gateway4=IPv4Address(gateway)), *rest))) == ["ZY-LAB-304"]


def test_all_mistakes_are_told_at_once() -> None:
    (end, *ends) = GOOD.ends
    wrong = replace(
        GOOD,
        cables=(*GOOD.cables, CableSpec("gd-pe-1", "eth9", "gd-pe-2", "lan0")),
        ends=(replace(end, name="No", gateway4=end.ipv4.ip), *ends),
    )
    assert codes(wrong) == ["ZY-LAB-301", "ZY-LAB-302", "ZY-LAB-302", "ZY-LAB-304"]
