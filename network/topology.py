"""What must hold before routers can be configured: the core hangs together, every site reaches its VPN.

Pure; graphs by networkx. References, ports and roles were checked by the loader (``ZY-INV``): this is about paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import networkx as nx

from network import ports
from province.errors import Place, ZyError
from province.extranet import Link, Role, Router
from province.province import Province

MANAGEMENT = "mgmt"
"""The port of every router that leads to the management network; we never configure it."""
RESERVED_PORTS = frozenset({MANAGEMENT, "lo", "sr0"})
"""Ports with a meaning of their own: management, loopback, and FRR's interface for SRv6 segments."""


def core(province: Province) -> nx.Graph[str]:
    """Provider routers (P, PE) and the links between them."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(code for code, router in province.routers.items() if router.is_provider)
    for link in province.links.values():
        if link.a.router in graph and link.b.router in graph:
            graph.add_edge(link.a.router, link.b.router, code=link.code)
    return graph


def paths(province: Province) -> nx.Graph[str]:
    """The core, and every CE that hangs on a PE. A CE is never a way through (RFC 4364 section 1.2)."""
    graph = core(province)
    graph.add_nodes_from(province.routers)
    for link in province.links.values():
        if _serves(province, link):
            graph.add_edge(link.a.router, link.b.router, code=link.code)
    return graph


def check(province: Province) -> list[ZyError]:
    """All flaws of the extranet's topology, ``ZY-NET-001`` … ``008`` and ``030``; empty when it can be configured."""
    checks = (_partitions, _lonely_ces, _strange_links, _misplaced_lans, _reflectors, _vpns, _ports, _strange_gear)
    return [flaw for one in checks for flaw in one(province)]


def _flaw(code: str, section: str, target: str, message: str, fix: str) -> ZyError:
    return ZyError(code, message, place=Place(target=f"{section}/{target}"), fix=fix)


def _partitions(province: Province) -> Iterator[ZyError]:
    graph = core(province)
    if not graph:
        return
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    for part in parts[1:]:
        for router in sorted(part):
            message = f"the provider router has no path to the core of {len(parts[0])} routers around {min(parts[0])}"
            yield _flaw("ZY-NET-001", "routers", router, message, "add a link from it (or its neighbours) to the core")


def _serves(province: Province, link: Link) -> bool:
    """Whether a link joins a CE to a PE."""
    ends = [province.routers[end.router] for end in (link.a, link.b)]
    return any(not one.is_provider and Role.PE in far.roles for one, far in (ends, reversed(ends)))


def _lonely_ces(province: Province) -> Iterator[ZyError]:
    served = {end.router for link in province.links.values() if _serves(province, link) for end in (link.a, link.b)}
    for code, router in sorted(province.routers.items()):
        if not router.is_provider and code not in served:
            yield _flaw("ZY-NET-002", "routers", code, "the CE has no link to a PE", "declare a link from it to a PE")


def _strange_links(province: Province) -> Iterator[ZyError]:
    for code, link in sorted(province.links.items()):
        ends = [province.routers[end.router] for end in (link.a, link.b)]
        if any(not end.is_provider for end in ends) and not _serves(province, link):
            names = f"{ends[0].code} and {ends[1].code}"
            message = f"the link joins {names}; a CE may only be joined to a PE"
            yield _flaw("ZY-NET-003", "links", code, message, "lead the CE's end to a router with the role pe")


def _misplaced_lans(province: Province) -> Iterator[ZyError]:
    for code, lan in sorted(province.lans.items()):
        router = province.routers[lan.router]
        problem = _lan_problem(router, lan.department)
        if problem:
            fix = "put the LAN on a PE, or on a CE of its own department"
            yield _flaw("ZY-NET-004", "lans", code, f"{router.code} {problem}", fix)


