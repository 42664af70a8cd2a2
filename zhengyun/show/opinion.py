"""Opinions of a judge that is not ours, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from roles.judges.evidence import Opinion


def opinions_text(opinions: Sequence[Opinion]) -> RenderableType:
    """A line for each host, and in full what nobody has answered."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in opinions:
        good = one.report is not None and not one.unanswered
        table.add_row(
            Text("  ✔" if good else "  ✖", style="green" if good else "bold red"),
            one.host,
            one.judge.title,
            _figures(one),
        )
    left = [
        Text(f"  {one.host}  {one.judge.title}  {finding.test}: {finding.text}", style="bold red")
        for one in opinions
        for finding in one.unanswered
    ]
    return Group(table, *left)


def _figures(one: Opinion) -> str:
    if one.report is None:
        return str(one.error)
    waived = len(one.answered) - len(one.unanswered)
    return f"index {one.report.index}, {waived} findings waived 已豁免, {len(one.unanswered)} unanswered 未答复"
