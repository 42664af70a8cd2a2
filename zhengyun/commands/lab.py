"""``zy lab``: a real small province on this machine (实验环境): OpenStack, hosts, routers, together or each alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.laboratory import Condition, LabPart, everywhere, laboratory
from zhengyun.output import Exit, Output
from zhengyun.toolchain.tools import LabParts
from zhengyun.workspace import Workspace

PARTS = {
    "openstack": "OpenStack, a region for each cloud (云)",
    "hosts": "Hosts (主机)",
    "routers": "Routers (路由器) and the end systems behind them",
}


def register(app: typer.Typer) -> None:
    lab = typer.Typer()
    _verbs(lab, tuple(PARTS))
    for part, title in PARTS.items():
        alone = typer.Typer()
        _verbs(alone, (part,))
        _shell(alone, part)
        lab.add_typer(alone, name=part, help=f"{title}: this part alone.")
    app.add_typer(
        lab,
        name="lab",
        help="A real small province on this machine (实验环境). Needs root.",
        rich_help_panel="Lab 实验环境",
    )


def lab_of(inventory: Path | None, names: tuple[str, ...] = tuple(PARTS)) -> dict[str, LabPart]:
    """The named parts of the lab of an inventory. Raises ZY-TOOL-003 where the set-up has not been done.

    ``$ZY_LAB`` numbers labs that run beside each other on one machine, each with a ``$ZY_STATE`` of its own.
    """
    workspace = Workspace.open(inventory)
    parts = LabParts.locate(workspace.places.cache)
    whole = laboratory(workspace.province, workspace.places.state / "lab", parts, _number())
    return {name: whole[name] for name in names}


def lab_to_stop(inventory: Path | None, names: tuple[str, ...] = tuple(PARTS)) -> dict[str, LabPart]:
    """The same, only good for taking down: that needs nothing that was built."""
    workspace = Workspace.open(inventory)
    nothing = Path(os.devnull)
    parts = LabParts(kernel=nothing, host_image=nothing, router_image=nothing, openstack=nothing)
    whole = laboratory(workspace.province, workspace.places.state / "lab", parts, _number())
    return {name: whole[name] for name in names}


def conditions(parts: Mapping[str, LabPart]) -> list[Condition]:
    """How everything is, found out now."""
    found = everywhere(parts, lambda part, _: part.status(), lambda _: None)
    return [condition for of_part in found.values() for condition in of_part]


def _number() -> int:
    return int(os.environ.get("ZY_LAB", "0"))


def _verbs(app: typer.Typer, names: tuple[str, ...]) -> None:
    @app.command()
    def up(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
        """Start it, or mend what is broken; returns when everything answers (启动)."""
        out, parts = Output(as_json), lab_of(inventory, names)
        everywhere(parts, lambda part, say: part.up(say), out.progress)
        _answer(out, parts)

    @app.command()
    def down(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
        """Stop it; its state stays (停止)."""
        out, parts = Output(as_json), lab_to_stop(inventory, names)
        everywhere(parts, lambda part, say: part.down(say), out.progress)
        out.answer({"down": list(names)}, Text(f"{', '.join(names)}: down"))

    @app.command()
    def reset(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
        """Back to the clean beginning, running (重置)."""
        out, parts = Output(as_json), lab_of(inventory, names)
        everywhere(parts, lambda part, say: part.reset(say), out.progress)
        _answer(out, parts)

    @app.command()
    def status(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
        """Tell how it is, a sentence for each thing, and what mends it (状态)."""
        _answer(Output(as_json), lab_of(inventory, names))


def _shell(app: typer.Typer, part: str) -> None:
    @app.command()
    def shell(
        name: Annotated[str, typer.Argument(help="The region (gd), host (gd-log-1), router or end system.")],
        inventory: InventoryOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Open a shell there; with --json only tell the command (终端)."""
        command, variables = lab_of(inventory, (part,))[part].shell(name)
        if as_json:
            Output(as_json).answer({"command": command}, Text())
            return
        os.execvpe(command[0], command, {**os.environ, **variables})


def _answer(out: Output, parts: Mapping[str, LabPart]) -> None:
    found = conditions(parts)
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in found:
        mark = Text("✔", style="green") if one.well else Text("✖", style="bold red")
        table.add_row(mark, one.part, Text.assemble(one.sentence, (f"  next: {one.fix}" if one.fix else "", "cyan")))
    out.answer({"well": all(one.well for one in found), "conditions": [asdict(one) for one in found]}, table)
    if not all(one.well for one in found):
        raise typer.Exit(Exit.FAILED)
