"""``zy plan``, ``apply``, ``resume``, ``rollback``, ``destroy``, ``drift``, ``status``: see, change, finish, undo."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.prompt import Confirm, Prompt
from rich.text import Text

from policies.approval import required
from policies.window import Standing
from province.errors import ZyError
from province.record import RoomName
from zhengyun.carrying import carry_out, check_windows, give_up, go_on, rollback_plan
from zhengyun.change.approvals import approve as sign_plan
from zhengyun.change.approvals import read_approvals
from zhengyun.change.gate import check_inputs
from zhengyun.change.journal import Change, ChangeResult, State
from zhengyun.change.lock import owner
from zhengyun.change.planfile import Plan, Purpose, read, summary, write
from zhengyun.change.schedule import Schedule
from zhengyun.commands.options import (
    EmergencyOption,
    InventoryOption,
    JsonOption,
    LimitOption,
    OnlyOption,
    YesOption,
    reason_given,
    rooms_named,
)
from zhengyun.output import Exit, Output
from zhengyun.places import Places
from zhengyun.planning import make_destroy_plan, make_plan
from zhengyun.report.evidence import Drift, Drifted
from zhengyun.selector import select
from zhengyun.show.plan import counts, plan_text
from zhengyun.show.record import began_by, changes_text, result_text
from zhengyun.workspace import Records, Workspace, operator

DiffOption = Annotated[bool, typer.Option("--diff", help="Show every difference in full.")]
ChangeArgument = Annotated[str, typer.Argument(metavar="CHANGE", help="As `zy status` shows it.")]
PlanArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A file of `zy plan -o`; without it, plans, shows and asks.")
]

PlanFileOption = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Only write the plan there, to be approved.")
]

PANEL = "Change 变更"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(plan)
    app.command(rich_help_panel=PANEL)(approve)
    app.command(rich_help_panel=PANEL)(apply)
    app.command(rich_help_panel=PANEL)(resume)
    app.command(rich_help_panel=PANEL)(rollback)
    app.command(rich_help_panel=PANEL)(status)
    app.command(rich_help_panel=PANEL)(drift)
    app.command(rich_help_panel=PANEL)(destroy)


def plan(
    inventory: InventoryOption = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the plan there.")] = None,
    only: OnlyOption = None,
    limit: LimitOption = None,
    diff: DiffOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what would change (变更计划): clouds, hosts and routers, live against intended, judged by policy."""
    show_plan(Output(as_json), inventory, rooms_named(only), limit or [], output, diff)


