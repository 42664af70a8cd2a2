"""Availability zones of a region's cloud, as they are and as they are meant to be, and the servers in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from province.record import Check
from province.standard import DATA_CENTRE, Labels, parse_metadata
from stacks.check import compared
from stacks.plan.availability_zone import AggregateSpec
from stacks.plan.region import RegionPlan
from stacks.plan.stack import Kind, StackId
from stacks.plan.tenant import TenantPlan, WorkloadSpec

REDUNDANCY = "8.1.2.1 e"
SPREAD = "8.1.4.9 c"


@dataclass(frozen=True, slots=True)
class LiveAggregate:
    zone: str
    """Name of the availability zone that it makes; empty: none."""
    hosts: frozenset[str]
    labels: Labels | None
    data_centre: str


def live_aggregates(connection: Any) -> dict[str, LiveAggregate]:
    """By name. Gets an openstacksdk connection of an administrator."""
    return {each.name: _live(each) for each in connection.compute.aggregates()}


def _live(found: Any) -> LiveAggregate:
    metadata = found.metadata or {}
    return LiveAggregate(
        zone=found.availability_zone or "",
        hosts=frozenset(found.hosts or ()),
        labels=parse_metadata(metadata),
        data_centre=metadata.get(DATA_CENTRE, "?"),
    )


def prove_zones(plan: RegionPlan, live: Mapping[str, LiveAggregate]) -> Iterator[Check]:
    """A check for each availability zone of the region. Pure."""
    for spec in plan.aggregates:
        yield compared(
            f"cloud.availability-zone.{spec.name}",
            f"The availability zone {spec.name} has its hosts, labels and data centre",
            f"可用区 {spec.name} 的物理机、标签与所在机房正确",
            str(StackId(Kind.REGION, plan.region)),
            (_told(_meant(spec), spec), _told(live.get(spec.name), spec)),
            "Nova GET /os-aggregates",
            REDUNDANCY,
        )


def _meant(spec: AggregateSpec) -> LiveAggregate:
    return LiveAggregate(spec.name, frozenset(spec.hosts), spec.labels, spec.data_centre)


def _told(one: LiveAggregate | None, spec: AggregateSpec) -> str:
    if one is None:
        return "absent"
    labels = "right" if one.labels == spec.labels else "wrong"
    return f"zone {one.zone or 'none'}: {', '.join(sorted(one.hosts)) or 'no host'}; labels {labels}; {one.data_centre}"


def prove_places(plan: TenantPlan, zones: Mapping[str, str]) -> Iterator[Check]:
    """A check for each workload that asks for zones. ``zones`` has that of each live server, by its name. Pure.

    Pulumi leaves a running server where it is, so it is this that tells of one that stands elsewhere.
    """
    for workload in plan.workloads:
        wanted = sorted({server.availability_zone for server in workload.servers} - {""})
        if wanted:
            name = workload.group.name
            yield compared(
                f"cloud.places.{name}",
                f"The servers of {name} are spread over its availability zones",
                f"{name} 各云主机均匀分布在声明的可用区",
                str(StackId(Kind.TENANT, plan.system)),
                (f"evenly over {', '.join(wanted)}", _places(workload, wanted, zones)),
                "Nova GET /servers/detail: OS-EXT-AZ:availability_zone",
                SPREAD,
            )


def _places(workload: WorkloadSpec, wanted: list[str], zones: Mapping[str, str]) -> str:
    """Which server has which turn means nothing: zones may be declared later, and servers stay where they are."""
    counts = Counter(zones.get(server.name, "absent") for server in workload.servers)
    held = [counts[zone] for zone in wanted]
    if set(counts) <= set(wanted) and max(held) - min(held) <= 1:
        return f"evenly over {', '.join(wanted)}"
    return ", ".join(f"{count} in {zone or 'none'}" for zone, count in sorted(counts.items()))
