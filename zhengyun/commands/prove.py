"""``zy verify`` and ``zy report``: prove the live system, and write the proof down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from policies.standing import standing
from province.record import Check, RoomName
from zhengyun.commands.options import InventoryOption, JsonOption, LimitOption, OnlyOption, rooms_named
from zhengyun.judging import judgement
from zhengyun.output import Exit, Output
from zhengyun.planning import Say
from zhengyun.planning import verify as verify_rooms
from zhengyun.report.assessment import write_assessment
from zhengyun.report.evidence import Verification, gather
from zhengyun.report.page import write_report
from zhengyun.selector import select
from zhengyun.show.record import check_summary, checks_text
from zhengyun.transparency.history import keep
from zhengyun.transparency.log import Kind
from zhengyun.workspace import Workspace

AllOption = Annotated[bool, typer.Option("--all", help="List every check, not only those that failed.")]

PANEL = "Prove 证明"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(verify)
    app.command(rich_help_panel=PANEL)(report)


def verify(
    inventory: InventoryOption = None,
    only: OnlyOption = None,
    limit: LimitOption = None,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Prove the live system (核验): servers and labels, isolation of zones and departments, hosts, routes."""
    show_verification(Output(as_json), inventory, rooms_named(only), limit or [], every)


def report(
    inventory: InventoryOption = None,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the report.")] = Path(
        "report"
    ),
    as_json: JsonOption = False,
) -> None:
    """Write the report (报告): last change and verification, verdicts on every clause of 等保, evidence, OSCAL."""
    files = write_all(Workspace.open(inventory), output)
    Output(as_json).answer(files, Text("\n".join(files.values())))


def write_all(workspace: Workspace, folder: Path) -> dict[str, str]:
    """Write everything that a report holds; where it is, by kind."""
    evidence = gather(workspace)
    html, data = write_report(evidence, folder)
    planned, changed = (evidence.change.plan, evidence.change.result.ended) if evidence.change else (None, None)
    made = judgement(workspace.province, planned, evidence.verification, evidence.made, changed)
    series, code = workspace.records.standings, workspace.province.identity.code
    assessment = write_assessment(made, workspace.province, folder, series.earlier(code))
    series.keep(standing(code, made.made, made.verdicts))
    paths = {"html": html, "json": data, **assessment}
    return {kind: str(path) for kind, path in paths.items()}


def show_verification(
    out: Output, inventory: Path | None, rooms: tuple[RoomName, ...], limit: list[str], every: bool
) -> None:
    """Verify, remember it for the report, show; exit 1 when a check failed."""
    workspace = Workspace.open(inventory)
    found = measure(workspace, rooms, limit, out.progress)
    remember(workspace, found)
    checks = list(found.checks)
    out.answer(verification_document(checks), checks_text(checks, every))
    if check_summary(checks)["failed"]:
        raise typer.Exit(Exit.FAILED)


def remember(workspace: Workspace, found: Verification) -> None:
    """Keep a verification: the last one for the report, every one as evidence that the transparency log names."""
    found.save(workspace.records.verification)
    keep(workspace.records.state, Kind.VERIFICATION, found.model_dump_json())
    workspace.records.write_log()


def measure(workspace: Workspace, rooms: tuple[RoomName, ...], limit: list[str], say: Say) -> Verification:
    """Measure the live system."""
    began = datetime.now(UTC)
    targets = select(workspace.province, limit, rooms)
    checks = verify_rooms(workspace.rooms(targets), targets, say)
    return Verification(
        province=workspace.province.identity.code,
        began=began,
        ended=datetime.now(UTC),
        checks=tuple(checks),
        targets=targets,
    )


def verification_document(checks: list[Check]) -> dict[str, object]:
    """Checks as the JSON contract shows them."""
    return {"summary": check_summary(checks), "checks": [check.model_dump(mode="json") for check in checks]}
