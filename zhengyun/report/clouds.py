"""The clouds drawn: a panel for each region, a band for each zone, a card for each system, an arrow per agreement."""

from __future__ import annotations

from dataclasses import dataclass

from province.cloud import Region, Zone
from province.province import Province
from province.system import System
from zhengyun.report.svg import Drawing, shortened

WIDTH = 1160.0
_PANELS = 2
_GAP = 24.0
_HEAD = 52.0
_LABEL = 112.0
_CARD = (198.0, 74.0)
_PAD = 8.0


@dataclass(frozen=True, slots=True)
class _Card:
    x: float
    y: float


def clouds_svg(province: Province) -> str:
    """All regions, two in a row."""
    drawing = Drawing(WIDTH)
    cards: dict[str, _Card] = {}
    panel = (WIDTH - _GAP * (_PANELS - 1)) / _PANELS
    y = 2.0
    regions = [province.regions[code] for code in sorted(province.regions)]
    for start in range(0, len(regions), _PANELS):
        bottoms = [
            _region(drawing, province, region, column * (panel + _GAP) + 1, y, panel - 2, cards)
            for column, region in enumerate(regions[start : start + _PANELS])
        ]
        y = max(bottoms) + _GAP
    _agreements(drawing, province, cards)
    return drawing.svg(f"Clouds of {province.identity.name_en}")


def _region(
    drawing: Drawing, province: Province, region: Region, x: float, y: float, width: float, cards: dict[str, _Card]
) -> float:
    """Draw one region; its lower edge."""
    frame = len(drawing.elements)
    drawing.text(x + 14, y + 24, f"{region.name} · {region.code}", f"{region.name_en} · {region.code}", "region-name")
    centre = region.data_centre
    facts = f"PUE {centre.pue:g} · {centre.capacity_vcpus} vCPU · {centre.grade}"
    words = f"{centre.name} · {facts} 级机房 · 平台等保{region.mlps_level}级"
    drawing.text(x + 14, y + 42, words, f"{centre.name} · {facts} · platform MLPS {region.mlps_level}", "fact")
    bottom = y + _HEAD
    for zone in Zone:
        if zone in region.zones:
            systems = sorted((s for s in province.systems_in(region.code) if s.zone is zone), key=lambda s: s.code)
            bottom = _zone(drawing, province, zone, systems, (x + _PAD, bottom, width - 2 * _PAD), cards)
    drawing.box(x, y, width, bottom - y + 2, "panel", 10)
    drawing.elements.insert(frame, drawing.elements.pop())  # the frame is painted first
    return bottom + 2


def _zone(
    drawing: Drawing,
    province: Province,
    zone: Zone,
    systems: list[System],
    place: tuple[float, float, float],
    cards: dict[str, _Card],
) -> float:
    x, y, width = place
    card_width, card_height = _CARD
    per_row = max(1, int((width - _LABEL) // (card_width + _PAD)))
    rows = -(-len(systems) // per_row)
    height = max(34.0, rows * (card_height + _PAD) + _PAD)
    drawing.box(x, y, width, height, f"zone {zone.value}")
    drawing.text(x + 12, y + 22, zone.chinese, zone.value, "zone-name")
    for number, system in enumerate(systems):
        card = _Card(
            x + _LABEL + (number % per_row) * (card_width + _PAD),
            y + _PAD + (number // per_row) * (card_height + _PAD),
        )
        cards[system.code] = card
        _card(drawing, province, system, card)
    return y + height + 6


def _card(drawing: Drawing, province: Province, system: System, card: _Card) -> None:
    drawing.box(card.x, card.y, *_CARD, "card")
    x = card.x + 10
    name = f"{system.name} · {system.code}"
    drawing.text(x, card.y + 19, shortened(name, 28), shortened(system.name_en, 25), "card-name")
    department = province.departments[system.department]
    drawing.text(x, card.y + 36, shortened(department.name, 30), shortened(department.name_en, 32), "fact")
    level = f"等保{system.mlps_level}级 · {system.data_class.chinese}"
    drawing.text(x, card.y + 51, level, f"MLPS {system.mlps_level} · {system.data_class} data", "fact")
    workloads = "  ".join(f"{code}×{load.count}" for code, load in sorted(system.workloads.items()))
    drawing.label(x, card.y + 66, shortened(workloads, 32), "mono")


def _agreements(drawing: Drawing, province: Province, cards: dict[str, _Card]) -> None:
    """An arrow from who provides to who consumes."""
    width, height = _CARD
    for _, agreement in sorted(province.agreements.items()):
        start, end = cards[agreement.provider.system], cards[agreement.consumer.system]
        x1, y1 = start.x + width, start.y + height / 2
        x2, y2 = end.x + width, end.y + height / 2
        bend = max(x1, x2) + 46
        drawing.path(f"M{x1:g},{y1:g} C{bend:g},{y1:g} {bend:g},{y2:g} {x2 + 8:g},{y2:g}", "agreement")
        drawing.path(f"M{x2:g},{y2:g} l9,-5 l0,10 z", "agreement-head")
        ports = ", ".join(map(str, sorted(agreement.ports)))
        beside = max(x1, x2) + 46 * 0.75 + 8  # the curve's own outermost point, and a little more
        drawing.text(beside, (y1 + y2) / 2 + 4, f"共享 {ports}", f"shares {ports}", "agreement-name")
