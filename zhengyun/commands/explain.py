"""``zy cloud explain SYSTEM``: every value of a system, and who gave it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from province.errors import Place, ZyError
from province.explanation import Effective, Giver
from province.explanation import explain as explain_system
from province.load import read
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.output import Output
from zhengyun.workspace import DEFAULT_INVENTORY

SystemArgument = Annotated[str, typer.Argument(metavar="SYSTEM", help="Code of a system of the inventory.")]
_STYLES = {Giver.INVENTORY: "bold", Giver.PROFILE: "cyan", Giver.DEFAULT: "dim"}


def explain(system: SystemArgument, inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """Show every value of a system, and where it comes from: inventory, profile or default (取值来源)."""
    folder = inventory or DEFAULT_INVENTORY
    province, source = read(folder)
    if system not in province.systems:
        known = ", ".join(sorted(province.systems)) or "none is declared"
        raise ZyError(
            "ZY-INV-047", f"no system is called {system!r}", place=Place(file=str(folder)), fix=f"use one of: {known}"
        )
    values = explain_system(province, source, system)
    title = Text.assemble((f"{province.systems[system].name} ({system})", "bold"))
    document = {"system": system, "values": [_described(value) for value in values]}
    Output(as_json).answer(document, Group(title, _table(values)))


def _table(values: tuple[Effective, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in ("field", "value", "from", "at"):
        table.add_column(head, overflow="fold", no_wrap=head in ("field", "from"))
    for one in values:
        giver = f"profile {one.profile}" if one.profile else one.giver.value
        place = "" if one.giver is Giver.DEFAULT else f"{one.place.file}:{one.place.line}"
        table.add_row(one.field, _shown(one.value), Text(giver, _STYLES[one.giver]), Text(place, "dim"))
    return table


def _shown(value: Any) -> str:
    if value is None or value == []:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _described(one: Effective) -> dict[str, Any]:
    return {
        "field": one.field,
        "value": one.value,
        "source": one.giver.value,
        "profile": one.profile,
        "file": one.place.file,
        "line": one.place.line,
        "column": one.place.column,
    }
