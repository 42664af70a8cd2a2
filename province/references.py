"""Every reference of a province leads somewhere, and none leads round; with all other flaws, in one list.

Each check yields :class:`~province.flaw.Flaw` with a path into the inventory; the loader turns paths into positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import networkx as nx

from province.administrator_flaws import administrator_flaws
from province.cloud_flaws import cloud_flaws
from province.emergency import Scenario
from province.extranet_flaws import extranet_flaws
from province.flaw import Flaw, unknown
from province.oversight_flaws import oversight_flaws
from province.province import Province


def flaws(province: Province) -> list[Flaw]:
    """All flaws: first what leads nowhere, then what contradicts, by area."""
    checks = (_references, _cycles, cloud_flaws, extranet_flaws, administrator_flaws, oversight_flaws)
    return [flaw for check in checks for flaw in check(province)]


def _references(province: Province) -> Iterator[Flaw]:
    for kind, code, known, path in _all_references(province):
        if code is not None and code not in known:
            yield unknown(kind, code, known, path)


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
    for code, person in province.administrators.items():
        yield "department", person.department, departments, ("administrators", code, "department")
        for region in person.regions:
            yield "region", region, province.regions, ("administrators", code, "regions")
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
