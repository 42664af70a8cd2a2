"""The lab of an inventory: the province's clouds, hosts and routers as the lab's three parts, brought up together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network
from pathlib import Path
from typing import Protocol, TypeVar

from lab.guest.guest import Parts
from lab.guest.network import Network
from lab.hosts.fleet import Fleet
from lab.hosts.fleet import State as HostState
from lab.hosts.spec import HostSpec
from lab.openstack import cloud
from lab.openstack.spec import Spec
from lab.routers.rack import Rack
from lab.routers.spec import CableSpec, EndSpec, PortSpec, RouterSpec, Topology
from province.addressing import Addresses
from province.errors import ZyError, ZyErrors
from province.province import Province, Target
from zhengyun.toolchain.tools import LabParts

Say = Callable[[str], None]
T = TypeVar("T")

_PORTS_APART = 100
"""Between the ports of two labs on one machine."""
_END_SYSTEM = 10
"""An end system's place in its LAN; the network room proves reachability from there."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How one thing of the lab is, in a sentence, and what mends it."""

    part: str
    name: str
    well: bool
    sentence: str
    fix: str = ""


class LabPart(Protocol):
    """One part of the lab. Every verb may be killed and repeated."""

    def up(self, say: Say) -> None: ...
    def down(self, say: Say) -> None: ...
    def reset(self, say: Say) -> None: ...
    def status(self) -> list[Condition]: ...
    def shell(self, name: str) -> tuple[list[str], Mapping[str, str]]:
        """A command that opens a shell, and variables that it needs besides ours."""
        ...


@dataclass(frozen=True, slots=True)
class CloudPart:
    spec: Spec
    memory: Path
    """Of the cloud room: what Pulumi knows of these clouds."""

    def up(self, say: Say) -> None:
        cloud.up(self.spec, say)
        self._forget(say)

    def down(self, say: Say) -> None:
        cloud.down(self.spec)
        say("down")

    def reset(self, say: Say) -> None:
        say(f"clean again; tables that had changed: {len(cloud.reset(self.spec))}")
        self._forget(say)

    def _forget(self, say: Say) -> None:
        """Clouds that began anew hold nothing of what Pulumi remembers: its state would only be in the way."""
        mark, life = self.memory / "lab", cloud.born(self.spec)
        if mark.exists() and mark.read_text(encoding="ascii") == life:
            return
        if self.memory.exists():
            say("forgetting what Pulumi knew of clouds that are gone")
            shutil.rmtree(self.memory)
        self.memory.mkdir(mode=0o700, parents=True)
        mark.write_text(life, encoding="ascii")

    def status(self) -> list[Condition]:
        problems = cloud.status(self.spec)
        if not problems:
            regions = ", ".join(self.spec.region_names)
            return [Condition("openstack", "openstack", True, f"The clouds {regions} answer and all agents are alive.")]
        return [Condition("openstack", one.service, False, one.what, one.fix) for one in problems]

    def shell(self, name: str) -> tuple[list[str], Mapping[str, str]]:
        if name not in self.spec.region_names:
            raise _unknown(name, self.spec.region_names)
        return ["bash"], cloud.shell(self.spec, name)


@dataclass(frozen=True, slots=True)
class HostsPart:
    fleet: Fleet

    def up(self, say: Say) -> None:
        self.fleet.up(say)

    def down(self, say: Say) -> None:
        self.fleet.down(say)

    def reset(self, say: Say) -> None:
        self.fleet.reset(say)

    def status(self) -> list[Condition]:
        found = self.fleet.status()
        return [Condition("hosts", s.name, s.state is HostState.UP, s.sentence, s.next_command) for s in found]

    def shell(self, name: str) -> tuple[list[str], Mapping[str, str]]:
        return self.fleet.shell(name), {}


@dataclass(frozen=True, slots=True)
class RoutersPart:
    rack: Rack

    def up(self, say: Say) -> None:
        self.rack.up(say)

    def down(self, say: Say) -> None:
        self.rack.down(say)

    def reset(self, say: Say) -> None:
        self.rack.reset(say)

    def status(self) -> list[Condition]:
        return [Condition("routers", s.name, s.well, s.sentence, s.next_command) for s in self.rack.status()]

    def shell(self, name: str) -> tuple[list[str], Mapping[str, str]]:
        return self.rack.shell(name), {}


def laboratory(province: Province, home: Path, parts: LabParts, number: int = 0) -> dict[str, LabPart]:
    """The lab of a province, by part; labs of other numbers (each with a home of its own) may run beside it.

    Raises ``ZY-CLI-006`` for an inventory that is not meant for the lab.
    """
    if province.identity.target is not Target.LAB:
        raise ZyError(
            "ZY-CLI-006",
            f"the inventory of {province.identity.name} is for the real province, not for the lab",
            fix="name the lab's inventory (-i inventories/lab), or write `target: lab` in one of your own",
        )
    namespace = f"zy-lab-{number}" if number else "zy-lab"
    return {
        "openstack": CloudPart(
            cloud_spec(province, home / "openstack", parts.openstack, number * _PORTS_APART), home.with_name("cloud")
        ),
        "hosts": HostsPart(fleet(province, home, parts, namespace)),
        "routers": RoutersPart(rack(province, home, parts, namespace)),
    }


