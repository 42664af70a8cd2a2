"""``zy network backup``, ``history``, ``rollback``, ``gear``: routers over time, and what is to be replaced."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from network.gear import batches, ending
from network.gear import register as register_of_gear
from province.load import load
from province.record import RoomName
from zhengyun.carrying import carry_out
from zhengyun.change.planfile import Plan
from zhengyun.commands.change import answer_result, confirm
from zhengyun.commands.options import InventoryOption, JsonOption, LimitOption, YesOption
from zhengyun.output import Output
from zhengyun.planning import plan_back
from zhengyun.rooms import network_room
from zhengyun.selector import select
from zhengyun.show.plan import plan_text
from zhengyun.workspace import DEFAULT_INVENTORY, Workspace, operator

RouterArgument = Annotated[str, typer.Argument(metavar="ROUTER", help="As the inventory names it.")]


def register(verbs: typer.Typer) -> None:
    verbs.command()(backup)
    verbs.command()(history)
    verbs.command()(rollback)
    verbs.command()(gear)


def backup(inventory: InventoryOption = None, limit: LimitOption = None, as_json: JsonOption = False) -> None:
    """Record what routers run now (配置备份), in a git repository in the state folder."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    chosen = select(workspace.province, limit or [], (RoomName.NETWORK,))[RoomName.NETWORK]
    seen = network_room(workspace.province, workspace.places).backup(chosen)
    document = {"recorded": sorted(seen.running), "unreachable": [error.as_json() for error in seen.down.values()]}
    text = Text(f"{len(seen.running)} recorded, {len(seen.down)} not reached")
    out.answer(document, text)
    if seen.down:
        raise typer.Exit(1)


def history(router: RouterArgument, inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """List the recorded configurations of a router (配置历史), the newest first."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    select(workspace.province, [f"router={router}"], (RoomName.NETWORK,))
    found = network_room(workspace.province, workspace.places).history.revisions(router)
    table = Table("revision", "time (UTC)", "recorded", box=None)
    for one in found:
        table.add_row(one.id, f"{one.time:%Y-%m-%d %H:%M:%S}", one.why)
    rows = [{"revision": one.id, "time": one.time.isoformat(), "why": one.why} for one in found]
    out.answer({"router": router, "revisions": rows}, table if found else Text("nothing is recorded yet 尚无记录"))


def rollback(
    router: RouterArgument,
    to: Annotated[str, typer.Option("--to", metavar="REVISION|CHANGE", help="A revision, or what a change left.")],
    inventory: InventoryOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Go back to an earlier configuration of one router (单台回退): planned, shown, asked, carried out as any change.

    The inventory stays as it is: mend it too, or the next plan will redo what was undone here.
    """
    out, workspace = Output(as_json), Workspace.open(inventory)
    planned = _planned(workspace, router, to)
    out.say(plan_text(planned, f"zy network rollback {router} --to {to}"))
    if planned.actions:
        confirm(out, yes, "Go back? 确认回退")
    answer_result(out, carry_out(workspace, planned, out.progress, made_just_now=True))


def gear(
    inventory: InventoryOption = None,
    within: Annotated[int, typer.Option("--within", metavar="MONTHS", help="How far to look ahead.", min=0)] = 24,
    as_json: JsonOption = False,
) -> None:
    """List routers whose support ends (设备台账), and in which batches to replace them: never a site's both at once."""
    today = datetime.now().astimezone().date()
    entries = register_of_gear(load(inventory or DEFAULT_INVENTORY))
    found = ending(entries, _months_on(today, within))
    unknown = [entry.router for entry in entries if entry.end is None]
    table = Table("batch 批次", "router 路由器", "site 站点", "roles", "gear 型号", "end of support 停止服务", box=None)
    planned = batches(found, today)
    for batch in planned:
        for entry in batch.routers:
            style = "red" if entry.ended(today) else ""
            name = f"{batch.quarter} · {batch.number}"
            table.add_row(name, entry.router, entry.site, entry.roles, entry.gear, str(entry.end), style=style)
    rows = [
        {"quarter": batch.quarter, "batch": batch.number, **asdict(entry), "end": str(entry.end)}
        for batch in planned
        for entry in batch.routers
    ]
    words = f"{len(found)} of {len(entries)} routers lose support within {within} months"
    words += f"; {len(unknown)} have no date (section `gear`)" if unknown else ""
    closing = Text(f"{words} 共 {len(entries)} 台，{len(found)} 台将停止服务，{len(unknown)} 台未登记")
    Output(as_json).answer({"ending": rows, "unknown": unknown}, Group(*([table] if found else []), closing))


def _months_on(day: date, months: int) -> date:
    """The last day of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month + months, 12)
    return date(year, month + 1, 1) - timedelta(days=1)


def _planned(workspace: Workspace, router: str, to: str) -> Plan:
    select(workspace.province, [f"router={router}"], (RoomName.NETWORK,))
    room = network_room(workspace.province, workspace.places)
    configuration = _left_by_change(workspace, router, to) or room.history.at(router, to)
    planned = room.plan_back(router, configuration)
    return plan_back(workspace.inventory, workspace.province, planned, router, operator())


def _left_by_change(workspace: Workspace, router: str, change: str) -> str | None:
    """What a change made of the router; None when it is no change, or did not change this router."""
    found = next((one for one in workspace.records.changes.all() if one.id == change), None)
    rooms = found.plan().rooms if found is not None else ()
    orders = [room.payload.get("orders", {}) for room in rooms if room.room is RoomName.NETWORK]
    return next((str(one[router]["candidate"]) for one in orders if router in one), None)