def _lan_problem(router: Router, department: str) -> str:
    if router.is_provider:
        return "" if Role.PE in router.roles else "is only a P router: it holds no VPN and so no LAN"
    return "" if router.department == department else f"belongs to {router.department}, the LAN to {department}"


def _reflectors(province: Province) -> Iterator[ZyError]:
    providers = [router for router in province.routers.values() if router.is_provider]
    edges = [router for router in providers if Role.PE in router.roles]
    if len(edges) > 1 and not any(router.route_reflector for router in providers):
        message = f"{len(edges)} PEs, and no route reflector to carry VPN routes between them"
        fix = "write `route_reflector: true` at one provider router, better at two"
        yield _flaw("ZY-NET-005", "routers", min(router.code for router in edges), message, fix)


def _vpns(province: Province) -> Iterator[ZyError]:
    graph = paths(province)
    for code, vpn in sorted(province.vpns.items()):
        routers = {lan.router for lan in province.lans.values() if lan.department in vpn.departments}
        parts = [sorted(part & routers) for part in nx.connected_components(graph) if part & routers]
        if len(parts) > 1:
            sides = " | ".join(", ".join(part) for part in sorted(parts))
            message = f"its sites cannot reach each other: no path between {sides}"
            yield _flaw("ZY-NET-006", "vpns", code, message, "join the routers by links through the core")


def _ports(province: Province) -> Iterator[ZyError]:
    used = [("links", code, end.port, end.router) for code, link in province.links.items() for end in (link.a, link.b)]
    used += [("lans", code, lan.port, lan.router) for code, lan in province.lans.items()]
    for section, code, port, router in sorted(used):
        strange = ports.problem(province.routers[router].platform, port)
        if port in RESERVED_PORTS:
            message = f"the port {port} is reserved ({', '.join(sorted(RESERVED_PORTS))})"
            yield _flaw("ZY-NET-007", section, code, message, "use a port that carries traffic, as eth1 or lan0")
        elif strange:
            yield _flaw("ZY-NET-030", section, code, f"{router}: {strange}", "write the port as the router shows it")


def _strange_gear(province: Province) -> Iterator[ZyError]:
    for code, router in sorted(province.routers.items()):
        gear = province.gear[router.gear] if router.gear else None
        if gear is not None and gear.platform is not router.platform:
            message = f"it is a {gear.vendor} {gear.model}, which runs {gear.platform}, not {router.platform}"
            yield _flaw("ZY-NET-008", "routers", code, message, "name its platform, or its gear, rightly")


def unable(province: Province) -> frozenset[str]:
    """P and PE routers whose gear is registered, and does not forward SRv6 (RFC 8986).

    They hold up no other router: a province replaces its gear in steps. They themselves cannot be planned.
    """
    old = {code for code, gear in province.gear.items() if not gear.srv6}
    return frozenset(code for code, router in province.routers.items() if router.is_provider and router.gear in old)


def waiting(province: Province) -> frozenset[str]:
    """Those that are :func:`unable`, and the CEs that hang on nothing else: their sites are in no VPN of ours yet."""
    old = unable(province)
    if not old:
        return old
    homes: dict[str, set[str]] = {}
    for link in province.links.values():
        for near, far in ((link.a.router, link.b.router), (link.b.router, link.a.router)):
            if not province.routers[near].is_provider:
                homes.setdefault(near, set()).add(far)
    return old | {ce for ce, pes in homes.items() if pes <= old}


def refusals(province: Province, routers: Iterable[str]) -> list[ZyError]:
    """Why some of these routers cannot be planned: ``ZY-NET-008`` for each that is :func:`unable`."""
    fix = "replace it and name its new gear, or use it as a CE; until then plan others, by --limit"
    found = []
    for code in sorted(unable(province).intersection(routers)):
        gear = province.gear[province.routers[code].gear or ""]
        message = f"the {gear.vendor} {gear.model} does not forward SRv6, which carries every VPN in the core"
        found.append(_flaw("ZY-NET-008", "routers", code, message, fix))
    return found
