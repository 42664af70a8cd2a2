"""Allocations never change, never collide, and say so when they are missing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from province.addressing import allocate
from province.errors import ZyError
from province.province import Province

keys = st.lists(st.sampled_from("abcdefghijklmnop"), unique=True)


@given(first=keys, second=keys)
def test_what_was_given_stays_whatever_is_added_removed_or_reordered(first: list[str], second: list[str]) -> None:
    before = allocate({"lan": first}, {})
    after = allocate({"lan": second}, before)
    assert {key: after["lan"][key] for key in first} == before["lan"]


@given(first=keys, second=keys)
def test_no_two_keys_share_a_slot(first: list[str], second: list[str]) -> None:
    slots = allocate({"lan": second}, allocate({"lan": first}, {}))["lan"]
    assert len(set(slots.values())) == len(slots)


@given(order=st.permutations(["a", "b", "c", "d"]))
def test_order_in_files_means_nothing(order: list[str]) -> None:
    assert allocate({"lan": order}, {}) == allocate({"lan": sorted(order)}, {})


def test_a_removed_key_keeps_its_slot() -> None:
    """Or else a stale firewall rule elsewhere would open a path for whoever gets the address next."""
    assert allocate({"lan": ["b"]}, {"lan": {"a": 0}}) == {"lan": {"a": 0, "b": 1}}


def test_all_prefixes_of_the_lab_lie_in_their_pools_and_apart(lab: Province) -> None:
    addresses = lab.addresses
    networks = {("lan", lan): addresses.lan(lan) for lan in lab.lans}
    networks |= {("system", system): addresses.system(system) for system in lab.systems}
    networks |= {("zone", f"{r}/{z}"): addresses.zone(r, z) for r in lab.regions for z in lab.regions[r].zones}
    for (pool, _), network in networks.items():
        base4, base6 = addresses.pool(pool)
        assert base4 is not None
        assert network.ipv4.subnet_of(base4)
        assert network.ipv6.subnet_of(base6)
    for one, other in itertools.combinations(networks.values(), 2):
        assert not one.ipv4.overlaps(other.ipv4)
        assert not one.ipv6.overlaps(other.ipv6)


def test_both_ends_of_a_link_share_one_prefix(lab: Province) -> None:
    for link in lab.links:
        a, b = lab.addresses.link(link)
        assert a.ipv4.network == b.ipv4.network
        assert a.ipv6.network == b.ipv6.network
        assert (int(b.ipv4.ip) - int(a.ipv4.ip), int(b.ipv6.ip) - int(a.ipv6.ip)) == (1, 1)


def test_management_leaves_room_for_gateways(lab: Province) -> None:
    """The first eleven addresses are kept back, and the prefix length is the subnet's."""
    lowest = min(lab.addresses.host(host).ipv4 for host in lab.hosts)
    assert str(lowest) == "10.99.0.11/24"


def test_an_address_that_was_never_given_is_an_error(lab: Province) -> None:
    with pytest.raises(ZyError, match="ZY-INV-030"):
        lab.addresses.lan("not-there")
