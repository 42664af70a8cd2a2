"""What breaks when one link or router fails: points without a second one, and the answer for any one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from network.offline.cuts import Cuts, Loss, apart
from network.offline.fabric import Fabric
from network.offline.hearing import Hearing, hearing
from network.offline.sites import Home, Site, homes, sites
from network.offline.verdict import REDUNDANT, listed, should
from province.errors import ZyError
from province.record import Finding

_SECOND = "join it by a second link to another router"


def points_of_failure(fabric: Fabric, known: list[Site]) -> Iterator[Finding]:
    """``single-point-of-failure``, for links and routers of the core, PEs with CEs on them alone, and reflectors."""
    ways = homes(known)
    cuts = Cuts(fabric, ways)
    for link, losses in cuts.links():
        yield _finding(link, "link", f"only this link joins {'; '.join(map(str, losses))}", _SECOND)
    for router, losses in cuts.routers():
        yield _finding(router, "router", f"only this router joins {'; '.join(map(str, losses))}", _SECOND)
    yield from _only_homes(ways)
    yield from _only_reflectors(fabric)


def _finding(target: str, thing: str, said: str, fix: str) -> Finding:
    return should("single-point-of-failure", target, thing, said, fix, REDUNDANT)


def _only_homes(ways: list[Home]) -> Iterator[Finding]:
    """PEs that are some CEs' only way."""
    alone: dict[str, list[str]] = {}
    for home in ways:
        if len(home.pes) == 1 and home.router not in home.pes:
            alone.setdefault(next(iter(home.pes)), []).append(home.router)
    for pe, ces in sorted(alone.items()):
        said = f"only this PE serves {listed(sorted(set(ces)))}"
        yield _finding(pe, "router", said, "join the CEs to a second PE as well")


def _only_reflectors(fabric: Fabric) -> Iterator[Finding]:
    whole = hearing(fabric)
    for router in sorted(kind[1] for kind in whole.heard if kind[:1] == ("reflector",)):
        deaf = _deaf(whole, hearing(fabric, without=router), router)
        if deaf:
            said = f"without this reflector {deaf[0]} does not hear the VPN routes of {deaf[1]}"
            yield _finding(router, "router", said, "let the same PEs speak with a second reflector")


def _deaf(whole: Hearing, rest: Hearing, without: str) -> tuple[str, str] | None:
    """A pair of routers of which one hears the other in the whole network and not in the rest, by one of each kind."""
    some: dict[tuple[str, ...], list[str]] = {}
    for router, kind in sorted(whole.kinds.items()):
        if router != without and len(some.setdefault(kind, [])) < 2:
            some[kind].append(router)
    few = [router for routers in some.values() for router in routers]
    pairs = ((one, other) for one in few for other in few if one != other)
    return next((pair for pair in pairs if whole.hears(*pair) and not rest.hears(*pair)), None)


@dataclass(frozen=True, slots=True)
class Outage:
    """What the failure of one link or router means."""

    down: str
    losses: tuple[Loss, ...]
    deaf: tuple[str, str] | None
    """A router that no longer hears the VPN routes of another, when a reflector is down and no second one helps."""


def what_if(fabric: Fabric, down: str) -> Outage:
    """Which LANs of each VPN lose each other when this link or router is down. A LAN that is cut off, or whose own
    router is down, is a side of its own. Raises ``ZY-NET-036`` for a code that is neither."""
    rest = _without(fabric, down)
    left = {home.lan: frozenset(rest.part[pe] for pe in home.pes) for home in homes(sites(rest))}
    groups: dict[str, dict[frozenset[int], list[str]]] = {}
    for number, home in enumerate(homes(sites(fabric)), start=1):
        where = left.get(home.lan, frozenset({-number}))  # no part is numbered so
        groups.setdefault(home.vpn, {}).setdefault(where, []).append(home.lan)
    losses = [Loss(vpn, sides) for vpn, alike in sorted(groups.items()) if (sides := apart(alike))]
    return Outage(down, tuple(losses), _deaf(hearing(fabric), hearing(rest), down))


def _without(fabric: Fabric, down: str) -> Fabric:
    province = fabric.province
    if down in province.links:
        links = {code: link for code, link in province.links.items() if code != down}
        return Fabric(province.model_copy(update={"links": links}), fabric.readings)
    if down not in province.routers:
        raise ZyError(
            "ZY-NET-036",
            f"{down} is neither a link nor a router of this extranet",
            fix="name a link or router of extranet.yaml by its code",
        )
    links = {code: link for code, link in province.links.items() if down not in (link.a.router, link.b.router)}
    lans = {code: lan for code, lan in province.lans.items() if lan.router != down}
    routers = {code: router for code, router in province.routers.items() if code != down}
    readings = {name: reading for name, reading in fabric.readings.items() if name != down}
    rest = province.model_copy(update={"links": links, "lans": lans, "routers": routers})
    return Fabric(rest, readings)
