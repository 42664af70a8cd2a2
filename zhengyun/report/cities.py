"""A large extranet drawn by city: the province's core in the middle, each city around it, and what joins them.

Pure and deterministic. A city holds every router whose site lies in it, down to townships; one that a single link joins
to the rest is marked, since that link's failure cuts it off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from province.extranet import Router, Site, SiteLevel
from province.province import Province
from zhengyun.report.svg import Drawing, shortened

WIDTH = 1160.0
PROVINCE = ""
"""The group of what no city holds."""
_CENTRE = (WIDTH / 2, 360.0)
_RADII = (490.0, 290.0)
_SMALLEST, _LARGEST = 14.0, 34.0
"""Radius of a city's disc: by the root of its routers, so that the area tells how many."""


@dataclass(frozen=True, slots=True)
class City:
    """What one city holds. ``key``: the first four digits of its division (GB/T 2260)."""

    key: str
    name: str
    name_en: str
    routers: int
    sites: int
    uplinks: int
    """Links to other cities or to the province's core."""


def cities(province: Province) -> tuple[list[City], Mapping[tuple[str, str], int]]:
    """The cities, the province's own group first, and how many links join each two of them."""
    groups = {code: _group(province.sites[router.site]) for code, router in province.routers.items()}
    joined: Counter[tuple[str, str]] = Counter()
    for link in province.links.values():
        a, b = sorted((groups[link.a.router], groups[link.b.router]))
        if a != b:
            joined[a, b] += 1
    uplinks: Counter[str] = Counter()
    for pair, count in joined.items():
        for group in pair:
            uplinks[group] += count
    held: dict[str, list[Router]] = {}
    for code, group in groups.items():
        held.setdefault(group, []).append(province.routers[code])
    return [_city(province, key, held[key], uplinks[key]) for key in sorted(held)], joined


def cities_svg(province: Province) -> str:
    """The picture."""
    drawing = Drawing(WIDTH, 2 * _CENTRE[1])
    found, joined = cities(province)
    places = _places(found)
    by_key = {city.key: city for city in found}
    for (a, b), count in sorted(joined.items()):
        single = any(by_key[key].uplinks == 1 for key in (a, b))
        names = f"{by_key[a].name} – {by_key[b].name}: {count}"
        drawing.line((places[a], places[b]), "link single" if single else "link core", names)
    most = max((city.routers for city in found), default=1)
    for city in found:
        _disc(drawing, city, places[city.key], most)
    return drawing.svg(f"Extranet of {province.identity.name_en} by city")


def _group(site: Site) -> str:
    return PROVINCE if site.level is SiteLevel.PROVINCE else site.division[:4]


def _city(province: Province, key: str, routers: list[Router], uplinks: int) -> City:
    """Named by its city's own site; by its number where there is none."""
    sites = {router.site: province.sites[router.site] for router in routers}
    level = SiteLevel.PROVINCE if key == PROVINCE else SiteLevel.CITY
    named = next((site for _, site in sorted(sites.items()) if site.level is level), None)
    names = (named.name, named.name_en) if named else (key, key)
    return City(key, *names, len(routers), len(sites), uplinks)


def _places(found: list[City]) -> dict[str, tuple[float, float]]:
    """The province's core in the middle; the cities clockwise from the top, in the order of their numbers."""
    around = [city.key for city in found if city.key != PROVINCE]
    places = {PROVINCE: _CENTRE}
    for number, key in enumerate(around):
        angle = 2 * pi * number / len(around) - pi / 2
        places[key] = (_CENTRE[0] + _RADII[0] * cos(angle), _CENTRE[1] + _RADII[1] * sin(angle))
    return places


def _disc(drawing: Drawing, city: City, place: tuple[float, float], most: int) -> None:
    x, y = place
    radius = max(_SMALLEST, _LARGEST * sqrt(city.routers / most))
    style = "router core" if city.uplinks > 1 or city.key == PROVINCE else "router single"
    drawing.box(x - radius, y - radius, 2 * radius, 2 * radius, style, radius)
    drawing.label(x, y + 4, str(city.routers), "middle router-name")
    outwards = y - radius - 6 if y < _CENTRE[1] else y + radius + 14  # away from the links
    drawing.text(x, outwards, shortened(city.name, 18), shortened(city.name_en, 20), "middle fact halo")
