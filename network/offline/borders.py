"""Borders let in what belongs to a department and nothing else, tried with packets on the filters as they read.

What belongs is taken from the inventory anew, not from what the filters were derived from. Each finding names a packet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from network.border import (
    BGP,
    FILTERS,
    NEIGHBOUR_ADVERTISEMENT,
    NEIGHBOUR_SOLICITATION,
    ROUTER_SOLICITATION,
    Address,
    Packet,
    Protocol,
    admits,
)
from network.offline.fabric import FAMILIES, Fabric
from network.offline.verdict import BY_ADDRESS, SEPARATED, listed, must, should
from province.addressing import DualInterface, DualNetwork
from province.extranet import Link, Platform
from province.record import Finding

_FIX = "mend the template: the filter is derived from the inventory (network/border.py), and must read so"
_SSH = 22
_HOST = 10
"""The host of a network that tries it."""
_ECHO = {"ipv4": 8, "ipv6": 128}
"""ICMP type of a request for an echo (RFC 792, RFC 4443)."""
_PACKET_TOO_BIG = {"ipv4": 3, "ipv6": 2}
"""ICMP type: fragmentation needed (RFC 792), packet too big (RFC 4443). PMTU discovery needs them (RFC 4890)."""
_NOWHERE = {"ipv4": ip_address("192.0.2.10"), "ipv6": ip_address("2001:db8::10")}
"""Documentation addresses (RFC 5737, RFC 3849): elsewhere, for a VPN that has one LAN."""
_INSTEAD = {
    Platform.FRR: "FRR filters no packets. What it has instead: a VRF of its own for each VPN, and routes taken from a "
    "CE for its own LANs only, so that answers to a false source do not come back to it",
    Platform.IOSXR: "no filters are rendered for IOS-XR yet. What it has instead: a VRF of its own for each VPN, and "
    "routes taken from a CE for its own LANs only",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """A port towards a department, as the inventory has it. ``site`` is the CE or the LAN behind it."""

    router: str
    port: str
    site: str
    department: str
    own: DualInterface
    neighbour: DualInterface | None
    lans: tuple[DualNetwork, ...]


@dataclass(frozen=True, slots=True)
class Try:
    """A packet, whether it belongs here, and what it is."""

    packet: Packet
    belongs: bool
    what: str


def borders(fabric: Fabric) -> Iterator[Finding]:
    """``border-open``, ``-admits``, ``-refuses``, ``-uneven`` for gates; ``border-unfiltered`` for platforms."""
    checked = [gate for gate in _gates(fabric) if _platform(fabric, gate) in FILTERS]
    tries = _Tries(fabric)
    for gate in checked:
        for family in FAMILIES:
            yield from _judged(fabric, gate, family, tries)
    yield from _uneven(fabric, checked, tries)
    yield from _unfiltered(fabric)


def _gates(fabric: Fabric) -> list[Gate]:
    province = fabric.province
    behind: dict[str, list[DualNetwork]] = {}
    found = []
    for code, lan in sorted(province.lans.items()):
        network = province.addresses.lan(code)
        behind.setdefault(lan.router, []).append(network)
        own = DualInterface(network.gateway4, network.gateway6)
        found.append(Gate(lan.router, lan.port, code, lan.department, own, None, (network,)))
    for _, link in sorted(province.links.items()):
        found += _towards_ce(fabric, link, behind)
    return found


def _towards_ce(fabric: Fabric, link: Link, behind: dict[str, list[DualNetwork]]) -> Iterator[Gate]:
    a, b = fabric.province.addresses.link(link.code)
    for end, far, own, near in ((link.a, link.b, a, b), (link.b, link.a, b, a)):
        department = fabric.province.routers[far.router].department
        if fabric.is_provider(end.router) and department:
            yield Gate(end.router, end.port, far.router, department, own, near, tuple(behind.get(far.router, ())))


def _platform(fabric: Fabric, gate: Gate) -> Platform:
    return fabric.province.routers[gate.router].platform


class _Tries:
    """Packets to try at a gate, with a LAN of the same VPN elsewhere and one of another VPN at hand."""

    def __init__(self, fabric: Fabric) -> None:
        self._vpns = fabric.vpns
        self._lans: dict[str, list[DualNetwork]] = {}
        for code, lan in sorted(fabric.province.lans.items()):
            if lan.department in fabric.vpns:
                self._lans.setdefault(fabric.vpns[lan.department], []).append(fabric.province.addresses.lan(code))
        addresses = fabric.province.addresses
        self._loopbacks = addresses.pool("loopback")
        self._closed = {name: addresses.pool(name) for name in ("locator", "router-management", "link", "loopback")}

    def at(self, gate: Gate, family: str) -> Iterator[Try]:
        yield from self._belonging(gate, family)
        yield from self._foreign(gate, family)

    def traffic(self, gate: Gate, family: str) -> Iterator[Try]:
        """What hosts behind the gate send into their VPN."""
        for lan in gate.lans:
            network = getattr(lan, family)
            packet = Packet(network[_HOST], self._elsewhere(gate, family))
            yield Try(packet, True, f"a host of {network} speaks to its VPN")

    def _belonging(self, gate: Gate, family: str) -> Iterator[Try]:
        own, icmp = getattr(gate.own, family).ip, Protocol.ICMP
        yield from self.traffic(gate, family)
        for lan in gate.lans:
            asks = Packet(getattr(lan, family)[_HOST], own, icmp, icmp_type=_ECHO[family])
            yield Try(asks, True, "a host asks its gateway")
        if gate.neighbour is not None:
            near = getattr(gate.neighbour, family).ip
            yield Try(Packet(near, own, Protocol.TCP, 50000, BGP), True, "the CE opens its BGP session")
            yield Try(Packet(near, own, Protocol.TCP, BGP, 50000), True, "the CE answers in its BGP session")
            big = Packet(near, self._elsewhere(gate, family), icmp, icmp_type=_PACKET_TOO_BIG[family])
            yield Try(big, True, "the CE tells a sender that a packet is too big")
        if family == "ipv6":
            yield from self._discovery(gate)

    def _discovery(self, gate: Gate) -> Iterator[Try]:
        """Without these no IPv6 neighbour is found (RFC 4861)."""
        near, icmp = ip_address("fe80::1"), Protocol.ICMP
        solicit = Packet(near, ip_address("ff02::1:ff00:1"), icmp, icmp_type=NEIGHBOUR_SOLICITATION)
        yield Try(solicit, True, "a neighbour looks for our address")
        answer = Packet(near, gate.own.ipv6.ip, icmp, icmp_type=NEIGHBOUR_ADVERTISEMENT)
        yield Try(answer, True, "a neighbour says where it is")
        if gate.neighbour is None:
            search = Packet(near, ip_address("ff02::2"), icmp, icmp_type=ROUTER_SOLICITATION)
            yield Try(search, True, "a host looks for its router")

    def _foreign(self, gate: Gate, family: str) -> Iterator[Try]:
        elsewhere = self._elsewhere(gate, family)
        for vpn, lans in self._lans.items():
            if vpn != self._vpns.get(gate.department):
                source = getattr(lans[0], family)[_HOST]
                yield Try(Packet(source, elsewhere), False, f"its source is of the VPN {vpn}")
                break
        for lan in self._lans.get(self._vpns.get(gate.department, ""), ()):
            if lan not in gate.lans:
                yield Try(Packet(getattr(lan, family)[_HOST], elsewhere), False, "its source is of another site")
                break
        loopbacks = self._loopbacks[FAMILIES.index(family)]
        if loopbacks is not None:
            yield Try(Packet(loopbacks[1], elsewhere), False, "its source is a router's loopback")
        yield from self._to_us(gate, family)

    def _to_us(self, gate: Gate, family: str) -> Iterator[Try]:
        own = getattr(gate.own, family).ip
        source = getattr(gate.lans[0], family)[_HOST] if gate.lans else getattr(gate.neighbour, family).ip
        yield Try(Packet(source, own, Protocol.TCP, 50000, _SSH), False, "a department speaks ssh to the router")
        for name, pools in self._closed.items():
            pool = pools[FAMILIES.index(family)]
            if pool is not None:
                yield Try(Packet(source, pool[-2]), False, f"it is for the infrastructure's range of {name}")

    def _elsewhere(self, gate: Gate, family: str) -> Address:
        lans = self._lans.get(self._vpns.get(gate.department, ""), [])
        far = next((lan for lan in lans if lan not in gate.lans), None)
        if far is None:
            return _NOWHERE[family]
        return far.ipv4[_HOST] if family == "ipv4" else far.ipv6[_HOST]


def _judged(fabric: Fabric, gate: Gate, family: str, tries: _Tries) -> Iterator[Finding]:
    port = fabric.port(gate.router, gate.port)
    if port is None:
        return  # link-ends and path-open have said so
    rules = getattr(port.border, family) if port.border else ()
    where = _place(fabric, gate, family)
    if not rules:
        packet = next(one for one in tries.at(gate, family) if not one.belongs)
        said = f"{where} filters nothing of {gate.site} over {family}: {packet.packet} gets in, though {packet.what}"
        yield must("border-open", gate.router, gate.port, said, _FIX, SEPARATED)
        return
    for one in tries.at(gate, family):
        if admits(rules, one.packet) and not one.belongs:
            said = f"{where} lets {one.packet} in from {gate.site}, though {one.what}"
            yield must("border-admits", gate.router, gate.port, said, _FIX, SEPARATED)
        elif one.belongs and not admits(rules, one.packet):
            said = f"{where} refuses {one.packet} from {gate.site}, but {one.what}"
            yield must("border-refuses", gate.router, gate.port, said, _FIX)


def _uneven(fabric: Fabric, gates: list[Gate], tries: _Tries) -> Iterator[Finding]:
    """A CE at several PEs gets the same in at each: what leaves by one must not depend on the other (RFC 3704)."""
    by_site: dict[str, list[Gate]] = {}
    for gate in gates:
        if gate.neighbour is not None:
            by_site.setdefault(gate.site, []).append(gate)
    for site, doors in sorted(by_site.items()):
        for family in FAMILIES if len(doors) > 1 else ():
            for one in tries.traffic(doors[0], family):
                yield from _one_way(fabric, site, family, doors, one.packet)


def _one_way(fabric: Fabric, site: str, family: str, doors: list[Gate], packet: Packet) -> Iterator[Finding]:
    lets: dict[bool, list[str]] = {True: [], False: []}
    for gate in doors:
        port = fabric.port(gate.router, gate.port)
        rules = getattr(port.border, family) if port and port.border else ()
        lets[admits(rules, packet)].append(_place(fabric, gate, family))
    if all(lets.values()):
        said = f"{packet} of {site} gets in at {listed(lets[True])}, and not at {listed(lets[False])}"
        yield must("border-uneven", site, family, said, _FIX)


def _unfiltered(fabric: Fabric) -> Iterator[Finding]:
    """Said once for each platform: a router more of it is nothing new to think about."""
    for platform, instead in _INSTEAD.items():
        routers = sorted({gate.router for gate in _gates(fabric) if _platform(fabric, gate) is platform})
        if routers:
            said = f"{instead}. Its borders filter no packets: {listed(routers)}"
            fix = "put a platform that filters at borders where sources must be proven, or a firewall before them"
            yield should("border-unfiltered", routers[0], str(platform), said, fix, BY_ADDRESS)


def _place(fabric: Fabric, gate: Gate, family: str) -> str:
    """The filter's line, else the port's."""
    key = f"border {gate.port} {family}"
    known = key in fabric.readings[gate.router].lines
    return f"{fabric.place(gate.router, key if known else f'interface {gate.port}')} ({gate.port})"
