"""``--limit``: which targets of each room a person means.

A selector is ``kind=glob`` (``region=gz``, ``department=zsj``, ``system=gdbos``, ``router=gz-*``, ``host=gd-log-1``,
``stack=tenant-*``) or a glob alone, which is compared with the names of all targets. Several add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from province.errors import ZyError
from province.province import Province
from province.record import RoomName

Targets = Mapping[RoomName, tuple[str, ...]]
"""Targets of each room that takes part; an empty tuple means all of the room."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that can be chosen, with everything that it can be chosen by."""

    room: RoomName
    name: str
    marks: Mapping[str, str]


def targets(province: Province) -> Iterator[Target]:
    """All targets of a province: stacks, hosts, routers."""
    yield Target(RoomName.CLOUD, "province", {"stack": "province"})
    for code in province.regions:
        yield Target(RoomName.CLOUD, f"region-{code}", {"stack": f"region-{code}", "region": code})
    for code, system in province.systems.items():
        marks = {"region": system.region, "department": system.department, "system": code}
        yield Target(RoomName.CLOUD, f"tenant-{code}", {"stack": f"tenant-{code}", **marks})
    for code, project in province.adopted.items():
        department = project.owner.department if project.owner else ""
        marks = {"region": project.region, "department": department, "adopted": code}
        yield Target(RoomName.CLOUD, f"adopted-{code}", {"stack": f"adopted-{code}", **marks})
    for code, host in province.hosts.items():
        yield Target(RoomName.HOSTS, code, {"host": code, "region": host.region, "department": host.department})
    regions = {region.division: code for code, region in province.regions.items()}
    for code, router in province.routers.items():
        division = province.sites[router.site].division
        # a county has no cloud of its own: it is its city's (the first four digits of GB/T 2260)
        region = regions.get(division) or regions.get(f"{division[:4]}00", "")
        marks = {"router": code, "region": region, "department": router.department or ""}
        yield Target(RoomName.NETWORK, code, marks)


KINDS = ("region", "department", "system", "adopted", "stack", "host", "router")


def select(province: Province, selectors: Sequence[str], rooms: Sequence[RoomName]) -> Targets:
    """Chosen targets of each of these rooms; rooms without any are left out.

    Raises ``ZY-CLI-002`` for a selector of an unknown kind, and for one that matches nothing.
    """
    if not selectors:
        return dict.fromkeys(rooms, ())
    known = list(targets(province))
    chosen = {target.name: target for selector in selectors for target in _matching(selector, known)}
    by_room = {room: tuple(sorted(t.name for t in chosen.values() if t.room is room)) for room in rooms}
    found = {room: names for room, names in by_room.items() if names}
    if not found:
        raise _nothing(" ".join(selectors), f"in {', '.join(rooms)} they choose nothing")
    return found


def _matching(selector: str, known: Sequence[Target]) -> list[Target]:
    kind, equals, pattern = selector.partition("=")
    if not equals:
        found = [target for target in known if fnmatchcase(target.name, selector)]
    elif kind in KINDS:
        found = [target for target in known if kind in target.marks and fnmatchcase(target.marks[kind], pattern)]
    else:
        raise _nothing(selector, f"there is no kind {kind!r}")
    if not found:
        raise _nothing(selector, "it chooses nothing")
    return found


def _nothing(selector: str, why: str) -> ZyError:
    return ZyError(
        "ZY-CLI-002",
        f"--limit {selector}: {why}",
        fix=f"write KIND=GLOB with KIND one of {', '.join(KINDS)}, or a glob of names such as 'gz-*'",
    )
