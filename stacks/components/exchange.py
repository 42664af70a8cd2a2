"""The exchange of a region (数据交换区): servers' legs, and what agreements open between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import pulumi
import pulumi_openstack as openstack

from stacks.components.address_group import AddressGroupComponent, AddressGroupProps
from stacks.components.network import NetworkComponent
from stacks.components.security_group import SecurityGroupComponent, SecurityGroupProps
from stacks.plan.agreement import Exchange, ExchangeAddresses, ExchangePort


@dataclass(frozen=True, slots=True)
class ExchangeProps:
    exchange: Exchange
    network: NetworkComponent
    projects: Mapping[str, pulumi.Output[str]]
    """Project ids of the systems that take part, by code."""


class ExchangeComponent(pulumi.ComponentResource):
    """Gives ``ports``, ids by the server's name."""

    def __init__(self, name: str, props: ExchangeProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Exchange", name, {}, opts)
        self._props = props
        self._child = pulumi.ResourceOptions(parent=self)
        exchange = props.exchange
        groups = {g.name: SecurityGroupComponent(g.name, SecurityGroupProps(g), self._child) for g in exchange.groups}
        group_ids = {key: group.group_id for key, group in groups.items()}
        ports = {port.server: self._port(port, group_ids) for port in exchange.ports}
        addresses = {each.name: self._addresses(each, ports) for each in exchange.addresses}
        for group in groups.values():
            group.open(group_ids, addresses)
        for system in exchange.shared_with:
            openstack.networking.RbacPolicyV2(
                f"{name}-{system}",
                action="access_as_shared",
                object_type="network",
                object_id=props.network.network_id,
                target_tenant=props.projects[system],
                opts=self._child,
            )
        self.ports = {server: port.id for server, port in ports.items()}
        self.register_outputs({"ports": self.ports})

    def _port(self, port: ExchangePort, groups: Mapping[str, pulumi.Output[str]]) -> openstack.networking.Port:
        network = self._props.network
        return openstack.networking.Port(
            port.name,
            name=port.name,
            network_id=network.network_id,
            tenant_id=self._props.projects[port.project],
            fixed_ips=[
                openstack.networking.PortFixedIpArgs(subnet_id=subnet) for subnet in network.subnets(port.versions)
            ],
            security_group_ids=[groups[group] for group in port.groups],
            tags=port.labels.as_tags(),
            opts=self._child,
        )

    def _addresses(self, spec: ExchangeAddresses, ports: Mapping[str, openstack.networking.Port]) -> pulumi.Output[str]:
        members = pulumi.Output.all(*(ports[server].all_fixed_ips for server in spec.servers))
        prefixes = members.apply(lambda lists: sorted(_host_prefix(address) for ips in lists for address in ips))
        props = AddressGroupProps(spec.name, spec.description, prefixes)
        return AddressGroupComponent(spec.name, props, self._child).group_id


def _host_prefix(address: str) -> str:
    return f"{address}/{ip_address(address).max_prefixlen}"
