"""A region's DNS zone, and the names in it. Designate keeps no labels: whose a name is, its description tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.components.server import address_of
from stacks.plan.service import NameZone, Record

TTL = 300
"""Seconds; a switch-over to another region is seen by everybody after as long."""


@dataclass(frozen=True, slots=True)
class ZoneOfNamesProps:
    zone: NameZone


class ZoneOfNamesComponent(pulumi.ComponentResource):
    """Gives ``zone_id``."""

    def __init__(self, name: str, props: ZoneOfNamesProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:ZoneOfNames", name, {}, opts)
        self.zone_id: pulumi.Output[str] = openstack.dns.Zone(
            name,
            name=props.zone.name,
            email=props.zone.email,
            description=props.zone.description,
            ttl=TTL,
            type="PRIMARY",
            opts=pulumi.ResourceOptions(parent=self),
        ).id
        self.register_outputs({"zone": self.zone_id})


@dataclass(frozen=True, slots=True)
class NamesProps:
    records: tuple[Record, ...]
    zone_id: pulumi.Output[str]
    balancers: Mapping[str, pulumi.Output[str]]
    """Address of each balancer, by its name."""
    servers: Mapping[str, Mapping[str, pulumi.Output[list[str]]]]
    """Addresses of each workload's servers, by their names."""


class NamesComponent(pulumi.ComponentResource):
    def __init__(self, name: str, props: NamesProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Names", name, {}, opts)
        for record in props.records:
            openstack.dns.RecordSet(
                f"{name}-{record.workload}-{record.type.lower()}",
                name=record.name,
                type=record.type,
                description=record.description,
                ttl=TTL,
                zone_id=props.zone_id,
                records=_addresses(record, props),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def _addresses(record: Record, props: NamesProps) -> list[pulumi.Output[str]]:
    if record.balancer:
        return [props.balancers[record.balancer]]
    return [address_of(addresses, record.family) for _, addresses in sorted(props.servers[record.workload].items())]
