"""What the guest is told to build: the topology as its program ``fabric`` reads it, and the end systems' accounts."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lab.routers.spec import EndSpec, Topology

_END_SHELL = "/usr/lib/zhengyun/end-shell"


def fabric_json(topology: Topology) -> str:
    """The topology for ``files/fabric.py``; the same text for the same topology, in whatever order it is written."""
    content = {
        "routers": [
            {
                "name": router.name,
                "management4": str(router.management4),
                "management6": str(router.management6),
                "ports": sorted(port.name for port in router.ports),
            }
            for router in sorted(topology.routers, key=lambda router: router.name)
        ],
        "cables": sorted(
            ({"a": [cable.a_router, cable.a_port], "b": [cable.b_router, cable.b_port]} for cable in topology.cables),
            key=lambda cable: cable["a"],
        ),
        "ends": [
            {
                "name": end.name,
                "router": end.router,
                "port": end.port,
                "ipv4": str(end.ipv4),
                "gateway4": str(end.gateway4),
                "ipv6": str(end.ipv6),
                "gateway6": str(end.gateway6),
            }
            for end in sorted(topology.ends, key=lambda end: end.name)
        ],
    }
    return json.dumps(content, indent=1)


def end_accounts(ends: Iterable[EndSpec]) -> str:
    """sysusers.d(5): an account in the guest for each end system, which logs in to its namespace."""
    lines = ["g zyend -"]
    for end in sorted(ends, key=lambda end: end.name):
        lines += [f'u {end.name} - "End system" / {_END_SHELL}', f"m {end.name} zyend"]
    return "\n".join(lines) + "\n"
