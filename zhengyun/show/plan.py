"""A plan, for someone who must decide within a minute: risks first, then rooms, policy, counts, what next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from policies.window import Standing
from province.record import Action, Finding, Operation, RoomName, RoomPlan, Severity
from zhengyun.change.planfile import Plan, Purpose, summary

ROOM_TITLES = {RoomName.CLOUD: "cloud 云", RoomName.HOSTS: "hosts 主机", RoomName.NETWORK: "network 政务外网"}
MARKS = {
    Operation.CREATE: ("+", "green"),
    Operation.UPDATE: ("~", "yellow"),
    Operation.REPLACE: ("±", "magenta"),
    Operation.DELETE: ("-", "red"),
    Operation.IMPORT: ("⇐", "cyan"),
    Operation.RELEASE: ("⇒", "cyan"),
}
_NAMES_SHOWN = 5
_PURPOSES = {
    Purpose.APPLY: ("Plan 变更计划", "bold"),
    Purpose.DESTROY: ("Plan of destruction 销毁计划", "bold red"),
    Purpose.ROLLBACK: ("Plan of a rollback 回退计划", "bold yellow"),
}


def plan_text(plan: Plan, next_command: str, diffs: bool = False, standings: Sequence[Standing] = ()) -> RenderableType:
    """The whole plan. ``diffs`` adds every difference in full; ``standings``: targets with windows or freezes."""
    parts: list[RenderableType] = [_head(plan)]
    parts += [room for planned in plan.rooms for room in _room(planned, diffs)]
    if plan.findings:
        parts += [Text(), Text("Policy 策略", style="bold"), findings_text(plan.findings)]
    parts += [Text(), _foot(plan, next_command, standings)]
    return Group(*parts)


def counts(actions: Sequence[Action]) -> Text:
    """``+ 3 create  ~ 1 update``; in words when there is nothing."""
    counted = summary(actions)
    if not actions:
        return Text("nothing to do", style="dim")
    pieces = [Text(f"{MARKS[op][0]} {counted[op]} {op}", style=MARKS[op][1]) for op in Operation if counted[op]]
    return Text("   ").join(pieces)


def _head(plan: Plan) -> RenderableType:
    title, style = _PURPOSES[plan.purpose]
    first = Text.assemble((title, style), "  ", plan.title, (f" ({plan.province})", "dim"))
    second = Text(f"made {plan.created:%Y-%m-%d %H:%M} UTC by {plan.operator}", style="dim")
    risky = [action for action in plan.actions if action.risk]
    if not risky:
        return Group(first, second)
    return Group(first, second, Text(), Text("Look twice 注意风险", style="bold yellow"), _indented(_risks(risky), 2))


def _risks(risky: Sequence[Action]) -> Table:
    """One row for each kind of risk: why, what, where."""
    table = _grid()
    by_risk: dict[str, list[Action]] = {}
    for action in risky:
        by_risk.setdefault(action.risk, []).append(action)
    for risk, actions in sorted(by_risk.items()):
        what, where = ({getattr(action, field) for action in actions} for field in ("object", "target"))
        table.add_row(
            Text(risk, style="yellow"), _names(sorted(what)), Text.assemble(("on ", "dim"), _names(sorted(where)))
        )
    return table


def _room(planned: RoomPlan, diffs: bool) -> Iterator[RenderableType]:
    """A room's targets in the order in which they will be done; targets that change alike stand together."""
    yield Text()
    yield Text.assemble((ROOM_TITLES[planned.room], "bold"), "   ", counts(planned.actions))
    by_target: dict[str, list[Action]] = {}
    for action in sorted(planned.actions, key=lambda action: _place_in_waves(planned, action.target)):
        by_target.setdefault(action.target, []).append(action)
    alike: dict[Rows, list[str]] = {}
    for target, actions in by_target.items():
        alike.setdefault(_rows(actions), []).append(target)
    for rows, targets in alike.items():
        yield _indented(Text(", ".join(targets), style="cyan"), 2)
        yield _indented(_objects(rows), 4)
        if diffs:
            yield from (_diff(action) for target in targets for action in by_target[target] if action.diff)


