"""Links and routers whose failure parts the core, and the LANs on each side of each of them.

All cuts come from one pass (networkx: biconnected components), not from taking out one link after the other. The core's
blocks and routers form a tree; what hangs below a cut is an interval of its preorder, so the LANs on each side are
found by bisection. A LAN's own router is not counted: its loss is the LAN's own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

from network.offline.fabric import Fabric
from network.offline.sites import Home
from network.offline.verdict import listed

_Interval = tuple[int, int]
"""Positions in preorder: the first, and the one after the last."""


@dataclass(frozen=True, slots=True)
class Loss:
    """LANs of one VPN that lose each other. Each side loses at least one other; only a LAN with several PEs, which is a
    side of its own where these are parted, may still reach two of them."""

    vpn: str
    sides: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return f"{self.vpn}: " + " | ".join(listed(list(side)) for side in self.sides)


@dataclass(slots=True)
class _Side:
    """Positions in preorder of one VPN's LANs that have a single PE, with their names; and those that have several."""

    positions: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    several: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)

    def within(self, part: _Interval) -> list[str]:
        """LANs of a single PE in an interval."""
        start, end = (bisect_left(self.positions, edge) for edge in part)
        return self.names[start:end]

    def around(self, part: _Interval) -> list[str]:
        """LANs of a single PE outside an interval."""
        start, end = (bisect_left(self.positions, edge) for edge in part)
        return self.names[:start] + self.names[end:]


class Cuts:
    """The core's tree of blocks and routers, and the LANs that hang on it."""

    def __init__(self, fabric: Fabric, homes: list[Home]) -> None:
        self._core = fabric.core
        self._tree: nx.Graph[object] = nx.Graph()
        self._tree.add_nodes_from(self._core)
        for number, block in enumerate(nx.biconnected_components(self._core)):
            self._tree.add_edges_from((number, router) for router in block)
        self._start: dict[object, int] = {}
        self._end: dict[object, int] = {}
        self._children: dict[object, list[object]] = {}
        self._number()
        self._sides: dict[str, _Side] = {}
        self._place(homes)

    def links(self) -> Iterator[tuple[str, list[Loss]]]:
        """Links without which LANs lose each other."""
        for a, b in sorted(tuple(sorted(pair)) for pair in nx.bridges(self._core)):
            links = self._core.edges[a, b]["links"]
            below = max((a, b), key=lambda router: self._start[router])
            losses = self._losses([self._interval(below)], None)
            if len(links) == 1 and losses:
                yield links[0], losses

    def routers(self) -> Iterator[tuple[str, list[Loss]]]:
        """Routers without which LANs on others lose each other."""
        for router in sorted(nx.articulation_points(self._core)):
            parts = [self._interval(block) for block in self._children[router]]
            losses = self._losses(parts, self._interval(router))
            if losses:
                yield router, losses

    def _number(self) -> None:
        """Preorder numbers: what is below a node has the numbers from its start to its end."""
        for part in nx.connected_components(self._tree):
            root = min((node for node in part if isinstance(node, str)), default=None)
            if root is None:
                continue
            for one, other, mark in nx.dfs_labeled_edges(self._tree, root):
                if mark == "forward":
                    self._start[other] = len(self._start)
                    self._children[other] = []
                    if one != other:
                        self._children[one].append(other)
                elif mark == "reverse":
                    self._end[other] = len(self._start)

    def _interval(self, node: object) -> _Interval:
        return self._start[node], self._end[node]

    def _place(self, homes: list[Home]) -> None:
        single: dict[str, list[tuple[int, str]]] = {}
        for home in homes:
            places = tuple(sorted(self._start[pe] for pe in home.pes if pe in self._start))
            side = self._sides.setdefault(home.vpn, _Side())
            if len(places) == 1:
                single.setdefault(home.vpn, []).append((places[0], home.lan))
            elif places:
                side.several.append((home.lan, places))
        for vpn, rows in single.items():
            rows.sort()
            self._sides[vpn].positions = [position for position, _ in rows]
            self._sides[vpn].names = [name for _, name in rows]

    def _losses(self, parts: list[_Interval], router: _Interval | None) -> list[Loss]:
        """What is lost between the parts and the rest. ``router`` is the interval of a router that is gone itself."""
        around = router or parts[0]
        losses = []
        for vpn, side in sorted(self._sides.items()):
            groups: dict[frozenset[int], list[str]] = {
                frozenset({number}): side.within(part) for number, part in enumerate(parts)
            }
            groups[frozenset({len(parts)})] = side.around(around)
            for name, places in side.several:
                left = places if router is None else [place for place in places if place != router[0]]
                where = frozenset(_part(place, parts) for place in left)
                groups.setdefault(where, []).append(name)
            sides = apart({where: lans for where, lans in groups.items() if where and lans})
            if sides:
                losses.append(Loss(vpn, sides))
        return losses


def _part(place: int, parts: list[_Interval]) -> int:
    """The number of the part that a position is in; the rest comes last."""
    return next((number for number, (start, end) in enumerate(parts) if start <= place < end), len(parts))


def apart(groups: Mapping[frozenset[int], Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Of LANs by the parts of the network that they are in, the groups that have no part in common with another."""
    return tuple(
        tuple(lans)
        for where, lans in groups.items()
        if any(where.isdisjoint(other) for other in groups if other != where)
    )
