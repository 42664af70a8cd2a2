"""What the routers, their cables and the end systems behind them are to be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import TypeVar

from lab.guest.network import Network
from province.errors import Place, ZyError, ZyErrors

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")  # also an account, for end systems: useradd(8)
_PORT = re.compile(r"[a-z][a-z0-9.-]{0,14}")  # IFNAMSIZ - 1, linux/if.h
PLATFORM = frozenset({"lo", "mgmt", "management", "sr0"})
"""Devices that every router has by itself."""

_Item = TypeVar("_Item", bound=Hashable)
_Pair = tuple[IPv4Interface | IPv6Interface, IPv4Interface | IPv6Interface]
_Family = tuple[str, IPv4Interface | IPv6Interface, IPv4Address | IPv6Address]


@dataclass(frozen=True, slots=True)
class PortSpec:
    """A port of a router; one without cable or end system is there and leads nowhere."""

    name: str


@dataclass(frozen=True, slots=True)
class RouterSpec:
    """A router; both addresses lie in the lab's management network."""

    name: str
    management4: IPv4Interface
    management6: IPv6Interface
    ports: tuple[PortSpec, ...]


@dataclass(frozen=True, slots=True)
class CableSpec:
    """A cable between two ports."""

    a_router: str
    a_port: str
    b_router: str
    b_port: str


@dataclass(frozen=True, slots=True)
class EndSpec:
    """An end system on a site's LAN, in a port of a router; the gateways are what the router is to have there."""

    router: str
    port: str
    name: str
    ipv4: IPv4Interface
    gateway4: IPv4Address
    ipv6: IPv6Interface
    gateway6: IPv6Address


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole rack. ``guest4`` and ``guest6``: addresses of the guest that the routers live in."""

    guest4: IPv4Interface
    guest6: IPv6Interface
    routers: tuple[RouterSpec, ...]
    cables: tuple[CableSpec, ...] = ()
    ends: tuple[EndSpec, ...] = ()


def validate(topology: Topology, network: Network) -> None:
    """Judge the whole topology in one pass.

    Raises ZyErrors: ZY-LAB-301 (names), 302 (ports), 303 (management addresses), 304 (end systems' addresses).
    """
    errors = [*_names(topology), *_ports(topology), *_management(topology, network), *_ends(topology.ends)]
    if errors:
        raise ZyErrors(errors)


def _names(topology: Topology) -> Iterator[ZyError]:
    names = [router.name for router in topology.routers] + [end.name for end in topology.ends]
    for name in sorted({name for name in names if not _NAME.fullmatch(name)}):
        fix = "use lower-case letters, digits and hyphens, a letter first, at most 31"
        yield _error("ZY-LAB-301", name, f"{name!r} is no name for a router or end system", fix)
    for name in _repeated(names):
        yield _error("ZY-LAB-301", name, f"{name} is there more than once", "give each its own name")


def _ports(topology: Topology) -> Iterator[ZyError]:
    known = {(router.name, port.name) for router in topology.routers for port in router.ports}
    for router, port in sorted(known):
        if port in PLATFORM or not _PORT.fullmatch(port):
            taken = ", ".join(sorted(PLATFORM))
            fix = f"use at most 15 lower-case letters, digits, dots and hyphens, and none of {taken}"
            yield _error("ZY-LAB-302", router, f"{port!r} is no name for a port", fix)
    used = [end for cable in topology.cables for end in _both(cable)]
    used += [(end.router, end.port) for end in topology.ends]
    for router, port in sorted(set(used) - known):
        fix = "name the port in the router's ports, or correct the cable or end system"
        yield _error("ZY-LAB-302", router, f"{router} has no port {port}", fix)
    for router, port in _repeated(used):
        yield _error("ZY-LAB-302", router, f"{router} {port} is used twice", "a port takes one cable or end system")


def _both(cable: CableSpec) -> tuple[tuple[str, str], tuple[str, str]]:
    return (cable.a_router, cable.a_port), (cable.b_router, cable.b_port)


def _management(topology: Topology, network: Network) -> Iterator[ZyError]:
    holders: list[tuple[str, IPv4Interface, IPv6Interface]]
    holders = [("the guest", topology.guest4, topology.guest6)]
    holders += [(router.name, router.management4, router.management6) for router in topology.routers]
    taken: list[IPv4Address | IPv6Address] = [network.ipv4.ip, network.ipv6.ip]
    for name, own4, own6 in holders:
        pairs: tuple[_Pair, ...] = ((own4, network.ipv4), (own6, network.ipv6))
        for own, bridge in pairs:
            taken.append(own.ip)
            if own.network != bridge.network:
                fix = f"choose an address of {bridge.network}"
                message = f"{own} does not lie in the management network {bridge.network}"
                yield _error("ZY-LAB-303", name, message, fix)
    for address in _repeated(taken):
        fix = f"give each its own; {network.ipv4.ip} and {network.ipv6.ip} are the lab's gateway"
        yield _error("ZY-LAB-303", str(address), f"management address {address} is taken twice", fix)


def _ends(ends: Iterable[EndSpec]) -> Iterator[ZyError]:
    for end in ends:
        families: tuple[_Family, ...] = (("IPv4", end.ipv4, end.gateway4), ("IPv6", end.ipv6, end.gateway6))
        for family, own, gateway in families:
            if gateway not in own.network or gateway == own.ip:
                message = f"its {family} gateway {gateway} is not another address of {own.network}"
                yield _error("ZY-LAB-304", end.name, message, "address and gateway are two of the same LAN")


def _repeated(items: Iterable[_Item]) -> list[_Item]:
    return [item for item, times in Counter(items).items() if times > 1]


def _error(code: str, target: str, message: str, fix: str) -> ZyError:
    return ZyError(code, f"lab routers, {target}: {message}", place=Place(target=target), fix=fix)
