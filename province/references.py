"""What must hold between the parts of a province: every reference leads somewhere, nothing contradicts.

Each check yields :class:`Flaw` with a path into the inventory; the loader turns paths into positions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from province.addressing import SHAPES, capacity, overlapping
from province.cloud import MOST_OF_CORE, Region, Service
from province.conformity import EVERYTHING
from province.emergency import Scenario
from province.ipv6 import UNIQUE_LOCAL
from province.province import Province
from province.selector import KINDS, ChoosesNothingError, Target, chosen, targets
from province.system import Families, Workload


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong, at ``path`` (section, code, field …)."""

    code: str
    message: str
    path: tuple[str | int, ...]
    fix: str


def flaws(province: Province) -> list[Flaw]:
    """All flaws, in the order of the checks below."""
    return [flaw for check in _CHECKS for flaw in check(province)]


def _unknown(kind: str, code: str, known: Iterable[str], path: tuple[str | int, ...]) -> Flaw:
    choices = ", ".join(sorted(known)) or "none is declared"
    return Flaw("ZY-INV-020", f"no {kind} is called {code!r}", path, f"declare it, or use one of: {choices}")


def _references(province: Province) -> Iterator[Flaw]:
    for kind, code, known, path in _all_references(province):
        if code is not None and code not in known:
            yield _unknown(kind, code, known, path)


_Reference = tuple[str, str | None, Mapping[str, object], tuple[str | int, ...]]


def _all_references(province: Province) -> Iterator[_Reference]:
    departments = province.departments
    yield "department", province.identity.operator, departments, ("province", "operator")
    for code, department in departments.items():
        yield "department", department.parent, departments, ("departments", code, "parent")
    yield from _system_references(province)
    yield from _extranet_references(province)
    for code, host in province.hosts.items():
        yield "region", host.region, province.regions, ("hosts", code, "region")
        yield "department", host.department, departments, ("hosts", code, "department")
    for code, project in province.adopted.items():
        yield "region", project.region, province.regions, ("adopted", code, "region")
        owner = project.owner.department if project.owner else None
        yield "department", owner, departments, ("adopted", code, "owner", "department")
    for code, plan in province.emergencies.items():
        path = ("emergencies", code)
        yield "department", plan.department, departments, (*path, "department")
        kind, known = (
            ("router", province.routers) if plan.scenario is Scenario.ROUTER_LOSS else ("host", province.hosts)
        )
        yield kind, plan.target, known, (*path, "target")


def _system_references(province: Province) -> Iterator[_Reference]:
    for code, system in province.systems.items():
        path = ("systems", code)
        yield "department", system.department, province.departments, (*path, "department")
        yield "region", system.region, province.regions, (*path, "region")
        yield "class of service", system.service_class, province.service_classes, (*path, "service_class")
        yield "image", system.image, province.images, (*path, "image")
        for name, workload in system.workloads.items():
            place = (*path, "workloads", name)
            yield "flavor", workload.flavor, province.flavors, (*place, "flavor")
            yield "volume class", workload.volume_class, province.volume_classes, (*place, "volume_class")
            for client in sorted(workload.clients):
                yield "workload of this system", client, system.workloads, (*place, "clients")
    for code, agreement in province.agreements.items():
        for side, end in (("provider", agreement.provider), ("consumer", agreement.consumer)):
            path = ("agreements", code)
            yield "system", end.system, province.systems, (*path, side, "system")
            if end.system in province.systems:
                workloads = province.systems[end.system].workloads
                yield "workload of that system", end.workload, workloads, (*path, side, "workload")


def _extranet_references(province: Province) -> Iterator[_Reference]:
    for code, router in province.routers.items():
        yield "site", router.site, province.sites, ("routers", code, "site")
        yield "department", router.department, province.departments, ("routers", code, "department")
        yield "gear", router.gear, province.gear, ("routers", code, "gear")
    for code, link in province.links.items():
        yield "router", link.a.router, province.routers, ("links", code, "a", "router")
        yield "router", link.b.router, province.routers, ("links", code, "b", "router")
    for code, lan in province.lans.items():
        yield "department", lan.department, province.departments, ("lans", code, "department")
        yield "router", lan.router, province.routers, ("lans", code, "router")
    for code, vpn in province.vpns.items():
        for department in sorted(vpn.departments):
            yield "department", department, province.departments, ("vpns", code, "departments")


