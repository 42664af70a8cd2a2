"""A network: Neutron's network and a subnet of each family that it has, from that family's subnet pool."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.components.pools import PoolIds
from stacks.plan.region import Network


@dataclass(frozen=True, slots=True)
class NetworkProps:
    network: Network
    pools: PoolIds
    policy: pulumi.Output[str] | None
    """Of its class of service."""


class NetworkComponent(pulumi.ComponentResource):
    """Gives ``network_id``, ``subnet4_id`` (none where the network is of IPv6 alone) and ``subnet6_id``."""

    def __init__(self, name: str, props: NetworkProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Network", name, {}, opts)
        spec = props.network
        self.network_id: pulumi.Output[str] = openstack.networking.Network(
            name,
            name=spec.name,
            description=spec.description,
            external=spec.external,
            # the provider leaves a policy there when this is taken away: see ZY-CLD-083
            qos_policy_id=props.policy,
            tags=spec.labels.as_tags(),
            opts=pulumi.ResourceOptions(parent=self),
        ).id
        # Neutron gives a subnet no other pool than it was made with, so the provider would make it anew: those from
        # before there were pools stay as they are
        child = pulumi.ResourceOptions(parent=self, ignore_changes=["subnetpoolId"])
        self.subnet4_id = self._ipv4(name, props, child) if spec.ipv4 else None
        # stateful: addresses are the cloud's to give and to check, not the server's to choose (RFC 8415)
        self.subnet6_id: pulumi.Output[str] = openstack.networking.Subnet(
            f"{name}-ipv6",
            name=f"{spec.name}-ipv6",
            network_id=self.network_id,
            ip_version=6,
            subnetpool_id=props.pools[6],
            cidr=spec.ipv6,
            gateway_ip=spec.gateway6 or None,
            no_gateway=None if spec.gateway6 else True,
            ipv6_address_mode="dhcpv6-stateful",
            ipv6_ra_mode="dhcpv6-stateful",
            tags=spec.labels.as_tags(),
            opts=child,
        ).id
        self.register_outputs({"network": self.network_id})

    def _ipv4(self, name: str, props: NetworkProps, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        spec = props.network
        return openstack.networking.Subnet(
            f"{name}-ipv4",
            name=f"{spec.name}-ipv4",
            network_id=self.network_id,
            ip_version=4,
            subnetpool_id=props.pools[4],
            cidr=spec.ipv4,
            gateway_ip=spec.gateway4 or None,
            no_gateway=None if spec.gateway4 else True,
            tags=spec.labels.as_tags(),
            opts=opts,
        ).id

    def subnets(self, versions: Collection[int] = (4, 6)) -> list[pulumi.Output[str]]:
        """Those of some versions of IP that the network has."""
        held = {4: self.subnet4_id, 6: self.subnet6_id}
        return [subnet for version, subnet in held.items() if version in versions and subnet is not None]
