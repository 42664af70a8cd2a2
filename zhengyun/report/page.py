"""The report as one HTML page that needs nothing else, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from province.record import Action, Finding, Result, RoomName, Status
from province.window import CHINA
from zhengyun.change.journal import Event, State
from zhengyun.change.planfile import summary
from zhengyun.report.cities import cities_svg
from zhengyun.report.clouds import clouds_svg
from zhengyun.report.evidence import Done, Evidence, Verification
from zhengyun.report.topology import LIMIT, extranet_svg, vpn_colours
from zhengyun.show.record import check_summary

ROOMS = {RoomName.CLOUD: ("云", "Cloud"), RoomName.HOSTS: ("主机", "Hosts"), RoomName.NETWORK: ("政务外网", "Extranet")}


@dataclass(frozen=True, slots=True)
class Row:
    """One target of the change."""

    room: RoomName
    result: Result
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long a step took."""

    room: RoomName
    name: str
    began: datetime
    seconds: float


def write_report(evidence: Evidence, folder: Path) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.json``; returns where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / "report.html", folder / "report.json"
    for path, text in ((page, html(evidence)), (data, json.dumps(document(evidence), ensure_ascii=False, indent=1))):
        partial = path.with_name(f".{path.name}")
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)
    return page.absolute(), data.absolute()


def html(evidence: Evidence) -> str:
    """The page: Chinese first, English at a click; nothing is loaded from anywhere."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["local"] = _local
    change, verification = evidence.change, evidence.verification
    checks = verification.checks if verification else ()
    large = len(evidence.province.routers) > LIMIT
    return environment.get_template("page.html.j2").render(
        province=evidence.province,
        made=evidence.made,
        change=change,
        rows=rows(change),
        steps=step_times(change),
        planned=summary(change.plan.actions) if change else {},
        findings=findings(evidence),
        verification=verification,
        counts=check_summary(checks),
        checks={room: [check for check in checks if check.room is room] for room in RoomName},
        rooms=ROOMS,
        verdict=verdict(evidence),
        clouds=Markup(clouds_svg(evidence.province)),  # drawn by us, every text in it is escaped
        extranet=Markup(cities_svg(evidence.province) if large else extranet_svg(evidence.province)),
        large=large,
        colours=vpn_colours(evidence.province),
    )


def document(evidence: Evidence) -> dict[str, Any]:
    """The same as data."""
    change, verification = evidence.change, evidence.verification
    identity = evidence.province.identity
    return {
        "province": {"code": identity.code, "name": identity.name, "name_en": identity.name_en},
        "made": evidence.made.isoformat(),
        "verdict": verdict(evidence),
        "change": _change_document(change) if change else None,
        "findings": [finding.model_dump(mode="json") for finding in findings(evidence)],
        "verification": _verification_document(verification) if verification else None,
    }


def verdict(evidence: Evidence) -> str:
    """``good``, ``bad`` or ``unproven``: changed without failure and verified since, or not."""
    change, verification = evidence.change, evidence.verification
    checks = verification.checks if verification else ()
    failed = any(check.status is Status.FAILED for check in checks)
    if failed or (change is not None and change.result.state is not State.DONE):
        return "bad"
    if verification is None or (change is not None and verification.began < change.result.ended):
        return "unproven"
    return "good"


def rows(change: Done | None) -> list[Row]:
    """Every target of the change with what was planned for it."""
    if change is None:
        return []
    return [
        Row(room.room, result, tuple(a for a in change.plan.room(room.room).actions if a.target == result.target))
        for room in change.result.rooms
        for result in room.results
    ]


def step_times(change: Done | None) -> list[StepTime]:
    """How long each step took, from the journal; a repeated step counts from its last beginning."""
    begun: dict[tuple[RoomName, str], datetime] = {}
    times: dict[tuple[RoomName, str], StepTime] = {}
    for entry in change.entries if change else ():
        if entry.room is None:
            continue
        key = entry.room, entry.step
        if entry.event is Event.STEP_BEGUN:
            begun[key] = entry.time
        elif entry.event is Event.STEP_ENDED and key in begun:
            times[key] = StepTime(*key, begun[key], (entry.time - begun[key]).total_seconds())
    return sorted(times.values(), key=lambda step: step.began)


def findings(evidence: Evidence) -> Sequence[Finding]:
    """What policy said of the plan."""
    return evidence.change.plan.findings if evidence.change else ()


def _change_document(change: Done) -> dict[str, Any]:
    return {
        "id": change.result.change,
        "purpose": change.result.purpose.value,
        "state": change.result.state.value,
        "operator": change.plan.operator,
        "emergency": change.emergency.model_dump(mode="json") if change.emergency else None,
        "digest": change.plan.digest,
        "inputs": dict(change.plan.inputs),
        "began": change.result.began.isoformat(),
        "ended": change.result.ended.isoformat(),
        "planned": summary(change.plan.actions),
        "summary": change.result.summary(),
        "steps": [{"room": s.room.value, "step": s.name, "seconds": s.seconds} for s in step_times(change)],
        "results": [{"room": row.room.value, **row.result.model_dump(mode="json")} for row in rows(change)],
        "actions": [action.model_dump(mode="json") for action in change.plan.actions],
    }


def _verification_document(verification: Verification) -> dict[str, Any]:
    return {
        "began": verification.began.isoformat(),
        "ended": verification.ended.isoformat(),
        "summary": check_summary(verification.checks),
        "checks": [check.model_dump(mode="json") for check in verification.checks],
    }


def _local(moment: datetime) -> str:
    """A time as it is read in China."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
