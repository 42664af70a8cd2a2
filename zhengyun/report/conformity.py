"""The page for assessors and leaders (合规判定报告): a verdict per clause, per owner, every judgement with its proof.

One file that loads nothing. The judgements are embedded as data, each text once, and shown as rows when they are looked
at, so that twenty thousand stay quick; names are only ever put into the page as text.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from policies.catalogue import HIGH_RISK_GUIDE
from policies.judge import Judged, Verdict, digest
from policies.location import Location, locations
from policies.owners import Owner
from policies.standing import Difference, Standing, difference, standing
from province.clause import STANDARD
from province.province import Province
from province.record import Severity, Status
from province.window import CHINA
from zhengyun.judging import Judgement

BADGES = {
    Verdict.FAILED: "bad",
    Verdict.NOT_MEASURED: "warn",
    Verdict.TO_BE_ATTESTED: "warn",
    Verdict.WAIVED: "calm",
    Verdict.ATTESTED: "good",
    Verdict.PASSED: "good",
    Verdict.NOT_APPLICABLE: "calm",
}
STATES = ("failed", "advice", "waived", "skipped", "passed")
"""States of single judgements, worst first: the order in which they are shown."""
FIELDS = (
    *("clause", "state", "check", "title", "title_en", "object", "owner", "region", "system", "expected", "actual"),
    *("command", "time", "sha256", "mend"),
)
"""What is told of a judgement, in this order: columns of the embedded data and of the workbook."""


TREND = 12
"""Standings that the trend shows, this one among them."""


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """What one department answers for."""

    owner: Owner
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """What was judged in one region or of one system, which ``code`` names."""

    code: str
    name: str
    name_en: str
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class Past:
    """How it has been: the last standings, oldest first and this one last, and what differs from the one before."""

    trend: Sequence[Standing]
    difference: Difference | None


def state(judged: Judged) -> str:
    """One of :data:`STATES`."""
    if judged.status is Status.FAILED:
        return "waived" if judged.waiver else "failed" if judged.severity is Severity.MANDATORY else "advice"
    return judged.status.value


def conformity_html(made: Judgement, province: Province, earlier: Sequence[Standing] = ()) -> str:
    """The page: Chinese first, English at a click."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    counted = Counter(verdict.verdict for verdict in made.verdicts)
    return environment.get_template("conformity.html.j2").render(
        province=province,
        standard=STANDARD,
        guide=HIGH_RISK_GUIDE,
        made=f"{made.made.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        catalogue=made.catalogue,
        verdicts=made.verdicts,
        badges=BADGES,
        counted=[(verdict, counted[verdict]) for verdict in Verdict],
        high_risk=sum(verdict.high_risk for verdict in made.verdicts),
        errors=made.errors,
        owners=owner_rows(made),
        regions=region_rows(made, province),
        systems=system_rows(made, province),
        past=past(made, province, earlier),
        day=lambda time: f"{time.astimezone(CHINA):%Y-%m-%d %H:%M}",
        data=Markup(embedded(packed(_all(made), locations(province)))),  # escaped by embedded() for where it stands
    )


def owner_rows(made: Judgement) -> list[OwnerRow]:
    """Departments with the states of what they answer for, those with most failures first."""
    rows: dict[str, OwnerRow] = {}
    for judged in _all(made):
        row = rows.setdefault(judged.owner.department, OwnerRow(judged.owner, Counter()))
        row.counts[state(judged)] += 1
    return sorted(rows.values(), key=lambda row: (-row.counts["failed"], row.owner.department))


def region_rows(made: Judgement, province: Province) -> list[PlaceRow]:
    """Regions, with the states of what was judged there: cloud, hosts and routers."""
    counts = _by_place(made, province, lambda location: location.region)
    return [PlaceRow(code, r.name, r.name_en, counts[code]) for code, r in sorted(province.regions.items())]


def system_rows(made: Judgement, province: Province) -> list[PlaceRow]:
    """Systems, with the states of what was judged of them."""
    counts = _by_place(made, province, lambda location: location.system)
    return [PlaceRow(code, s.name, s.name_en, counts[code]) for code, s in sorted(province.systems.items())]


def past(made: Judgement, province: Province, earlier: Sequence[Standing]) -> Past:
    """The trend up to this judgement, and what it changed."""
    now = standing(province.identity.code, made.made, made.verdicts)
    return Past([*earlier[-TREND + 1 :], now], difference(earlier[-1], now) if earlier else None)


def _by_place(made: Judgement, province: Province, place: Callable[[Location], str]) -> defaultdict[str, Counter[str]]:
    known = locations(province)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for judged in _all(made):
        counts[place(known.get(judged.object, Location()))][state(judged)] += 1
    return counts


def packed(judgements: Iterator[Judged], places: Mapping[str, Location]) -> dict[str, Any]:
    """All judgements with each text once: ``texts``, and a row of numbers for each, worst first."""
    numbers: dict[str, int] = {}
    rows = [[numbers.setdefault(text, len(numbers)) for text in told(judged, places)] for judged in judgements]
    texts = list(numbers)
    order = {name: place for place, name in enumerate(STATES)}
    rows.sort(key=lambda row: order[texts[row[1]]])
    return {"fields": FIELDS, "texts": texts, "rows": rows}


def embedded(data: object) -> str:
    """JSON that is safe inside a script element: no tag can begin or end in it (HTML standard, 4.12.1.3)."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    for character, escape in escapes.items():
        text = text.replace(character, escape)
    return text


def evidence_lines(made: Judgement) -> Iterator[str]:
    """The raw records, one a line; SHA-256 of a line is what judgements name as their proof."""
    wanted = {judged.proof.sha256 for judged in _all(made)}
    for record in (*made.seen.checks, *made.seen.findings):
        if digest(record) in wanted:
            yield record.model_dump_json()


def _all(made: Judgement) -> Iterator[Judged]:
    return (judged for verdict in made.verdicts for judged in verdict.judged)


def told(judged: Judged, places: Mapping[str, Location]) -> Sequence[str]:
    """The texts under :data:`FIELDS`."""
    proof, place = judged.proof, places.get(judged.object, Location())
    return (
        judged.clause,
        state(judged),
        judged.check,
        judged.title,
        judged.title_en,
        judged.object,
        judged.owner.department,
        place.region,
        place.system,
        judged.expected,
        judged.actual,
        proof.command,
        f"{proof.time.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        proof.sha256,
        judged.mend,
    )
