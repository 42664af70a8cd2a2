"""``zy cloud``, ``zy hosts``, ``zy network``: the same verbs for one room."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from province.errors import Place, ZyError
from province.record import RoomName
from roles.judges.evidence import document, files
from roles.judges.judge import JUDGES, Name
from zhengyun.commands import cloud, ipv6, network
from zhengyun.commands.change import DiffOption, apply_new, show_drift, show_plan
from zhengyun.commands.offline import check
from zhengyun.commands.options import (
    EmergencyOption,
    InventoryOption,
    JsonOption,
    LimitOption,
    YesOption,
    reason_given,
)
from zhengyun.commands.prove import AllOption, show_verification
from zhengyun.output import Exit, Output
from zhengyun.rooms import hosts_room, network_room
from zhengyun.selector import select
from zhengyun.show.audit import audit_document, audit_summary, audit_text
from zhengyun.show.opinion import opinions_text
from zhengyun.toolchain.tools import Auditors
from zhengyun.workspace import Workspace

TITLES = {
    RoomName.CLOUD: "The cloud (云): stacks on OpenStack.",
    RoomName.HOSTS: "The hosts (主机): hardening by Ansible.",
    RoomName.NETWORK: "The extranet (政务外网): configuration of routers.",
}


def register(app: typer.Typer) -> None:
    for room, title in TITLES.items():
        verbs = room_app(room)
        if room is RoomName.CLOUD:
            cloud.register(verbs)
        if room is RoomName.NETWORK:
            verbs.command()(render)
            verbs.command()(check)
            network.register(verbs)
            ipv6.register(verbs)
        if room is RoomName.HOSTS:
            verbs.command()(audit)
            verbs.command()(judge)
        app.add_typer(verbs, name=room.value, help=title, rich_help_panel="One room 单个领域")


def render(
    inventory: InventoryOption = None,
    limit: LimitOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="A file there for each router.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the configuration that each router should have (渲染配置); asks no router."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    chosen = select(workspace.province, limit or [], (RoomName.NETWORK,))[RoomName.NETWORK]
    texts = network_room(workspace.province, workspace.places).render(chosen)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        for router, text in texts.items():
            (output / f"{router}.conf").write_text(text, encoding="utf-8")
        out.answer(
            {"files": [str(output / f"{router}.conf") for router in texts]}, Text(f"{len(texts)} files in {output}")
        )
        return
    out.answer({"configurations": texts}, Text("\n".join(f"! ---- {router}\n{text}" for router, text in texts.items())))


def audit(
    inventory: InventoryOption = None,
    limit: LimitOption = None,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Judge every control on the live hosts (合规审计): one round trip each, changes nothing, needs no apply before."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    chosen = select(workspace.province, limit or [], (RoomName.HOSTS,))[RoomName.HOSTS]
    judged = hosts_room(workspace.province, workspace.places).audit(chosen)
    out.answer(audit_document(judged), audit_text(judged, every))
    if audit_summary(judged)["failed"]:
        raise typer.Exit(Exit.FAILED)


def judge(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", file_okay=False, help="A new folder for the evidence.")
    ],
    by: Annotated[
        list[Name] | None, typer.Option(help="The judge; may be given again. Else all: Lynis is slow.")
    ] = None,
    inventory: InventoryOption = None,
    limit: LimitOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have Lynis and OpenSCAP, which are not ours, judge the live hosts (第三方审计); reports are kept with digests."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    chosen = select(workspace.province, limit or [], (RoomName.HOSTS,))[RoomName.HOSTS]
    judges = [JUDGES[name] for name in by or Name]
    auditors, hosts = Auditors.locate(workspace.places.cache), hosts_room(workspace.province, workspace.places)
    prepare(output)
    opinions = [one for judge in judges for one in hosts.judge(chosen, judge, auditors.folders[judge.name])]
    for name, content in files(opinions).items():
        (output / name).write_bytes(content)
    out.answer(document(opinions), opinions_text(opinions))
    if any(one.report is None or one.unanswered for one in opinions):
        raise typer.Exit(Exit.FAILED)


def prepare(folder: Path) -> None:
    """Make a folder for evidence, for its owner alone. Raises ZY-HST-062 where something is in it already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ZyError(
            "ZY-HST-062",
            "the folder for evidence holds something already; no host was asked",
            place=Place(file=str(folder)),
            fix="name a new or an empty folder: evidence is never written over",
        )


def room_app(room: RoomName) -> typer.Typer:
    """The verbs of one room."""
    app = typer.Typer()
    rooms = (room,)

    @app.command()
    def plan(
        inventory: InventoryOption = None,
        output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it there.")] = None,
        limit: LimitOption = None,
        diff: DiffOption = False,
        as_json: JsonOption = False,
    ) -> None:
        """Show what would change here (变更计划)."""
        show_plan(Output(as_json), inventory, rooms, limit or [], output, diff)

    @app.command()
    def apply(
        inventory: InventoryOption = None,
        limit: LimitOption = None,
        yes: YesOption = False,
        emergency: EmergencyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Plan, show, ask, carry out (执行变更)."""
        apply_new(Output(as_json), inventory, rooms, limit or [], yes, reason_given(emergency))

    @app.command()
    def verify(
        inventory: InventoryOption = None,
        limit: LimitOption = None,
        every: AllOption = False,
        as_json: JsonOption = False,
    ) -> None:
        """Prove what is live here (核验)."""
        show_verification(Output(as_json), inventory, rooms, limit or [], every)

    @app.command()
    def drift(
        inventory: InventoryOption = None,
        limit: LimitOption = None,
        diff: DiffOption = False,
        as_json: JsonOption = False,
    ) -> None:
        """Show what differs here (漂移检测): exit code 4 if anything does."""
        show_drift(Output(as_json), inventory, rooms, limit or [], diff)

    return app
