"""What was rendered is read back as what was intended: on every platform, for every router, and for made-up ones."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._extranet import PORTS
from network.intent import Core, CorePeer, EdgePeer, Interface, RouterIntent, Vrf, intents
from network.parse.reading import parse, readable
from network.render import render
from province.addressing import DualNetwork
from province.extranet import Platform
from province.province import Province
from tests.unit.network.relabel import relabelled, special


@pytest.mark.parametrize("platform", list(Platform))
def test_every_router_of_the_lab(province: Province, platform: Platform) -> None:
    for one in (province, special(province)):
        for name, intent in intents(relabelled(one, platform)).items():
            assert parse(render(intent), platform, name).intent == readable(intent)


@pytest.mark.parametrize("platform", list(Platform))
def test_places_are_those_of_the_lines(province: Province, platform: Platform) -> None:
    intent = intents(relabelled(province, platform))["gz-pe-1"]
    text = render(intent).splitlines()
    text = [f"{before} {line}" for before, line in zip(["", *text], text, strict=False)]  # IOS-XR: name, then AS
    reading = parse(render(intent), platform, "gz-pe-1")
    assert reading.file == "gz-pe-1.conf"
    port = next(one.name for one in intent.interfaces if one.vrf)
    assert port in text[reading.lines[f"interface {port}"] - 1]
    assert "vpn102" in text[reading.lines["vrf vpn102"] - 1]
    assert "100.64.0.7" in text[reading.lines["peer vpn102 100.64.0.7"] - 1]
    assert "fd44:1::1" in text[reading.lines["peer fd44:1::1"] - 1].lower()
    assert "fd45:0:3::" in text[reading.lines["locator"] - 1].lower()


_names = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)


def _network(slot: int) -> DualNetwork:
    return DualNetwork(IPv4Network(((10 << 24) + (slot << 8), 24)), IPv6Network(((0xFD44 << 112) + (slot << 64), 64)))


def _ends(slot: int) -> tuple[IPv4Interface, IPv6Interface]:
    base4, base6 = (100 << 24) + (64 << 16) + 2 * slot, (0xFD46 << 112) + 2 * slot
    return IPv4Interface((base4, 31)), IPv6Interface((base6, 127))


_lists = st.lists(st.integers(0, 60_000), max_size=3, unique=True).map(
    lambda slots: tuple(_network(slot) for slot in sorted(slots))
)


@st.composite
def provider(draw: st.DrawFn) -> RouterIntent:
    """A provider router with any number of core links, neighbours in the core, VPNs and CEs."""
    number, asn = draw(st.integers(1, 60_000)), draw(st.integers(1, 4_294_967_295))
    router_id, loopback = IPv4Address((10 << 24) + number), IPv6Address((0xFD44_0001 << 96) + number)
    ports = iter(range(1, 40))
    lo = Interface("lo", "loopback r", IPv4Interface(router_id), IPv6Interface(loopback), None, 0, passive=True)
    interfaces = [lo]
    for metric in draw(st.lists(st.integers(1, 16_777_214), max_size=3)):
        n = next(ports)
        interfaces.append(Interface(f"{n}", f"link {n} to far", *_ends(n), None, metric))
    vrfs = []
    for vpn in sorted(draw(st.sets(st.integers(100, 60_000), max_size=3)), key=lambda n: f"vpn{n}"):
        peers = []
        for name in draw(st.lists(_names, max_size=2, unique=True)):
            n = next(ports)
            ipv4, ipv6 = _ends(n)
            interfaces.append(Interface(f"{n}", f"link {n} to {name}", ipv4, ipv6, f"vpn{vpn}"))
            far = draw(st.integers(1, 4_294_967_295))
            peers.append(EdgePeer(name, far, ipv4.ip + 1, ipv6.ip + 1, draw(_lists)))
        ordered = tuple(sorted(peers, key=lambda peer: (peer.name, peer.ipv4)))
        vrfs.append(Vrf(f"vpn{vpn}", vpn, f"{router_id}:{vpn}", f"{asn % 65_536}:{vpn}", ordered))
    names = {peer.name for vrf in vrfs for peer in vrf.peers}
    if sum(len(vrf.peers) for vrf in vrfs) != len(names):
        vrfs = vrfs[:1]  # one name is one CE, with one list
        interfaces = [one for one in interfaces if one.vrf in (None, *(vrf.name for vrf in vrfs))]
    reflects = draw(st.booleans())
    core_peers = tuple(
        CorePeer(f"pe-{n:05d}", IPv6Address((0xFD44_0001 << 96) + 70_000 + n), reflects and draw(st.booleans()))
        for n in sorted(draw(st.sets(st.integers(0, 9_999), min_size=1 if vrfs else 0, max_size=4)))
    )
    locator = IPv6Network(((0xFD45 << 112) + (number << 80), 48))
    core = Core(f"49.0001.{number:04d}.0000.0001.00", locator, core_peers)
    return RouterIntent(
        "r", Platform.FRR, asn, router_id, loopback, tuple(interfaces), core, tuple(vrfs), (), announced=()
    )


def on(intent: RouterIntent, platform: Platform) -> RouterIntent:
    """An intent with numbers for ports, on a platform."""
    named = [
        one if one.name == "lo" else replace(one, name=PORTS[platform].format(one.name)) for one in intent.interfaces
    ]
    return replace(intent, platform=platform, interfaces=tuple(sorted(named, key=lambda one: one.name)))


@pytest.mark.parametrize("platform", list(Platform))
@settings(max_examples=40, deadline=None)
@given(intent=provider())
def test_any_provider_router(platform: Platform, intent: RouterIntent) -> None:
    wanted = on(intent, platform)
    assert parse(render(wanted), platform, "r").intent == readable(wanted)
