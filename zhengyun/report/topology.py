"""The extranet drawn: routers in layers (province, city, departments), links, and the LANs of each VPN.

Pure and deterministic. For what :data:`LIMIT` routers cannot show, see :mod:`zhengyun.report.cities`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from province.extranet import Lan, Router, SiteLevel
from province.province import Province
from zhengyun.report.svg import Drawing, shortened

WIDTH = 1160.0
LIMIT = 60
"""Routers that can be told from each other on a page."""
COLOURS = 8
"""VPNs share this many colours, in the order of their codes."""

_NODE = (168.0, 46.0)
_LAN = (150.0, 36.0)
_ROW = 128.0
_TOP = 76.0


def layout(province: Province) -> dict[str, tuple[float, float]]:
    """Centre of each box: layers from the province down, within a layer by the neighbours above, then by name."""
    layers: dict[int, list[str]] = {}
    for code in sorted(province.routers):
        layers.setdefault(_layer(province, province.routers[code]), []).append(code)
    places: dict[str, tuple[float, float]] = {}
    for row, layer in enumerate(sorted(layers)):
        ordered = sorted(layers[layer], key=lambda code: (_above(province, code, places), code))
        for column, code in enumerate(ordered):
            places[code] = (WIDTH * (column + 0.5) / len(ordered), _TOP + row * _ROW)
    return places


def extranet_svg(province: Province) -> str:
    """Routers, links and LANs."""
    drawing, places = Drawing(WIDTH), layout(province)
    colours = vpn_colours(province)
    for code, link in sorted(province.links.items()):
        core = all(province.routers[end.router].is_provider for end in (link.a, link.b))
        ends = (places[link.a.router], places[link.b.router])
        drawing.line(ends, "link core" if core else "link", f"{code}: {link.a.port} – {link.b.port}")
    for code, place in places.items():
        _lans(drawing, province, province.lans_of(code), place, colours)
        _router(drawing, province, province.routers[code], place)
    return drawing.svg(f"Extranet of {province.identity.name_en}")


def vpn_colours(province: Province) -> dict[str, int]:
    """Number of each VPN's colour."""
    return {code: number % COLOURS for number, code in enumerate(sorted(province.vpns))}


def _level(province: Province, router: Router) -> SiteLevel:
    return province.sites[router.site].level


def _layer(province: Province, router: Router) -> int:
    """Provider routers by the level of their site; departments' routers below all of them."""
    levels = list(SiteLevel)
    level = levels.index(_level(province, router))
    return level if router.is_provider else len(levels) + level


def _above(province: Province, code: str, places: Mapping[str, tuple[float, float]]) -> float:
    """Mean place of the neighbours that already have one."""
    known = [places[far] for link in province.links_of(code) if (far := link.far(code).router) in places]
    return sum(x for x, _ in known) / len(known) if known else 0.0


def _router(drawing: Drawing, province: Province, router: Router, place: tuple[float, float]) -> None:
    width, height = _NODE
    x, y = place[0] - width / 2, place[1] - height / 2
    drawing.box(x, y, width, height, "router core" if router.is_provider else "router")
    roles = "/".join(sorted(role.value.upper() for role in router.roles))
    reflector = " · RR" if router.route_reflector else ""
    drawing.label(place[0], y + 19, f"{router.code} · {roles}{reflector}", "middle mono router-name")
    site = province.sites[router.site]
    drawing.text(place[0], y + 36, shortened(site.name, 24), shortened(site.name_en, 27), "middle fact")


def _lans(
    drawing: Drawing,
    province: Province,
    lans: Sequence[Lan],
    place: tuple[float, float],
    colours: Mapping[str, int],
) -> None:
    """LANs of a provincial router stand above it, of all others below."""
    width, height = _LAN
    gap = width + 8
    upper = place[1] <= _TOP
    y = place[1] - 58 - height / 2 if upper else place[1] + 58 - height / 2
    for number, lan in enumerate(sorted(lans, key=lambda lan: lan.code)):
        centre = place[0] + (number - (len(lans) - 1) / 2) * gap
        vpn = province.vpn_of(lan.department)
        colour = f"vpn{colours[vpn.code]}" if vpn else ""
        drawing.line(((centre, y + height / 2), place), f"lan-link {colour}", lan.port)
        drawing.box(centre - width / 2, y, width, height, f"lan {colour}", 17)
        department = province.departments[lan.department]
        words = (f"{lan.code} · {department.name}", f"{lan.code} · {department.name_en}")
        drawing.text(centre, y + 15, shortened(words[0], 24), shortened(words[1], 22), "middle lan-name")
        drawing.label(centre, y + 29, str(province.addresses.lan(lan.code).ipv4), "middle mono small")
