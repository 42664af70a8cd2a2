"""What a region's optional services hold now: balancers, names, containers. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack
from openstack.connection import Connection

from province.cloud import Service
from province.standard import PLATFORM
from stacks.clouds import project_cloud


@dataclass(frozen=True, slots=True)
class LiveBalancer:
    status: str
    """``ACTIVE`` once all of it works."""
    address: str
    port: str
    """Id of the port that holds the address."""
    tags: frozenset[str]
    members: Mapping[int, frozenset[str]]
    """Addresses behind each port that it listens on."""


@dataclass(frozen=True, slots=True)
class LiveRecord:
    status: str
    addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Balancers by name, records by name and type, containers by name."""

    balancers: Mapping[str, LiveBalancer]
    records: Mapping[tuple[str, str], LiveRecord]
    containers: frozenset[str]


def hold(clouds: Path, region: str, cloud: str, services: Iterable[Service], systems: Iterable[str]) -> Holdings:
    """Ask the services that the region offers. Raises what ``openstacksdk`` and its HTTP client raise.

    Names are asked for in the platform's project, containers in each system's: Barbican shows a project its own only.
    """
    offered = frozenset(services)
    balancers: dict[str, LiveBalancer] = {}
    records: dict[tuple[str, str], LiveRecord] = {}
    containers: set[str] = set()
    if Service.BALANCER in offered:
        with _connect(clouds, cloud) as connection:
            balancers = dict(_balancers(connection))
    if Service.NAMES in offered:
        with _connect(clouds, project_cloud(region, PLATFORM)) as connection:
            records = dict(_records(connection))
    if Service.SECRETS in offered:
        for system in systems:
            with _connect(clouds, project_cloud(region, system)) as connection:
                containers |= {container.name for container in connection.key_manager.containers()}
    return Holdings(balancers, records, frozenset(containers))


def _connect(clouds: Path, cloud: str) -> Connection:
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=cloud)
    return openstack.connection.Connection(config=config)


def _balancers(connection: Any) -> Iterator[tuple[str, LiveBalancer]]:
    """Four requests, and one for each pool."""
    service = connection.load_balancer
    pools = {pool.id: pool for pool in service.pools()}
    behind: dict[str, dict[int, frozenset[str]]] = {}
    for listener in service.listeners():
        pool = pools.get(listener.default_pool_id)
        addresses = frozenset(member.address for member in service.members(pool)) if pool else frozenset()
        for balancer in listener.load_balancers:
            behind.setdefault(balancer["id"], {})[listener.protocol_port] = addresses
    for each in service.load_balancers():
        yield (
            each.name,
            LiveBalancer(
                each.provisioning_status,
                each.vip_address,
                each.vip_port_id,
                frozenset(each.tags),
                behind.get(each.id, {}),
            ),
        )


def _records(connection: Any) -> Iterator[tuple[tuple[str, str], LiveRecord]]:
    for zone in connection.dns.zones():
        for record in connection.dns.recordsets(zone):
            yield (record.name, record.type), LiveRecord(record.status, frozenset(record.records))
