"""How the network's benchmarks measure and what they print."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Sequence
from os import cpu_count
from typing import Any


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one run: all of this work is computing, and a busy machine must not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of several runs: caches are warm then, as they are in a long one."""
    return min(seconds(work) for _ in range(times))


def row(name: str, unit: str, ours: float, peers: dict[str, float], n: int) -> dict[str, Any]:
    """One figure in the form of ``zy bench``. ``ratio`` is the fastest peer's time over ours."""
    return {
        "name": name,
        "unit": unit,
        "ours": round(ours, 4),
        "peers": {peer: round(value, 4) for peer, value in peers.items()},
        "ratio": round(min(peers.values()) / ours, 2) if peers else None,
        "n": n,
        "machine": f"{platform.machine()}, {cpu_count()} cores, Python {platform.python_version()}",
    }


def show(rows: Sequence[dict[str, Any]]) -> None:
    print(json.dumps(rows, ensure_ascii=False, indent=1))
