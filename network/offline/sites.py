"""Sites of the VPNs and where they enter them: LANs, on a PE itself or behind a CE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from network.offline.fabric import FAMILIES, Attachment, Fabric
from province.extranet import Lan


@dataclass(frozen=True, slots=True)
class Site:
    """A LAN in one family. ``attachments`` are the VRFs that hold its prefix; ``gap`` says why there are none."""

    lan: str
    vpn: str
    family: str
    router: str
    attachments: tuple[Attachment, ...]
    gap: str = ""


def sites(fabric: Fabric) -> list[Site]:
    """Every LAN in both families, in the order of their names."""
    return [
        _site(fabric, lan, family)
        for _, lan in sorted(fabric.province.lans.items())
        for family in FAMILIES
        if lan.department in fabric.vpns
    ]


def _site(fabric: Fabric, lan: Lan, family: str) -> Site:
    port = fabric.port(lan.router, lan.port)
    wanted = getattr(fabric.province.addresses.lan(lan.code), family)
    vpn = fabric.vpns[lan.department]
    if port is None or getattr(port, family).network != wanted:
        where = fabric.place(lan.router, f"interface {lan.port}")
        return Site(lan.code, vpn, family, lan.router, (), f"{where} does not have {wanted} on {lan.port}")
    if fabric.is_provider(lan.router):
        vrf = fabric.vrf(lan.router, port.vrf)
        where = fabric.place(lan.router, f"interface {lan.port}")
        gap = "" if vrf else f"{where} is in no VRF"
        return Site(lan.code, vpn, family, lan.router, (Attachment(lan.router, vrf),) if vrf else (), gap)
    found = list(_behind(fabric, lan, family))
    homes = tuple(one for one in found if isinstance(one, Attachment))
    gaps = [one for one in found if isinstance(one, str)] or [f"{lan.router} has no cable to a PE"]
    return Site(lan.code, vpn, family, lan.router, homes, "" if homes else "; ".join(gaps))


def _behind(fabric: Fabric, lan: Lan, family: str) -> Iterator[Attachment | str]:
    """For each cable of the CE the VRF that learns the LAN's prefix, or why it does not."""
    wanted = fabric.province.addresses.lan(lan.code)
    for link, own, far in fabric.homes(lan.router):
        both = fabric.session(own, far, family)
        vrf = fabric.vrf(far.router, far.interface.vrf)
        where = fabric.place(far.router, f"interface {far.interface.name}")
        if both is None or vrf is None:
            yield f"over {link.code} ({where}) there is no session in {family}"
        elif wanted not in fabric.readings[lan.router].intent.announced:
            yield f"{fabric.place(lan.router, 'bgp')} does not offer {getattr(wanted, family)}"
        elif both[1].accept is not None and wanted not in both[1].accept:
            yield f"{where} does not take {getattr(wanted, family)} from {lan.router}"
        else:
            yield Attachment(far.router, vrf)


@dataclass(frozen=True, slots=True)
class Home:
    """A LAN and the PEs over which it is reached."""

    lan: str
    vpn: str
    router: str
    pes: frozenset[str]


def homes(sites: list[Site]) -> list[Home]:
    """LANs by their IPv4 and IPv6 attachments together; those that have none are open paths' findings."""
    found: dict[str, Home] = {}
    for site in sites:
        pes = frozenset(attachment.pe for attachment in site.attachments)
        known = found.get(site.lan)
        # a family that enters at fewer places is the weaker one, and counts
        if pes and (known is None or len(pes) < len(known.pes)):
            found[site.lan] = Home(site.lan, site.vpn, site.router, pes)
    return list(found.values())
