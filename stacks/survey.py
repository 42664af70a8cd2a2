"""What is in a region's cloud now: read through its APIs, changing nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import openstack
from openstack.connection import Connection

from province.standard import parse_tags
from stacks.availability_zones import LiveAggregate, live_aggregates
from stacks.trace import TracePort

ROUTER_PORT = "network:router_interface"


@dataclass(frozen=True, slots=True)
class LiveServer:
    name: str
    status: str
    metadata: Mapping[str, str]
    host: str
    volumes: int
    availability_zone: str
    config_drive: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """A region as it is, by names. Of a router, the zones that it has legs in."""

    servers: Mapping[str, LiveServer]
    ports: Mapping[str, TracePort]
    router_zones: Mapping[str, frozenset[str]]
    aggregates: Mapping[str, LiveAggregate]
    families: Mapping[str, frozenset[int]]
    """Versions of IP that a network has subnets of."""


def survey(clouds: Path, cloud: str) -> Survey:
    """Ask Nova and Neutron of one region as its operator. Raises what ``openstacksdk`` and its HTTP client raise."""
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=cloud)
    with openstack.connection.Connection(config=config) as connection:
        ports = list(connection.network.ports())
        return Survey(
            servers={server.name: _server(server) for server in connection.compute.servers(all_projects=True)},
            ports={port.name: _port(port, ports) for port in ports if port.name and port.fixed_ips},
            router_zones=_router_zones(connection, ports),
            aggregates=live_aggregates(connection),
            families=_families(connection),
        )


def _families(connection: Connection) -> dict[str, frozenset[int]]:
    held: dict[str, set[int]] = {}
    for subnet in connection.network.subnets():
        held.setdefault(subnet.network_id, set()).add(subnet.ip_version)
    return {network.name: frozenset(held.get(network.id, ())) for network in connection.network.networks()}


def _server(server: Any) -> LiveServer:
    return LiveServer(
        name=server.name,
        status=server.status,
        metadata=dict(server.metadata or {}),
        host=server.compute_host or server.hypervisor_hostname or "",
        volumes=len(server.attached_volumes or ()),
        availability_zone=server.availability_zone or "",
        config_drive=bool(server.has_config_drive),
    )


def _port(port: Any, ports: Iterable[Any]) -> TracePort:
    addresses = {ip_address(each["ip_address"]).version: each["ip_address"] for each in port.fixed_ips}
    gateway = next((p for p in ports if p.network_id == port.network_id and p.device_owner == ROUTER_PORT), None)
    return TracePort(
        id=port.id,
        network=port.network_id,
        mac=port.mac_address,
        ipv4=addresses.get(4, ""),
        ipv6=addresses.get(6, ""),
        gateway_mac=gateway.mac_address if gateway else "",
    )


def _router_zones(connection: Connection, ports: Iterable[Any]) -> dict[str, frozenset[str]]:
    """Zone of each network that a router has a leg in, its external network included."""
    zone_of = {network.id: _zone(network.tags) for network in connection.network.networks()}
    networks: dict[str, set[str]] = {}
    for port in ports:
        if port.device_owner == ROUTER_PORT:
            networks.setdefault(port.device_id, set()).add(port.network_id)
    routers: dict[str, frozenset[str]] = {}
    for router in connection.network.routers():
        outside = (router.external_gateway_info or {}).get("network_id")
        legs = networks.get(router.id, set()) | ({outside} if outside else set())
        routers[router.name] = frozenset(zone_of.get(leg, "?") for leg in legs)
    return routers


def _zone(tags: list[str]) -> str:
    labels = parse_tags(tags)
    return labels.zone if labels else "?"
