"""An audit of hosts as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from province.record import JsonObject
from roles.judgement import Judged, Judgement

_MARKS = {
    Judgement.PASSED: ("✔", "green"),
    Judgement.FAILED: ("✖", "bold red"),
    Judgement.NOT_APPLICABLE: ("–", "dim"),
    Judgement.WAIVED: ("○", "yellow"),
    Judgement.ATTEST: ("✎", "cyan"),
}


def audit_summary(judged: Sequence[Judged]) -> dict[str, int]:
    """How many controls were judged how, over all hosts."""
    return {one.value: sum(item.judgement is one for item in judged) for one in Judgement}


def audit_document(judged: Sequence[Judged]) -> JsonObject:
    """The audit as JSON: a summary, and each control of each host with what was expected, seen, and how."""
    return {"summary": audit_summary(judged), "controls": [one.document() for one in judged]}


def audit_text(judged: Sequence[Judged], every: bool = False) -> RenderableType:
    """A line for each host, and in full what failed; ``every`` lists every control."""
    listed = [one for one in judged if every or one.judgement is Judgement.FAILED]
    counts = audit_summary(judged)
    words = ", ".join(f"{counts[one.value]} {one.value} {one.chinese}" for one in Judgement)
    style = "bold red" if counts["failed"] else "green"
    return Group(_hosts(judged), *map(_control, listed), Text(), Text(f"Audit 审计: {words}", style=style))


def _hosts(judged: Sequence[Judged]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for target in dict.fromkeys(one.target for one in judged):
        counts = audit_summary([one for one in judged if one.target == target])
        mark, style = _MARKS[Judgement.FAILED if counts["failed"] else Judgement.PASSED]
        figures = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        table.add_row(Text(f"  {mark}", style=style), target, figures)
    return table


def _control(one: Judged) -> RenderableType:
    mark, style = _MARKS[one.judgement]
    clauses = ", ".join(one.control.clauses)
    head = Text.assemble((f"  {mark} ", style), (one.target, "cyan"), f"  {one.control.id}  {one.control.title_zh}")
    table = Table.grid(padding=(0, 2, 0, 0))
    rows = (("control", f"{one.control.title} ({clauses})"), ("expected", one.expected), ("actual", one.actual))
    for name, words in (*rows, ("measured by", one.evidence)):
        if words:
            table.add_row(Text(name, style="dim"), Text(words))
    return Group(head, Padding(table, (0, 0, 0, 6)))
