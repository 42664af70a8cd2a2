"""``zy bench``: run the benchmarks of this checkout. Each is a file of ``benchmarks/`` that can be run by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from province.errors import Place, ZyError
from zhengyun.commands.options import JsonOption
from zhengyun.output import Exit, Output

ROOT = Path(__file__).parents[2]
_MAIN = '\nif __name__ == "__main__":'


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Lab 实验环境")(bench)


def bench(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One of them; else all, one by one.")] = None,
    names: Annotated[bool, typer.Option("--list", help="Only name them.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure ours and its peers side by side (性能对比), in one run. Some benchmarks take many minutes."""
    out, known = Output(as_json), benchmarks(ROOT)
    if names:
        out.answer(list(known), "\n".join(known))
        return
    if name is not None and name not in known:
        raise ZyError("ZY-CLI-001", f"there is no benchmark {name}", fix=f"use one of: {', '.join(known)}")
    rows: list[dict[str, Any]] = []
    failed = False
    for one in [name] if name else known:
        out.progress(f"measuring {one}")
        measured = _measured(known[one])
        if measured is None:
            failed = True
            out.progress(f"{one} has failed; what it said is above")
        rows += measured or []
    out.answer(rows, _table(rows))
    if failed:
        raise typer.Exit(Exit.FAILED)


def benchmarks(root: Path) -> dict[str, str]:
    """Modules that can be run, by name. Raises ``ZY-CLI-010`` where there is no checkout."""
    folder = root / "benchmarks"
    if not folder.is_dir():
        words, place = "this is no checkout: the benchmarks are not here", Place(file=str(root))
        raise ZyError("ZY-CLI-010", words, place=place, fix="clone the repository")
    found = [path.stem for path in sorted(folder.glob("*.py")) if _MAIN in path.read_text(encoding="utf-8")]
    return {stem.replace("_", "-"): f"benchmarks.{stem}" for stem in found}


def _measured(module: str) -> list[dict[str, Any]] | None:
    """What a benchmark prints, in a process of its own: memory and caches are its own, too."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if made.returncode:
        return None
    rows: list[dict[str, Any]] = json.loads(made.stdout)
    return rows


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for title in ("name", "n", "unit", "ours", "peers", "ratio"):
        table.add_column(title, justify="right" if title in ("n", "ours", "ratio") else "left")
    for one in rows:
        peers = ", ".join(f"{peer}: {value}" for peer, value in one["peers"].items())
        ratio = "" if one["ratio"] is None else str(one["ratio"])
        table.add_row(one["name"], str(one["n"]), one["unit"], str(one["ours"]), peers, ratio)
    return table
