"""``zy demo``: from nothing to a running, proven small province, and proof that a second run changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import typer
from rich.console import Group
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from province.province import Province
from province.record import RoomName
from zhengyun.carrying import carry_out, go_on
from zhengyun.change.journal import State
from zhengyun.change.planfile import Plan, summary, write
from zhengyun.commands.lab import lab_of
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.commands.prove import measure, remember, write_all
from zhengyun.laboratory import everywhere
from zhengyun.output import Exit, Output
from zhengyun.places import Places
from zhengyun.planning import make_plan
from zhengyun.selector import select
from zhengyun.show.plan import plan_text
from zhengyun.show.record import check_summary, checks_text, result_text
from zhengyun.toolchain import setup
from zhengyun.toolchain.progress import TextProgress
from zhengyun.workspace import Workspace, operator


@dataclass
class Phase:
    """One part of the demo: how long it took (seconds), and whether it went well."""

    title: str
    seconds: float = 0.0
    well: bool = True
    said: str = ""


@dataclass
class Demo:
    """What has happened so far."""

    out: Output
    phases: list[Phase] = field(default_factory=list)

    @contextmanager
    def phase(self, title: str) -> Iterator[Phase]:
        """Announce a part, and take its time."""
        if not self.out.as_json:
            self.out.screen.print(Rule(Text(title, style="bold cyan"), align="left", style="dim"))
        phase = Phase(title)
        self.phases.append(phase)
        began = time.monotonic()
        try:
            yield phase
        except BaseException:
            phase.well = False
            raise
        finally:
            phase.seconds = round(time.monotonic() - began, 1)

    @property
    def well(self) -> bool:
        return all(phase.well for phase in self.phases)


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Lab 实验环境")(demo)


def demo(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """Show everything on the lab (演示): validate, set-up, plan, apply, verify, a second and empty plan, report."""
    run = Demo(Output(as_json))
    with run.phase("Validate 校验清单"):
        workspace = Workspace.open(inventory)
        run.out.say(Text(f"{workspace.inventory}: sound 校验通过", style="green"))
    with run.phase("Set-up 安装工具"):
        setup.run(Places.here(), TextProgress())
    with run.phase("Lab up 启动实验环境"):
        everywhere(lab_of(inventory), lambda part, say: part.up(say), run.out.progress)
    folder = workspace.places.state / "demo"
    _go_on(run, workspace)
    with run.phase("Plan 变更计划") as phase:
        made = _plan(workspace, folder / "plan.json", phase)
        run.out.say(plan_text(made, f"zy apply {folder / 'plan.json'}"))
    with run.phase("Apply 执行变更") as phase:
        _apply(run, workspace, made, phase)
    with run.phase("Verify 核验") as phase:
        _verify(run, workspace, phase)
    with run.phase("Second plan 再次计划") as phase:
        second = _plan(workspace, folder / "second.json", phase)
        phase.well = not second.actions
        run.out.say(plan_text(second, f"zy apply {folder / 'second.json'}" if second.actions else "zy verify"))
    with run.phase("Report 报告") as phase:
        report = write_all(workspace, folder / "report")
        page = Path(report["html"])
        phase.said = str(page)
    document = {
        "phases": [asdict(phase) for phase in run.phases],
        "second_plan": summary(second.actions),
        "report": report,
    }
    run.out.answer(document, _closing(run, page, workspace.province))
    if not run.well:
        raise typer.Exit(Exit.FAILED)


def next_commands(province: Province) -> list[str]:
    """What one may try now, each with what it does."""
    host, router = min(province.hosts, default="HOST"), min(province.routers, default="ROUTER")
    commands = {
        "zy status": "changes, past and running 变更记录",
        f"zy lab hosts shell {host}": "a shell on a host 登录主机",
        f"zy lab routers shell {router}": "a router's command line 登录路由器",
        "zy drift": "what hands have changed since 漂移检测",
        f"zy destroy --yes {province.identity.code}": "remove everything again 销毁",
        "zy lab down": "stop the lab 停止实验环境",
    }
    return [f"{command:36} {words}" for command, words in commands.items()]


def _go_on(run: Demo, workspace: Workspace) -> None:
    """A demo that was killed in the middle of its change finishes that first."""
    if workspace.records.changes.unfinished() is None:
        return
    with run.phase("Resume 继续变更") as phase:
        result = go_on(workspace.records, workspace.places.cache, run.out.progress)
        phase.well = result is None or result.state is State.DONE


def _plan(workspace: Workspace, file: Path, phase: Phase) -> Plan:
    targets = select(workspace.province, (), list(RoomName))
    made = make_plan(workspace.inventory, workspace.province, workspace.rooms(), targets, operator())
    write(made, file)
    phase.well = not made.refused_by
    phase.said = f"{len(made.actions)} changes, {len(made.findings)} findings"
    return made


def _apply(run: Demo, workspace: Workspace, made: Plan, phase: Phase) -> None:
    result = carry_out(workspace, made, run.out.progress, made_just_now=True)
    if result is None:
        phase.said = "0 changes"
        run.out.say(Text("nothing to do: 0 changes 无需变更", style="green"))
        return
    phase.well = result.state is State.DONE
    phase.said = f"{result.summary()['changes']} changes, {result.summary()['failed']} failed"
    run.out.say(result_text(result))


def _verify(run: Demo, workspace: Workspace, phase: Phase) -> None:
    found = measure(workspace, tuple(RoomName), [], run.out.progress)
    remember(workspace, found)
    checks = list(found.checks)
    counts = check_summary(checks)
    phase.well = counts["failed"] == 0
    phase.said = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    run.out.say(checks_text(checks))


def _closing(run: Demo, page: Path, province: Province) -> Group:
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column()
    table.add_column()
    table.add_column(justify="right")
    for phase in run.phases:
        mark = Text("✔", style="green") if phase.well else Text("✖", style="bold red")
        table.add_row(mark, phase.title, f"{phase.seconds:.1f} s", phase.said)
    total = sum(phase.seconds for phase in run.phases)
    verdict = Text("done 完成", style="bold green") if run.well else Text("failed 失败", style="bold red")
    verdict.append(f"  {total:.1f} s in all", style="default")
    following = Text("\n".join(["Next 下一步:", *(f"  {line}" for line in next_commands(province))]))
    return Group(
        Rule(style="dim"), table, Text(), verdict, Text(f"report 报告: {page}", style="bold"), Text(), following
    )
