"""Availability zones of a region: a host aggregate of Nova for each. Pure.

The aggregate and the zone that it makes have one name. Nova lets no host into a zone, or out of it, while a server
stands on it, whoever owns that server (``nova.compute.api.AggregateAPI``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from province.cloud import AvailabilityZone, Zone
from province.naming import Kind, form
from province.province import Province
from province.standard import DATA_CENTRE, Labels, region_labels
from province.system import Workload


@dataclass(frozen=True, slots=True)
class AggregateSpec:
    """An availability zone: which hosts are in it, and in which data centre they stand."""

    name: str
    labels: Labels
    data_centre: str
    hosts: tuple[str, ...]

    @property
    def metadata(self) -> Mapping[str, str]:
        return {**self.labels.as_metadata(), DATA_CENTRE: self.data_centre}


def aggregates(province: Province, region: str) -> tuple[AggregateSpec, ...]:
    """Empty where the region is one."""
    declared = province.regions[region].availability_zones
    return tuple(_aggregate(province, region, each) for _, each in sorted(declared.items()))


def _aggregate(province: Province, region: str, zone: AvailabilityZone) -> AggregateSpec:
    return AggregateSpec(
        name=aggregate_name(region, zone.code),
        labels=region_labels(province, region, Zone.MANAGEMENT),
        data_centre=(zone.data_centre or province.regions[region].data_centre).name,
        hosts=tuple(sorted(zone.hosts)),
    )


def aggregate_name(region: str, code: str) -> str:
    """Host aggregate and availability zone: ``gd-east``."""
    return form(Kind.AGGREGATE, "availability zone").format(region=region, az=code)


def zone_of(region: str, workload: Workload, number: int) -> str:
    """Availability zone of the ``number``-th server (from 1) of a workload: zones take turns. Empty: any."""
    zones = sorted(workload.availability_zones)
    return aggregate_name(region, zones[(number - 1) % len(zones)]) if zones else ""
