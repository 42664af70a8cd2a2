"""``zy policy``: the control catalogue, verdicts on every clause, and tests of rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from policies import catalogue, model
from policies.catalogue import Control, Room
from policies.cloud import cases
from policies.cloud.pack import PACK
from policies.judge import ClauseVerdict, Verdict, attesters
from policies.own import misjudged, own_rules
from policies.standing import Difference, difference, standing
from province.clause import STANDARD
from province.load import load
from province.record import RoomName, Status
from zhengyun.change.planfile import read
from zhengyun.commands.options import InventoryOption, JsonOption, OnlyOption, rooms_named
from zhengyun.commands.prove import measure
from zhengyun.commands.transparency import add_log
from zhengyun.judging import Judgement, judgement
from zhengyun.output import Exit, Output
from zhengyun.report.evidence import gather
from zhengyun.workspace import DEFAULT_INVENTORY, Workspace

STYLES = {
    Verdict.FAILED: "bold red",
    Verdict.NOT_MEASURED: "yellow",
    Verdict.TO_BE_ATTESTED: "yellow",
    Verdict.WAIVED: "magenta",
    Verdict.ATTESTED: "cyan",
    Verdict.PASSED: "green",
    Verdict.NOT_APPLICABLE: "dim",
}
ClauseArgument = Annotated[str, typer.Argument(metavar="CLAUSE", help='Such as "8.1.3.2 a".')]


def register(app: typer.Typer) -> None:
    verbs = typer.Typer()
    verbs.command("list")(list_)
    verbs.command()(explain)
    verbs.command()(check)
    verbs.command("test")(try_rules)
    add_log(verbs)
    app.add_typer(
        verbs,
        name="policy",
        help="Policy (策略): the clauses of 等保, and verdicts on them.",
        rich_help_panel="Prove 证明",
    )


def list_(as_json: JsonOption = False) -> None:
    """List the control catalogue (控制目录): every clause, what judges it, who attests it."""
    known = catalogue.load()
    table = Table("clause 条款", "title 要点", "checks 核验", "attested by 声明人", box=None, pad_edge=False)
    for clause, control in known.controls.items():
        table.add_row(clause, f"{control.title}\n{control.title_en}", str(len(control.checks)), control.attested_by)
    document = {"standard": STANDARD, "clauses": [_described(c, control) for c, control in known.controls.items()]}
    Output(as_json).answer(document, Group(table, Text(f"{len(known.controls)} clauses of {STANDARD}")))


def explain(clause: ClauseArgument, inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """Explain one clause (条款说明): what it asks, what judges it, who attests the rest."""
    control = catalogue.load().get(clause)
    province = load(inventory or DEFAULT_INVENTORY)
    wanted = sorted(attesters(control, province))
    document = {**_described(clause, control), "attesters": wanted}
    Output(as_json).answer(document, _explained(clause, control, wanted))


def check(
    inventory: InventoryOption = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="Judge this plan instead of the last change's.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Measure now instead of taking the last `zy verify`.")] = False,
    only: OnlyOption = None,
    clause: Annotated[
        str, typer.Option("--clause", metavar="PREFIX", help="Only clauses that begin so: 8.1.3.", show_default=False)
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Show every clause, not only what is open.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge every clause (合规判定) by plan, verification, inventory and attestations. Exit 3 if one failed."""
    out, workspace, rooms = Output(as_json), Workspace.open(inventory), _rooms(only)
    evidence = gather(workspace)
    verification = measure(workspace, rooms_named(only), [], out.progress) if live else evidence.verification
    planned, changed = (evidence.change.plan, evidence.change.result.ended) if evidence.change else (None, None)
    planned = read(plan) if plan else planned
    made = judgement(workspace.province, planned, verification, datetime.now(UTC), changed)
    controls = made.catalogue.controls
    since = _since_report(workspace, made)
    chosen = (v for v in made.verdicts if v.clause.startswith(clause) and controls[v.clause].rooms & rooms)
    made = replace(made, verdicts=tuple(chosen))
    document = {**judgement_document(made), "since_report": since.model_dump(mode="json") if since else None}
    out.answer(document, Group(_verdicts(made, every), *_difference(since)))
    if any(verdict.verdict is Verdict.FAILED for verdict in made.verdicts):
        raise typer.Exit(Exit.REFUSED)
    if made.errors:
        raise typer.Exit(Exit.FAILED)


def _since_report(workspace: Workspace, made: Judgement) -> Difference | None:
    """What differs from the last report, in all clauses; ``None`` before the first one."""
    code = workspace.province.identity.code
    earlier = workspace.records.standings.earlier(code)
    return difference(earlier[-1], standing(code, made.made, made.verdicts)) if earlier else None


