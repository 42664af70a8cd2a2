"""A configuration text as intent: the neutral meaning of facts, the same for every platform.

What comes back equals the :class:`RouterIntent` that was rendered, except that a router without BGP does not say its
AS number: :func:`readable` gives the part of an intent that a text can carry. The loopback has metric 0 where it is in
IS-IS; platforms do not write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface, IPv6Network, ip_address

from network.intent import Core, Interface, Management, RouterIntent, Vrf
from network.parse.backbone import Backbone
from network.parse.borders import Borders
from network.parse.edges import Edges
from network.parse.facts import Facts
from network.parse.grammar import grammar
from network.parse.queues import Classes
from network.parse.read import Fact, missing, read
from network.ports import LOOPBACK, problem, vlan
from province.errors import ZyError, ZyErrors
from province.extranet import Platform

DEFAULT_METRIC = 10
"""IS-IS metric that FRR, VRP and Comware use when none is written."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says, and in which line: ``interface eth1``, ``vrf vpn100``, ``peer FD44:1::1``, ``locator``,
    ``border eth1 ipv4``, ``queues`` …"""

    intent: RouterIntent
    file: str
    lines: Mapping[str, int]


def parse(text: str, platform: Platform, name: str, file: str = "") -> Reading:
    """The intent in our part of a router's configuration.

    Raises :class:`ZyErrors`: ``ZY-NET-031`` … ``034``, with file and line.
    """
    file = file or f"{name}.conf"
    rules = grammar(platform)
    facts = Facts(read(text, rules, file), file)
    try:
        reading = _Router(facts, platform, name).reading()
    except ZyError as error:
        raise ZyErrors([error]) from error
    if unused := facts.unused(rules.companions):
        raise ZyErrors(unused)
    return reading


def readable(intent: RouterIntent) -> RouterIntent:
    """The same intent without what a text does not say: the AS number of a router that speaks no BGP."""
    speaks = intent.vrfs or intent.peers or (intent.core and intent.core.peers)
    return intent if speaks else replace(intent, asn=0)


class _Router:
    """Makes an intent of facts, and remembers where each part stands."""

    def __init__(self, facts: Facts, platform: Platform, name: str) -> None:
        self._facts = facts
        self._platform = platform
        self._name = name
        self._lines: dict[str, int] = {}
        self._borders = Borders(facts, platform, self._lines)
        self._classes = Classes(facts, platform, self._lines)

    def reading(self) -> Reading:
        facts = self._facts
        interfaces = tuple(sorted((self._interface(fact) for fact in facts.all("interface")), key=lambda i: i.name))
        loopback = next((one for one in interfaces if one.name == LOOPBACK), None)
        if loopback is None:
            raise missing(facts.file, 0, "the loopback interface")
        asn = self._number(facts.agreed("bgp", "asn"))
        for fact in facts.all("bgp.id"):
            if facts.converted(fact, IPv4Address, "id") != loopback.ipv4.ip:
                raise facts.disagree(fact, self._lines[f"interface {LOOPBACK}"])
        core = Backbone(facts, self._platform, self._lines).core(asn, loopback)
        edges = Edges(facts, interfaces, self._lines)
        intent = RouterIntent(
            name=self._name,
            platform=self._platform,
            asn=asn,
            router_id=loopback.ipv4.ip,
            loopback6=loopback.ipv6.ip,
            interfaces=interfaces,
            core=core,
            vrfs=tuple(sorted((self._vrf(fact, edges, core) for fact in facts.all("vrf")), key=lambda vrf: vrf.name)),
            peers=edges.peers(None),
            announced=edges.announced(),
            management=self._management(),
            queues=self._classes.queues(),
        )
        return Reading(intent, facts.file, self._lines)

    def _interface(self, fact: Fact) -> Interface:
        facts, port = self._facts, fact.values["port"]
        self._lines[f"interface {port}"] = fact.line
        if port != LOOPBACK and (strange := problem(self._platform, port)):
            raise facts.wrong(fact, strange)
        ipv4 = facts.one("interface.ipv4", fact.line, port=port)
        ipv6 = facts.one("interface.ipv6", fact.line, port=port)
        bound = facts.maybe("interface.vrf", port=port)
        vrf = bound.values["vrf"] if bound else None
        if self._platform is not Platform.FRR and vlan(port) is not None:  # there, the kernel makes the VLAN
            tag = facts.one("interface.vlan", fact.line, port=port)
            if facts.converted(tag, int, "vlan") != vlan(port):
                raise facts.disagree(tag, fact.line)
        metric = self._metric(fact, port)
        return Interface(
            name=port,
            description=facts.one("interface.description", fact.line, port=port).values["text"],
            ipv4=facts.converted(ipv4, IPv4Interface, "address", "mask"),
            ipv6=facts.converted(ipv6, IPv6Interface, "address"),
            vrf=vrf,
            metric=metric,
            passive=port == LOOPBACK or facts.maybe("interface.passive", port=port) is not None,
            border=self._borders.of(port, vrf),
            trust=None if port == LOOPBACK else self._classes.trust(port, metric),
        )

    def _metric(self, fact: Fact, port: str) -> int | None:
        """IS-IS metric of a port, which must be the same for both families; ``None`` outside IS-IS."""
        facts = self._facts
        isis4, isis6 = (facts.maybe(f"interface.isis{n}", port=port) for n in (4, 6))
        if isis4 is None or isis6 is None:
            if one := isis4 or isis6:
                raise missing(facts.file, one.line, f"IS-IS of the other family on {port}")
            return None
        if facts.maybe("interface.passive", port=port):
            return 0
        facts.one("interface.p2p", fact.line, port=port)
        one4, one6 = (facts.maybe(f"interface.metric{n}", port=port) for n in (4, 6))
        if one4 is None or one6 is None:
            if one := one4 or one6:
                raise missing(facts.file, one.line, f"IS-IS metric of the other family on {port}")
            return DEFAULT_METRIC
        if one4.values["metric"] != one6.values["metric"]:
            raise facts.disagree(one6, one4.line)
        return facts.converted(one4, int, "metric")

    def _vrf(self, fact: Fact, edges: Edges, core: Core | None) -> Vrf:
        facts, name = self._facts, fact.values["vrf"]
        self._lines[f"vrf {name}"] = fact.line
        for guard in facts.all("vrf.guard", vrf=name):
            if core is None or facts.converted(guard, IPv6Network, "prefix") != core.locator:
                raise facts.disagree(guard, self._lines.get("locator", 0))
        rd = facts.agreed("vrf.rd", "rd", vrf=name)
        imported, exported = (facts.agreed(f"vrf.{way}", "rt", vrf=name) for way in ("import", "export"))
        if rd is None or imported is None or exported is None:
            raise missing(facts.file, fact.line, f"route distinguisher or route target of {name}")
        if imported[0] != exported[0]:
            raise facts.disagree(facts.all("vrf.export", vrf=name)[0], imported[1])
        self._in_both_families(fact, ("vrf.rd", "vrf.import", "vrf.export", "vrf.connected"))
        return Vrf(name=name, number=_suffix(rd[0]), rd=rd[0], rt=imported[0], peers=edges.peers(name))

    def _in_both_families(self, fact: Fact, names: tuple[str, ...]) -> None:
        """What a VRF says for one family it says for the other; Comware says some of it once for both."""
        facts, vrf = self._facts, fact.values["vrf"]
        for name in (*names, "vrf.best-effort"):
            families = {one.values.get("family") for one in facts.all(name, vrf=vrf)}
            if families not in ({None}, {"ipv4", "ipv6"}, set()):
                raise missing(facts.file, fact.line, f"{name} of {vrf} for the other family")
        segments = {one.values.get("family") for one in facts.all("vrf.segment", vrf=vrf)}
        if segments not in ({None}, {"ipv4", "ipv6"}):
            raise missing(facts.file, fact.line, f"SRv6 segment of {vrf}")

    def _management(self) -> Management | None:
        facts = self._facts
        idle = facts.maybe("idle")
        if idle is None:
            return None
        sessions = facts.one("sessions", idle.line)
        count = facts.converted(sessions, int, "sessions")
        last = facts.maybe("sessions.last")
        if last is not None and facts.converted(last, int, "last") != count - 1:
            raise facts.disagree(last, sessions.line)
        return Management(
            syslog=tuple(facts.converted(fact, ip_address, "server") for fact in facts.all("syslog")),
            ntp=tuple(facts.converted(fact, IPv4Address, "server") for fact in facts.all("ntp")),
            sessions=count,
            idle=facts.converted(idle, int, "minutes"),
        )

    def _number(self, agreed: tuple[str, int] | None) -> int:
        """The AS number; 0 for a router that speaks no BGP."""
        if agreed is None:
            return 0
        self._lines["bgp"] = agreed[1]
        for fact in self._facts.all("bgp"):
            self._facts.one("bgp.id", fact.line, vrf=fact.values.get("vrf"))
        return self._facts.converted(self._facts.all("bgp")[0], int, "asn")


def _suffix(rd: str) -> int:
    """The number of a route distinguisher (RFC 4364 section 4.2): 102 of ``10.127.0.5:102``; 0 when it is none."""
    tail = rd.rpartition(":")[2]
    return int(tail) if tail.isdecimal() else 0
