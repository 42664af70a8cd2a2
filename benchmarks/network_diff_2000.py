"""Differences between running and intended configurations of 2,000 VRP routers, against hier_config.

Every router lacks one description and has one neighbour too many. hier_config does more (it orders the commands that
lead from one to the other); a sample is measured and scaled, as the whole takes too long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hier_config import Platform as Family
from hier_config import WorkflowRemediation, get_hconfig

from benchmarks._extranet import extranet
from benchmarks._measure import row, seconds, show
from network.diff import changes
from network.intent import intents
from network.render import render
from province.extranet import Platform

N = 2_000
SIZES = (100, 1_000, 10_000)
_SAMPLE = 40
_VRP = dict.fromkeys(("core", "city", "county", "ce"), Platform.VRP)


def run() -> list[dict[str, Any]]:
    rows = []
    for n in sorted({*SIZES, N}):
        pairs = _pairs(n)
        ours = seconds(partial(_each, changes, pairs))
        if n == N:
            sample = pairs[:: n // _SAMPLE]
            peer = seconds(partial(_each, _remedy, sample)) * n / len(sample)
            rows.append(row("network-diff-2000", "s of CPU", ours, {"hier_config (scaled)": peer}, n))
        else:
            rows.append(row(f"network-diff-{n}-per-router", "ms of CPU", 1000 * ours / n, {}, n))
    return rows


def _each(compare: Callable[[str, str], object], pairs: Sequence[tuple[str, str]]) -> None:
    for running, wanted in pairs:
        compare(running, wanted)


def _pairs(n: int) -> list[tuple[str, str]]:
    texts = [render(intent) for intent in intents(extranet(n, _VRP)).values()]
    return [(_by_hand(text), text) for text in texts]


def _by_hand(text: str) -> str:
    """The text as somebody left it who took a description out and put a neighbour in."""
    lines = text.splitlines()
    described = next(index for index, line in enumerate(lines) if line.startswith(" description"))
    bgp = next(index for index, line in enumerate(lines) if line.startswith("bgp "))
    changed = [*lines[:described], *lines[described + 1 : bgp + 1], " peer 192.0.2.1 as-number 65000"]
    return "\n".join([*changed, *lines[bgp + 1 :]]) + "\n"


def _remedy(running: str, wanted: str) -> object:
    work = WorkflowRemediation(get_hconfig(Family.HUAWEI_VRP, running), get_hconfig(Family.HUAWEI_VRP, wanted))
    return work.remediation_config


if __name__ == "__main__":
    show(run())
