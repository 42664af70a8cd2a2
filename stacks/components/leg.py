"""A router's leg in a network: one port with the gateway's addresses of both families.

One interface instead of one per family: adding an interface is the dearest call that Neutron has.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.components.network import NetworkComponent
from stacks.plan.region import Network


@dataclass(frozen=True, slots=True)
class LegProps:
    network: Network
    made: NetworkComponent
    router_id: pulumi.Output[str]


class LegComponent(pulumi.ComponentResource):
    def __init__(self, name: str, props: LegProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Leg", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        port = openstack.networking.Port(
            name,
            name=f"{props.network.name}-gateway",
            network_id=props.made.network_id,
            fixed_ips=[
                openstack.networking.PortFixedIpArgs(subnet_id=subnet, ip_address=gateway)
                for subnet, gateway in (
                    (props.made.subnet4_id, props.network.gateway4),
                    (props.made.subnet6_id, props.network.gateway6),
                )
                if subnet is not None
            ],
            no_security_groups=True,
            tags=props.network.labels.as_tags(),
            opts=child,
        )
        openstack.networking.RouterInterface(name, router_id=props.router_id, port_id=port.id, opts=child)
        self.register_outputs({})
