"""The record of a drill as one page (应急演练记录): Chinese first, English at a click, nothing loaded from anywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from province.emergency import Post
from province.organisation import Department
from province.province import Province
from province.window import CHINA
from zhengyun.drill.record import Drill


def drill_html(drill: Drill, province: Province) -> str:
    """The page of one drill, with who answers for its plan by this inventory."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["local"] = _local
    environment.filters["seconds"] = seconds
    department = province.departments[drill.plan.department]
    return environment.get_template("drill.html.j2").render(
        drill=drill, plan=drill.plan, province=province, contacts=contacts(department, province)
    )


def contacts(department: Department, province: Province) -> dict[Post, tuple[str, str]]:
    """Who does the steps: post → name and contact."""
    operator = province.departments[province.identity.operator]
    subjects = {
        Post.RESPONSIBLE: department.responsible,
        Post.SUPERVISING: department.supervising,
        Post.OPERATOR: operator.responsible,
    }
    return {post: (subject.name, subject.contact) for post, subject in subjects.items()}


def seconds(span: timedelta | None) -> str:
    """A measured time in seconds, a dash for one that was not reached."""
    return "–" if span is None else f"{span.total_seconds():.0f} s"


def _local(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
