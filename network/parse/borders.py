"""Packet filters at borders, from facts: the words of rules, and the ports that they are bound to.

VRP8 and Comware 7 write a rule in the same words; only how it comes to a port differs: ``packet-filter`` names an ACL
at the port, ``traffic-policy`` a policy, whose classifier names the ACLs. All of a port's have the port's own name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from types import MappingProxyType

from network.border import BGP, LAST, Border, Network, Protocol, Rule, name, numbered
from network.parse.facts import Facts
from network.parse.read import Fact, contradiction, missing, unknown
from province.extranet import Platform

_V4, _V6 = r"[0-9.]+ (?:0|[0-9]+(?:\.[0-9]+){3})", r"[0-9A-Fa-f:]+/\d+"
_WORDS = re.compile(
    r"(?P<action>permit|deny) (?P<protocol>ip|ipv6|tcp|icmp|icmpv6)(?: vpn-instance (?P<vrf>\S+))?"
    rf"(?: source (?P<source>{_V4}|{_V6}))?(?: source-port eq (?P<from>bgp))?"
    rf"(?: destination (?P<destination>{_V4}|{_V6}))?(?: destination-port eq (?P<to>bgp))?"
    r"(?: icmp6-type (?P<type>router-solicitation|neighbor-solicitation|neighbor-advertisement))?"
)
_TYPES = MappingProxyType({"router-solicitation": 133, "neighbor-solicitation": 135, "neighbor-advertisement": 136})
"""Names of ICMPv6 types, as both platforms show them."""
_PROTOCOLS: Mapping[str, Mapping[str, Protocol]] = MappingProxyType(
    {
        "ipv4": {"ip": Protocol.ANY, "tcp": Protocol.TCP, "icmp": Protocol.ICMP},
        "ipv6": {"ipv6": Protocol.ANY, "tcp": Protocol.TCP, "icmpv6": Protocol.ICMP},
    }
)


class Borders:
    """The filters of one router. ``lines`` is where their places are noted."""

    def __init__(self, facts: Facts, platform: Platform, lines: dict[str, int]) -> None:
        self._facts = facts
        self._platform = platform
        self._lines = lines

    def of(self, port: str, vrf: str | None) -> Border | None:
        """What may enter a port; ``None`` where nothing is bound to it.

        Raises ``ZY-NET-031`` … ``034``: for a rule that is not understood, a filter that is not there, and one that is
        another port's or another VPN's.
        """
        uses = self._by_policy(port) if self._platform is Platform.VRP else self._by_family(port)
        if not uses:
            return None
        rules = {family: self._rules(port, family, use, vrf) for family, use in uses.items()}
        return Border(rules.get("ipv4", ()), rules.get("ipv6", ()))

    def _by_family(self, port: str) -> dict[str, Fact]:
        """Comware: a line at the port for each family."""
        found = {family: self._facts.maybe("border", port=port, family=family) for family in _PROTOCOLS}
        return {family: use for family, use in found.items() if use is not None}

    def _by_policy(self, port: str) -> dict[str, Fact]:
        """VRP: the port's policy, its one classifier, and what that matches."""
        facts = self._facts
        use = facts.maybe("border", port=port)
        if use is None:
            return {}
        self._own(port, use)
        policy = facts.one("border.policy", use.line, policy=name(port))
        self._own(port, facts.one("border.bound", policy.line, policy=name(port)))
        facts.one("border.pass", policy.line)
        classifier = facts.one("border.classifier", policy.line, policy=name(port))
        found = {f: facts.maybe("border.match", policy=name(port), family=f) for f in _PROTOCOLS}
        if not any(found.values()):
            raise missing(facts.file, classifier.line, "what the classifier matches")
        return {family: match for family, match in found.items() if match is not None}

    def _own(self, port: str, use: Fact) -> None:
        if use.values["acl"] != name(port):
            raise contradiction(self._facts.file, use.line, f"the filter of {port} is called {name(port)}")

    def _rules(self, port: str, family: str, use: Fact, vrf: str | None) -> tuple[Rule, ...]:
        facts = self._facts
        self._own(port, use)
        acl = facts.one("acl", use.line, acl=name(port), family=family)
        self._lines[f"border {port} {family}"] = acl.line
        rows = facts.all("acl.rule", acl=name(port), family=family)
        if not rows:
            raise missing(facts.file, acl.line, f"a rule of {name(port)}")
        rules = tuple(self._rule(row, family, vrf) for row in rows)
        if [row.values["number"] for row in rows] != [str(number) for number, _ in numbered(rules)]:
            raise contradiction(facts.file, rows[0].line, f"rules of {name(port)} are not numbered 5, 10, 15 … {LAST}")
        return rules

    def _rule(self, row: Fact, family: str, vrf: str | None) -> Rule:
        found = _WORDS.fullmatch(row.values["text"])
        protocol = _PROTOCOLS[family].get(found["protocol"]) if found else None
        if found is None or protocol is None:
            raise unknown(self._facts.file, row.line, row.values["text"], f"a rule for {family}")
        if found["vrf"] != vrf:
            said = f"packets here are of {vrf or 'no VPN'}: the rule would match none of them"
            raise contradiction(self._facts.file, row.line, said)
        return Rule(
            permit=found["action"] == "permit",
            protocol=protocol,
            source=self._network(row, found["source"]),
            destination=self._network(row, found["destination"]),
            source_port=BGP if found["from"] else None,
            destination_port=BGP if found["to"] else None,
            icmp_type=_TYPES[found["type"]] if found["type"] else None,
        )

    def _network(self, row: Fact, words: str | None) -> Network | None:
        """``10.64.4.0 0.0.0.255`` (the wildcard's ones do not count; ``0`` is a single address) or ``FD44::/64``."""
        if words is None:
            return None
        text = words.replace(" 0", "/32") if words.endswith(" 0") else words.replace(" ", "/")
        try:
            return ip_network(text)
        except ValueError as error:
            raise self._facts.wrong(row, f"`{words}` is no network here: {error}") from error
