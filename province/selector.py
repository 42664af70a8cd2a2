"""Selectors: which targets a person means, on the command line (``--limit``) and in the inventory.

A selector is ``kind=glob`` (``region=gz``, ``department=zsj``, ``system=gdbos``, ``router=gz-*``, ``host=gd-log-1``,
``stack=tenant-*``) or a glob alone, which is compared with the names of all targets. Several add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from province.province import Province
from province.record import RoomName

KINDS = ("region", "department", "system", "adopted", "stack", "host", "router")
_OWN_KIND = {RoomName.CLOUD: "stack", RoomName.HOSTS: "host", RoomName.NETWORK: "router"}


class ChoosesNothingError(ValueError):
    """A selector of no kind that there is, or one that matches nothing; its text says which."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that can be chosen, with everything that it can be chosen by."""

    room: RoomName
    name: str
    marks: Mapping[str, str]

    @classmethod
    def undeclared(cls, room: RoomName, name: str) -> Target:
        """One that the inventory has no longer, as the stack of a system that is to go: only its name is known."""
        return cls(room, name, {_OWN_KIND[room]: name})

    def chosen_by(self, selector: str) -> bool:
        kind, equals, pattern = selector.partition("=")
        if not equals:
            return fnmatchcase(self.name, selector)
        return kind in self.marks and fnmatchcase(self.marks[kind], pattern)


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


def chosen(selector: str, known: Sequence[Target]) -> list[Target]:
    """What a selector chooses. Raises :class:`ChoosesNothingError`."""
    kind, equals, _ = selector.partition("=")
    if equals and kind not in KINDS:
        raise ChoosesNothingError(f"there is no kind {kind!r}")
    found = [target for target in known if target.chosen_by(selector)]
    if not found:
        raise ChoosesNothingError("it chooses nothing")
    return found
