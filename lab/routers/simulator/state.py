"""A small IS-IS and BGP: what is up, read out of the running configuration and of what is declared to be down.

A neighbour is up when this side is configured for it and nothing says that it is down; the far side is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.routers.simulator.tree import Tree


@dataclass(frozen=True, slots=True)
class Peer:
    """A BGP peer of one address family; ``vpn`` is empty for the public instance."""

    vpn: str
    address: str
    asn: str
    up: bool


def adjacencies(tree: Tree, down: frozenset[str]) -> list[str]:
    """Ports with a neighbour that is Up."""
    found = []
    for line, below in tree.items():
        port = line.removeprefix("interface ").replace(" ", "")
        wanted = any(one.startswith(("isis enable", "isis ipv6 enable")) for one in below)
        if line.startswith("interface ") and wanted and not port.startswith("LoopBack"):
            found += [port] if "shutdown" not in below and port not in down else []
    return found


def peers(tree: Tree, family: str, down: frozenset[str]) -> Iterator[Peer]:
    """All peers of a family: of ``ipv4`` and ``ipv6`` the public ones; of ``vpnv4`` and ``vpnv6`` those that carry VPN
    routes, then those inside the VPN instances."""
    bgp = next((below for line, below in tree.items() if line.startswith("bgp ")), {})
    version, carries = f"ip{family[-2:]}", family.startswith("vpn")
    numbers = dict(_as_numbers(bgp))
    public = f"{version}-family {family if carries else 'unicast'}"
    for line, below in bgp.items():
        if line in (public, f"address-family {family if carries else f'{version} unicast'}"):
            yield from (_peer("", one, numbers, down) for one in _enabled(below))
        elif not carries:
            continue
        elif line.startswith(f"{version}-family vpn-instance "):
            inner = dict(_as_numbers(below))
            yield from (_peer(line.split()[-1], address, inner, down) for address in inner)
        elif line.startswith("ip vpn-instance "):
            inner = dict(_as_numbers(below))
            enabled = _enabled(below.get(f"address-family {version} unicast", {}))
            yield from (_peer(line.split()[-1], address, inner, down) for address in enabled)


def segments(tree: Tree) -> list[str]:
    """VPN instances whose routes have an SRv6 locator to take a segment from."""
    bgp = next((below for line, below in tree.items() if line.startswith("bgp ")), {})
    found = []
    for line, below in bgp.items():
        inner = [below, *below.values()]
        if "vpn-instance " in line and any(_located(one) for one in inner):
            found.append(line.split()[-1])
    return sorted(set(found))


def _located(view: Tree) -> bool:
    return any(line.startswith("segment-routing ipv6 locator ") for line in view)


def _as_numbers(view: Tree) -> Iterator[tuple[str, str]]:
    for line in view:
        words = line.split()
        if words[0] == "peer" and words[2] == "as-number":
            yield words[1], words[3]


def _enabled(view: Tree) -> list[str]:
    return [line.split()[1] for line in view if line.startswith("peer ") and line.endswith(" enable")]


def _peer(vpn: str, address: str, numbers: dict[str, str], down: frozenset[str]) -> Peer:
    return Peer(vpn, address, numbers.get(address, "?"), address in numbers and address not in down)
