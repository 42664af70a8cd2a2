"""Filters at borders, seen to fail: each is made wrong, rendered, read back and tried with packets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from benchmarks._extranet import extranet
from network.border import BGP, Border, Protocol, Rule
from network.intent import Interface, RouterIntent, intents
from network.offline.check import check, fabric_of
from network.offline.verdict import BY_ADDRESS
from network.render import render
from province.extranet import Platform
from province.province import Province
from province.record import Finding, Severity
from tests.unit.network.relabel import relabelled

Change = Callable[[Border], Border | None]


def judged(province: Province, routers: dict[str, RouterIntent]) -> list[Finding]:
    found = check(fabric_of(province, routers, {name: render(intent) for name, intent in routers.items()}))
    return [one for one in found if one.rule.startswith("border-")]


def changed(intent: RouterIntent, port: str, change: Change) -> RouterIntent:
    """The router with the filter of one port otherwise."""
    ports = [
        replace(one, border=change(one.border)) if one.name == port and one.border else one for one in intent.interfaces
    ]
    assert tuple(ports) != intent.interfaces
    return replace(intent, interfaces=tuple(ports))


def without(family: str, unwanted: Callable[[Rule], bool]) -> Change:
    """A filter without some rules of one family."""

    def change(border: Border) -> Border:
        kept = tuple(rule for rule in getattr(border, family) if not unwanted(rule))
        return replace(border, **{family: kept})

    return change


def first(family: str, rule: Rule) -> Change:
    """A filter with one more rule before all others."""
    return lambda border: replace(border, **{family: (rule, *getattr(border, family))})


def _is_last(rule: Rule) -> bool:
    return rule == Rule(False)


def _keeps_out(text: str) -> Callable[[Rule], bool]:
    return lambda rule: not rule.permit and str(rule.destination) == text


def _bgp(rule: Rule) -> bool:
    return BGP in (rule.source_port, rule.destination_port)


CASES: list[tuple[Change, str, str]] = [
    (lambda _: None, "border-open", "filters nothing of gz-ce-zsj over ipv4: a packet 10.64.0.10 → "),
    (without("ipv6", lambda _: True), "border-open", "over ipv6: a packet fd44:3::a → "),
    (without("ipv4", _is_last), "border-admits", "though its source is of the VPN gat"),
    (without("ipv6", _is_last), "border-admits", "though its source is a router's loopback"),
    (without("ipv4", _keeps_out("10.127.0.0/16")), "border-admits", "infrastructure's range of loopback"),
    (without("ipv4", _keeps_out("100.64.0.0/16")), "border-admits", "speaks ssh to the router"),
    (without("ipv6", _keeps_out("fd45::/32")), "border-admits", "infrastructure's range of locator"),
    (without("ipv6", _keeps_out("fd99:1::/64")), "border-admits", "infrastructure's range of router-management"),
    (
        without("ipv4", lambda r: r.permit and r.destination is None and r.protocol is Protocol.ANY),
        "border-refuses",
        "a host of",
    ),
    (without("ipv6", lambda r: r.icmp_type == 135), "border-refuses", "a neighbour looks for our address"),
    (without("ipv6", lambda r: r.icmp_type == 136), "border-refuses", "a neighbour says where it is"),
    (without("ipv4", _bgp), "border-refuses", "the CE opens its BGP session"),
    (without("ipv6", lambda r: r.source_port == BGP), "border-refuses", "the CE answers in its BGP session"),
    (without("ipv6", lambda r: r.protocol is Protocol.ICMP and r.source is not None), "border-refuses", "too big"),
    (first("ipv4", Rule(False, Protocol.ICMP)), "border-refuses", "a host asks its gateway"),
    (first("ipv4", Rule(True)), "border-admits", "lets a packet 10.64.0.10 → "),
]


@pytest.mark.parametrize("platform", [Platform.VRP, Platform.COMWARE])
@pytest.mark.parametrize(("change", "rule", "words"), CASES)
def test_each_flaw_has_its_packet(
    province: Province, platform: Platform, change: Change, rule: str, words: str
) -> None:
    made = relabelled(province, platform)
    routers = intents(made)
    pe = routers["gz-pe-1"]
    port = next(one.name for one in pe.interfaces if one.vrf)
    broken = changed(pe, port, change)
    found = judged(made, {**routers, "gz-pe-1": broken})
    assert any(words in one.message for one in found if one.rule == rule), [one.message for one in found]
    assert {(one.target, one.object, one.severity) for one in found} == {("gz-pe-1", port, Severity.MANDATORY)}
    assert all(f"gz-pe-1.conf:{_line(broken, one, port)} ({port})" in one.message for one in found)


def _line(broken: RouterIntent, finding: Finding, port: str) -> int:
    """Where a finding must point: at the family's ACL, or at the port when that has none."""
    number = int(finding.message.split("gz-pe-1.conf:")[1].split()[0])
    line = render(broken).splitlines()[number - 1]
    assert line.startswith("acl ") or line == f"interface {port}"
    return number


