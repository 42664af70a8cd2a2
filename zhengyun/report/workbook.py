"""The workbook for those who work in Excel (合规判定表): verdicts, judgements and owners, ready to filter.

Names are their owners' words: every cell is text or a number, never a formula and never a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from policies.location import locations
from province.province import Province
from zhengyun.judging import Judgement
from zhengyun.report.conformity import STATES, owner_rows, told

_MOST = 32767
"""Characters that a cell may hold (Excel specifications and limits)."""

Row = Sequence[str | int]


def workbook(made: Judgement, province: Province) -> bytes:
    """The file: one sheet for clauses, one for judgements, one for owners."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.set_properties({"created": made.made.replace(tzinfo=None)})  # the same facts give the same file
        bold = book.add_format({"bold": True, "bg_color": "#DCE6F1", "text_wrap": True, "valign": "top"})
        sheets = {
            "条款 Clauses": (_CLAUSES, clause_rows(made)),
            "判定项 Judgements": (_JUDGEMENTS, judgement_rows(made, province)),
            "责任主体 Owners": (_OWNERS, _owner_rows(made)),
        }
        for name, (columns, rows) in sheets.items():
            _sheet(book.add_worksheet(name), bold, columns, list(rows))
    return stream.getvalue()


_CLAUSES = {
    "条款 Clause": 12,
    "结论 Verdict": 18,
    "高风险 High risk": 12,
    "要点 Asks for": 44,
    "Asks for": 44,
    "依据 Why": 44,
    "Why": 44,
    "判定项 Judged": 12,
}
_JUDGEMENTS = {
    "条款 Clause": 12,
    "状态 State": 12,
    "核验项 Check": 30,
    "名称": 40,
    "Title": 40,
    "对象 Object": 20,
    "部门 Department": 14,
    "区域 Region": 12,
    "系统 System": 12,
    "预期 Expected": 30,
    "实测 Actual": 40,
    "证据 Evidence": 40,
    "时间 Time (UTC+8)": 20,
    "SHA-256": 20,
    "处理 Mend": 40,
}
_OWNERS = {
    "部门 Department": 14,
    "责任主体 Responsible": 30,
    "监管主体 Supervising": 30,
    "联系方式 Contact": 24,
    "不符合 Failed": 12,
    "建议 Advice": 12,
    "豁免 Waived": 12,
    "跳过 Skipped": 12,
    "通过 Passed": 12,
}
"""Columns of each sheet with their widths, in characters."""


def clause_rows(made: Judgement) -> Iterable[Row]:
    """One row a clause, in the standard's order."""
    for verdict in made.verdicts:
        control = made.catalogue.controls[verdict.clause]
        yield (
            verdict.clause,
            f"{verdict.verdict.chinese} {verdict.verdict.english}",
            control.high_risk if verdict.high_risk else "",
            control.title,
            control.title_en,
            verdict.reason,
            verdict.reason_en,
            len(verdict.judged),
        )


def judgement_rows(made: Judgement, province: Province) -> Iterable[Row]:
    """One row a judgement."""
    places = locations(province)
    return (told(judged, places) for verdict in made.verdicts for judged in verdict.judged)


def _owner_rows(made: Judgement) -> Iterable[Row]:
    for row in owner_rows(made):
        owner = row.owner
        counts = (row.counts[name] for name in STATES)
        yield owner.department, owner.responsible_name, owner.supervising_name, owner.contact, *counts


def _sheet(sheet: Any, bold: Any, columns: dict[str, int], rows: Sequence[Row]) -> None:
    for place, (title, width) in enumerate(columns.items()):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, title, bold)
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, place, value)
            else:
                sheet.write_string(line, place, value[:_MOST])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
