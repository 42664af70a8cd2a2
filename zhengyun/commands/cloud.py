"""What only the cloud's room can do: look before an apply, list its assets, keep its states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from province.errors import ZyError
from province.record import RoomName
from zhengyun.commands.adopt import adopt
from zhengyun.commands.agreements import agreements
from zhengyun.commands.explain import explain
from zhengyun.commands.options import InventoryOption, JsonOption, LimitOption
from zhengyun.output import Exit, Output
from zhengyun.rooms import cloud_room
from zhengyun.selector import select
from zhengyun.workspace import Workspace

if TYPE_CHECKING:  # they bring Pulumi with them; see zhengyun.rooms
    from stacks.register import Asset
    from stacks.state import StackState

StackArgument = Annotated[
    str, typer.Argument(metavar="STACK", help="province, region-CODE, tenant-CODE or adopted-CODE.")
]


def register(verbs: typer.Typer) -> None:
    verbs.command()(preflight)
    verbs.command(name="inventory")(assets)
    verbs.command()(adopt)
    verbs.command()(agreements)
    verbs.command()(explain)
    states = typer.Typer()
    states.command(name="list")(list_states)
    states.command()(repair)
    states.command()(restore)
    verbs.add_typer(states, name="state", help="Pulumi's state (状态): list, repair after a kill, restore a copy.")


def preflight(inventory: InventoryOption = None, limit: LimitOption = None, as_json: JsonOption = False) -> None:
    """Ask what would make an apply fail (预检): services, extensions, roles, clocks, room, quotas. Changes nothing."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    found = cloud_room(workspace.inventory, workspace.province, workspace.places).preflight(_chosen(workspace, limit))
    document = {code: [error.as_json() for error in errors] for code, errors in found.items()}
    out.answer({"regions": document}, Group(*(_readiness(code, errors) for code, errors in found.items())))
    if any(found.values()):
        raise typer.Exit(Exit.FAILED)


def assets(
    inventory: InventoryOption = None,
    limit: LimitOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the table there, as CSV.")
    ] = None,
    undeclared: Annotated[bool, typer.Option("--undeclared", help="Only what nobody declared.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read the live clouds back as an asset register (资产台账), with the labels of everything."""
    from stacks.register import as_csv  # noqa: PLC0415 - see above

    out, workspace = Output(as_json), Workspace.open(inventory)
    found = cloud_room(workspace.inventory, workspace.province, workspace.places).register(_chosen(workspace, limit))
    shown = [asset for asset in found if not (undeclared and asset.declared)]
    if output is not None:
        # with a BOM, without which Excel takes UTF-8 for the local code page
        output.write_text(as_csv(shown), encoding="utf-8-sig", newline="")
    summary = {"assets": len(found), "undeclared": sum(not asset.declared for asset in found)}
    document = {"summary": summary, "assets": [asset.row() for asset in shown], "file": str(output) if output else None}
    words = Text(f"{summary['assets']} assets, {summary['undeclared']} that nobody declared 未申报", style="bold")
    out.answer(document, Group(_table(shown), Text(), words))


def list_states(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """List the stacks' states: resources, what a kill left open, copies (状态列表)."""
    workspace = Workspace.open(inventory)
    found = cloud_room(workspace.inventory, workspace.province, workspace.places).states()
    document = [
        {
            "stack": one.stack,
            "resources": one.resources,
            "pending": one.pending,
            "locks": one.locks,
            "problem": one.problem,
            "copies": [copy.name for copy in one.copies],
        }
        for one in found
    ]
    Output(as_json).answer({"states": document}, _states(found))


def repair(stack: StackArgument, inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """Mend what a killed run has left of a stack: locks, plugins, operations begun (修复)."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    cloud_room(workspace.inventory, workspace.province, workspace.places).repair(stack, out.progress)
    out.answer({"stack": stack, "repaired": True}, Text(f"{stack} is in order; next: zy plan", style="green"))


def restore(
    stack: StackArgument,
    inventory: InventoryOption = None,
    copy: Annotated[
        str | None, typer.Option("--copy", metavar="NAME", help="A copy of `zy cloud state list`; else the newest.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring back a copy of a stack's state (恢复); the present one is kept. The cloud itself is not touched."""
    workspace = Workspace.open(inventory)
    used = cloud_room(workspace.inventory, workspace.province, workspace.places).restore(stack, copy)
    words = f"{stack} is as of {used.made:%Y-%m-%d %H:%M:%S} UTC; next: zy plan"
    Output(as_json).answer({"stack": stack, "copy": used.name}, Text(words, style="green"))


def _chosen(workspace: Workspace, limit: list[str] | None) -> tuple[str, ...]:
    return select(workspace.province, limit or [], (RoomName.CLOUD,))[RoomName.CLOUD]


def _readiness(code: str, errors: list[ZyError]) -> RenderableType:
    if not errors:
        return Text(f"✔ {code}: nothing stands in the way 可以执行", style="green")
    lines = [Text(f"✖ {code}: {len(errors)} in the way 存在问题", style="bold red")]
    lines += [
        Text.assemble(f"  {error.code}  {error.message}\n", ("    mend: ", "green"), error.fix) for error in errors
    ]
    return Group(*lines)


def _table(found: list[Asset]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for title in ("region", "kind", "name", "project", "detail", "system", "zone", "responsible", ""):
        table.add_column(title, no_wrap=title in ("region", "kind"))
    for one in found:
        labels = (one.labels.system, one.labels.zone, one.labels.responsible) if one.labels else ("", "", "")
        mark = "" if one.declared else "undeclared"
        table.add_row(
            one.region, one.kind, one.name or one.id, one.project, one.detail, *labels, Text(mark, style="yellow")
        )
    return table


def _states(found: list[StackState]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for title in ("stack", "resources", "left open", "locks", "copies", "newest copy", ""):
        table.add_column(title, justify="right" if title in ("resources", "left open", "locks", "copies") else "left")
    for one in found:
        newest = one.copies[-1].name if one.copies else ""
        counts = (str(one.resources), str(one.pending), str(one.locks), str(len(one.copies)))
        mend = f"zy cloud state repair {one.stack}" if one.pending or one.locks else ""
        table.add_row(one.stack, *counts, newest, Text(one.problem or mend, style="yellow"))
    return table
