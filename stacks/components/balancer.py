"""A load balancer of one family, inside OVN: a listener, a pool and its members for each port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.components.network import NetworkComponent
from stacks.components.server import address_of
from stacks.plan.service import Balancer

PROVIDER = "ovn"
METHOD = "SOURCE_IP_PORT"
"""The only one of OVN's balancers (Octavia's feature matrix)."""


@dataclass(frozen=True, slots=True)
class BalancerProps:
    balancer: Balancer
    network: NetworkComponent
    servers: Mapping[str, pulumi.Output[list[str]]]
    """Addresses of each server behind it, by its name."""


class BalancerComponent(pulumi.ComponentResource):
    """Gives ``address``."""

    def __init__(self, name: str, props: BalancerProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Balancer", name, {}, opts)
        self._name = name
        self._props = props
        self._child = pulumi.ResourceOptions(parent=self)
        spec = props.balancer
        self._tags = spec.labels.as_tags()
        made = openstack.loadbalancer.LoadBalancer(
            name,
            name=spec.name,
            description=spec.description,
            loadbalancer_provider=PROVIDER,
            vip_subnet_id=self._subnet,
            tags=self._tags,
            opts=self._child,
        )
        self.address: pulumi.Output[str] = made.vip_address
        for port in spec.ports:
            self._listen(made.id, port)
        self.register_outputs({"address": self.address})

    @property
    def _subnet(self) -> pulumi.Output[str]:
        (subnet,) = self._props.network.subnets((self._props.balancer.family,))
        return subnet

    def _listen(self, balancer: pulumi.Output[str], port: int) -> None:
        name, text = f"{self._name}-{port}", self._props.balancer.description
        listener = openstack.loadbalancer.Listener(
            name,
            name=name,
            description=text,
            loadbalancer_id=balancer,
            protocol="TCP",
            protocol_port=port,
            tags=self._tags,
            opts=self._child,
        )
        pool = openstack.loadbalancer.Pool(
            name,
            name=name,
            description=text,
            listener_id=listener.id,
            protocol="TCP",
            lb_method=METHOD,
            tags=self._tags,
            opts=self._child,
        )
        openstack.loadbalancer.Members(name, pool_id=pool.id, members=self._members(port), opts=self._child)

    def _members(self, port: int) -> list[openstack.loadbalancer.MembersMemberArgs]:
        return [
            openstack.loadbalancer.MembersMemberArgs(
                name=server,
                address=address_of(addresses, self._props.balancer.family),
                protocol_port=port,
                subnet_id=self._subnet,
            )
            for server, addresses in sorted(self._props.servers.items())
        ]
