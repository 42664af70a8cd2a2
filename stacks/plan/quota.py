"""Quotas: what a project has declared, with head-room, and never without limit."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TypeVar

from province.province import Province
from province.system import System
from stacks.plan.pool import FAMILIES, Range
from stacks.plan.service import balancers
from stacks.plan.service_class import qos_policies


@dataclass(frozen=True, slots=True)
class ComputeQuota:
    instances: int
    cores: int
    ram_mib: int
    server_groups: int
    server_group_members: int


@dataclass(frozen=True, slots=True)
class NetworkQuota:
    networks: int
    subnets: int
    subnet_pools: int
    routers: int
    """Tenants get none: a router of theirs could join two zones."""
    floating_ips: int
    ports: int
    security_groups: int
    security_group_rules: int
    rbac_policies: int


@dataclass(frozen=True, slots=True)
class StorageQuota:
    volumes: int
    gigabytes: int
    snapshots: int
    backups: int
    backup_gigabytes: int


@dataclass(frozen=True, slots=True)
class Quota:
    compute: ComputeQuota
    network: NetworkQuota
    storage: StorageQuota


_Part = TypeVar("_Part", ComputeQuota, NetworkQuota, StorageQuota)


def raised(quota: Quota, floor: Quota) -> Quota:
    """The quota, nowhere below another."""
    return Quota(*(_larger(getattr(quota, part.name), getattr(floor, part.name)) for part in fields(Quota)))


def _larger(one: _Part, other: _Part) -> _Part:
    return replace(one, **{key: max(value, getattr(other, key)) for key, value in asdict(one).items()})


def with_room(declared: int) -> int:
    """Half again, and one more at least: enough to replace or add a server without asking for quota first."""
    return declared + max(1, (declared + 1) // 2)


def system_quota(province: Province, system: System) -> Quota:
    """What a system may use."""
    sizes = [(w, province.flavors[w.flavor]) for w in system.workloads.values()]
    servers = sum(w.count for w, _ in sizes)
    volumes = sum(w.count * (bool(w.volume_gib) + bool(w.boot_volume_gib)) for w, _ in sizes)
    gigabytes = sum(w.count * (w.volume_gib + w.boot_volume_gib) for w, _ in sizes)
    pairs = sum(len(w.ports) * (len(w.clients) + 1) for w, _ in sizes)
    return Quota(
        ComputeQuota(
            instances=with_room(servers),
            cores=with_room(sum(w.count * flavor.vcpus for w, flavor in sizes)),
            ram_mib=with_room(sum(w.count * flavor.ram_mib for w, flavor in sizes)),
            server_groups=with_room(len(sizes)),
            server_group_members=with_room(max(w.count for w, _ in sizes)),
        ),
        NetworkQuota(
            # Twice what is made: between creating an object and letting its reservation go, Neutron counts it twice
            # (neutron/db/quota/driver_nolock.py), and a subnet of each family is made at the same time
            networks=2,
            subnets=4,
            subnet_pools=0,
            routers=0,
            floating_ips=0,
            # a leg in the exchange zone each, the router's, and the balancers'
            ports=with_room(2 * servers + 1 + len(list(balancers(province, system)))),
            # Neutron's own `default` is one more, with four rules; a new group starts with two
            security_groups=with_room(len(sizes) + 1),
            security_group_rules=with_room(2 * pairs + 4 + 2 * len(sizes)),
            rbac_policies=0,
        ),
        _storage(volumes, gigabytes),
    )


def platform_quota(province: Province, region: str) -> Quota:
    """What the platform's own project of a region may use: networks and rules, no servers."""
    zones = len(province.regions[region].zones)
    agreements = sum(
        province.systems[agreement.provider.system].region == region for agreement in province.agreements.values()
    )
    ports = sum(len(agreement.ports) for agreement in province.agreements.values())
    # Neutron keeps each thing that is shared or external as an RBAC policy of its owner, and counts it: address scopes
    # and systems' pools, classes of service, and the internet zone's network
    shared = 2 * len(FAMILIES) + len(qos_policies(province, region)) + 1
    return Quota(
        ComputeQuota(instances=0, cores=0, ram_mib=0, server_groups=0, server_group_members=0),
        NetworkQuota(
            networks=with_room(zones),
            subnets=with_room(2 * zones),
            subnet_pools=with_room(len(FAMILIES) * len(Range)),
            routers=with_room(zones),
            floating_ips=0,
            ports=with_room(8 * zones),
            security_groups=with_room(2 + 2 * agreements),
            security_group_rules=with_room(10 + 4 * ports + 4 * agreements),
            rbac_policies=with_room(len(province.systems_in(region)) + shared),
        ),
        _storage(0, 0),
    )


def _storage(volumes: int, gigabytes: int) -> StorageQuota:
    if not volumes:
        return StorageQuota(0, 0, 0, 0, 0)
    return StorageQuota(
        volumes=with_room(volumes),
        gigabytes=with_room(gigabytes),
        snapshots=with_room(volumes),
        backups=with_room(volumes),
        backup_gigabytes=with_room(gigabytes),
    )
