"""``zy setup`` and ``zy clean``: the tools that everything else needs, built once and kept outside the repository."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text

from province.errors import ZyError
from zhengyun.commands.lab import lab_to_stop
from zhengyun.commands.options import InventoryOption, JsonOption, YesOption
from zhengyun.laboratory import everywhere
from zhengyun.output import Exit, Output
from zhengyun.places import Places
from zhengyun.toolchain.progress import TextProgress
from zhengyun.toolchain.setup import Row, clean_rows, plan_rows, run
from zhengyun.toolchain.setup import clean as clean_places
from zhengyun.toolchain.store import State

PANEL = "Tools 工具"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(setup)
    app.command(rich_help_panel=PANEL)(clean)


def setup(
    plan: Annotated[
        bool, typer.Option("--plan", help="Only tell what would be built, how big, how long, why root.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build what is missing (安装工具): Pulumi, the OpenStack provider, Temporal, the lab's images. May be killed."""
    out, places = Output(as_json), Places.here()
    if not plan:
        run(places, TextProgress())
    rows = plan_rows(places)
    out.answer([_described(row) for row in rows], Group(_table(rows), Text(), _total(rows)))


def clean(inventory: InventoryOption = None, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Undo the set-up (清理): stops the lab, removes what was built and all state. Debian packages stay."""
    out, places = Output(as_json), Places.here()
    roots = clean_rows(places)
    if roots and not yes:
        if as_json or not sys.stdin.isatty():
            raise ZyError("ZY-CLI-005", "it wants a confirmation, and nobody can be asked", fix="use --yes")
        if not Confirm.ask(f"Remove {' and '.join(map(str, roots))}? 确认删除", console=out.screen, default=False):
            raise typer.Exit(Exit.FAILED)
    if (places.state / "lab").exists():
        everywhere(lab_to_stop(inventory), lambda part, say: part.down(say), out.progress)
    removed = clean_places(places)
    words = "\n".join(f"removed {path}" for path in removed) or "nothing to remove"
    out.answer({"removed": [str(path) for path in removed]}, Text(words))


def _described(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "title_zh": row.title_zh,
        "state": row.state.value,
        "where": str(row.where),
        "minutes": row.minutes,
        "megabytes": row.megabytes,
        "root": row.root,
    }


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for title in ("part", "", "state", "minutes", "MB", "root"):
        table.add_column(title, justify="right" if title in ("minutes", "MB") else "left")
    for row in rows:
        style = "yellow" if row.state is State.MISSING else "green"
        figures = (f"{row.minutes:g}", str(row.megabytes), row.root)
        table.add_row(row.title, row.title_zh, Text(row.state.value, style=style), *figures)
    return table


def _total(rows: list[Row]) -> Text:
    missing = [row for row in rows if row.state is State.MISSING]
    if not missing:
        return Text("everything is there 已就绪", style="green")
    minutes, megabytes = sum(row.minutes for row in missing), sum(row.megabytes for row in missing)
    return Text(
        f"{len(missing)} parts missing: about {minutes:.0f} minutes, {megabytes} MB; next: zy setup", style="yellow"
    )
