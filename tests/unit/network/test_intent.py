from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from network.expect import expected
from network.intent import RouterIntent, intents
from network.reach import paths
from province.extranet import Role
from province.province import Province


@pytest.fixture(scope="module")
def routers(province: Province) -> dict[str, RouterIntent]:
    return intents(province)


def test_reflectors_serve_clients_and_each_other(routers: dict[str, RouterIntent]) -> None:
    reflector, edge = routers["gd-pe-1"].core, routers["gz-pe-1"].core
    assert reflector is not None
    assert edge is not None
    assert [(peer.name, peer.client) for peer in reflector.peers] == [
        ("gd-pe-2", False),
        ("gz-pe-1", True),
        ("gz-pe-2", True),
    ]
    assert [(peer.name, peer.client) for peer in edge.peers] == [("gd-pe-1", False), ("gd-pe-2", False)]


def test_a_mere_p_router_speaks_no_bgp(province: Province) -> None:
    p = province.routers["gd-pe-2"].model_copy(update={"roles": frozenset({Role.P}), "route_reflector": False})
    lans = {code: lan for code, lan in province.lans.items() if lan.router != "gd-pe-2"}
    found = intents(province.model_copy(update={"routers": {**province.routers, "gd-pe-2": p}, "lans": lans}))
    core, peers = found["gd-pe-2"].core, found["gd-pe-1"].core
    assert core is not None
    assert core.peers == ()
    assert peers is not None
    assert "gd-pe-2" not in [peer.name for peer in peers.peers]


def test_route_targets_and_distinguishers(routers: dict[str, RouterIntent]) -> None:
    (vrf,) = routers["gz-pe-1"].vrfs
    assert (vrf.name, vrf.rd, vrf.rt) == ("vpn102", "10.127.0.5:102", "64900:102")
    far = next(one for one in routers["gd-pe-1"].vrfs if one.name == "vpn102")
    assert far.rt == vrf.rt
    assert far.rd != vrf.rd


def test_a_pe_takes_only_the_ce_s_own_lans(routers: dict[str, RouterIntent]) -> None:
    (peer,) = routers["gz-pe-1"].vrfs[0].peers
    assert peer.accept is not None
    assert [network.ipv4 for network in peer.accept] == [IPv4Network("10.64.4.0/24")]
    assert [network.ipv4 for network in routers["gz-ce-zsj"].announced] == [IPv4Network("10.64.4.0/24")]


def test_both_ends_of_a_session_agree(routers: dict[str, RouterIntent]) -> None:
    (seen_by_pe,) = routers["gz-pe-2"].vrfs[0].peers
    (seen_by_ce,) = routers["gz-ce-gat"].peers
    pe_port = next(one for one in routers["gz-pe-2"].interfaces if one.name == "eth3")
    ce_port = next(one for one in routers["gz-ce-gat"].interfaces if one.name == "eth1")
    assert (seen_by_pe.ipv4, seen_by_pe.ipv6, seen_by_pe.asn) == (
        ce_port.ipv4.ip,
        ce_port.ipv6.ip,
        routers["gz-ce-gat"].asn,
    )
    assert (seen_by_ce.ipv4, seen_by_ce.ipv6, seen_by_ce.asn) == (pe_port.ipv4.ip, pe_port.ipv6.ip, 64900)
    assert pe_port.vrf == routers["gz-pe-2"].vrfs[0].name
    assert pe_port.metric is None, "a port to a CE stays out of IS-IS"


def test_departments_of_one_vpn_share_a_vrf(province: Province) -> None:
    vpns = {
        "gxt": province.vpns["gxt"],
        "gat": province.vpns["gat"].model_copy(update={"departments": frozenset({"gat", "zsj"})}),
    }
    vrfs = intents(province.model_copy(update={"vpns": vpns}))["gz-pe-1"].vrfs
    assert [vrf.name for vrf in vrfs] == ["vpn100"]


def test_expectations_count_only_configured_neighbours(province: Province, routers: dict[str, RouterIntent]) -> None:
    alone = expected(province, routers["gz-pe-1"], ["gz-pe-1"])
    assert (alone.adjacencies, alone.sessions, alone.segments) == ((), (), ("vpn102",))
    near = expected(province, routers["gz-pe-1"], ["gz-pe-1", "gz-ce-zsj", "gd-pe-1"])
    assert near.adjacencies == ("eth1",)
    assert near.sessions == (
        "vpn102 ipv4 100.64.0.7",
        "vpn102 ipv6 fd44:2::7",
        "vpnv4 fd44:1::1",
        "vpnv6 fd44:1::1",
    )
    assert near.missing(alone) == [
        "IS-IS neighbour at eth1",
        "BGP session vpn102 ipv4 100.64.0.7",
        "BGP session vpn102 ipv6 fd44:2::7",
        "BGP session vpnv4 fd44:1::1",
        "BGP session vpnv6 fd44:1::1",
    ]


def test_who_reaches_whom(province: Province) -> None:
    found = {(path.source.code, path.target.code): path.open for path in paths(province)}
    assert found["gd-zsj", "gz-zsj"] is True
    assert found["gd-gat", "gz-gat"] is True
    closed = {pair for pair, is_open in found.items() if not is_open}
    assert ("gd-zsj", "gz-gat") in closed
    assert ("gd-gxt", "gd-zsj") in closed
    assert all(province.lans[one].department != province.lans[other].department for one, other in closed)
