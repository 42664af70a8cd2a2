"""Judgement on rules of security groups that another rule of the same group makes pointless. Pure.

Neutron's rules only ever allow, so a rule is dead as soon as another one allows at least the same (GB/T 22239-2019
8.1.3.2 b: no redundant or dead rules, the fewest rules).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from policies.cloud.rules import RULE, UNKNOWN, Resource, Rule, Violation
from province.record import Severity

NO_SHADOWS = Rule(
    "rules-not-shadowed",
    "ZY-POL-013",
    "No rule of a security group is covered by another one (无冗余或失效规则)",
    "8.1.3.2 b",
    Severity.ADVISORY,
)
_ALL_PORTS = (0, 65535)


@dataclass(frozen=True, slots=True)
class _Opening:
    """What a rule allows. ``peer`` names a group or an address group; empty where ``source`` says who."""

    resource: Resource
    group: str
    direction: str
    family: str
    protocol: str
    ports: tuple[int, int]
    source: IPv4Network | IPv6Network
    peer: str

    def covers(self, other: _Opening) -> bool:
        """Whether everything that ``other`` allows is allowed here."""
        return (
            (self.direction, self.family) == (other.direction, other.family)
            and self.protocol in ("", other.protocol)
            and self.ports[0] <= other.ports[0]
            and other.ports[1] <= self.ports[1]
            and self._knows(other)
        )

    def _knows(self, other: _Opening) -> bool:
        if self.peer:
            return self.peer == other.peer
        if other.peer:
            return self.source.prefixlen == 0
        same = self.source.version == other.source.version
        return same and other.source.subnet_of(self.source)  # type: ignore[arg-type] # of one version


def judge_shadows(resources: Iterable[Resource]) -> Iterator[Violation]:
    """Each rule that an earlier one covers, or a later one that covers more; of two alike, the later."""
    groups: dict[str, list[_Opening]] = {}
    for resource in resources:
        opening = _opening(resource) if resource.type == RULE else None
        if opening is not None:
            groups.setdefault(opening.group, []).append(opening)
    for openings in groups.values():
        for place, opening in enumerate(openings):
            wider = next((o for at, o in enumerate(openings) if _makes_dead(o, at, opening, place)), None)
            if wider is not None:
                yield Violation(
                    NO_SHADOWS,
                    opening.resource.urn,
                    f"{opening.resource.name} allows nothing that {wider.resource.name} does not allow already.",
                    "take it out, or narrow the wider one",
                )


def _makes_dead(wider: _Opening, at: int, opening: _Opening, place: int) -> bool:
    return at != place and wider.covers(opening) and (at < place or not opening.covers(wider))


_PLAIN = ("direction", "ethertype", "protocol", "portRangeMin", "portRangeMax", "remoteIpPrefix")


def _opening(rule: Resource) -> _Opening | None:
    """``None`` for a rule about which too little is known yet, or with a prefix that the provider will refuse."""
    direction, ethertype, protocol, low, high, prefix = (rule.properties.get(name) for name in _PLAIN)
    references = [_reference(rule, name) for name in ("securityGroupId", "remoteGroupId", "remoteAddressGroupId")]
    if not references[0] or UNKNOWN in (*references, direction, ethertype, protocol, low, high, prefix):
        return None
    family = str(ethertype or "IPv4")
    try:
        source = ip_network(prefix or ("::/0" if family == "IPv6" else "0.0.0.0/0"), strict=False)
    except ValueError:
        return None
    return _Opening(
        resource=rule,
        group=references[0],
        direction=str(direction),
        family=family,
        protocol=str(protocol or ""),
        ports=(int(low or 0), int(high)) if high else _ALL_PORTS,
        source=source,
        peer=references[1] or references[2],
    )


def _reference(rule: Resource, name: str) -> str:
    """What a property points at: a resource of this stack by URN, else an id; empty for nothing."""
    here = rule.depends.get(name, ())
    return here[0] if here else str(rule.properties.get(name) or "")