def _cycles(province: Province) -> Iterator[Flaw]:
    parents: nx.DiGraph[str] = nx.DiGraph([(code, d.parent) for code, d in province.departments.items() if d.parent])
    yield from _cycle(parents, "departments stand above each other", ("departments",), "parent")
    for code, system in province.systems.items():
        clients: nx.DiGraph[str] = nx.DiGraph([(name, c) for name, w in system.workloads.items() for c in w.clients])
        path = ("systems", code, "workloads")
        yield from _cycle(clients, "workloads are each other's clients", path, "clients")


def _cycle(graph: nx.DiGraph[str], words: str, path: tuple[str | int, ...], field: str) -> Iterator[Flaw]:
    for cycle in nx.simple_cycles(graph):
        start = cycle.index(min(cycle))
        ring = [*cycle[start:], *cycle[:start]]
        way = " → ".join([*ring, ring[0]])
        yield Flaw("ZY-INV-021", f"{words}: {way}", (*path, ring[0], field), "take one of these references out")


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


def _queues(province: Province) -> Iterator[Flaw]:
    """A share needs a queue of its own, and shares leave a quarter to network control and best effort."""
    taken: dict[str, str] = {}
    shares = {code: one for code, one in sorted(province.service_classes.items()) if one.percent_of_core is not None}
    for code, one in shares.items():
        path = ("service_classes", code, "dscp")
        if one.queue is None:
            said = f"the class {code} has a share of the core, and its mark {one.dscp} leads to no queue of a class"
            fix = "give it a mark of its own (10 … 40, 44 or 46), or take `percent_of_core` out"
            yield Flaw("ZY-INV-060", said, path, fix)
        elif taken.setdefault(one.queue, code) != code:
            said = f"the marks of {taken[one.queue]} and {code} lead to one queue, {one.queue}"
            fix = "give one of them a mark of another queue (tens of RFC 2597: 10, 18, 26, 34; 46), or no share"
            yield Flaw("ZY-INV-060", said, path, fix)
    total = sum(one.percent_of_core or 0 for one in shares.values())
    if total > MOST_OF_CORE:
        said = f"the classes have {total} % of the core together, and may have {MOST_OF_CORE}"
        fix = "lower a share: network control and packets without a class need the rest"
        yield Flaw("ZY-INV-061", said, ("service_classes", max(shares), "percent_of_core"), fix)


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


def _ports(province: Province) -> Iterator[Flaw]:
    used: dict[tuple[str, str], str] = {}
    for code, link in province.links.items():
        if link.a.router == link.b.router:
            yield Flaw(
                "ZY-INV-029",
                "both ends are on one router",
                ("links", code, "b"),
                "name the router at the other end",
            )
            continue
        for side, end in (("a", link.a), ("b", link.b)):
            yield from _taken(used, (end.router, end.port), f"links/{code}", ("links", code, side, "port"))
    for code, lan in province.lans.items():
        yield from _taken(used, (lan.router, lan.port), f"lans/{code}", ("lans", code, "port"))


def _taken(
    used: dict[tuple[str, str], str], port: tuple[str, str], user: str, path: tuple[str | int, ...]
) -> Iterator[Flaw]:
    if port in used:
        yield Flaw(
            "ZY-INV-031",
            f"port {port[1]} of {port[0]} is used by {used[port]} already",
            path,
            "use another port",
        )
    used.setdefault(port, user)


def _routers(province: Province) -> Iterator[Flaw]:
    for code, router in province.routers.items():
        if router.is_provider and router.department is not None:
            yield Flaw(
                "ZY-INV-032",
                "a provider router (P, PE) belongs to the operator, not to a department",
                ("routers", code, "department"),
                "remove `department`, or give the router the role ce",
            )
        if not router.is_provider and (router.department is None or len(router.roles) > 1):
            yield Flaw(
                "ZY-INV-032",
                "a CE needs the department that owns it, and has no other role",
                ("routers", code),
                "write `department:` and `roles: [ce]`",
            )


def _vpns(province: Province) -> Iterator[Flaw]:
    member: dict[str, str] = {}
    for code, vpn in province.vpns.items():
        for department in sorted(vpn.departments):
            if department in member:
                yield Flaw(
                    "ZY-INV-033",
                    f"the department {department} is in the VPN {member[department]} already",
                    ("vpns", code, "departments"),
                    "keep it in one; what two departments share needs an agreement",
                )
            member.setdefault(department, code)
    for code, lan in province.lans.items():
        if lan.department in province.departments and lan.department not in member:
            yield Flaw(
                "ZY-INV-034",
                f"the department {lan.department} has a LAN but no VPN",
                ("lans", code, "department"),
                "add the department to a VPN",
            )


