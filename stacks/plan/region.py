"""A region's stack: zones that nothing joins, the exchange between them, and the platform's own rules.

Each zone has a dual-stack network and, except for the exchange, a router of its own; systems attach to the router of
their zone. No router has legs in two zones (GB/T 22239-2019 8.1.2.1 c and d, 8.1.3.2 a). The internet zone's network
is the region's external network. All networks of a region take their addresses from its subnet pools.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from province.addressing import DualNetwork
from province.cloud import Zone
from province.province import Province
from province.standard import Labels, region_labels, zone_name
from stacks.plan.agreement import Exchange, plan_exchange
from stacks.plan.availability_zone import AggregateSpec, aggregates
from stacks.plan.pool import AddressScope, address_scopes
from stacks.plan.province import domain_name, platform_name
from stacks.plan.rule import Direction, Peer, SecurityGroup, both_families
from stacks.plan.service import NameZone, name_zone
from stacks.plan.service_class import QosPolicy, qos_policies

EXTRANET = "extranet"
BASTIONS = "bastions"


@dataclass(frozen=True, slots=True)
class Network:
    """A network with a subnet of each family, or of IPv6 alone (then all of IPv4 is empty)."""

    name: str
    description: str
    labels: Labels
    ipv4: str
    ipv6: str
    gateway4: str
    gateway6: str
    """Empty gateways: the subnets have none."""
    external: bool = False


@dataclass(frozen=True, slots=True)
class ZoneSpec:
    zone: str
    network: Network
    routed: bool


@dataclass(frozen=True, slots=True)
class AddressGroupSpec:
    code: str
    name: str
    description: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionPlan:
    region: str
    cloud: str
    domain: str
    project: str
    scopes: tuple[AddressScope, ...]
    classes: tuple[QosPolicy, ...]
    zones: tuple[ZoneSpec, ...]
    addresses: tuple[AddressGroupSpec, ...]
    groups: tuple[SecurityGroup, ...]
    exchange: Exchange
    names: NameZone | None
    aggregates: tuple[AggregateSpec, ...]


def plan_region(province: Province, code: str, today: date) -> RegionPlan:
    """Raises ``ZY-CLD-001`` (see :func:`stacks.plan.agreement.plan_exchange`)."""
    region = province.regions[code]
    zones = tuple(_zone(province, code, zone) for zone in Zone if zone in region.zones)
    return RegionPlan(
        region=code,
        cloud=region.cloud,
        domain=domain_name(code),
        project=platform_name(code),
        scopes=address_scopes(province, code),
        classes=qos_policies(province, code),
        zones=zones,
        addresses=(
            _pool(province, code, EXTRANET, "lan", "政务外网接入网段 LANs of the extranet"),
            _pool(province, code, BASTIONS, "host-management", "运维管理网段 management of hosts"),
        ),
        groups=(_management(province, code),),
        exchange=plan_exchange(province, code, today),
        names=name_zone(province, code),
        aggregates=aggregates(province, code),
    )


def dual_network(name: str, text: str, labels: Labels, prefixes: DualNetwork) -> Network:
    """A network whose gateways are the first addresses of its prefixes."""
    return Network(
        name=name,
        description=text,
        labels=labels,
        ipv4=str(prefixes.ipv4),
        ipv6=str(prefixes.ipv6),
        gateway4=str(prefixes.gateway4.ip),
        gateway6=str(prefixes.gateway6.ip),
    )


def _zone(province: Province, region: str, zone: Zone) -> ZoneSpec:
    network = dual_network(
        zone_name(region, zone),
        f"{province.regions[region].name} · {zone.chinese}",
        region_labels(province, region, zone),
        province.addresses.zone(region, zone.value),
    )
    routed = zone is not Zone.EXCHANGE
    return ZoneSpec(
        zone=zone.value,
        routed=routed,
        network=Network(
            name=network.name,
            description=network.description,
            labels=network.labels,
            ipv4=network.ipv4,
            ipv6=network.ipv6,
            gateway4=network.gateway4 if routed else "",
            gateway6=network.gateway6 if routed else "",
            external=zone is Zone.INTERNET,
        ),
    )


def _pool(province: Province, region: str, code: str, pool: str, text: str) -> AddressGroupSpec:
    prefixes = tuple(str(prefix) for prefix in province.addresses.pool(pool) if prefix is not None)
    return AddressGroupSpec(code, f"{region}-{code}", text, prefixes)


def _management(province: Province, region: str) -> SecurityGroup:
    """For what the platform runs in the management zone: ssh, from the bastions' addresses only."""
    return SecurityGroup(
        zone_name(region, Zone.MANAGEMENT),
        f"{province.regions[region].name} · {Zone.MANAGEMENT.chinese}",
        region_labels(province, region, Zone.MANAGEMENT),
        tuple(both_families(Direction.INGRESS, [22], {BASTIONS: Peer(addresses=BASTIONS)})),
    )
