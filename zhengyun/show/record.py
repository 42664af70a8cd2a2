"""Results, checks and changes as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from province.record import Check, Outcome, RoomName, Status
from zhengyun.change.journal import Change, ChangeResult, Event, State
from zhengyun.change.lock import Owner
from zhengyun.change.planfile import Plan
from zhengyun.show.plan import ROOM_TITLES

_OUTCOMES = {
    Outcome.CHANGED: ("✔ changed", "green"),
    Outcome.UNCHANGED: ("· unchanged", "dim"),
    Outcome.FAILED: ("✖ failed", "bold red"),
    Outcome.SKIPPED: ("○ skipped", "yellow"),
}
_STATES = {
    State.RUNNING: ("▶ running 进行中", "cyan"),
    State.INTERRUPTED: ("‖ interrupted 中断", "bold yellow"),
    State.DONE: ("✔ done 完成", "green"),
    State.FAILED: ("✖ failed 失败", "bold red"),
    State.ABANDONED: ("○ given up 放弃", "yellow"),
}
_STATUSES = {
    Status.PASSED: ("✔", "green"),
    Status.FAILED: ("✖", "bold red"),
    Status.SKIPPED: ("○", "yellow"),
}


def result_text(result: ChangeResult) -> RenderableType:
    """What became of a change: a row for every target, then one line."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for title in ("room", "target", "outcome", "changes", "seconds", "message"):
        table.add_column(
            title, style="", header_style="dim", justify="right" if title in ("changes", "seconds") else "left"
        )
    for room in result.rooms:
        for one in room.results:
            words, style = _OUTCOMES[one.outcome]
            row = (one.target, Text(words, style=style), str(one.changes), f"{one.seconds:.1f}", one.message)
            table.add_row(ROOM_TITLES[room.room], *row)
    counts = result.summary()
    words, style = _STATES[result.state]
    took = (result.ended - result.began).total_seconds()
    line = f"  change {result.change}: {counts['changes']} changes on {counts['changed']} targets, {took:.0f} s"
    return Group(table, Text(), Text.assemble((words, style), line))


def checks_text(checks: Sequence[Check], every: bool = False) -> RenderableType:
    """A line for each target, and in full what failed; ``every`` lists every check."""
    parts: list[RenderableType] = []
    for room in RoomName:
        mine = [check for check in checks if check.room is room]
        if mine:
            listed = mine if every else [check for check in mine if check.status is Status.FAILED]
            parts += [Text(ROOM_TITLES[room], style="bold"), _targets(mine), *map(_check, listed), Text()]
    counts = check_summary(checks)
    style = "bold red" if counts["failed"] else "green"
    line = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
    return Group(*parts, Text(f"Verification 核验: {line}", style=style))


def _targets(checks: Sequence[Check]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    for target in dict.fromkeys(check.target for check in checks):
        counts = check_summary([check for check in checks if check.target == target])
        status = Status.FAILED if counts["failed"] else Status.PASSED if counts["passed"] else Status.SKIPPED
        mark, style = _STATUSES[status]
        figures = [f"{count} {name}" for name, count in counts.items() if count]
        table.add_row(Text(f"  {mark}", style=style), target, ", ".join(figures))
    return table


def _check(check: Check) -> RenderableType:
    mark, style = _STATUSES[check.status]
    head = Text.assemble((f"  {mark} ", style), (check.target, "cyan"), f"  {check.title}  {check.title_zh}")
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, words in (("expected", check.expected), ("actual", check.actual), ("measured by", check.evidence)):
        table.add_row(Text(name, style="dim"), Text(words))
    return Group(head, Padding(table, (0, 0, 0, 6))) if check.status is Status.FAILED else head


def check_summary(checks: Sequence[Check]) -> dict[str, int]:
    """How many checks of each status; the contract's ``summary``."""
    return {status.value: sum(check.status is status for check in checks) for status in Status}


def changes_text(changes: Sequence[Change], owner: Owner | None) -> RenderableType:
    """Changes, the latest last, and who is at work now."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for title in ("change", "state", "purpose", "operator", "changes", "failed"):
        table.add_column(title, header_style="dim", justify="right" if title in ("changes", "failed") else "left")
    for change in changes:
        words, style = _STATES[change.state()]
        result, plan = change.result(), change.plan()
        counts = result.summary() if result else {}
        figures = (str(counts.get("changes", "")), str(counts.get("failed", "")))
        table.add_row(change.id, Text(words, style=style), _purpose(change, plan), began_by(change), *figures)
    at_work = f"{owner.operator}: {owner.what} (pid {owner.pid}, since {owner.since:%H:%M} UTC)" if owner else "nobody"
    first: RenderableType = table if changes else Text("no changes yet 尚无变更", style="dim")
    return Group(first, Text(), Text.assemble(("At work 正在操作: ", "bold"), at_work))


def _purpose(change: Change, plan: Plan) -> Text:
    emergency = change.emergency()
    return Text.assemble(plan.purpose, (f", emergency 紧急: {emergency.reason}", "yellow") if emergency else "")


def began_by(change: Change) -> str:
    """Who began a change, from its journal."""
    return next((entry.text for entry in change.entries() if entry.event is Event.BEGUN), "")
