"""A workload: like servers, on different machines when there are several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.components.network import NetworkComponent
from stacks.components.server import ServerComponent, ServerProps
from stacks.plan.tenant import WorkloadSpec


@dataclass(frozen=True, slots=True)
class WorkloadProps:
    workload: WorkloadSpec
    image_id: pulumi.Output[str]
    network: NetworkComponent
    group_id: pulumi.Output[str]
    exchange_ports: Mapping[str, pulumi.Output[str]]
    """By server name; those without a leg in the exchange zone are absent."""
    volume_zones: frozenset[str]
    """Availability zones that Cinder has, too."""


class WorkloadComponent(pulumi.ComponentResource):
    """Gives ``servers``, ids by name, and ``addresses``, those of each server."""

    def __init__(self, name: str, props: WorkloadProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Workload", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        spec = props.workload
        spread: pulumi.Output[str] | None = None
        if spec.spread:
            spread = openstack.compute.ServerGroup(name, name=name, policies="anti-affinity", opts=child).id
        made: dict[str, ServerComponent] = {}
        last: ServerComponent | None = None
        for server in spec.servers:
            # Members of a group one after the other: Nova places those that come at once on one machine, sends them
            # away again together, and gives up after its three attempts.
            last = made[server.name] = ServerComponent(
                server.name,
                ServerProps(
                    server=server,
                    labels=spec.labels,
                    flavor=spec.flavor,
                    image_id=props.image_id,
                    network=props.network,
                    group_id=props.group_id,
                    spread=spread,
                    after=last.server if last and spread else None,
                    exchange_port=props.exchange_ports.get(server.name),
                    config_drive=spec.config_drive,
                    volume_zone=server.availability_zone if server.availability_zone in props.volume_zones else "",
                ),
                child,
            )
        self.servers = {server: component.server_id for server, component in made.items()}
        self.addresses = {server: component.addresses for server, component in made.items()}
        self.register_outputs({"servers": self.servers})