def approve(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of `zy plan -o`.")],
    subject: Annotated[str, typer.Option("--as", metavar="SUBJECT", help="Id of the subject that you approve for.")],
    key: Annotated[Path, typer.Option("--key", metavar="KEY", help="Your ssh key, or its .pub where an agent has it.")],
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Approve a plan (审批): your ssh signature under exactly what it shows. Never your own plan."""
    out, made = Output(as_json), read(file)
    workspace = Workspace.open(Path(made.inventory))
    check_inputs(made)
    out.say(plan_text(made, f"zy apply {file}", standings=Schedule.of(workspace.province).standings(made)))
    confirm(out, yes, f"Approve it for {subject}? 确认审批")
    given = sign_plan(file, made, workspace.province, subject, key)
    needed = required([workspace.province], {action.target for action in made.actions})
    missing = [one.subject for one in needed if one.subject not in {approval.subject for approval in given}]
    words = f"still missing 尚缺: {', '.join(missing)}" if missing else f"next: zy apply {file}"
    document = {"approvals": [approval.model_dump(mode="json") for approval in given], "missing": missing}
    out.answer(document, Text(f"approved 已审批: {', '.join(f'{a.subject} ({a.holder})' for a in given)}; {words}"))


def apply(
    file: PlanArgument = None,
    inventory: InventoryOption = None,
    only: OnlyOption = None,
    limit: LimitOption = None,
    yes: YesOption = False,
    emergency: EmergencyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry out exactly a plan (执行变更), as one durable change. `zy resume` goes on after a kill."""
    out, reason = Output(as_json), reason_given(emergency)
    if file is None:
        apply_new(out, inventory, rooms_named(only), limit or [], yes, reason)
        return
    by_hand = inventory is not None and str(inventory) != os.environ.get("ZY_INVENTORY")
    if only or limit or by_hand:
        raise ZyError(
            "ZY-CLI-004", "a plan file holds its own inventory and targets", fix="leave -i, --only, --limit out"
        )
    known = read(file)
    workspace = Workspace.open(Path(known.inventory))
    approvals = read_approvals(file)
    if known.purpose is Purpose.DESTROY and not approvals:
        raise ZyError(
            "ZY-CHG-007", "a plan of destruction from a file wants approvals", fix="zy destroy, or zy approve"
        )
    result = carry_out(workspace, known, out.progress, made_just_now=False, approvals=approvals, emergency=reason)
    answer_result(out, result)


def resume(as_json: JsonOption = False) -> None:
    """Go on with the change that was interrupted (继续变更), or watch the one that runs in the background."""
    out, places = Output(as_json), Places.here()
    answer_result(
        out, go_on(Records(places.state), places.cache, out.progress), nothing="nothing to resume 没有中断的变更"
    )


def rollback(
    change: ChangeArgument,
    inventory: InventoryOption = None,
    output: PlanFileOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Go back to before a change (回退): to the inventory of the last good change before it.

    zy keeps a copy of the inventory with every change and plans from that, in all rooms. Data does not come back:
    what a change deleted is made anew, empty. Put your inventory back too, or the next plan will redo the change.
    """
    out = Output(as_json)
    workspace = Workspace.open(inventory)
    planned = rollback_plan(workspace, change)
    out.say(plan_text(planned, f"zy rollback {change}"))
    confirm(out, yes, "Go back? 确认回退")
    give_up(workspace, change)
    if output is not None:
        _answer_file(out, planned, output)
        return
    answer_result(out, carry_out(workspace, planned, out.progress, made_just_now=True))


def status(as_json: JsonOption = False) -> None:
    """List changes, past and running, and who is at work (变更状态)."""
    records = Records(Places.here().state)
    changes, at_work = records.changes.all(), owner(records.lock)
    document = {
        "changes": [_described(change) for change in changes],
        "lock": at_work.model_dump(mode="json") if at_work else None,
    }
    Output(as_json).answer(document, changes_text(changes, at_work))


def drift(
    inventory: InventoryOption = None,
    only: OnlyOption = None,
    limit: LimitOption = None,
    diff: DiffOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what differs from what is intended (漂移检测): exit code 4 if anything does."""
    show_drift(Output(as_json), inventory, rooms_named(only), limit or [], diff)


def destroy(
    inventory: InventoryOption = None,
    yes: Annotated[
        str | None, typer.Option("--yes", metavar="CODE", help="The province's code, instead of typing it.")
    ] = None,
    output: PlanFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove everything that zy made in clouds, on hosts and routers (销毁). Asks for the province's code."""
    out, workspace = Output(as_json), Workspace.open(inventory)
    out.progress("planning the destruction")
    planned = make_destroy_plan(workspace.inventory, workspace.province, workspace.rooms(), operator())
    out.say(plan_text(planned, f"zy destroy --yes {planned.province}"))
    _confirm_destruction(out, workspace, yes)
    if output is not None:
        _answer_file(out, planned, output)
        return
    answer_result(out, carry_out(workspace, planned, out.progress, made_just_now=True))


def show_plan(
    out: Output,
    inventory: Path | None,
    rooms: tuple[RoomName, ...],
    limit: list[str],
    output: Path | None,
    diff: bool,
) -> None:
    """Plan, write the file if one is named, show; exit 3 when policy refuses."""
    workspace = Workspace.open(inventory)
    made = _planned(out, workspace, rooms, limit)
    if output is not None:
        write(made, output)
    standings = Schedule.of(workspace.province).standings(made)
    document = {**plan_document(made, output), "windows": [_standing_document(one) for one in standings]}
    out.answer(document, plan_text(made, _next_after(made, output), diff, standings))
    if made.refused_by:
        raise typer.Exit(Exit.REFUSED)


def show_drift(out: Output, inventory: Path | None, rooms: tuple[RoomName, ...], limit: list[str], diff: bool) -> None:
    """Plan, remember and show what differs; exit 4 when anything does."""
    workspace = Workspace.open(inventory)
    made = _planned(out, workspace, rooms, limit)
    _drift_of(made).save(workspace.records.drift)
    document = {
        key: value for key, value in plan_document(made, None).items() if key in ("summary", "changes", "findings")
    }
    calm: RenderableType = Text("no drift 无漂移: the live system is what the inventory says", style="green")
    out.answer(document, plan_text(made, _next_after(made, None), diff) if made.actions or made.findings else calm)
    if made.actions:
        raise typer.Exit(Exit.DRIFT)


def _drift_of(made: Plan) -> Drift:
    objects = tuple(
        Drifted(room=room.room, target=action.target, object=action.object)
        for room in made.rooms
        for action in room.actions
    )
    return Drift(province=made.province, ended=made.created, targets=made.targets, objects=objects)


def apply_new(
    out: Output, inventory: Path | None, rooms: tuple[RoomName, ...], limit: list[str], yes: bool, emergency: str
) -> None:
    """Plan, show, ask, carry out. What has to wait for a window is refused before anybody is asked."""
    workspace = Workspace.open(inventory)
    made = _planned(out, workspace, rooms, limit)
    out.say(plan_text(made, "zy apply", standings=Schedule.of(workspace.province).standings(made)))
    if made.actions and not made.refused_by:
        check_windows(workspace.province, made, emergency)
        confirm(out, yes, "Carry it out? 确认执行")
    answer_result(out, carry_out(workspace, made, out.progress, made_just_now=yes, emergency=emergency))


def plan_document(made: Plan, file: Path | None) -> dict[str, Any]:
    """A plan as the JSON contract shows it."""
    return {
        "summary": summary(made.actions),
        "rooms": {room.room.value: summary(room.actions) for room in made.rooms},
        "changes": [
            {"room": room.room.value, **action.model_dump(mode="json")}
            for room in made.rooms
            for action in room.actions
        ],
        "findings": [finding.model_dump(mode="json") for finding in made.findings],
        "digest": made.digest,
        "file": str(file) if file else None,
    }


def _standing_document(standing: Standing) -> dict[str, Any]:
    return {
        "targets": list(standing.targets),
        "open": standing.open,
        "until": standing.until.isoformat(),
        "by": [one.code for one in standing.reasons],
    }


def result_document(result: ChangeResult | None) -> dict[str, Any]:
    """What became of a change, as the JSON contract shows it; zeros when there was nothing to do."""
    if result is None:
        return {"change_id": None, "state": State.DONE.value, "summary": {"changes": 0, "failed": 0}, "results": []}
    results = [
        {"room": room.room.value, "status": one.outcome.value, **one.model_dump(mode="json", exclude={"outcome"})}
        for room in result.rooms
        for one in room.results
    ]
    document = {"change_id": result.change, "state": result.state.value, "purpose": result.purpose.value}
    return {**document, "summary": result.summary(), "results": results}


def _planned(out: Output, workspace: Workspace, rooms: tuple[RoomName, ...], limit: list[str]) -> Plan:
    targets = select(workspace.province, limit, rooms)
    out.progress(f"planning: {', '.join(targets)}")
    return make_plan(workspace.inventory, workspace.province, workspace.rooms(targets), targets, operator())


def _answer_file(out: Output, made: Plan, file: Path) -> None:
    write(made, file)
    out.answer(plan_document(made, file), Text(f"{file}; next: zy approve {file}, then zy apply {file}"))


def _next_after(made: Plan, file: Path | None) -> str:
    if made.refused_by:
        return "mend what policy refuses, then zy plan"
    if not made.actions:
        return "zy verify"
    return f"zy apply {file}" if file else "zy plan -o plan.json, then zy apply plan.json"


def answer_result(out: Output, result: ChangeResult | None, nothing: str = "nothing to do: 0 changes 无需变更") -> None:
    text: RenderableType = Text(nothing, style="green") if result is None else result_text(result)
    out.answer(result_document(result), text)
    if result is not None and result.state is not State.DONE:
        raise typer.Exit(Exit.FAILED)


def _described(change: Change) -> dict[str, Any]:
    result, made, emergency = change.result(), change.plan(), change.emergency()
    return {
        "id": change.id,
        "state": change.state().value,
        "purpose": made.purpose.value,
        "province": made.province,
        "operator": began_by(change),
        "emergency": emergency.reason if emergency else None,
        "planned": counts(made.actions).plain,
        "summary": result.summary() if result else None,
        "began": result.began.isoformat() if result else None,
        "ended": result.ended.isoformat() if result else None,
    }


def confirm(out: Output, yes: bool, question: str) -> None:
    if yes:
        return
    if out.as_json or not sys.stdin.isatty():
        raise ZyError(
            "ZY-CLI-005", "it wants a confirmation, and nobody can be asked", fix="look at the plan; then --yes"
        )
    if not Confirm.ask(question, console=out.screen, default=False):
        raise typer.Exit(Exit.FAILED)


def _confirm_destruction(out: Output, workspace: Workspace, typed: str | None) -> None:
    code = workspace.province.identity.code
    if typed is None and not out.as_json and sys.stdin.isatty():
        typed = Prompt.ask(
            f"Type the province's code to destroy it 输入省份代码以确认 ({workspace.province.identity.name})"
        )
    if typed != code:
        raise ZyError(
            "ZY-CHG-007", "the destruction is not confirmed", fix=f"type the province's code, or --yes {code}"
        )
