"""Both ends of every cable fit together: network, metric, IS-IS, VLAN, and the eBGP session towards a CE."""

from __future__ import annotations

from collections.abc import Iterator

from network.offline.fabric import FAMILIES, End, Fabric, together
from network.offline.verdict import SEPARATED, must
from network.ports import vlan
from province.extranet import Link
from province.record import Finding

_FIX = "mend the template or the inventory that the two lines come from"


def ends(fabric: Fabric) -> Iterator[Finding]:
    """``link-ends``, ``vlan-ends``, ``ce-in-vrf``, ``ce-session``: one pass over the cables."""
    for code, link in sorted(fabric.province.links.items()):
        both = fabric.ends(link)
        if both is None:
            yield must("link-ends", code, "link", f"no port for it in {_without(fabric, link)}", _FIX)
            continue
        a, b = both
        yield from _one_link(fabric, code, a, b)
        if fabric.is_provider(a.router) and fabric.is_provider(b.router):
            yield from _core_link(fabric, code, a, b)
        else:
            pe, ce = (a, b) if fabric.is_provider(a.router) else (b, a)
            yield from _edge_link(fabric, code, pe, ce)


def _without(fabric: Fabric, link: Link) -> str:
    sides = [end for end in (link.a, link.b) if fabric.port(end.router, end.port) is None]
    return " and ".join(f"{fabric.readings[end.router].file} ({end.port})" for end in sides)


def _one_link(fabric: Fabric, code: str, a: End, b: End) -> Iterator[Finding]:
    for family in FAMILIES:
        if not together(a, b, family):
            one, other = (f"{_at(fabric, end)} has {getattr(end.interface, family)}" for end in (a, b))
            yield must("link-ends", code, family, f"{one}, {other}: not two addresses of one network", _FIX)
    if vlan(a.interface.name) != vlan(b.interface.name):
        yield must("vlan-ends", code, "VLAN", f"{_at(fabric, a)} and {_at(fabric, b)} have different VLANs", _FIX)


def _core_link(fabric: Fabric, code: str, a: End, b: End) -> Iterator[Finding]:
    one, other = a.interface.metric, b.interface.metric
    if one != other:
        both = " and ".join(f"{_at(fabric, end)} {_metric(end.interface.metric)}" for end in (a, b))
        yield must("isis-ends", code, "IS-IS", f"{both}: both ends must say the same", _FIX)
    elif one is None:
        yield must("isis-ends", code, "IS-IS", f"neither {_at(fabric, a)} nor {_at(fabric, b)} runs IS-IS", _FIX)
    for end in (a, b):
        if end.interface.vrf is not None:
            said = f"{_at(fabric, end)} puts a core link into {end.interface.vrf}: a tenant would reach the core"
            yield must("core-in-vrf", code, "VRF", said, _FIX, SEPARATED)


def _metric(metric: int | None) -> str:
    return "does not run IS-IS" if metric is None else f"has metric {metric}"


def _edge_link(fabric: Fabric, code: str, pe: End, ce: End) -> Iterator[Finding]:
    if fabric.vrf(pe.router, pe.interface.vrf) is None:
        said = f"{_at(fabric, pe)} has the CE {ce.router} in no VRF: it would reach the core's own table"
        yield must("ce-in-vrf", code, "VRF", said, _FIX, SEPARATED)
        return
    for end in (pe, ce):
        if end.interface.metric is not None:
            said = f"{_at(fabric, end)} runs IS-IS towards a department: it could join the core's routing"
            yield must("isis-ends", code, "IS-IS", said, _FIX, SEPARATED)
    for family in FAMILIES:
        if together(pe, ce, family) and fabric.session(ce, pe, family) is None:
            said = f"{_at(fabric, pe)} and {_at(fabric, ce)} have no session on which both agree (address, AS)"
            yield must("ce-session", code, family, said, _FIX)


def _at(fabric: Fabric, end: End) -> str:
    return fabric.place(end.router, f"interface {end.interface.name}")
