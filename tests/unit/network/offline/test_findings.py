"""Each rule, shown to fail: one router of the lab is made wrong, rendered, read back and judged with the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Interface, IPv6Address, IPv6Network
from pathlib import Path

import pytest

import network.offline
from network.intent import EdgePeer, Interface, RouterIntent, intents
from network.offline.check import check, fabric_of
from network.offline.verdict import RULES
from network.render import render
from province.extranet import Platform
from province.province import Province
from province.record import Finding, Severity
from tests.unit.network.relabel import relabelled

Intents = dict[str, RouterIntent]


def judge(province: Province, routers: Intents) -> list[Finding]:
    return check(fabric_of(province, routers, {name: render(intent) for name, intent in routers.items()}))


def mandatory(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.severity is Severity.MANDATORY]


def port(intent: RouterIntent, name: str) -> Interface:
    return next(one for one in intent.interfaces if one.name == name)


def with_port(intent: RouterIntent, name: str, **changed: object) -> RouterIntent:
    """The router with one port otherwise."""
    made = [replace(one, **changed) if one.name == name else one for one in intent.interfaces]  # type: ignore[arg-type]
    return replace(intent, interfaces=tuple(made))


def with_peer(intent: RouterIntent, **changed: object) -> RouterIntent:
    """The PE with the only CE of its only VRF otherwise."""
    vrf = intent.vrfs[0]
    peer: EdgePeer = replace(vrf.peers[0], **changed)  # type: ignore[arg-type]
    return replace(intent, vrfs=(replace(vrf, peers=(peer,)),))


def with_core(intent: RouterIntent, **changed: object) -> RouterIntent:
    assert intent.core is not None
    return replace(intent, core=replace(intent.core, **changed))  # type: ignore[arg-type]


def other_network(routers: Intents) -> RouterIntent:
    return with_port(routers["gz-pe-1"], "eth1", ipv4=IPv4Interface("100.64.9.3/31"))


def other_metric(routers: Intents) -> RouterIntent:
    return with_port(routers["gz-pe-1"], "eth2", metric=30)


def no_isis(routers: Intents) -> RouterIntent:
    return with_port(routers["gz-pe-1"], "eth2", metric=None)


def core_in_vrf(routers: Intents) -> RouterIntent:
    return with_port(routers["gz-pe-1"], "eth2", metric=None, vrf="vpn102")


def ce_in_no_vrf(routers: Intents) -> RouterIntent:
    pe = routers["gz-pe-1"]
    return replace(with_port(pe, "eth3", vrf=None), vrfs=(replace(pe.vrfs[0], peers=()),))


def isis_to_ce(routers: Intents) -> RouterIntent:
    return with_port(routers["gz-ce-zsj"], "eth1", metric=10)


def other_as(routers: Intents) -> RouterIntent:
    return with_peer(routers["gz-pe-1"], asn=65001)


def same_loopback(routers: Intents) -> RouterIntent:
    pe, model = routers["gz-pe-1"], port(routers["gz-pe-2"], "lo")
    moved = with_port(pe, "lo", ipv4=model.ipv4, ipv6=model.ipv6)
    return replace(moved, router_id=model.ipv4.ip, loopback6=model.ipv6.ip)


def same_locator(routers: Intents) -> RouterIntent:
    return with_core(routers["gz-pe-1"], locator=IPv6Network("fd45:0:4::/48"))


def same_net(routers: Intents) -> RouterIntent:
    other = routers["gz-pe-2"].core
    assert other is not None
    return with_core(routers["gz-pe-1"], net=other.net)


def same_rd(routers: Intents) -> RouterIntent:
    vrf = replace(routers["gz-pe-1"].vrfs[0], rd="10.127.0.1:102")
    return replace(routers["gz-pe-1"], vrfs=(vrf,))


def same_as(routers: Intents) -> RouterIntent:
    return replace(routers["gz-ce-zsj"], asn=routers["gz-ce-gat"].asn)


def lan_within_lan(routers: Intents) -> RouterIntent:
    return with_port(routers["gd-pe-2"], "lan0", ipv4=IPv4Interface("10.64.3.129/25"))


def target_of_another_vpn(routers: Intents) -> RouterIntent:
    return replace(routers["gz-pe-1"], vrfs=(replace(routers["gz-pe-1"].vrfs[0], rt="64900:100"),))


def lan_in_no_vrf(routers: Intents) -> RouterIntent:
    return with_port(routers["gd-pe-1"], "lan0", vrf=None)


def nothing_accepted(routers: Intents) -> RouterIntent:
    return with_peer(routers["gz-pe-1"], accept=())


def deaf(routers: Intents) -> RouterIntent:
    peers = routers["gz-pe-1"].core
    assert peers is not None
    return with_core(routers["gz-pe-1"], peers=(replace(peers.peers[0], address=IPv6Address("fd44:1::99")),))


CASES: list[tuple[Callable[[Intents], RouterIntent], str, str, str]] = [
    (other_network, "link-ends", "gd-pe-1-gz-pe-1", "gz-pe-1.conf:"),
    (other_metric, "isis-ends", "gz-pe-1-gz-pe-2", "has metric 30"),
    (no_isis, "isis-ends", "gz-pe-1-gz-pe-2", "does not run IS-IS"),
    (core_in_vrf, "core-in-vrf", "gz-pe-1-gz-pe-2", "vpn102"),
    (ce_in_no_vrf, "ce-in-vrf", "gz-pe-1-ce-zsj", "no VRF"),
    (ce_in_no_vrf, "path-open", "gz-ce-zsj", "gz-zsj enters its VPN nowhere"),
    (other_as, "ce-session", "gz-pe-1-ce-zsj", "no session on which both agree"),
    (same_loopback, "used-twice", "gz-pe-2", "10.127.0.6"),
    (same_locator, "used-twice", "gz-pe-2", "fd45:0:4::/48"),
    (same_net, "used-twice", "gz-pe-2", "49.0001"),
    (same_rd, "used-twice", "gz-pe-1", "10.127.0.1:102"),
    (same_as, "used-twice", "gz-ce-zsj", "4200000000"),
    (lan_within_lan, "used-twice", "gd-pe-2", "10.64.3.128/25"),
    (lan_within_lan, "path-open", "gd-pe-2", "does not have 10.64.0.0/24"),
    (target_of_another_vpn, "used-twice", "gz-pe-1", "64900:100"),
    (target_of_another_vpn, "path-closed", "gz-pe-1", "(VPN gat) reaches gz-zsj (VPN zsj)"),
    (target_of_another_vpn, "path-open", "gz-pe-1", "has route target 64900:102"),
    (lan_in_no_vrf, "path-open", "gd-pe-1", "is in no VRF"),
    (nothing_accepted, "path-open", "gz-ce-zsj", "does not take 10.64.4.0/24"),
    (deaf, "path-open", "gz-pe-1", "never hears the routes"),
]


@pytest.mark.parametrize(("break_it", "rule", "target", "words"), CASES)
def test_each_rule_finds_its_flaw(
    province: Province, break_it: Callable[[Intents], RouterIntent], rule: str, target: str, words: str
) -> None:
    routers = intents(province)
    broken = break_it(routers)
    found = mandatory(judge(province, {**routers, broken.name: broken}))
    fitting = [one for one in found if (one.rule, one.target) == (rule, target)]
    assert any(words in one.message for one in fitting), found
    assert all(one.fix for one in found)


@pytest.mark.parametrize("platform", list(Platform))
def test_the_lab_is_sound_on_every_platform(province: Province, platform: Platform) -> None:
    made = relabelled(province, platform)
    assert mandatory(judge(made, intents(made))) == []


def test_vlans_of_both_ends_must_agree(province: Province) -> None:
    link = province.links["gz-pe-1-gz-pe-2"]
    ends = {
        end: getattr(link, end).model_copy(update={"port": f"{getattr(link, end).port}.{tag}"})
        for end, tag in (("a", 10), ("b", 20))
    }
    made = province.model_copy(update={"links": {**province.links, link.code: link.model_copy(update=ends)}})
    found = mandatory(judge(made, intents(made)))
    assert [(one.rule, one.target) for one in found] == [("vlan-ends", link.code)]


def test_a_filter_for_what_nobody_offers_is_dead(province: Province) -> None:
    routers = intents(province)
    pe = routers["gz-pe-1"]
    accept = pe.vrfs[0].peers[0].accept
    assert accept is not None
    dead = with_peer(pe, accept=(*accept, *routers["gz-ce-gat"].announced))
    found = [one for one in judge(province, {**routers, "gz-pe-1": dead}) if one.rule == "filter-dead"]
    assert [(one.severity, one.target, one.clause) for one in found] == [(Severity.ADVISORY, "gz-pe-1", "8.1.3.2 b")]
    assert "10.64.3.0/24" in found[0].message


def test_a_line_is_named(province: Province) -> None:
    routers = intents(relabelled(province, Platform.VRP))
    wrong = with_port(routers["gz-pe-1"], "GigabitEthernet0/1/2", metric=30)
    made = {**routers, "gz-pe-1": wrong}
    (finding,) = mandatory(judge(relabelled(province, Platform.VRP), made))
    lines = render(wrong).splitlines()
    number = int(finding.message.split("gz-pe-1.conf:")[1].split()[0])
    assert lines[number - 1] == "interface GigabitEthernet0/1/2"


def test_every_rule_is_listed_and_every_listed_rule_is_one() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(network.offline.__file__).parent.glob("*.py")]
    named = {name for text in sources for name in re.findall(r'(?:must|should)\(\s*"([a-z0-9-]+)"', text)}
    assert named == RULES