def cloud_spec(province: Province, home: Path, part: Path, port_shift: int) -> Spec:
    """One region of the lab's OpenStack for each cloud that the province names."""
    clouds = tuple(sorted({region.cloud for region in province.regions.values()}))
    return Spec(home, part, region_names=clouds, port_shift=port_shift)


def fleet(province: Province, home: Path, parts: LabParts, namespace: str) -> Fleet:
    """The province's hosts, in the management network that the inventory gives them."""
    network = _network(province.addresses, "host-management", namespace, "mgmt")
    specs = tuple(
        HostSpec(code, address.ipv4, address.ipv6, host.memory_mib)
        for code, host in sorted(province.hosts.items())
        for address in (province.addresses.host(code),)
    )
    return Fleet(home, network, Parts(parts.kernel, parts.host_image), specs)


def rack(province: Province, home: Path, parts: LabParts, namespace: str) -> Rack:
    """The province's routers and cables, and an end system in every LAN."""
    network = _network(province.addresses, "router-management", namespace, "routers")
    return Rack(home, network, Parts(parts.kernel, parts.router_image), topology(province))


def topology(province: Province) -> Topology:
    """What the routers' guest is to build. Management addresses of routers begin at 11; the guest has 10."""
    pool4, pool6 = _pool(province.addresses, "router-management")
    return Topology(
        guest4=IPv4Interface((pool4[10], pool4.prefixlen)),
        guest6=IPv6Interface((pool6[10], pool6.prefixlen)),
        routers=tuple(_router(province, code) for code in sorted(province.routers)),
        cables=tuple(
            CableSpec(link.a.router, link.a.port, link.b.router, link.b.port)
            for _, link in sorted(province.links.items())
        ),
        ends=tuple(_end(province, code) for code in sorted(province.lans)),
    )


def everywhere(parts: Mapping[str, LabPart], act: Callable[[LabPart, Say], T], say: Say) -> dict[str, T]:
    """Do the same to several parts at once. Raises :class:`ZyErrors` with what failed in any, after all have ended."""
    with ThreadPoolExecutor(max(1, len(parts))) as threads:
        futures = {name: threads.submit(act, part, _prefixed(say, name)) for name, part in parts.items()}
    errors: list[ZyError] = []
    for future in futures.values():
        error = future.exception()
        if isinstance(error, ZyErrors):
            errors += error.errors
        elif isinstance(error, ZyError):
            errors.append(error)
    if errors:
        raise ZyErrors(errors)
    return {name: future.result() for name, future in futures.items()}


def _router(province: Province, code: str) -> RouterSpec:
    management = province.addresses.router(code)
    ports = [link.end(code).port for link in province.links_of(code)] + [lan.port for lan in province.lans_of(code)]
    return RouterSpec(code, management.ipv4, management.ipv6, tuple(PortSpec(port) for port in sorted(ports)))


def _end(province: Province, code: str) -> EndSpec:
    lan, network = province.lans[code], province.addresses.lan(code)
    return EndSpec(
        router=lan.router,
        port=lan.port,
        name=f"end-{code}",
        ipv4=IPv4Interface((network.ipv4[_END_SYSTEM], network.ipv4.prefixlen)),
        gateway4=network.gateway4.ip,
        ipv6=IPv6Interface((network.ipv6[_END_SYSTEM], network.ipv6.prefixlen)),
        gateway6=network.gateway6.ip,
    )


def _network(addresses: Addresses, pool: str, namespace: str, bridge: str) -> Network:
    """The management network of a pool; its first address is the lab's gateway."""
    pool4, pool6 = _pool(addresses, pool)
    gateway4, gateway6 = IPv4Interface((pool4[1], pool4.prefixlen)), IPv6Interface((pool6[1], pool6.prefixlen))
    return Network(namespace, gateway4, gateway6, bridge)


def _prefixed(say: Say, name: str) -> Say:
    return lambda text: say(f"{name:9} {text}")


def _unknown(name: str, known: Sequence[str]) -> ZyError:
    return ZyError("ZY-CLI-008", f"the lab's cloud has no region {name}", fix=f"choose one of {', '.join(known)}")


def _pool(addresses: Addresses, name: str) -> tuple[IPv4Network, IPv6Network]:
    pool4, pool6 = addresses.pool(name)
    if pool4 is None:
        raise KeyError(f"pool {name} has no IPv4")
    return pool4, pool6
