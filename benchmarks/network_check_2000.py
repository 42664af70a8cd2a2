"""Offline verification of 2,000 routers, from texts to findings, against the textbook's way with networkx.

The textbook's way: a path for every pair of LANs of a VPN, and for every link and router the core without it. It works
on a graph that is made already and knows nothing of addresses, sessions or route targets; a sample is measured and
scaled, as the whole takes too long.
"""

from __future__ import annotations

import resource
from itertools import combinations, islice
from typing import Any

import networkx as nx

from benchmarks._extranet import extranet
from benchmarks._measure import row, seconds, show
from network.intent import intents
from network.offline.check import check, fabric_of
from network.offline.fabric import Fabric
from network.render import render
from network.topology import paths
from province.province import Province

N = 2_000
SIZES = (100, 1_000, 10_000)
_SAMPLE = 200


def run() -> list[dict[str, Any]]:
    rows = []
    for n in sorted({*SIZES, N}):
        ours = _ours(province := extranet(n))
        if n == N:
            peer = _pairs(province) + _removals(province)
            rows.append(row("network-check-2000", "s of CPU", ours, {"networkx, pair by pair (scaled)": peer}, n))
        if n in SIZES:
            rows.append(row(f"network-check-{n}-per-router", "ms of CPU", 1000 * ours / n, {}, n))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, row(f"network-check-{max(SIZES)}-memory", "MiB", memory, {}, max(SIZES))]


def _ours(province: Province) -> float:
    """Reading every text and judging them together. Rendering is measured elsewhere."""
    routers = intents(province)
    texts = {name: render(intent) for name, intent in routers.items()}

    def work() -> Fabric:
        made = fabric_of(province, routers, texts)
        check(made)
        return made

    return seconds(work)


def _pairs(province: Province) -> float:
    """A path between every two LANs of one VPN."""
    graph = paths(province)
    groups = [
        sorted({lan.router for lan in province.lans.values() if lan.department in vpn.departments})
        for vpn in province.vpns.values()
    ]
    total = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    sample = list(islice(combinations(groups[0], 2), 0, None, max(1, total // (3 * _SAMPLE))))
    spent = seconds(lambda: [nx.has_path(graph, one, other) for one, other in sample])
    return spent * total / len(sample)


def _removals(province: Province) -> float:
    """The parts of the network without each link and each router in turn."""
    graph = paths(province)
    edges, nodes = list(graph.edges), list(graph)
    each = (len(edges) + len(nodes)) / (2 * _SAMPLE)

    def work() -> None:
        for edge in edges[:_SAMPLE]:
            nx.number_connected_components(nx.restricted_view(graph, [], [edge]))
        for node in nodes[:_SAMPLE]:
            nx.number_connected_components(nx.restricted_view(graph, [node], []))

    return seconds(work) * max(1.0, each)


if __name__ == "__main__":
    show(run())
