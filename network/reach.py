"""Who must reach whom, and who must not: a pure function of the province, for both families.

Within a VPN every LAN reaches every other; between VPNs nothing passes (an agreement opens paths between systems in
the clouds, not between departments' sites).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from province.extranet import Lan
from province.province import Province

END_PREFIX = "end-"
END_NUMBER = 10
"""An end system for proofs on the LAN ``gz-zsj`` is called ``end-gz-zsj`` in the ssh_config, and is host 10 of it."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path from a LAN to an address of another LAN, open or closed by design."""

    source: Lan
    target: Lan
    open: bool


def paths(province: Province) -> Iterator[Path]:
    """Every pair of LANs of one VPN on different routers; and from one LAN of each VPN to every LAN of the others."""
    by_vpn: dict[str, list[Lan]] = {}
    for code in sorted(province.lans):
        vpn = province.vpn_of(province.lans[code].department)
        if vpn is not None:
            by_vpn.setdefault(vpn.code, []).append(province.lans[code])
    for lans in by_vpn.values():
        for one, other in combinations(lans, 2):
            if one.router != other.router:
                yield Path(one, other, open=True)
    for code, lans in sorted(by_vpn.items()):
        for other_code, others in sorted(by_vpn.items()):
            if other_code != code:
                yield from (Path(lans[0], other, open=False) for other in others)


def address(province: Province, lan: str, family: int, *, end: bool) -> str:
    """Address in a LAN: of its end system, or of the router's own side."""
    network = province.addresses.lan(lan)
    number = END_NUMBER if end else 1
    return str(network.ipv4[number] if family == 4 else network.ipv6[number])
