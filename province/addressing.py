"""The address plan: every address and number of the province, for IPv4 and IPv6, allocated once and kept.

Each thing that needs an address holds a *slot* in a pool; the slot is written to ``addresses.lock.yaml`` and never
changes, whatever is inserted, removed or reordered later. One slot gives both families, so that they run in parallel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_network,
)
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from province.declared import Declared
from province.errors import ZyError


class DualPool(Declared):
    """A pool for both families; slot ``n`` is the ``n``-th prefix of each."""

    ipv4: IPv4Network
    ipv6: IPv6Network


class Ipv6Pool(Declared):
    ipv6: IPv6Network


class Pools(Declared):
    """The ranges of the province (地址池). None may overlap another."""

    host_management: DualPool = Field(alias="host-management", description="Management addresses of hosts.")
    router_management: DualPool = Field(alias="router-management", description="Of routers, out of band.")
    loopback: DualPool = Field(description="Routers' loopbacks; IPv4 is the router id.")
    locator: Ipv6Pool = Field(description="SRv6 locators, a /48 each (RFC 8986).")
    link: DualPool = Field(description="Links: /31 (RFC 3021) and /127 (RFC 6164).")
    lan: DualPool = Field(description="Departments' LANs: /24 and /64.")
    zone: DualPool = Field(description="Zone networks of regions: /20 and /64.")
    system: DualPool = Field(description="Networks of systems: /24 and /64.")

    def by_name(self) -> dict[str, tuple[IPv4Network | None, IPv6Network]]:
        """Pools under the names of the inventory, each with its prefixes."""
        dump = {info.alias or name: getattr(self, name) for name, info in type(self).model_fields.items()}
        return {name: (getattr(pool, "ipv4", None), pool.ipv6) for name, pool in dump.items()}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a pool is cut: prefix lengths of a slot, and slots kept back at its start (gateways, tests)."""

    length4: int
    length6: int
    reserved: int = 0


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "host-management": Shape(32, 128, reserved=11),
        "router-management": Shape(32, 128, reserved=11),
        "loopback": Shape(32, 128, reserved=1),
        "locator": Shape(32, 48, reserved=1),
        "link": Shape(31, 127),
        "lan": Shape(24, 64),
        "zone": Shape(20, 64),
        "system": Shape(24, 64),
    }
)
NUMBERS: Mapping[str, int] = MappingProxyType({"vpn": 100, "ce-as": 4_200_000_000})
"""Number spaces and their first value: route-target numbers, and private AS numbers of CEs (RFC 6996)."""

Slots = Mapping[str, Mapping[str, int]]
Wanted = Mapping[str, Iterable[str]]


