"""Program of a region's stack."""

from __future__ import annotations

import pulumi
import pulumi_openstack as openstack

from province.cloud import Zone
from province.standard import PLATFORM
from stacks.clouds import project_cloud
from stacks.components.address_group import AddressGroupComponent, AddressGroupProps
from stacks.components.availability_zones import AvailabilityZonesComponent, AvailabilityZonesProps
from stacks.components.exchange import ExchangeComponent, ExchangeProps
from stacks.components.names import ZoneOfNamesComponent, ZoneOfNamesProps
from stacks.components.pools import PoolsComponent, PoolsProps
from stacks.components.security_group import SecurityGroupComponent, SecurityGroupProps
from stacks.components.service_classes import ServiceClassesComponent, ServiceClassesProps
from stacks.components.zone import ZoneComponent, ZoneProps
from stacks.outputs import StackOutputs
from stacks.plan.pool import Range, family_key
from stacks.plan.region import RegionPlan
from stacks.plan.stack import PROVINCE


def make_region(plan: RegionPlan) -> None:
    """Make everything, and export ids.

    ``pools`` (by range and family), ``zones`` (network, router), ``addresses``, ``exchange`` (ports by server),
    ``names`` (where there is a DNS zone), ``classes`` (QoS policies, where there are any).
    """
    accounts = StackOutputs(PROVINCE)
    cloud = openstack.Provider(plan.region, cloud=project_cloud(plan.region, PLATFORM))
    opts = pulumi.ResourceOptions(providers=[cloud])
    pools = PoolsComponent(f"{plan.region}-pools", PoolsProps(plan.scopes), opts).pools
    zones = {
        zone.zone: ZoneComponent(zone.network.name, ZoneProps(zone, pools[Range.ZONE]), opts) for zone in plan.zones
    }
    addresses = {
        group.code: AddressGroupComponent(
            group.name, AddressGroupProps(group.name, group.description, list(group.prefixes)), opts
        ).group_id
        for group in plan.addresses
    }
    for group in plan.groups:
        SecurityGroupComponent(group.name, SecurityGroupProps(group), opts).open({}, addresses)
    ports: dict[str, pulumi.Output[str]] = {}
    if plan.exchange.ports:
        projects = {code: accounts.at("regions", plan.region, "projects", code) for code in plan.exchange.shared_with}
        props = ExchangeProps(plan.exchange, zones[Zone.EXCHANGE.value].network, projects)
        ports = ExchangeComponent(f"{plan.region}-exchange", props, opts).ports
    pulumi.export(
        "pools",
        {each: {family_key(family): id_ for family, id_ in ids.items()} for each, ids in pools.items()},
    )
    pulumi.export(
        "zones",
        {code: {"network": zone.network.network_id, "router": zone.router_id} for code, zone in zones.items()},
    )
    pulumi.export("addresses", addresses)
    if plan.names is not None:
        name = f"{plan.region}-names"
        pulumi.export("names", ZoneOfNamesComponent(name, ZoneOfNamesProps(plan.names), opts).zone_id)
    pulumi.export("exchange", ports)
    if plan.aggregates:
        AvailabilityZonesComponent(f"{plan.region}-availability", AvailabilityZonesProps(plan.aggregates), opts)
    if plan.classes:
        name = f"{plan.region}-classes"
        pulumi.export("classes", ServiceClassesComponent(name, ServiceClassesProps(plan.classes), opts).policies)
