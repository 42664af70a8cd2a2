"""``zy validate``, ``zy schema``, ``zy allocate``: the inventory itself; nothing live is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.syntax import Syntax
from rich.text import Text

from province.load import LOCK_NAME, load, unallocated, write_allocations
from province.province import Province
from province.schema import SCHEMA_NAME, json_schema
from zhengyun.commands.options import InventoryOption, JsonOption
from zhengyun.output import Exit, Output
from zhengyun.workspace import DEFAULT_INVENTORY

PANEL = "Inventory 清单"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(validate)
    app.command(rich_help_panel=PANEL)(schema)
    app.command(rich_help_panel=PANEL)(allocate)


def validate(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """Check the inventory (校验清单): every mistake in one pass, each with its place and the way to mend it."""
    folder = inventory or DEFAULT_INVENTORY
    province = load(folder)
    waiting = unallocated(province, folder)
    lines = [_described(province)]
    if waiting:
        lines.append(Text(f"without an address yet: {_listed(waiting)}; next: zy allocate", style="yellow"))
    else:
        lines.append(Text("sound 校验通过", style="green"))
    document = {"errors": [], "province": province.identity.code, "unallocated": waiting}
    Output(as_json).answer(document, Group(*lines))


def schema(
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it there.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of inventory files (清单模式), which editors use to complete and check."""
    document = json_schema()
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if output is None:
        Output(as_json).answer(document, Syntax(text, "json", background_color="default"))
        return
    output.write_text(text, encoding="utf-8")
    hint = f"wrote {output}; first line of each file: # yaml-language-server: $schema={SCHEMA_NAME}"
    Output(as_json).answer({"file": str(output)}, Text(hint))


def allocate(
    inventory: InventoryOption = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if anything is without.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Give addresses and numbers to what has none (分配地址). What has some keeps it, for ever."""
    folder = inventory or DEFAULT_INVENTORY
    province = load(folder)
    new = unallocated(province, folder) if check else write_allocations(province, folder)
    words = f"{'without' if check else 'given'}: {_listed(new)}" if new else "everything has its address"
    after = f"; look at {folder / LOCK_NAME} and commit it" if new and not check else ""
    Output(as_json).answer(
        {"allocated": {} if check else new, "unallocated": new if check else {}}, Text(words + after)
    )
    if check and new:
        raise typer.Exit(Exit.FAILED)


def _described(province: Province) -> Text:
    identity = province.identity
    parts = (
        f"{len(province.regions)} regions",
        f"{len(province.departments)} departments",
        f"{len(province.systems)} systems",
        f"{len(province.agreements)} sharing agreements",
        f"{len(province.routers)} routers",
        f"{len(province.hosts)} hosts",
    )
    return Text.assemble((f"{identity.name} {identity.name_en} ({identity.code})", "bold"), "  ", " · ".join(parts))


_SHOWN = 6
"""Names of a pool that people read; --json has them all."""


def _listed(keys: dict[str, list[str]]) -> str:
    return "; ".join(f"{pool}: {_few(names)}" for pool, names in keys.items())


def _few(names: list[str]) -> str:
    more = f", … ({len(names):,} in all)" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