def try_rules(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """Try every rule on the inventory on its own cases (规则自测): those that must pass, and those that must fail."""
    province = load(inventory or DEFAULT_INVENTORY)
    own = own_rules(province)
    wrong = model.misjudged(model.RULES, province) + cases.misjudged(PACK, cases.CASES) + misjudged(own, province)
    count = len(model.RULES) + len(PACK) + len(own)
    text = "\n".join(wrong) or f"{count} rules judge all their cases rightly 规则自测通过"
    Output(as_json).answer({"rules": count, "misjudged": wrong}, Text(text))
    if wrong:
        raise typer.Exit(Exit.FAILED)


def judgement_document(made: Judgement) -> dict[str, Any]:
    """Verdicts as the JSON contract shows them."""
    return {
        "standard": STANDARD,
        "made": made.made.isoformat(),
        "summary": summary(made.verdicts),
        "clauses": [verdict.model_dump(mode="json") for verdict in made.verdicts],
        "errors": [error.model_dump(mode="json") for error in made.errors],
    }


def summary(verdicts: tuple[ClauseVerdict, ...]) -> dict[str, int]:
    """How many clauses have each verdict."""
    counted = Counter(verdict.verdict for verdict in verdicts)
    return {verdict.value: counted[verdict] for verdict in Verdict}


def _difference(since: Difference | None) -> list[Text]:
    """A line on what changed since the last report, and one for each clause that did."""
    if since is None:
        return []
    turns = [
        Text(
            f"  {turn.clause}  {turn.before.chinese} → {turn.after.chinese} {turn.after.english}",
            style="red" if turn.worse else "green",
        )
        for turn in since.turned
    ]
    when = f"{since.since.astimezone():%Y-%m-%d %H:%M}"
    breaches = f"{len(since.appeared)} new breaches 新增, {len(since.gone)} gone 已消除"
    what = f"{breaches}, {len(turns)} verdicts changed 结论变化"
    return [Text(f"since the report of {when} 与上次报告相比: {what}"), *turns]


def _rooms(only: str | None) -> frozenset[Room]:
    """Rooms of the catalogue that ``--only`` means; all, with what is on paper, without it."""
    names = {RoomName.CLOUD: Room.CLOUD, RoomName.HOSTS: Room.HOST, RoomName.NETWORK: Room.NETWORK}
    return frozenset(names[room] for room in rooms_named(only)) if only else frozenset(Room)


def _described(clause: str, control: Control) -> dict[str, Any]:
    return {"clause": clause, **control.model_dump(mode="json"), "rooms": sorted(control.rooms)}


def _explained(clause: str, control: Control, wanted: list[str]) -> RenderableType:
    lines = [
        Text.assemble((f"{STANDARD} {clause}", "bold"), f"\n{control.title}\n{control.title_en}"),
        Text(f"enforced or proven in 领域: {', '.join(sorted(control.rooms))}; applies to 适用: {control.applies_to}"),
    ]
    if control.checks:
        lines.append(Text(f"judged by 核验 ({control.combine}): {', '.join(control.checks)}"))
    if control.unmeasured:
        lines.append(Text(f"not seen by checks 未覆盖: {control.unmeasured} / {control.unmeasured_en}"))
    if control.unmeasured or not control.checks:
        lines.append(Text(f"attested by 声明: {', '.join(wanted) or 'nobody'} (section `attestations:`)"))
    if control.high_risk:
        lines.append(Text(f"high risk 高风险 ({catalogue.HIGH_RISK_GUIDE}): {control.high_risk}", style="red"))
    return Group(*lines)


def _verdicts(made: Judgement, every: bool) -> RenderableType:
    table = Table("verdict 结论", "clause 条款", "title 要点", "why 依据", box=None, pad_edge=False)
    shown = [v for v in made.verdicts if every or v.verdict in (Verdict.FAILED, Verdict.NOT_MEASURED)]
    for verdict in shown:
        risk = Text(" 高风险", style="bold red") if verdict.high_risk else Text()
        table.add_row(
            Text(verdict.verdict.chinese, style=STYLES[verdict.verdict]) + risk,
            verdict.clause,
            made.catalogue.controls[verdict.clause].title,
            Text(verdict.reason),
        )
        for judged in verdict.judged:
            if judged.status is Status.FAILED:
                table.add_row(
                    "", "", Text(f"{judged.object}: {judged.title}"), Text(f"{judged.actual}; 处理 {judged.mend}")
                )
    counts = "   ".join(f"{Verdict(name).chinese} {name} {count}" for name, count in summary(made.verdicts).items())
    errors = [
        Text(f"rule {error.rule} could not judge 规则出错: {error.error}", style="bold red") for error in made.errors
    ]
    return Group(*([table] if shown else []), *errors, Text(counts))
