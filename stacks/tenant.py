"""Program of a tenant's stack: one business system."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_openstack as openstack

from province.standard import PLATFORM
from stacks.clouds import project_cloud
from stacks.components.balancer import BalancerComponent, BalancerProps
from stacks.components.leg import LegComponent, LegProps
from stacks.components.names import NamesComponent, NamesProps
from stacks.components.network import NetworkComponent, NetworkProps
from stacks.components.secrets import SecretsComponent, SecretsProps
from stacks.components.security_group import SecurityGroupComponent, SecurityGroupProps
from stacks.components.workload import WorkloadComponent, WorkloadProps
from stacks.outputs import StackOutputs
from stacks.plan.pool import FAMILIES, Range, family_key
from stacks.plan.region import EXTRANET
from stacks.plan.stack import PROVINCE, Kind, StackId
from stacks.plan.tenant import TenantPlan, WorkloadSpec


def make_tenant(plan: TenantPlan) -> None:
    """Make everything, and export ``servers``: ids by name."""
    accounts, region = StackOutputs(PROVINCE), StackOutputs(StackId(Kind.REGION, plan.region))
    cloud = openstack.Provider(plan.project, cloud=project_cloud(plan.region, plan.system))
    opts = pulumi.ResourceOptions(providers=[cloud])
    pools = {family: region.at("pools", Range.SYSTEM, family_key(family)) for family in FAMILIES}
    policy = region.at("classes", plan.service_class) if plan.service_class else None
    network = NetworkComponent(plan.project, NetworkProps(plan.network, pools, policy), opts)
    LegComponent(plan.project, LegProps(plan.network, network, region.at("zones", plan.zone, "router")), opts)
    groups = {
        workload.code: SecurityGroupComponent(workload.group.name, SecurityGroupProps(workload.group), opts)
        for workload in plan.workloads
    }
    ids = {code: group.group_id for code, group in groups.items()}
    addresses = {EXTRANET: region.at("addresses", EXTRANET)}
    for group in groups.values():
        group.open(ids, addresses)
    image = accounts.at("regions", plan.region, "images", plan.image)
    volume_zones = _volume_zones(plan)
    workloads: dict[str, WorkloadComponent] = {}
    for workload in plan.workloads:
        ports = _exchange_ports(workload, region)
        props = WorkloadProps(workload, image, network, ids[workload.code], ports, volume_zones)
        workloads[workload.code] = WorkloadComponent(workload.group.name, props, opts)
    _services(plan, network, workloads, region, opts)
    pulumi.export("servers", {name: id_ for made in workloads.values() for name, id_ in made.servers.items()})


def _volume_zones(plan: TenantPlan) -> frozenset[str]:
    """Cinder's availability zones, where servers have any. The operator asks: the project may not be there yet."""
    if not any(server.availability_zone for workload in plan.workloads for server in workload.servers):
        return frozenset()
    operator = openstack.Provider(f"{plan.project}-operator", cloud=plan.cloud)
    found = openstack.blockstorage.get_availability_zones_v3(opts=pulumi.InvokeOptions(provider=operator))
    return frozenset(found.names)


def _services(
    plan: TenantPlan,
    network: NetworkComponent,
    workloads: Mapping[str, WorkloadComponent],
    region: StackOutputs,
    opts: pulumi.ResourceOptions,
) -> None:
    """Balancers, names and the container for secrets.

    The names lie in the platform's zone, so its project makes them.
    """
    servers = {code: workload.addresses for code, workload in workloads.items()}
    addresses = {
        each.name: BalancerComponent(each.name, BalancerProps(each, network, servers[each.workload]), opts).address
        for each in plan.balancers
    }
    if plan.records:
        name = f"{plan.project}-names"
        platform = openstack.Provider(name, cloud=project_cloud(plan.region, PLATFORM))
        props = NamesProps(plan.records, region.at("names"), addresses, servers)
        NamesComponent(name, props, pulumi.ResourceOptions(providers=[platform]))
    if plan.secrets:
        SecretsComponent(plan.secrets, SecretsProps(plan.secrets), opts)


def _exchange_ports(workload: WorkloadSpec, region: StackOutputs) -> dict[str, pulumi.Output[str]]:
    return {server.name: region.at("exchange", server.name) for server in workload.servers if server.exchange}
