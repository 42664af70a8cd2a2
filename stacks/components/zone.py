"""A zone of a region: its network and, unless it is the exchange, a router that has legs in this zone only."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.components.leg import LegComponent, LegProps
from stacks.components.network import NetworkComponent, NetworkProps
from stacks.components.pools import PoolIds
from stacks.plan.region import ZoneSpec


@dataclass(frozen=True, slots=True)
class ZoneProps:
    zone: ZoneSpec
    pools: PoolIds


class ZoneComponent(pulumi.ComponentResource):
    """Gives ``network`` and ``router_id`` (``None`` where the zone has no router)."""

    def __init__(self, name: str, props: ZoneProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Zone", name, {}, opts)
        spec = props.zone.network
        child = pulumi.ResourceOptions(parent=self)
        self.network = NetworkComponent(name, NetworkProps(spec, props.pools, None), child)
        self.router_id: pulumi.Output[str] | None = None
        if props.zone.routed:
            self.router_id = openstack.networking.Router(
                name,
                name=spec.name,
                description=spec.description,
                external_network_id=self._outside(spec.external),
                tags=spec.labels.as_tags(),
                opts=child,
            ).id
            if not spec.external:
                LegComponent(name, LegProps(spec, self.network, self.router_id), child)
        self.register_outputs({"network": self.network.network_id, "router": self.router_id})

    def _outside(self, external: bool) -> pulumi.Output[str] | None:
        """The external network, once it has subnets: the router takes an address of each."""
        if not external:
            return None
        ready = pulumi.Output.all(self.network.network_id, *self.network.subnets())
        return ready.apply(lambda ids: ids[0])
