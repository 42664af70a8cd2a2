"""``zy drill``: carry an emergency plan out on the lab, measure it, and write the record down."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from province.emergency import EmergencyPlan, Scenario
from province.errors import Place, ZyError
from province.province import Province
from province.record import Check, RoomName
from zhengyun.change.lock import held
from zhengyun.commands.lab import lab_of
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.drill.lab import loss_in
from zhengyun.drill.record import Drill, due
from zhengyun.drill.run import Stage, run
from zhengyun.output import Exit, Output
from zhengyun.planning import verify
from zhengyun.report.drill import drill_html, seconds
from zhengyun.selector import select
from zhengyun.transparency.history import keep
from zhengyun.transparency.log import Kind
from zhengyun.workspace import Workspace, operator

ROOMS = {Scenario.ROUTER_LOSS: RoomName.NETWORK, Scenario.HOST_LOSS: RoomName.HOSTS}
"""Whose checks must show a loss."""


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Prove 证明")(drill)


def drill(
    plan: Annotated[str | None, typer.Argument(metavar="PLAN", help="Code of a plan; without it: list them.")] = None,
    inventory: InventoryOption = None,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the record.")] = Path(
        "drill"
    ),
    as_json: JsonOption = False,
) -> None:
    """Drill an emergency plan on the lab (应急演练): strike, see, repair, measure; without PLAN, which are due."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    plans = workspace.province.emergencies
    if plan is None:
        _list(out, workspace)
        return
    if plan not in plans:
        known = ", ".join(sorted(plans)) or "none is declared (section `emergencies`)"
        raise ZyError(
            "ZY-CLI-011", f"no emergency plan is called {plan}", place=Place(target=plan), fix=f"use one of: {known}"
        )
    done = _carry_out(workspace, plans[plan], out)
    files = _write(done, workspace.province, output)
    out.answer({**_document(done), "files": files}, _text(done, files))
    if not done.passed:
        raise typer.Exit(Exit.FAILED)


def _carry_out(workspace: Workspace, plan: EmergencyPlan, out: Output) -> Drill:
    """Drill, and keep the record where the transparency log finds it. Raises ``ZY-DRL-001``, ``ZY-CHG-021``."""
    targets = select(workspace.province, (), (ROOMS[plan.scenario],))
    rooms = workspace.rooms(targets)

    def measure() -> list[Check]:
        return verify(rooms, targets, out.progress)

    loss = loss_in(lab_of(workspace.inventory, ("hosts", "routers")), plan, out.progress)
    stage = Stage(loss, measure, _now, out.progress)
    with held(workspace.records.lock, operator(), f"zy drill {plan.code}"):
        done = run(plan, stage, workspace.province.identity.code, operator())
        keep(workspace.records.state, Kind.DRILL, done.model_dump_json())
        workspace.records.write_log()
    return done


def _now() -> datetime:
    return datetime.now(UTC)


def earlier(state: Path, province: str) -> list[Drill]:
    """Records of this province's drills; one that cannot be read is left to ``zy policy log verify``."""
    found = []
    for path in sorted((state / "evidence").glob(f"{Kind.DRILL}-*.json")):
        try:
            found.append(Drill.model_validate_json(path.read_bytes()))
        except ValidationError:
            continue
    return [one for one in found if one.province == province]


def _write(done: Drill, province: Province, folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{done.plan.code}-{done.began:%Y%m%d-%H%M%S}"
    texts = {"html": drill_html(done, province), "json": json.dumps(_document(done), ensure_ascii=False, indent=1)}
    for kind, text in texts.items():
        (folder / f"{stem}.{kind}").write_text(f"{text}\n", encoding="utf-8")
    return {kind: str((folder / f"{stem}.{kind}").absolute()) for kind in texts}


def _document(done: Drill) -> dict[str, Any]:
    measured = {
        "detection_seconds": done.detection.total_seconds() if done.detection else None,
        "outage_seconds": done.outage.total_seconds() if done.outage else None,
        "passed": done.passed,
    }
    return {"drill": done.model_dump(mode="json"), **measured}


def _text(done: Drill, files: dict[str, str]) -> RenderableType:
    plan = done.plan
    rows = Table.grid(padding=(0, 2, 0, 0))
    for good, words, span, aim in (
        (done.seen_in_time, "seen after 发现", done.detection, plan.detect_seconds),
        (done.recovered_in_time, "all well after 恢复 (RTO)", done.outage, plan.recover_seconds),
    ):
        mark = Text("✔", style="green") if good else Text("✖", style="bold red")
        rows.add_row(mark, words, seconds(span), Text(f"aim {aim} s", style="dim"))
    reach = Table.grid(padding=(0, 2, 0, 0))
    for check in done.elsewhere:
        reach.add_row(Text("  ✖", style="red"), check.target, check.title, Text(check.actual, style="dim"))
    head = f"{plan.name} {plan.name_en}: {plan.scenario.english} ({plan.target})"
    reached = f"nothing stood in for it in {len(done.elsewhere)} checks of others 波及其他对象"
    told = (
        Group(Text(reached, style="yellow"), reach) if done.elsewhere else Text("what stands in took over 冗余接替正常")
    )
    verdict = Text("✔ aims met 达标", style="green") if done.passed else Text("✖ aims missed 未达标", style="bold red")
    return Group(Text(head, style="bold"), rows, told, verdict, Text(files["html"], style="dim"))


def _list(out: Output, workspace: Workspace) -> None:
    plans, today = workspace.province.emergencies, date.today()
    drills = earlier(workspace.places.state, workspace.province.identity.code)
    table = Table("plan 预案", "scenario 情景", "target 对象", "last 上次", "aims met", "due 应于", box=None)
    rows = []
    for code, plan in sorted(plans.items()):
        mine = [one for one in drills if one.plan.code == code]
        last = max(mine, key=lambda one: one.struck, default=None)
        day = due(plan, mine)
        late = day is None or day < today
        met = "–" if last is None else "yes 是" if last.passed else "no 否"
        when = Text(str(day) if day else "now 尚未演练", style="yellow" if late else "")
        table.add_row(code, plan.scenario.value, plan.target, str(last.struck.date()) if last else "–", met, when)
        rows.append({"plan": code, "due": str(day) if day else None, "overdue": late, "drills": len(mine)})
    first: RenderableType = (
        table if plans else Text("no emergency plan is declared (section `emergencies`)", style="dim")
    )
    out.answer({"plans": rows}, first)