def _waivers(province: Province) -> Iterator[Flaw]:
    supervising = {department.supervising.id for department in province.departments.values()}
    targets = province.targets()
    first: dict[tuple[str, str], str] = {}
    for code, waiver in sorted(province.waivers.items()):
        path = ("waivers", code)
        if waiver.approver not in supervising:
            yield _unknown("supervising subject", waiver.approver, supervising, (*path, "approver"))
        if waiver.object not in targets:
            yield _unknown("target", waiver.object, targets, (*path, "object"))
        about = waiver.clause, waiver.object
        if about in first:
            yield _contradiction(
                code, f"the waiver {first[about]} is about {waiver.clause} of {waiver.object} too", path
            )
        first.setdefault(about, code)
        attested = [c for c, a in sorted(province.attestations.items()) if a.clause == waiver.clause]
        if attested and waiver.object == EVERYTHING:
            yield _contradiction(code, f"{waiver.clause} is waived here, and attested in {attested[0]}", path)


def _contradiction(code: str, what: str, path: tuple[str | int, ...]) -> Flaw:
    return Flaw("ZY-POL-020", f"{code} contradicts: {what}", path, "keep the one that is true")


def _approvers(province: Province) -> Iterator[Flaw]:
    for code, department in province.departments.items():
        both = department.responsible.approvers, department.supervising.approvers
        path = ("departments", code, "supervising" if both[0] else "responsible")
        if bool(both[0]) != bool(both[1]):
            what = f"only one of the two subjects of {code} lists approvers: a plan could never have both approvals"
            yield Flaw("ZY-POL-023", what, path, "list `approvers:` of both subjects, or of none")
        shared = {a.holder for a in both[0]} & {a.holder for a in both[1]} | {a.key for a in both[0]} & {
            a.key for a in both[1]
        }
        if shared:
            what = f"{min(shared)} stands for both subjects of {code}: duties are separated"
            yield Flaw("ZY-POL-023", what, path, "give each subject approvers and keys of its own")


def _attestations(province: Province) -> Iterator[Flaw]:
    subjects = province.subjects()
    first: dict[tuple[str, str], str] = {}
    for code, attestation in sorted(province.attestations.items()):
        path = ("attestations", code)
        if attestation.by not in subjects:
            yield _unknown("subject", attestation.by, subjects, (*path, "by"))
        if attestation.valid_until < attestation.made:
            yield Flaw("ZY-INV-026", "it ends before it begins", (*path, "valid_until"), "put the later date there")
        about = attestation.clause, attestation.by
        if about in first:
            yield _contradiction(code, f"{attestation.by} attests {attestation.clause} in {first[about]} too", path)
        first.setdefault(about, code)


def _windows(province: Province) -> Iterator[Flaw]:
    known = list(targets(province))
    for code, window in province.windows.items():
        yield from _selectors(window.targets, known, ("windows", code, "targets"))
        if window.opens == window.closes:
            fix = 'for a whole day write from "00:00" until "24:00"'
            yield Flaw("ZY-INV-026", "it ends when it begins", ("windows", code, "until"), fix)
    for code, freeze in province.freezes.items():
        yield from _selectors(freeze.targets, known, ("freezes", code, "targets"))
        if freeze.last < freeze.first:
            yield Flaw("ZY-INV-026", "it ends before it begins", ("freezes", code, "last"), "put the later date there")


def _selectors(selectors: Iterable[str], known: Sequence[Target], path: tuple[str, ...]) -> Iterator[Flaw]:
    for number, selector in enumerate(selectors):
        try:
            chosen(selector, known)
        except ChoosesNothingError as error:
            fix = f"write KIND=GLOB with KIND one of {', '.join(KINDS)}, or a glob of names such as 'gz-*'"
            yield Flaw("ZY-INV-049", f"{selector!r} is for no target: {error}", (*path, number), fix)


_CHECKS: tuple[Callable[[Province], Iterator[Flaw]], ...] = (
    _references,
    _cycles,
    _pools,
    _systems,
    _queues,
    _adopted,
    _agreements,
    _ports,
    _routers,
    _vpns,
    _zones,
    _drives,
    _single_stack,
    _waivers,
    _attestations,
    _approvers,
    _windows,
)
