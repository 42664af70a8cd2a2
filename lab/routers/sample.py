"""A small rack to develop and test with: two provincial routers, two of a city, two of departments.

It is shaped as ``inventories/lab`` is, and knows nothing of it: the lab takes specs and no inventory.
"""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv6Interface

from lab.guest.network import Network
from lab.routers.spec import CableSpec, EndSpec, PortSpec, RouterSpec, Topology

NETWORK = Network("zy-lab", IPv4Interface("10.99.1.1/24"), IPv6Interface("fd99:1::1/64"), bridge="routers")
_PORTS = {
    "gd-pe-1": ("eth1", "eth2", "lan0"),
    "gd-pe-2": ("eth1", "eth2", "lan0", "lan1"),
    "gz-pe-1": ("eth1", "eth2", "eth3"),
    "gz-pe-2": ("eth1", "eth2", "eth3"),
    "gz-ce-zsj": ("eth1", "lan0"),
    "gz-ce-gat": ("eth1", "lan0"),
}
_CABLES = (
    CableSpec("gd-pe-1", "eth1", "gd-pe-2", "eth1"),
    CableSpec("gd-pe-1", "eth2", "gz-pe-1", "eth1"),
    CableSpec("gd-pe-2", "eth2", "gz-pe-2", "eth1"),
    CableSpec("gz-pe-1", "eth2", "gz-pe-2", "eth2"),
    CableSpec("gz-pe-1", "eth3", "gz-ce-zsj", "eth1"),
    CableSpec("gz-pe-2", "eth3", "gz-ce-gat", "eth1"),
)
_LANS = {
    "gd-zsj": ("gd-pe-1", "lan0"),
    "gd-gat": ("gd-pe-2", "lan0"),
    "gd-gxt": ("gd-pe-2", "lan1"),
    "gz-zsj": ("gz-ce-zsj", "lan0"),
    "gz-gat": ("gz-ce-gat", "lan0"),
}


def _router(number: int, name: str) -> RouterSpec:
    ports = tuple(PortSpec(port) for port in _PORTS[name])
    return RouterSpec(
        name, IPv4Interface(f"10.99.1.{10 + number}/24"), IPv6Interface(f"fd99:1::{10 + number}/64"), ports
    )


def _end(number: int, name: str) -> EndSpec:
    router, port = _LANS[name]
    ipv4, ipv6 = IPv4Interface(f"10.64.{number}.10/24"), IPv6Interface(f"fd44:3:0:{number}::10/64")
    return EndSpec(router, port, f"end-{name}", ipv4, ipv4.network[1], ipv6, ipv6.network[1])


def topology() -> Topology:
    """The sample: router *n* of the table has management address .10+n, LAN *n* is 10.64.n.0/24, fd44:3:0:n::/64."""
    return Topology(
        guest4=IPv4Interface("10.99.1.254/24"),
        guest6=IPv6Interface("fd99:1::fe/64"),
        routers=tuple(_router(number, name) for number, name in enumerate(_PORTS, start=1)),
        cables=_CABLES,
        ends=tuple(_end(number, name) for number, name in enumerate(_LANS)),
    )
