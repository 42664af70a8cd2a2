"""A region's availability zones: Nova's host aggregates, which need an account of the cloud's administrator."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.plan.availability_zone import AggregateSpec


@dataclass(frozen=True, slots=True)
class AvailabilityZonesProps:
    aggregates: tuple[AggregateSpec, ...]


class AvailabilityZonesComponent(pulumi.ComponentResource):
    """Servers name a zone by its name, so it gives nothing."""

    def __init__(self, name: str, props: AvailabilityZonesProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:AvailabilityZones", name, {}, opts)
        for each in props.aggregates:
            openstack.compute.AggregateV2(
                each.name,
                name=each.name,
                zone=each.name,
                hosts=list(each.hosts),
                metadata=dict(each.metadata),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
