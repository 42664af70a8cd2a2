"""``zy network ipv6``: how far the move to IPv6 and SRv6 is, and the steps that are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from ipaddress import ip_address

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from network.ipv6 import Need, RouterState, SiteState, State, Step, routers, sites, steps
from network.offline.verdict import listed
from province.ipv6 import Measure, Progress
from province.load import load
from province.province import Province
from province.record import RoomName
from roles.inventory import log_servers
from stacks.plan.ipv6 import Lack, Service, services
from zhengyun.commands.options import InventoryOption, JsonOption, LimitOption
from zhengyun.output import Output
from zhengyun.selector import select
from zhengyun.workspace import DEFAULT_INVENTORY

_DONE = frozenset({State.DUAL_STACK, State.SRV6})
Row = tuple[str, str, Sequence[str], str]
"""A kind of thing, how it stands, which they are, what to do next."""


def register(verbs: typer.Typer) -> None:
    both = typer.Typer()
    both.command()(report)
    both.command()(plan)
    verbs.add_typer(both, name="ipv6", help="The move to IPv6 and SRv6 (IPv6 规模部署): report, migration plan.")


def report(inventory: InventoryOption = None, limit: LimitOption = None, as_json: JsonOption = False) -> None:
    """Report what still needs IPv4, by site, service and host (改造现状), and how far the targets are; asks no router.

    Targets are those of the whole province, whatever --limit says.
    """
    province = load(inventory or DEFAULT_INVENTORY)
    every, served = sites(province), services(province)
    known, hosts = routers(province), _hosts_by_ipv4(province)
    aims = _progress(province, known, every, served)
    today = datetime.now().astimezone().date()
    chosen = select(province, limit or [], tuple(RoomName))
    names = {name for room, found in chosen.items() for name in found or _all(province, room)}
    shown = [site for site in every if (not limit and not site.routers) or names.intersection(site.routers)]
    known = [router for router in known if router.router in names]
    served = [service for service in served if f"tenant-{service.system}" in names]
    hosts = [host for host in hosts if host in names]
    document = {
        "sites": [{**asdict(site), "next": site.state.next} for site in shown],
        "routers": [asdict(router) for router in known],
        "services": [asdict(service) for service in served],
        "hosts": hosts,
        "targets": [_aim(one, today) for one in aims],
    }
    rows = [*_site_rows(shown), *_need_rows(known), *_lack_rows(served), *_host_rows(hosts)]
    Output(as_json).answer(document, Group(_table(rows), *_aims(aims, today), _closing(shown, served)))


def plan(inventory: InventoryOption = None, as_json: JsonOption = False) -> None:
    """Plan the replacement of gear that does not forward SRv6 (改造计划), in steps that each prove themselves."""
    found = steps(load(inventory or DEFAULT_INVENTORY))
    count = sum(len(step.routers) for step in found)
    document = {"steps": [{**asdict(step), "commands": step.commands} for step in found]}
    closing = Text(f"{count} routers to replace, in {len(found)} steps 共 {count} 台待更换，分 {len(found)} 步")
    Output(as_json).answer(document, Group(*(_plan_text(found) if found else ()), closing))


def _all(province: Province, room: RoomName) -> Iterable[str]:
    """Names of a room of which all are chosen."""
    return {
        RoomName.CLOUD: [f"tenant-{code}" for code in province.systems],
        RoomName.HOSTS: province.hosts,
        RoomName.NETWORK: province.routers,
    }[room]


def _hosts_by_ipv4(province: Province) -> list[str]:
    """Hosts whose log and time server our roles name by an IPv4 address."""
    return [
        code
        for code, host in sorted(province.hosts.items())
        if any(ip_address(server["address"]).version == 4 for server in log_servers(province, host))
    ]


def _progress(
    province: Province, known: Sequence[RouterState], every: Sequence[SiteState], served: Sequence[Service]
) -> list[Progress]:
    core = [router for router in known if router.locator]
    counts = {
        Measure.CORE: (sum(router.srv6 is True for router in core), len(core)),
        Measure.SITES: (sum(site.state in _DONE for site in every), len(every)),
        Measure.SERVICES: (sum(not service.lacks for service in served), len(served)),
    }
    ordered = sorted(province.ipv6_targets.values(), key=lambda target: (target.by, target.code))
    return [Progress(target, *counts[target.measure]) for target in ordered]


def _aim(one: Progress, today: date) -> dict[str, object]:
    declared = one.target.model_dump(mode="json")
    return {**declared, "done": one.done, "of": one.of, "missing": one.missing, "overdue": one.overdue(today)}


def _site_rows(shown: Sequence[SiteState]) -> list[Row]:
    rows = [(state, [site.site for site in shown if site.state is state]) for state in State]
    return [("site 站点", f"{state} {state.chinese}", found, state.next) for state, found in rows if found]


def _need_rows(known: Sequence[RouterState]) -> list[Row]:
    rows = [(need, [router.router for router in known if need in router.needs]) for need in Need]
    return [("router 路由器", f"{need.english} {need.chinese}", found, "") for need, found in rows if found]


def _lack_rows(served: Sequence[Service]) -> list[Row]:
    rows = [(lack, [service.name for service in served if lack in service.lacks]) for lack in Lack]
    return [("service 服务", f"{lack.english} {lack.chinese}", found, lack.next) for lack, found in rows if found]


def _host_rows(hosts: Sequence[str]) -> list[Row]:
    words = "our roles name its log and time server by IPv4 日志与时间服务器用 IPv4 地址"
    return [("host 主机", words, hosts, "")] if hosts else []


def _table(rows: Sequence[Row]) -> Table:
    table = Table("what 对象", "state 状态", "count 数量", "which 名称", "next step 下一步", box=None)
    for kind, words, found, then in rows:
        table.add_row(kind, words, str(len(found)), listed(list(found)), then or "–")
    return table


def _aims(aims: Sequence[Progress], today: date) -> list[RenderableType]:
    if not aims:
        return [Text("no targets are declared (section `ipv6_targets`) 未登记目标")]
    table = Table(
        "target 目标", "counts 口径", "now 现状", "wanted 要求", "by 期限", "missing 差", "source 依据", box=None
    )
    for one in aims:
        target = one.target
        words = f"{target.measure.english} {target.measure.chinese}"
        row = (f"{one.done} / {one.of}", f"{target.share}%", f"{target.by}", str(one.missing), target.source)
        table.add_row(target.name, words, *row, style="red" if one.overdue(today) else "")
    return [table]


def _closing(shown: Sequence[SiteState], served: Sequence[Service]) -> Text:
    counts = Counter(site.state in _DONE for site in shown)
    ready = sum(not service.lacks for service in served)
    words = (
        f"{counts[True]} of {len(shown)} sites and {ready} of {len(served)} services have nothing in the way of IPv6"
    )
    chinese = f"{len(shown)} 个站点中 {counts[True]} 个、{len(served)} 项服务中 {ready} 项已就绪"
    return Text(f"{words}; every address of the plan has both families {chinese}；地址规划全部双栈")


def _plan_text(found: Sequence[Step]) -> list[RenderableType]:
    """All steps, and what to run for the first: the others' turn comes when this command no longer lists it."""
    table = Table("step 步骤", "count 数量", "routers 路由器", box=None)
    for step in found:
        table.add_row(str(step.number), str(len(step.routers)), listed(list(step.routers)))
    words = "step 1: replace, name the new gear in the inventory, then 第一步：更换设备、更新台账，然后"
    return [table, Text(words), *(Text(f"  {command}") for command in found[0].commands)]
