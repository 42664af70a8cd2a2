"""Packet filters at the extranet's borders, in device-neutral terms: what may enter where a department begins.

A border is a port towards a department: of a PE to a CE, or of any router to a LAN. Derived from the model alone, in
both families alike: sources are the department's own (BCP 38: RFC 2827; for a CE on several PEs the same at each, as
RFC 3704 section 2.1 asks), and nothing is for the infrastructure itself (RFC 6192) but BGP with the neighbour, ICMP
(RFC 4890 for ICMPv6) and neighbour discovery (RFC 4861). BFD, VRRP and DHCP are not in the intent, so they are not let
in. Only what enters is judged, and without state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from province.addressing import DualInterface, DualNetwork
from province.extranet import Platform

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FILTERS = frozenset({Platform.VRP, Platform.COMWARE})
"""Platforms for which filters are rendered. FRR filters no packets at all; IOS-XR could, by templates to be written."""
BGP = 179
"""TCP port (RFC 4271)."""
ROUTER_SOLICITATION, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 133, 135, 136
"""ICMPv6 types (RFC 4861) without which no IPv6 neighbour is found. A department advertises no router to us (134)."""


LAST = 60000
"""Number of the last rule, which keeps out all else: the same whatever stands before it, so no change opens a port.
VRP8 and Comware 7 take numbers to 65534 at least."""


class Protocol(StrEnum):
    """What a rule speaks of; ``ANY`` is every packet of the family."""

    ANY = "any"
    TCP = "tcp"
    ICMP = "icmp"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``None`` anywhere is everything; ports are TCP ports, ``icmp_type`` is of the family's own ICMP."""

    permit: bool
    protocol: Protocol = Protocol.ANY
    source: Network | None = None
    destination: Network | None = None
    source_port: int | None = None
    destination_port: int | None = None
    icmp_type: int | None = None

    def matches(self, packet: Packet) -> bool:
        return (
            self.protocol in (Protocol.ANY, packet.protocol)
            and (self.source is None or packet.source in self.source)
            and (self.destination is None or packet.destination in self.destination)
            and self.source_port in (None, packet.source_port)
            and self.destination_port in (None, packet.destination_port)
            and self.icmp_type in (None, packet.icmp_type)
        )


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet that enters. ``Protocol.ANY`` stands for one that only rules for every packet speak of, as UDP."""

    source: Address
    destination: Address
    protocol: Protocol = Protocol.ANY
    source_port: int | None = None
    destination_port: int | None = None
    icmp_type: int | None = None

    def __str__(self) -> str:
        kind = "a packet" if self.protocol is Protocol.ANY else self.protocol.upper()
        about = {"from port": self.source_port, "to port": self.destination_port, "type": self.icmp_type}
        words = "".join(f" {word} {value}" for word, value in about.items() if value is not None)
        return f"{kind} {self.source} → {self.destination}{words}"


@dataclass(frozen=True, slots=True)
class Border:
    """What may enter a port, by family, the first rule that matches first. No rules at all: no filter."""

    ipv4: tuple[Rule, ...]
    ipv6: tuple[Rule, ...]

    def numbered(self, family: str) -> tuple[tuple[int, Rule], ...]:
        return numbered(getattr(self, family))


@dataclass(frozen=True, slots=True)
class Edge:
    """What is at a border: our end, the CE's (none at a LAN), the networks behind, our gateways in the same table."""

    own: DualInterface
    neighbour: DualInterface | None
    networks: tuple[DualNetwork, ...]
    gateways: tuple[DualInterface, ...]


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """Ranges of the platform's own addresses, by family: loopbacks, links, locators, management."""

    ipv4: tuple[IPv4Network, ...]
    ipv6: tuple[IPv6Network, ...]


def name(port: str) -> str:
    """Name of a port's filter on the device: of the port's own, so that another port more renames none.

    At most 35 characters; VRP8 and Comware 7 take 63, which must begin with a letter.
    """
    return "in-" + port.replace("/", "-")


def numbered(rules: Sequence[Rule]) -> tuple[tuple[int, Rule], ...]:
    """Rules with their numbers on the device: 5, 10, 15 … and :data:`LAST`."""
    last = len(rules) - 1
    return tuple((LAST if n == last else 5 * (n + 1), rule) for n, rule in enumerate(rules))


def admits(rules: Sequence[Rule], packet: Packet) -> bool:
    """Whether a packet gets in. What no rule matches does, on VRP8 and Comware 7 alike."""
    return next((rule.permit for rule in rules if rule.matches(packet)), True)


def border(edge: Edge, infrastructure: Infrastructure) -> Border:
    """The filter of a border in both families."""
    return Border(tuple(_rules(edge, infrastructure, "ipv4")), tuple(_rules(edge, infrastructure, "ipv6")))


def _rules(edge: Edge, infrastructure: Infrastructure, family: str) -> Iterator[Rule]:
    own = ip_network(getattr(edge.own, family).ip)
    near = ip_network(getattr(edge.neighbour, family).ip) if edge.neighbour else None
    networks = [getattr(network, family) for network in edge.networks]
    if family == "ipv6":
        yield from _discovery(near is None)
    if near is not None:
        yield Rule(True, Protocol.TCP, near, own, destination_port=BGP)
        yield Rule(True, Protocol.TCP, near, own, source_port=BGP)
    for source in (*([near] if near else []), *networks):
        yield Rule(True, Protocol.ICMP, source, own)
    for closed in (*getattr(infrastructure, family), *_beyond(edge, infrastructure, family)):
        yield Rule(False, destination=closed)
    if near is not None:  # a CE tells senders of what it cannot forward (RFC 4890 section 4.3.1)
        yield Rule(True, Protocol.ICMP, near)
    for source in networks:
        yield Rule(True, source=source)
    yield Rule(False)


def _discovery(hosts: bool) -> Iterator[Rule]:
    """Neighbour discovery, from link-local and unspecified sources too. Routers drop what came from further off."""
    solicited = (ROUTER_SOLICITATION,) if hosts else ()
    for icmp_type in (*solicited, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT):
        yield Rule(True, Protocol.ICMP, icmp_type=icmp_type)


def _beyond(edge: Edge, infrastructure: Infrastructure, family: str) -> Iterator[Network]:
    """Our own addresses that are in no range of the infrastructure: gateways of LANs."""
    ranges = getattr(infrastructure, family)
    for gateway in edge.gateways:
        address = getattr(gateway, family).ip
        if not any(address in one for one in ranges):
            yield ip_network(address)
