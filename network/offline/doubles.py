"""Nothing is used twice: addresses within one table, locators, router ids, NETs, RDs, route targets, CEs' AS numbers.

VPNs are tables of their own, so the same IPv4 may stand in two of them; within one it may not. The two ends of a cable
share their network.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from network.intent import RouterIntent
from network.offline.fabric import FAMILIES, Fabric
from network.offline.verdict import ZONED, must
from network.ports import LOOPBACK
from province.record import Finding

_FIX = (
    "allocate anew: `zy allocate` never gives one value twice, so somebody wrote it by hand or a lock file was merged"
)


@dataclass(frozen=True, slots=True)
class _Use:
    """A value, where it stands, and whose it is: one owner may use a value twice."""

    value: Hashable
    place: str
    owner: str
    router: str


def doubles(fabric: Fabric) -> Iterator[Finding]:
    """``used-twice``, with both places."""
    loopback = f"interface {LOOPBACK}"
    yield from _twice("router id", _of_routers(fabric, loopback, lambda intent: intent.router_id))
    yield from _twice("loopback", _of_routers(fabric, loopback, lambda intent: intent.loopback6))
    yield from _twice("NET", _of_routers(fabric, "isis", lambda intent: intent.core.net if intent.core else None))
    yield from _twice("AS of a CE", _of_routers(fabric, "bgp", lambda intent: None if intent.core else intent.asn))
    yield from _twice("RD", _rds(fabric))
    yield from _twice("route target", _rts(fabric))
    for family in FAMILIES:
        yield from _overlaps(f"{family} network", _networks(fabric, family))
    yield from _overlaps("locator", _locators(fabric))


def _of_routers(fabric: Fabric, key: str, value: Callable[[RouterIntent], Hashable]) -> Iterator[_Use]:
    """A value that each router has one of; ``None`` where it has none."""
    for name, reading in fabric.readings.items():
        found = value(reading.intent)
        if found is not None:
            yield _Use(found, fabric.place(name, key), name, name)


def _twice(thing: str, uses: Iterable[_Use]) -> Iterator[Finding]:
    first: dict[Hashable, _Use] = {}
    for use in uses:
        one = first.setdefault(use.value, use)
        if one.owner != use.owner:
            yield _finding(thing, str(use.value), one, use)


def _finding(thing: str, value: str, one: _Use, other: _Use) -> Finding:
    said = f"{value} stands in {one.place} and in {other.place} ({one.owner}, {other.owner})"
    return must("used-twice", other.router, thing, said, _FIX, ZONED)


def _rds(fabric: Fabric) -> Iterator[_Use]:
    for name, reading in fabric.readings.items():
        for vrf in reading.intent.vrfs:
            yield _Use(vrf.rd, fabric.place(name, f"vrf {vrf.name}"), f"{name} {vrf.name}", name)


def _rts(fabric: Fabric) -> Iterator[_Use]:
    """Route targets, owned by the VPN's name: PEs of one VPN share theirs."""
    for name, reading in fabric.readings.items():
        for vrf in reading.intent.vrfs:
            yield _Use(vrf.rt, fabric.place(name, f"vrf {vrf.name}"), vrf.name, name)


def _locators(fabric: Fabric) -> Iterator[tuple[str, _Use]]:
    for name, reading in fabric.readings.items():
        if reading.intent.core:
            yield "", _Use(reading.intent.core.locator, fabric.place(name, "locator"), name, name)


def _networks(fabric: Fabric, family: str) -> Iterator[tuple[str, _Use]]:
    """Networks of all ports with the table that they are in; a network belongs to its cable, LAN or router."""
    cables = {(end.router, end.port): code for code, link in fabric.province.links.items() for end in (link.a, link.b)}
    tables = dict(_tables(fabric))
    for name, reading in fabric.readings.items():
        for port in reading.intent.interfaces:
            table = "loopbacks" if port.name == LOOPBACK else f"VRF {port.vrf}" if port.vrf else tables[name]
            owner = cables.get((name, port.name), f"{name} {port.name}")
            place = fabric.place(name, f"interface {port.name}")
            yield table, _Use(getattr(port, family).network, place, owner, name)


def _tables(fabric: Fabric) -> Iterator[tuple[str, str]]:
    """The table of a router's ports outside VRFs: the core's, or for a CE the VRF that it hangs on."""
    for name in fabric.readings:
        homes = [] if fabric.is_provider(name) else list(fabric.homes(name))
        vrf = homes[0][2].interface.vrf if homes else None
        yield name, "core" if fabric.is_provider(name) else f"VRF {vrf}" if vrf else f"CE {name}"


def _overlaps(thing: str, uses: Iterable[tuple[str, _Use]]) -> Iterator[Finding]:
    """Networks of one table that share addresses: sorted by their first address, each is compared with the last."""
    rows = sorted(
        ((table, int(_net(use).network_address), _net(use).prefixlen, use) for table, use in uses),
        key=lambda row: row[:3],
    )
    widest: tuple[str, int, _Use] | None = None
    for table, start, _, use in rows:
        end = start + int(_net(use).num_addresses) - 1
        if widest is not None and widest[0] == table and start <= widest[1]:
            if widest[2].owner != use.owner:
                yield _finding(thing, f"{use.value} (with {widest[2].value}, in {table})", widest[2], use)
            if end <= widest[1]:
                continue
        widest = (table, end, use)


def _net(use: _Use) -> IPv4Network | IPv6Network:
    assert isinstance(use.value, IPv4Network | IPv6Network)
    return use.value
