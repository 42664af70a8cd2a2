"""``zy test``: judge the repository by its linters and all layers of its tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from province.errors import Place, ZyError
from zhengyun.commands.lab import lab_of
from zhengyun.commands.options import JsonOption
from zhengyun.laboratory import everywhere
from zhengyun.output import Exit, Output
from zhengyun.places import Places
from zhengyun.toolchain import setup
from zhengyun.toolchain.progress import TextProgress

ROOT = Path(__file__).parents[2]
_ALONE = "tests/faults/test_whole.py"
"""It takes the whole lab, and with it both cores and everything that the other tests stand on."""
_NOT_SEARCHED = {".git", ".venv", "node_modules"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one judge said: its closing line, and how long it took (seconds)."""

    name: str
    passed: bool
    closing: str
    seconds: float


def register(app: typer.Typer) -> None:
    app.command(name="test", rich_help_panel="Lab 实验环境")(run_tests)


def run_tests(
    fast: Annotated[bool, typer.Option("--fast", help="Leave out what needs the set-up and the running lab.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Test this checkout (测试): mypy, ruff, shellcheck, ansible-lint, then pytest in layers; the lab's layers last."""
    if not (ROOT / "pyproject.toml").is_file():
        place = Place(file=str(ROOT))
        raise ZyError(
            "ZY-CLI-010", "this is no checkout: the tests are not here", place=place, fix="clone the repository"
        )
    out = Output(as_json)
    if not fast:
        setup.run(Places.here(), TextProgress())
    verdicts = [_judge(out, name, command) for name, command in judges().items()]
    verdicts.append(_judge(out, "pytest: unit, golden, errors", _pytest("tests/unit", "tests/golden", "tests/errors")))
    if not fast:
        everywhere(lab_of(ROOT / "inventories" / "lab"), lambda part, say: part.up(say), out.progress)
        together = _pytest("tests/lab", "tests/faults", f"--ignore={_ALONE}", "--dist=loadfile")
        verdicts.append(_judge(out, "pytest: lab, faults", together))
        verdicts.append(_judge(out, "pytest: the whole lab", _pytest(_ALONE, "-n0")))
    document = {"passed": all(v.passed for v in verdicts), "judges": [asdict(v) for v in verdicts]}
    out.answer(document, _table(verdicts))
    if not all(v.passed for v in verdicts):
        raise typer.Exit(Exit.FAILED)


def judges() -> dict[str, list[str]]:
    """The linters' commands, each with its own configuration in this repository."""
    module = [sys.executable, "-m"]
    return {
        "mypy": [*module, "mypy"],
        "ruff check": [*module, "ruff", "check"],
        "ruff format": [*module, "ruff", "format", "--check"],
        "shellcheck": ["shellcheck", *map(str, shell_scripts(ROOT))],
        "ansible-lint": [str(Path(sys.executable).with_name("ansible-lint")), "--offline", "roles"],
    }


def shell_scripts(root: Path) -> list[Path]:
    """Files that begin as shell scripts do."""
    found = []
    for folder, names, files in os.walk(root):
        names[:] = sorted(set(names) - _NOT_SEARCHED)
        found += [path for path in (Path(folder) / name for name in sorted(files)) if _is_shell(path)]
    return found


def _is_shell(path: Path) -> bool:
    if path.is_symlink() or path.suffix not in ("", ".sh"):
        return False
    with path.open("rb") as stream:
        first = stream.readline(80)
    return first.startswith(b"#!") and first.split()[-1].rpartition(b"/")[2] in (b"sh", b"bash", b"dash")


def _pytest(*arguments: str) -> list[str]:
    """One process a core; which tests must follow each other in one of them: ``tests/conftest.py``."""
    return [sys.executable, "-m", "pytest", "-q", "--no-header", f"-n{os.cpu_count() or 1}", *arguments]


def _judge(out: Output, name: str, command: Sequence[str]) -> Verdict:
    """Run one judge; everything that it says goes to the log, its last line is its verdict in words."""
    out.progress(name)
    began = time.monotonic()
    last = ""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    try:
        judge = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            encoding="utf-8",
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except FileNotFoundError:
        return Verdict(name, False, f"{command[0]} is not installed: zy setup", 0.0)
    with judge:
        assert judge.stdout is not None
        for line in judge.stdout:
            sys.stderr.write(line)
            last = line.strip() or last
    return Verdict(name, judge.returncode == 0, last, round(time.monotonic() - began, 1))


def _table(verdicts: Sequence[Verdict]) -> Group:
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in verdicts:
        mark = Text("✔", style="green") if one.passed else Text("✖", style="bold red")
        table.add_row(mark, one.name, f"{one.seconds:.1f} s", one.closing)
    closing = [Text(one.closing) for one in verdicts if one.name.startswith("pytest")]
    return Group(Text(), table, Text(), *closing)
