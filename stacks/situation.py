"""What an apply will meet in a region's cloud, asked beforehand: services, clock, roles, room. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import openstack
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from province.cloud import Region, Service
from stacks.availability_zones import live_aggregates
from stacks.service_classes import qos_policies

SERVICES: Mapping[str, str] = {
    "identity": "3",
    "compute": "2.1",
    "network": "2.0",
    "block-storage": "3",
    "image": "2",
    "placement": "1.0",
}
"""What the stacks use, by its type (OpenStack service-types authority), with the version that they speak."""

OFFERED: Mapping[Service, tuple[str, str]] = {
    Service.BALANCER: ("load-balancer", "2"),
    Service.NAMES: ("dns", "2"),
    Service.SECRETS: ("key-manager", "1"),
}
"""The same for what a region may offer besides, where it is a service of its own."""


def services_of(region: Region) -> dict[str, str]:
    """Every service that the stacks of a region use: type and version."""
    return {**SERVICES, **dict(OFFERED[offered] for offered in sorted(region.services) if offered in OFFERED)}


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the region's machines may still take: the free part of Placement's inventories."""

    vcpus: int
    ram_mib: int
    machines: int
    """Compute hosts that are up and enabled."""


@dataclass(frozen=True, slots=True)
class LiveHost:
    zone: str
    """Availability zone that an aggregate has put it into; empty: none."""
    servers: int
    """How many stand on it, whoever owns them."""
    ours: bool = False
    """Whether that aggregate carries the standard's labels."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A region's cloud as it is now. What could not be asked is in ``failures``, by what was asked for."""

    failures: Mapping[str, str]
    """Why a service did not answer, by its type; ``login`` when nothing else could be asked."""
    clock_seconds: float
    """How far the cloud's clock is ahead of ours."""
    account: str
    roles: frozenset[str]
    extensions: frozenset[str]
    """Aliases of Neutron's API extensions."""
    servers: frozenset[str]
    """Names of all servers, whoever owns them."""
    classes: Mapping[str, str]
    """Name of the QoS policy of each network that has one, by the network's name."""
    capacity: Capacity | None
    hosts: Mapping[str, LiveHost]
    """Compute hosts by name, up or not."""


def look(clouds: Path, region: Region) -> Situation:
    """Ask everything that can be asked; never raises for a cloud that fails."""
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=region.cloud)
    with openstack.connection.Connection(config=config) as connection:
        return _look(connection, services_of(region))


def _look(connection: Any, services: Iterable[str]) -> Situation:
    failures: dict[str, str] = {}

    def ask(what: str, question: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return question()
        except (SDKException, ClientException, OSError) as error:
            failures[what] = " ".join(str(error).split())[:200] or type(error).__name__
            return otherwise

    access, clock_seconds = ask("login", lambda: _log_in(connection), (None, 0.0))
    if access is None:
        return Situation(failures, 0.0, "", frozenset(), frozenset(), frozenset(), {}, None, {})
    for service in services:
        ask(service, partial(_answers, connection, service), None)
    servers: list[Any] = ask("compute", lambda: list(connection.compute.servers(all_projects=True)), [])
    return Situation(
        failures=failures,
        clock_seconds=clock_seconds,
        account=access.username,
        roles=frozenset(access.role_names),
        extensions=ask(
            "network", lambda: frozenset(each.alias for each in connection.network.extensions()), frozenset()
        ),
        servers=frozenset(server.name for server in servers),
        classes=ask("network", lambda: _classes(connection), {}),
        capacity=ask("placement", lambda: _capacity(connection), None),
        hosts=ask("compute", lambda: _hosts(connection, servers), {}),
    )


def _answers(connection: Any, service: str) -> None:
    """Raises when the catalogue has no such service, or it does not answer at the address that the catalogue gives.

    Nothing is discovered there: Octavia answers it with a bare JSON string, which keystoneauth cannot read.
    """
    adapter = connection.config.get_session_client(service)
    url = adapter.get_endpoint()
    if not url:
        raise SDKException("the catalogue has no such service in this region")
    status = adapter.session.get(url, raise_exc=False, authenticated=False).status_code
    if status >= 500:
        raise SDKException(f"{url} answers {status}")


def _log_in(connection: Any) -> tuple[Any, float]:
    """Who we are, and how many seconds Keystone's clock is ahead of ours: its token says when it was issued."""
    before = datetime.now(UTC)
    access = connection.session.auth.get_access(connection.session)
    after = datetime.now(UTC)
    ahead = max((access.issued - after).total_seconds(), 0.0)
    behind = max((before - access.issued).total_seconds(), 0.0)
    return access, ahead - behind


def _classes(connection: Any) -> dict[str, str]:
    names = {policy.id: policy.name for policy in qos_policies(connection)}
    networks = connection.network.networks() if names else ()
    return {network.name: names[network.qos_policy_id] for network in networks if network.qos_policy_id in names}


def _hosts(connection: Any, servers: Iterable[Any]) -> dict[str, LiveHost]:
    zones = {host: one for one in live_aggregates(connection).values() if one.zone for host in one.hosts}
    held = Counter(server.compute_host for server in servers)
    found: dict[str, LiveHost] = {}
    for service in connection.compute.services(binary="nova-compute"):
        zone = zones.get(service.host)
        ours = zone is not None and zone.labels is not None
        found[service.host] = LiveHost(zone.zone if zone else "", held[service.host], ours)
    return found


def _capacity(connection: Any) -> Capacity:
    free = {"VCPU": 0, "MEMORY_MB": 0}
    for provider in connection.placement.resource_providers():
        usages = connection.placement.get(f"/resource_providers/{provider.id}/usages").json()["usages"]
        for inventory in connection.placement.resource_provider_inventories(provider):
            if inventory.resource_class in free:
                capacity = int((inventory.total - inventory.reserved) * inventory.allocation_ratio)
                free[inventory.resource_class] += capacity - usages.get(inventory.resource_class, 0)
    services = connection.compute.services(binary="nova-compute")
    machines = sum(each.state == "up" and each.status == "enabled" for each in services)
    return Capacity(free["VCPU"], free["MEMORY_MB"], machines)
