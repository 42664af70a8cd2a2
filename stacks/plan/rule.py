"""Security-group rules, written once and made for both families.

Neutron's cost per rule grows with its group, and the provider sends rules one by one: a rule per port and family,
with groups of addresses instead of a rule per address (GB/T 22239-2019 8.1.3.2 b: the fewest rules).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from province.standard import Labels

ETHERTYPES = {4: "IPv4", 6: "IPv6"}
ANYWHERE = {"IPv4": "0.0.0.0/0", "IPv6": "::/0"}


class Direction(StrEnum):
    INGRESS = "ingress"
    EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class Peer:
    """Who may be at the other end: exactly one of the three.

    ``anyone``: the whole Internet. ``group``: members of a security group of the same stack.
    ``addresses``: an address group (see the plan of the region).
    """

    anyone: bool = False
    group: str = ""
    addresses: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of Neutron: TCP to one port."""

    key: str
    """Unique and stable within the group: ``ingress-443-web-IPv6``."""
    direction: Direction
    ethertype: str
    port: int
    peer: Peer


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A group that denies all that its rules do not open. ``closed`` denies outgoing traffic too."""

    name: str
    description: str
    labels: Labels
    rules: tuple[Rule, ...]
    closed: bool = False


def both_families(direction: Direction, ports: Iterable[int], peers: dict[str, Peer]) -> Iterator[Rule]:
    return rules(direction, ports, peers, tuple(ETHERTYPES))


def rules(
    direction: Direction, ports: Iterable[int], peers: dict[str, Peer], versions: Collection[int]
) -> Iterator[Rule]:
    """Rules for each port, peer and version of IP. ``peers`` are under the names that the rules' keys carry."""
    for port in sorted(ports):
        for name, peer in sorted(peers.items()):
            for ethertype in (ETHERTYPES[version] for version in versions):
                yield Rule(f"{direction}-{port}-{name}-{ethertype}", direction, ethertype, port, peer)
