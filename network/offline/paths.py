"""Every declared path of a VPN is there in both families, and no other is.

Within a VPN every LAN reaches every other; between VPNs nothing passes. Sites that enter at the same places are alike,
so one pass over each VPN's sites is enough, and a finding names one pair as its counter-example.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from network.offline.fabric import Attachment, Fabric
from network.offline.hearing import Hearing
from network.offline.sites import Site
from network.offline.verdict import MINIMAL, SEPARATED, listed, must, should
from province.record import Finding

_FIX = "mend the template or the inventory that the named lines come from"


def open_paths(fabric: Fabric, sites: list[Site], hearing: Hearing) -> Iterator[Finding]:
    """``path-open``: LANs that enter their VPN nowhere, and pairs of which one does not reach the other."""
    groups: dict[tuple[str, str], dict[tuple[Attachment, ...], list[Site]]] = {}
    for site in sites:
        if site.attachments:
            groups.setdefault((site.vpn, site.family), {}).setdefault(site.attachments, []).append(site)
        else:
            said = f"{site.lan} enters its VPN nowhere: {site.gap}"
            yield must("path-open", site.router, f"{site.vpn} {site.family}", said, _FIX)
    for (vpn, family), group in sorted(groups.items()):
        yield from _within(fabric, hearing, vpn, family, group)


Place = tuple[str, int | None, str]
"""What counts of an attachment: route target, part of the core, kind of PE in route reflection."""


def _within(
    fabric: Fabric, hearing: Hearing, vpn: str, family: str, group: dict[tuple[Attachment, ...], list[Site]]
) -> Iterator[Finding]:
    """Pairs of one VPN. Attachments are compared by what counts, of which there are few; then one pair is named."""
    alike: dict[frozenset[Place], list[Site]] = {}
    for attachments, found in group.items():
        places = frozenset(_place(fabric, hearing, attachment) for attachment in attachments)
        alike.setdefault(places, []).extend(found)
    for (_, one), (_, other) in combinations(alike.items(), 2):
        a, b = one[0], other[0]
        why = _gap(fabric, hearing, a, b)
        if why:
            lans = listed(sorted(site.lan for site in other))
            said = f"{a.lan} ({a.router}) does not reach {b.lan} ({b.router}): {why}; the same holds for {lans}"
            yield must("path-open", b.attachments[0].pe, f"{vpn} {family}", said, _FIX)
    for same in alike.values():
        far = next((site for site in same if site.attachments[0].pe != same[0].attachments[0].pe), None)
        why = _gap(fabric, hearing, same[0], far) if far else ""
        if far and why:
            said = f"{same[0].lan} ({same[0].router}) does not reach {far.lan} ({far.router}): {why}"
            yield must("path-open", far.attachments[0].pe, f"{vpn} {family}", said, _FIX)


def _place(fabric: Fabric, hearing: Hearing, attachment: Attachment) -> Place:
    kind = hearing.kinds.get(attachment.pe, ("none", attachment.pe))
    return attachment.vrf.rt, fabric.part.get(attachment.pe), " ".join(kind)


def _gap(fabric: Fabric, hearing: Hearing, a: Site, b: Site) -> str:
    """Why one of two sites does not reach the other by any of their attachments; empty when each does."""
    why = ""
    for one in a.attachments:
        for other in b.attachments:
            why = _between(fabric, hearing, one, other)
            if not why:
                return ""
    return why


def _between(fabric: Fabric, hearing: Hearing, one: Attachment, other: Attachment) -> str:
    if one.vrf.rt != other.vrf.rt:
        places = [f"{fabric.place(at.pe, f'vrf {at.vrf.name}')} has route target {at.vrf.rt}" for at in (one, other)]
        return " and ".join(places)
    if fabric.part.get(one.pe) != fabric.part.get(other.pe):
        return f"no IS-IS adjacencies join {one.pe} and {other.pe} in IPv6, which carries both families (SRv6)"
    for origin, listener in ((one.pe, other.pe), (other.pe, one.pe)):
        if not hearing.hears(listener, origin):
            place = fabric.place(listener, "bgp")
            return f"{listener} ({place}) never hears the routes of {origin}: no reflector passes them on"
    return ""


def closed_paths(fabric: Fabric, sites: list[Site]) -> Iterator[Finding]:
    """``path-closed``: a route target that LANs of two VPNs share, and LANs in no VRF at all."""
    first: dict[tuple[str, str], tuple[Site, Attachment]] = {}
    for site in sites:
        for attachment in site.attachments:
            key = (attachment.vrf.rt, site.family)
            other, where = first.setdefault(key, (site, attachment))
            if other.vpn != site.vpn:
                ways = [fabric.place(at.pe, f"vrf {at.vrf.name}") for at in (where, attachment)]
                said = (
                    f"{other.lan} (VPN {other.vpn}) reaches {site.lan} (VPN {site.vpn}): {ways[0]} and {ways[1]}"
                    f" exchange routes by {attachment.vrf.rt}"
                )
                yield must("path-closed", attachment.pe, f"{site.vpn} {site.family}", said, _FIX, SEPARATED)


def dead_rules(fabric: Fabric) -> Iterator[Finding]:
    """``filter-dead``: a PE's filter takes a prefix that the CE does not offer."""
    offered = {name: set(reading.intent.announced) for name, reading in fabric.readings.items()}
    for name, reading in fabric.readings.items():
        for vrf in reading.intent.vrfs:
            for peer in vrf.peers:
                dead = [network for network in peer.accept or () if network not in offered.get(peer.name, ())]
                if dead:
                    place = fabric.place(name, f"peer {vrf.name} {peer.ipv4}")
                    said = f"{place} takes {dead[0].ipv4} from {peer.name}, which does not offer it"
                    yield should("filter-dead", name, vrf.name, said, "take the prefix out of the filter", MINIMAL)
