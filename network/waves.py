"""In which order routers are changed: a canary, a few, the rest; never both of a pair. Pure.

A wave is pushed, proven and confirmed before the next begins. What is rolled out must come up wave by wave, so a wave
is only expected to bring what its neighbours let it bring (:mod:`network.expect`).

Routers that carry nothing of ours yet come last and together. They have no traffic to lose, and their sessions can
come up only when the paths between them exist: a route reflector without an IGP towards its clients proves nothing. So
the first configuration of a whole network is one wave.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from network.topology import paths
from province.extranet import Role, SiteLevel
from province.province import Province

_FIRST_LEVELS = (SiteLevel.TOWNSHIP, SiteLevel.COUNTY, SiteLevel.CITY, SiteLevel.PROVINCE)


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far each wave goes."""

    canary: int = 1
    """Routers in the first wave."""
    share: float = 0.05
    """Of all changed routers, in the second."""
    largest: int = 500
    """Routers in any wave after it: the most that a late failure takes back at once."""


@dataclass(frozen=True, slots=True)
class Wave:
    name: str
    routers: tuple[str, ...]


def waves(province: Province, changed: Collection[str], bare: Collection[str], rollout: Rollout) -> list[Wave]:
    """Waves of the changed routers; those that are ``bare`` are the last."""
    carrying = [router for router in _by_weight(province, changed) if router not in bare]
    groups = _groups(province)
    sizes = _sizes(len(carrying), rollout)
    found: list[Wave] = []
    while carrying:
        name, size = next(sizes)
        wave = _fill(carrying, size, groups)
        carrying = [router for router in carrying if router not in wave]
        found.append(Wave(name, tuple(sorted(wave))))
    new = tuple(sorted(router for router in changed if router in bare))
    return [*found, *([Wave("new", new)] if new else [])]


def ways_out(province: Province) -> set[frozenset[str]]:
    """Groups of which one router has to be left alone: the two that a router hangs on, the twins of a site.

    Of a router with more than two neighbours no two are a pair; all of them are a group nevertheless.
    """
    graph = paths(province)
    near = {frozenset(graph.neighbors(router)) for router in graph}
    twins: dict[tuple[str, frozenset[Role], str | None], set[str]] = {}
    for code, router in province.routers.items():
        twins.setdefault((router.site, router.roles, router.department), set()).add(code)
    reflectors = frozenset(code for code, router in province.routers.items() if router.route_reflector)
    return {group for group in (*near, *map(frozenset, twins.values()), reflectors) if len(group) > 1}


def _groups(province: Province) -> dict[str, list[frozenset[str]]]:
    """Groups by each of their routers."""
    found: dict[str, list[frozenset[str]]] = {}
    for group in ways_out(province):
        for router in group:
            found.setdefault(router, []).append(group)
    return found


def _by_weight(province: Province, routers: Iterable[str]) -> list[str]:
    """Those first that fewest depend on: edges before the core, townships before cities, reflectors last."""

    def weight(code: str) -> tuple[bool, bool, bool, int, str, str]:
        router = province.routers[code]
        level = _FIRST_LEVELS.index(province.sites[router.site].level)
        return router.route_reflector, Role.P in router.roles, router.is_provider, level, router.site, code

    return sorted(routers, key=weight)


def _sizes(count: int, rollout: Rollout) -> Iterator[tuple[str, int]]:
    if rollout.canary:
        yield "canary", rollout.canary
    if rollout.share:
        yield "few", max(1, math.ceil(count * rollout.share))
    number = 1
    while True:
        yield ("rest" if number == 1 else f"rest-{number}"), rollout.largest
        number += 1


def _fill(candidates: Iterable[str], size: int, groups: dict[str, list[frozenset[str]]]) -> set[str]:
    """As many as fit, in their order, without completing any group."""
    wave: set[str] = set()
    for router in candidates:
        if len(wave) == size:
            break
        if all(group - wave != {router} for group in groups.get(router, ())):
            wave.add(router)
    return wave