class LockFile(BaseModel):
    """``addresses.lock.yaml``: the pools at the time of allocation, and who holds which slot."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    pools: dict[str, list[str]] = {}
    slots: dict[str, dict[str, int]] = {}


@dataclass(frozen=True, slots=True)
class DualNetwork:
    ipv4: IPv4Network
    ipv6: IPv6Network

    @property
    def gateway4(self) -> IPv4Interface:
        """The first usable address, which the router or gateway of the network holds."""
        return IPv4Interface((self.ipv4[1], self.ipv4.prefixlen))

    @property
    def gateway6(self) -> IPv6Interface:
        return IPv6Interface((self.ipv6[1], self.ipv6.prefixlen))


@dataclass(frozen=True, slots=True)
class DualInterface:
    ipv4: IPv4Interface
    ipv6: IPv6Interface


def allocate(wanted: Wanted, held: Slots) -> dict[str, dict[str, int]]:
    """Give every wanted key a slot: held ones stay, new ones take the lowest free slot in order of their names.

    Keys that nobody wants any more keep their slot, so that an address is never handed to another by accident.
    """
    slots = {pool: dict(keys) for pool, keys in held.items()}
    for pool, keys in wanted.items():
        taken = slots.setdefault(pool, {})
        used = set(taken.values())
        free = (n for n in range(len(used) + 1_000_000) if n not in used)
        for key in sorted(set(keys) - set(taken)):
            taken[key] = next(free)
            used.add(taken[key])
    return slots


def capacity(pool: IPv4Network | IPv6Network, length: int, reserved: int) -> int:
    """How many slots of prefix length ``length`` a pool holds."""
    return int(2 ** max(0, length - pool.prefixlen)) - reserved


class Addresses:
    """Answers which address a thing has. Build it with :func:`Addresses.of`; it reads, and allocates nothing."""

    def __init__(self, pools: Pools, slots: Slots) -> None:
        self._pools = pools.by_name()
        self._slots = slots

    def host(self, code: str) -> DualInterface:
        """Management address of a host."""
        return self._member("host-management", code)

    def router(self, code: str) -> DualInterface:
        """Out-of-band management address of a router."""
        return self._member("router-management", code)

    def loopback(self, router: str) -> DualInterface:
        network = self._network("loopback", router)
        return DualInterface(IPv4Interface(network.ipv4), IPv6Interface(network.ipv6))

    def locator(self, router: str) -> IPv6Network:
        """SRv6 locator of a provider router (/48)."""
        return self._prefix6("locator", router)

    def link(self, link: str) -> tuple[DualInterface, DualInterface]:
        """Addresses of a link's ends a and b."""
        network = self._network("link", link)
        first, second = (
            DualInterface(IPv4Interface((network.ipv4[n], 31)), IPv6Interface((network.ipv6[n], 127))) for n in (0, 1)
        )
        return first, second

    def lan(self, lan: str) -> DualNetwork:
        return self._network("lan", lan)

    def zone(self, region: str, zone: str) -> DualNetwork:
        return self._network("zone", f"{region}/{zone}")

    def system(self, system: str) -> DualNetwork:
        return self._network("system", system)

    def vpn(self, vpn: str) -> int:
        """Number of a VPN, in route targets and VRF tables."""
        return self._number("vpn", vpn)

    def ce_as(self, router: str) -> int:
        """Private AS number of a CE (four octets, RFC 6996)."""
        return self._number("ce-as", router)

    def pool(self, name: str) -> tuple[IPv4Network | None, IPv6Network]:
        """The whole range of a pool, for filters over all of its members."""
        return self._pools[name]

    def _slot(self, pool: str, key: str) -> int:
        try:
            return self._slots[pool][key]
        except KeyError:
            raise ZyError(
                "ZY-INV-030",
                f"{pool} {key} has no address yet (尚未分配地址)",
                fix="run `zy allocate`, look at the change of addresses.lock.yaml, and commit it",
            ) from None

    def _prefix6(self, pool: str, key: str) -> IPv6Network:
        shape, base = SHAPES[pool], self._pools[pool][1]
        start = int(base.network_address) + ((self._slot(pool, key) + shape.reserved) << (128 - shape.length6))
        return IPv6Network((IPv6Address(start), shape.length6))

    def _prefix4(self, pool: str, key: str) -> IPv4Network:
        shape, base = SHAPES[pool], self._pools[pool][0]
        if base is None:
            raise KeyError(f"pool {pool} has no IPv4")
        start = int(base.network_address) + ((self._slot(pool, key) + shape.reserved) << (32 - shape.length4))
        return IPv4Network((IPv4Address(start), shape.length4))

    def _network(self, pool: str, key: str) -> DualNetwork:
        return DualNetwork(self._prefix4(pool, key), self._prefix6(pool, key))

    def _member(self, pool: str, key: str) -> DualInterface:
        base4, base6 = self._pools[pool]
        address4, address6 = self._prefix4(pool, key)[0], self._prefix6(pool, key)[0]
        length4 = base4.prefixlen if base4 else 32
        return DualInterface(IPv4Interface((address4, length4)), IPv6Interface((address6, base6.prefixlen)))

    def _number(self, space: str, key: str) -> int:
        return NUMBERS[space] + self._slot(space, key)


def overlapping(pools: Pools) -> list[tuple[str, str]]:
    """Pairs of pools that share addresses, as (later, earlier) in the order of the model."""
    named = [(name, prefix) for name, pair in pools.by_name().items() for prefix in pair if prefix is not None]
    return [
        (later, earlier)
        for index, (later, prefix) in enumerate(named)
        for earlier, other in named[:index]
        if prefix.version == other.version and ip_network(prefix).overlaps(ip_network(other))
    ]
