"""Classes of service in the core, in device-neutral terms: a queue for each, and which marks lead to it.

A service class with a share has a queue of its own at core ports, by the per-hop behaviour of its mark (RFC 4594; RFC
2597, RFC 3246). At a border a department's packets keep the marks of classes and lose all others (RFC 2475 section
2.3.2), so that network control (CS6, CS7) stays the routers' own. What has no class waits in the queue for best effort.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from province.cloud import CONTROL, ServiceClass
from province.extranet import Platform

QUEUES = frozenset({Platform.VRP, Platform.COMWARE})
"""Platforms for which queues are rendered. FRR forwards by its host's kernel, whose queues are no part of FRR."""
BEST_EFFORT = "be"
EXPEDITED = "ef"


class Trust(StrEnum):
    """Whose marks a port takes: those of classes alone, or those of network control too."""

    EDGE = "edge"
    CORE = "core"


@dataclass(frozen=True, slots=True)
class Queue:
    """A class's queue. ``percent`` is its share of a full link; for expedited forwarding its limit too."""

    name: str
    mark: int
    percent: int

    @property
    def word(self) -> str:
        """The mark as Comware shows it: ``af31``, ``cs4``, ``ef``, and 44 as a number."""
        if self.mark == 46:
            return EXPEDITED
        if self.mark % 8 == 0:
            return f"cs{self.mark // 8}"
        return f"af{self.mark // 8}{self.mark % 8 // 2}" if self.mark < 40 else str(self.mark)


Mapped = tuple[str, str]
"""A queue and a colour (drop precedence), as VRP maps marks to them."""
_COLOURS = {0: "green", 2: "green", 4: "yellow", 6: "red"}


def _default_inbound() -> Iterator[tuple[int, Mapped]]:
    for mark in range(8, 40, 2):
        yield mark, (f"af{mark // 8}", _COLOURS[mark % 8])
    yield from ((40, ("ef", "green")), (46, ("ef", "green")), (48, ("cs6", "green")), (56, ("cs7", "green")))


VRP_INBOUND: Mapping[int, Mapped] = MappingProxyType(dict(_default_inbound()))
"""What VRP8 makes of marks by itself; of all others best effort. Source: NE40E V800R012C10, Configuration, QoS,
"Configuring Priority Mappings for IP Packets", table 1."""
VRP_OUTBOUND: Mapping[Mapped, int] = MappingProxyType(
    {place: mark for mark, place in VRP_INBOUND.items() if mark % 8 or mark > 40}
)
"""The marks that VRP8 writes by itself (table 2 there): AFxy, 46, 48, 56; never a class selector below 48, nor 44."""


@dataclass(frozen=True, slots=True)
class Queues:
    """All queues of a router, in the order of their marks; at least one."""

    all: tuple[Queue, ...]

    @property
    def rest(self) -> int:
        """The weight of best effort: what no class has, in percent."""
        return 100 - sum(queue.percent for queue in self.all)

    def inbound(self, trust: str) -> tuple[tuple[int, str], ...]:
        """Marks that lead elsewhere than by VRP's own mapping, and the queue, always green: each class drops alike."""
        return _inbound(self, trust)

    def outbound(self) -> tuple[tuple[str, int], ...]:
        """Queues whose packets leave with another mark than VRP writes by itself."""
        found = [(queue.name, queue.mark) for queue in self.all]
        return tuple((name, mark) for name, mark in found if VRP_OUTBOUND[name, "green"] != mark)


@cache
def _inbound(queues: Queues, trust: str) -> tuple[tuple[int, str], ...]:
    # all routers of a province have the same queues
    wanted = {queue.mark: queue.name for queue in queues.all}
    kept = CONTROL if trust == Trust.CORE else frozenset[int]()
    marks = sorted({*VRP_INBOUND, *wanted} - kept)
    found = [(mark, wanted.get(mark, BEST_EFFORT)) for mark in marks]
    return tuple((mark, name) for mark, name in found if VRP_INBOUND.get(mark) != (name, "green"))


def queues(classes: Iterable[ServiceClass]) -> Queues | None:
    """The queues of those classes that have a share; ``None`` when none has."""
    found = [
        Queue(one.queue, one.dscp, one.percent_of_core)
        for one in classes
        if one.percent_of_core and one.queue is not None
    ]
    return Queues(tuple(sorted(found, key=lambda queue: queue.mark))) if found else None
