"""The network that configurations make together: cables as declared, and over them what each router's text says.

The model: IS-IS brings up a core link where both ends run it in one network of the family; VPN traffic of both
families crosses the core in IPv6 (SRv6), so a path needs IPv6 adjacencies only. Timers, bandwidth and MTU are not in
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from network.intent import EdgePeer, Interface, Vrf
from network.parse.reading import Reading
from province.extranet import Link
from province.province import Province

FAMILIES = ("ipv4", "ipv6")


@dataclass(frozen=True, slots=True)
class End:
    """One end of a cable: the router, and what its configuration says of the port."""

    router: str
    interface: Interface


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where a site enters a VPN: a VRF of a PE."""

    pe: str
    vrf: Vrf


class Fabric:
    """Configurations as one network. ``readings`` holds every router of the province."""

    def __init__(self, province: Province, readings: Mapping[str, Reading]) -> None:
        self.province = province
        self.readings = readings
        self._ports = {
            (name, interface.name): interface
            for name, reading in readings.items()
            for interface in reading.intent.interfaces
        }
        self._vrfs = {(name, vrf.name): vrf for name, reading in readings.items() for vrf in reading.intent.vrfs}
        self.vpns = {department: code for code, vpn in province.vpns.items() for department in vpn.departments}

    def place(self, router: str, key: str) -> str:
        """``gz-pe-1.conf:23`` for a thing of a router's configuration; without a line where it has none."""
        reading = self.readings[router]
        line = reading.lines.get(key)
        return f"{reading.file}:{line}" if line else reading.file

    def port(self, router: str, port: str) -> Interface | None:
        return self._ports.get((router, port))

    def vrf(self, router: str, name: str | None) -> Vrf | None:
        return self._vrfs.get((router, name)) if name else None

    def ends(self, link: Link) -> tuple[End, End] | None:
        """Both ends of a cable; ``None`` when a configuration does not have its port."""
        a, b = self.port(link.a.router, link.a.port), self.port(link.b.router, link.b.port)
        return (End(link.a.router, a), End(link.b.router, b)) if a and b else None

    def is_provider(self, router: str) -> bool:
        return self.province.routers[router].is_provider

    @cached_property
    def core(self) -> nx.Graph[str]:
        """Routers in IS-IS and their IPv6 adjacencies; the edge attribute ``links`` names the cables."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(name for name, reading in self.readings.items() if reading.intent.core)
        for code, link in sorted(self.province.links.items()):
            ends = self.ends(link)
            if ends and all(end.interface.metric is not None for end in ends) and together(*ends, "ipv6"):
                a, b = (end.router for end in ends)
                links = graph.edges[a, b]["links"] if graph.has_edge(a, b) else ()
                graph.add_edge(a, b, links=(*links, code))
        return graph

    @cached_property
    def part(self) -> Mapping[str, int]:
        """The part of the core that each of its routers is in; all are in one when the core hangs together."""
        parts = sorted(nx.connected_components(self.core), key=lambda part: (-len(part), min(part)))
        return {router: number for number, part in enumerate(parts) for router in part}

    @cached_property
    def links_of(self) -> Mapping[str, list[Link]]:
        """Cables by router."""
        found: dict[str, list[Link]] = {router: [] for router in self.province.routers}
        for _, link in sorted(self.province.links.items()):
            found[link.a.router].append(link)
            found[link.b.router].append(link)
        return found

    def homes(self, ce: str) -> Iterator[tuple[Link, End, End]]:
        """Cables of a CE to its PEs: the cable, the CE's end, the PE's end."""
        for link in self.links_of[ce]:
            if ends := self.ends(link):
                own, far = ends if ends[0].router == ce else reversed(ends)
                if self.is_provider(far.router):
                    yield link, own, far

    def session(self, own: End, far: End, family: str) -> tuple[EdgePeer, EdgePeer] | None:
        """The CE's and the PE's view of an eBGP session over a cable, when both have it and agree on it."""
        ce, pe = self.readings[own.router].intent, self.readings[far.router].intent
        vrf = self.vrf(far.router, far.interface.vrf)
        if vrf is None or not together(own, far, family):
            return None
        to_pe = _towards(ce.peers, far.interface, family)
        to_ce = _towards(vrf.peers, own.interface, family)
        if to_pe is None or to_ce is None or (to_pe.asn, to_ce.asn) != (pe.asn, ce.asn):
            return None
        return to_pe, to_ce


def together(a: End, b: End, family: str) -> bool:
    """Whether both ends are in one network of a family, each at its own address."""
    one, other = (getattr(end.interface, family) for end in (a, b))
    return bool(one.network == other.network and one.ip != other.ip)


def _towards(peers: tuple[EdgePeer, ...], interface: Interface, family: str) -> EdgePeer | None:
    address = getattr(interface, family).ip
    return next((peer for peer in peers if getattr(peer, family) == address), None)
