"""What must hold between the parts of a province in its clouds: room, placement, zones, agreements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from province.addressing import SHAPES, capacity, overlapping
from province.cloud import Region, Service
from province.flaw import Flaw
from province.ipv6 import UNIQUE_LOCAL
from province.province import Province
from province.system import Families, Workload


def cloud_flaws(province: Province) -> Iterator[Flaw]:
    """In the order of the checks below."""
    for check in (_pools, _systems, _zones, _drives, _single_stack, _adopted, _agreements):
        yield from check(province)


def _pools(province: Province) -> Iterator[Flaw]:
    for later, earlier in overlapping(province.identity.pools):
        yield Flaw(
            "ZY-INV-022",
            f"the pool {later} shares addresses with {earlier}",
            ("province", "pools", later),
            "give every pool a range of its own",
        )
    prefixes = province.identity.pools.by_name()
    for pool, keys in province.wanted().items():
        if pool not in prefixes:
            continue
        shape = SHAPES[pool]
        rooms = [
            capacity(prefix, length, shape.reserved)
            for prefix, length in zip(prefixes[pool], (shape.length4, shape.length6), strict=True)
            if prefix is not None
        ]
        if len(keys) > min(rooms):
            yield Flaw(
                "ZY-INV-023",
                f"the pool {pool} has room for {max(0, min(rooms))}, and {len(keys)} are declared",
                ("province", "pools", pool),
                "give it a shorter prefix, or add a pool of its own",
            )


def _systems(province: Province) -> Iterator[Flaw]:
    for code, system in province.systems.items():
        region = province.regions.get(system.region)
        if region is None:
            continue
        yield from _placement(("systems", code), system.zone.value, system.mlps_level, region)
        if system.service_class is not None and Service.QOS not in region.services:
            yield Flaw(
                "ZY-INV-050",
                f"the region {region.code} offers no classes of service, and the system is of {system.service_class}",
                ("systems", code, "service_class"),
                "place it in a region whose `services` list `qos`, or list it there; else take the class out",
            )


def _zones(province: Province) -> Iterator[Flaw]:
    """Availability zones: a host in one of them only, and what workloads ask of them."""
    first: dict[tuple[str, str], str] = {}
    for code, region in sorted(province.regions.items()):
        for name, zone in sorted(region.availability_zones.items()):
            for host in sorted(zone.hosts):
                other = first.setdefault((region.cloud, host), f"{code}/{name}")
                if other != f"{code}/{name}":
                    path = ("regions", code, "availability_zones", name, "hosts")
                    words = f"the host {host} is in the availability zone {other} already"
                    yield Flaw("ZY-INV-052", words, path, "keep it in one: Nova takes no host into two")
    for code, system in province.systems.items():
        for name, workload in system.workloads.items():
            place = ("systems", code, "workloads", name, "availability_zones")
            if system.region in province.regions and workload.availability_zones:
                yield from _zones_of(workload, province.regions[system.region], place)


def _zones_of(workload: Workload, region: Region, path: tuple[str, ...]) -> Iterator[Flaw]:
    unknown = sorted(workload.availability_zones - region.availability_zones.keys())
    if unknown:
        known = ", ".join(sorted(region.availability_zones)) or "it has none"
        words = f"the region {region.code} has no availability zone {', '.join(unknown)}"
        yield Flaw("ZY-INV-051", words, path, f"use zones of the region ({known}), or declare it there")
        return
    each = -(-workload.count // len(workload.availability_zones))
    for name in sorted(workload.availability_zones):
        hosts = len(region.availability_zones[name].hosts)
        if hosts < each:
            words = f"up to {each} of its servers are to stand on as many machines of the zone {name}; it has {hosts}"
            yield Flaw("ZY-INV-053", words, path, "spread them over more zones, give the zone hosts, or declare fewer")


def _drives(province: Province) -> Iterator[Flaw]:
    for code, system in province.systems.items():
        region = province.regions.get(system.region)
        for name, workload in system.workloads.items():
            if workload.config_drive is not False or region is None:
                continue
            without = system.families is Families.IPV6
            if without or not region.metadata_service:
                whose = "an IPv6-only network" if without else f"the region {region.code}"
                yield Flaw(
                    "ZY-INV-054",
                    f"its servers would get no settings: {whose} has no metadata service",
                    ("systems", code, "workloads", name, "config_drive"),
                    "leave `config_drive` out, or write true",
                )


def _single_stack(province: Province) -> Iterator[Flaw]:
    """Systems that the Internet could reach by IPv4 only, translated on the way, and that have none."""
    local = province.identity.pools.system.ipv6
    for code, system in province.systems.items():
        if system.families is not Families.IPV6 or local is None or not local.subnet_of(UNIQUE_LOCAL):
            continue
        for name, workload in system.workloads.items():
            if workload.audience == "internet":
                yield Flaw(
                    "ZY-INV-055",
                    f"nobody in the Internet could reach it: the system has no IPv4, and {local} is not routed there",
                    ("systems", code, "workloads", name, "audience"),
                    "give the pool `system` a global IPv6 prefix, or the system both families",
                )


def _adopted(province: Province) -> Iterator[Flaw]:
    first: dict[tuple[str, str], str] = {}
    for code, project in sorted(province.adopted.items()):
        region, owner = province.regions.get(project.region), project.owner
        if region is not None and owner is not None:
            yield from _placement(("adopted", code, "owner"), owner.zone.value, owner.mlps_level, region)
        path: tuple[str | int, ...] = ("adopted", code)
        if code in province.systems:
            words = f"the system {code} has the same code, and it stands in the labels of both"
            yield Flaw("ZY-INV-048", words, path, "give the adopted project another code")
        other = first.setdefault((project.region, project.project_id), code)
        if other != code:
            yield Flaw("ZY-INV-048", f"{other} adopts the same project", (*path, "project_id"), "remove one of them")
        held: Counter[tuple[str, str]] = Counter()
        for number, one in enumerate(project.objects):
            held[one.kind, one.name] += 1
            if held[one.kind, one.name] > 1:
                words = f"there are two of the kind {one.kind} called {one.name!r}"
                yield Flaw("ZY-INV-048", words, (*path, "objects", number, "name"), "give one of them another name")


def _placement(path: tuple[str, ...], zone: str, level: int, region: Region) -> Iterator[Flaw]:
    offered = sorted(zone.value for zone in region.zones)
    if zone not in offered:
        yield Flaw(
            "ZY-INV-024",
            f"the region {region.code} has no zone {zone}",
            (*path, "zone"),
            f"use one of: {', '.join(offered)}; or add the zone to the region",
        )
    if level > region.mlps_level:
        yield Flaw(
            "ZY-INV-025",
            f"level {level} is above the level {region.mlps_level} that the region's platform has passed",
            (*path, "mlps_level"),
            "place the system in a region of that level (等保: 系统级别不得高于平台级别)",
        )


def _agreements(province: Province) -> Iterator[Flaw]:
    for code, agreement in province.agreements.items():
        path = ("agreements", code)
        if agreement.valid_until < agreement.valid_from:
            yield Flaw(
                "ZY-INV-026",
                "it ends before it begins",
                (*path, "valid_until"),
                "put the later date in valid_until",
            )
        if agreement.provider.system == agreement.consumer.system:
            yield Flaw(
                "ZY-INV-027",
                f"the system {agreement.provider.system} would share with itself",
                (*path, "consumer", "system"),
                "inside a system use `clients` of the workload",
            )
        yield from _agreed_ports(province, code)


def _agreed_ports(province: Province, code: str) -> Iterator[Flaw]:
    agreement = province.agreements[code]
    system = province.systems.get(agreement.provider.system)
    workload = system.workloads.get(agreement.provider.workload) if system else None
    closed = sorted(agreement.ports - workload.ports) if workload else []
    if closed:
        yield Flaw(
            "ZY-INV-028",
            f"the provider does not serve port {', '.join(map(str, closed))}",
            ("agreements", code, "ports"),
            "use ports of the provider's workload, or declare them there",
        )