@pytest.mark.parametrize("lan", ["gd-pe-1", "gz-ce-gat"])
def test_lans_are_borders_too(province: Province, lan: str) -> None:
    made = relabelled(province, Platform.COMWARE)
    routers = intents(made)
    port = next(one.name for one in routers[lan].interfaces if one.border)
    found = judged(made, {**routers, lan: changed(routers[lan], port, lambda _: None)})
    assert {(one.rule, one.target, one.object) for one in found} == {("border-open", lan, port)}
    deaf = without("ipv6", lambda rule: rule.icmp_type == 133)
    (finding,) = judged(made, {**routers, lan: changed(routers[lan], port, deaf)})
    assert "a host looks for its router" in finding.message


@cache
def _large() -> Province:
    return extranet(60, {"core": Platform.VRP, "city": Platform.VRP, "county": Platform.COMWARE, "ce": Platform.VRP})


def test_a_ce_gets_the_same_in_at_each_of_its_pes() -> None:
    """Without a rule at one of two doors: half of the CE's traffic would be lost, by the way that it takes."""
    province = _large()
    routers = intents(province)
    door = next(one for one in province.links.values() if one.b.router == "ce-0-zsj")
    assert len([one for one in province.links.values() if "ce-0-zsj" in (one.a.router, one.b.router)]) == 2
    closed = without("ipv6", lambda rule: rule.permit and rule.protocol is Protocol.ANY)
    broken = changed(routers[door.a.router], door.a.port, closed)
    found = judged(province, {**routers, door.a.router: broken})
    uneven = [one for one in found if one.rule == "border-uneven"]
    assert [(one.target, one.object) for one in uneven] == [("ce-0-zsj", "ipv6")]
    assert f"and not at {door.a.router}.conf:" in uneven[0].message
    assert {one.rule for one in found} == {"border-uneven", "border-refuses"}


def test_every_border_of_a_large_extranet_is_sound() -> None:
    assert judged(_large(), intents(_large())) == []


@pytest.mark.parametrize("platform", [Platform.FRR, Platform.IOSXR])
def test_a_platform_that_filters_nothing_says_so(province: Province, platform: Platform) -> None:
    made = relabelled(province, platform)
    routers = intents(made)
    (finding,) = judged(made, routers)
    assert (finding.rule, finding.severity, finding.object) == ("border-unfiltered", Severity.ADVISORY, str(platform))
    assert finding.clause == BY_ADDRESS
    assert "What it has instead: a VRF" in finding.message
    assert not any(port.border for intent in routers.values() for port in intent.interfaces)


def test_only_ports_towards_departments_are_borders(province: Province) -> None:
    routers = intents(relabelled(province, Platform.VRP))
    ports = [(name, port) for name, intent in routers.items() for port in intent.interfaces]
    assert {_kind(name, port) for name, port in ports if port.border} == {"PE to department", "CE to LAN"}
    assert {_kind(name, port) for name, port in ports if not port.border} == {"loopback", "core", "CE to PE"}


def _kind(router: str, port: Interface) -> str:
    if port.name == "lo":
        return "loopback"
    if "-ce-" in router:
        return "CE to LAN" if port.description.startswith("lan ") else "CE to PE"
    return "PE to department" if port.vrf else "core"
