"""Carry a plan out under the operator's lock: judge it, begin the change, show its progress, tell what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from policies.approval import Approval
from province.errors import Place, ZyError, ZyErrors
from province.load import load
from province.province import Province
from province.record import Outcome, RoomName
from zhengyun.change.gate import check_approvals, check_inputs, check_live, check_policy
from zhengyun.change.journal import Change, ChangeResult, Changes, Emergency, Entry, Event, State
from zhengyun.change.lock import held
from zhengyun.change.planfile import Plan, Purpose, seal
from zhengyun.change.schedule import Schedule
from zhengyun.planning import make_plan
from zhengyun.rooms import build_rooms
from zhengyun.selector import select
from zhengyun.transparency.history import keep_agreements
from zhengyun.workspace import Records, Workspace, operator

Say = Callable[[str], None]


def carry_out(
    workspace: Workspace,
    plan: Plan,
    say: Say,
    *,
    made_just_now: bool,
    approvals: Sequence[Approval] = (),
    emergency: str = "",
) -> ChangeResult | None:
    """Do exactly what a plan says; None when it has nothing to do.

    ``made_just_now``: nobody had the time to alter the live system, so it is not looked at again.
    ``emergency``: why it cannot wait for the windows of its targets; it passes over nothing else.
    Raises ``ZY-CHG-003``, ``-004`` (stale), ``-021``, ``-022`` (others at work), ``-024`` (killed), ``-030`` (policy),
    ``-031`` (windows); ``ZY-POL-030`` to ``-037`` (approvals).
    """
    with held(workspace.records.lock, operator(), f"zy {plan.purpose}"):
        check_policy(plan)
        if plan.purpose is not Purpose.ROLLBACK:
            check_inputs(plan)
        if not any(room.waves for room in plan.rooms):
            return None
        check_approvals(plan, approvals, _provinces(workspace, plan), _carried_out(workspace.records.changes))
        record = check_windows(workspace.province, plan, emergency)
        if not made_just_now:
            check_live(plan, workspace.rooms([room.room for room in plan.rooms if room.waves]))
        engine = workspace.records.engine(workspace.places.cache)
        keep_agreements(workspace.records.state, workspace.province)
        change = engine.begin(plan, operator(), approvals, record)
        workspace.records.write_log()
        say(f"change {change.id} begins")
        result = engine.run(change, teller(say))
        workspace.records.write_log()
        return result


def check_windows(province: Province, plan: Plan, emergency: str) -> Emergency | None:
    """The record of an emergency, if it is one. Raises ``ZY-CHG-031`` when the plan has to wait for its windows."""
    record = Schedule.of(province).emergency(plan, operator(), emergency) if emergency else None
    Schedule.binding(plan, province, record).check(plan)
    return record


def _provinces(workspace: Workspace, plan: Plan) -> Iterator[Province]:
    """The province as the plan wants it; and as the last change of it wanted it, if that one listed approvers."""
    yield workspace.province
    changes = reversed(workspace.records.changes.all())
    last = next((change for change in changes if change.plan().province == plan.province), None)
    if last is not None and any(b"approvers" in path.read_bytes() for path in last.inventory.rglob("*.yaml")):
        yield _as_it_was(last)


def _as_it_was(change: Change) -> Province:
    try:
        return load(change.inventory)
    except ZyErrors as errors:
        raise ZyError(
            "ZY-POL-037",
            f"who must approve is not known: the inventory of the last change cannot be read: {errors.errors[0]}",
            place=Place(file=str(change.inventory)),
            fix="restore what it names (images may have been moved), so that its approvers can be asked",
        ) from errors


def _carried_out(changes: Changes) -> Iterator[str]:
    return (change.plan().digest for change in changes.all())


def go_on(records: Records, cache: Path, say: Say) -> ChangeResult | None:
    """Finish the change that has not ended; None when there is none."""
    with held(records.lock, operator(), "zy resume"):
        change = records.changes.unfinished()
        if change is None:
            return None
        say(f"change {change.id} goes on")
        result = records.engine(cache).resume(change, operator(), teller(say))
        records.write_log()
        return result


def rollback_plan(workspace: Workspace, change: str) -> Plan:
    """What brings everything back to the inventory of the last good change before this one.

    Raises ``ZY-CHG-005`` (no such change), ``ZY-CHG-006`` (nothing before it).
    """
    changes = workspace.records.changes
    before = good_before(changes, changes.get(change), workspace.province.identity.code)
    province = load(before.inventory)
    rooms = build_rooms(before.inventory, province, workspace.places)
    plan = make_plan(before.inventory, province, rooms, select(province, (), list(RoomName)), operator())
    return seal(plan.model_copy(update={"purpose": Purpose.ROLLBACK}))


def give_up(workspace: Workspace, change: str) -> None:
    """End a change that was interrupted, so that its rollback may begin."""
    unfinished = workspace.records.changes.unfinished()
    if unfinished is not None and unfinished.id == change:
        with held(workspace.records.lock, operator(), "zy rollback"):
            workspace.records.engine(workspace.places.cache).give_up(unfinished)


def good_before(changes: Changes, change: Change, province: str) -> Change:
    """The last change of this province before ``change`` that was done in full, for all of it."""
    earlier = [one for one in changes.all() if one.id < change.id and one.state() is State.DONE]
    for one in reversed(earlier):
        plan = one.plan()
        if plan.province == province and plan.purpose is Purpose.APPLY and not any(plan.targets.values()):
            return one
    raise ZyError(
        "ZY-CHG-006",
        f"before {change.id} there is no good change of the whole province to go back to",
        place=Place(target=change.id),
        fix="put the inventory back (git revert) and run zy plan; or remove everything: zy destroy",
    )


def teller(say: Say) -> Callable[[Entry], None]:
    """Journal entries as lines of progress."""

    def tell(entry: Entry) -> None:
        where = f"{entry.room or '':8} {entry.step}"
        if entry.event is Event.STEP_BEGUN:
            say(f"{where} begins")
        elif entry.event is Event.PROGRESS:
            say(f"{where} · {entry.text}")
        elif entry.event is Event.STEP_ENDED:
            changes = sum(result.changes for result in entry.results)
            bad = [r for r in entry.results if r.outcome in (Outcome.FAILED, Outcome.SKIPPED)]
            for result in bad:
                say(f"{where} ✖ {result.target}: {result.message}")
            say(f"{where} {'✖' if bad else '✔'} {changes} change{'s' * (changes != 1)}")

    return tell