def _place_in_waves(planned: RoomPlan, target: str) -> tuple[int, str]:
    for number, wave in enumerate(planned.waves):
        if any(target in step.targets for step in wave):
            return number, target
    return len(planned.waves), target


Rows = tuple[tuple[Operation, str, tuple[str, ...]], ...]
"""What happens, to what kind of thing, their names."""


def _rows(actions: Sequence[Action]) -> Rows:
    rows: dict[tuple[Operation, str], list[str]] = {}
    for action in actions:
        kind, _, name = (
            action.object.partition(" ") if not action.object.startswith("/") else ("file", "", action.object)
        )
        rows.setdefault((action.operation, kind), []).append(name)
    order = list(Operation)
    ordered = sorted(rows, key=lambda row: (order.index(row[0]), row[1]))
    return tuple((operation, kind, tuple(sorted(rows[operation, kind]))) for operation, kind in ordered)


def _objects(rows: Rows) -> Table:
    table = _grid()
    table.add_column(justify="right")
    for operation, kind, names in rows:
        mark, colour = MARKS[operation]
        count = f"{len(names)} ×" if len(names) > 1 else ""
        table.add_row(Text(mark, style=colour), count, kind, _names(names))
    return table


def _names(names: Sequence[str]) -> Text:
    known = [name for name in names if name]
    shown = Text(", ".join(known[:_NAMES_SHOWN]))
    more = len(known) - _NAMES_SHOWN
    return shown.append(f" … and {more} more", style="dim") if more > 0 else shown


def _indented(what: RenderableType, columns: int) -> Padding:
    return Padding(what, (0, 0, 0, columns))


def _diff(action: Action) -> RenderableType:
    head = Text.assemble((action.target, "cyan"), "  ", (action.object, "bold"))
    return Padding(
        Group(head, Syntax(action.diff.rstrip(), "diff", background_color="default", word_wrap=True)), (1, 0, 0, 4)
    )


def findings_text(findings: Sequence[Finding]) -> RenderableType:
    """Findings, those that stop a plan first, each with its mend."""
    table = _grid()
    for finding in sorted(findings, key=lambda f: (f.severity is not Severity.MANDATORY, f.rule, f.object)):
        stops = finding.severity is Severity.MANDATORY
        mark = Text("✖ refused 禁止" if stops else "● advice 建议", style="bold red" if stops else "yellow")
        clause = f" (GB/T 22239-2019 {finding.clause})" if finding.clause else ""
        words = Text.assemble(finding.message, (clause, "dim"), "\n", ("mend: ", "green"), finding.fix)
        table.add_row(mark, finding.rule, " ".join(filter(None, (finding.target, finding.object))), words)
    return _indented(table, 2)


def _foot(plan: Plan, next_command: str, standings: Sequence[Standing]) -> RenderableType:
    table = _grid()
    table.add_row(Text("Total 合计", style="bold"), counts(plan.actions))
    for number, standing in enumerate(standings):
        table.add_row(Text("" if number else "Windows 窗口", style="bold"), _standing(standing))
    if plan.digest:
        table.add_row(Text("Digest 摘要", style="bold"), Text(plan.digest[:23], style="dim"))
    table.add_row(Text("Next 下一步", style="bold"), Text(next_command, style="bold cyan"))
    return table


def _standing(standing: Standing) -> Text:
    """Whether some targets may be changed now, and by what: in one line, unless there is much to name."""
    mark = ("✔ now 可变更", "green") if standing.open else ("✖ not now 不可变更", "yellow")
    return Text.assemble(_names(standing.targets), "  ", mark, f": {standing.words}")


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    return table
