"""What is remembered of changes, and the lock, on files alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies.approval import Approval
from province.errors import ZyError
from province.record import Outcome, Result, RoomName, RoomPlan, Step
from zhengyun.carrying import good_before
from zhengyun.change.journal import Change, Changes, Event, State
from zhengyun.change.lock import held, owner
from zhengyun.change.planfile import Plan, Purpose, seal
from zhengyun.transparency.audit import audit
from zhengyun.transparency.log import Kind
from zhengyun.workspace import Records

WAVES = ((Step(name="one", targets=("a", "b")),), (Step(name="two", targets=("c",)),))
Make = Callable[..., Change]


@pytest.fixture
def changes(tmp_path: Path) -> Changes:
    return Changes(tmp_path / "changes")


@pytest.fixture
def make(tmp_path: Path, changes: Changes) -> Make:
    inventory = tmp_path / "inventory"
    (inventory / "images").mkdir(parents=True)
    (inventory / "a.yaml").write_text("a: 1\n")
    (inventory / "images" / "big.raw").write_bytes(b"image")

    def create(purpose: Purpose = Purpose.APPLY, targets: tuple[str, ...] = ()) -> Change:
        plan = Plan(
            purpose=purpose,
            province="gd",
            title="广东省",
            inventory=str(inventory),
            inputs={},
            targets={RoomName.HOSTS: targets},
            created=datetime.now(UTC),
            operator="planner",
            rooms=(RoomPlan(room=RoomName.HOSTS, waves=WAVES),),
        )
        return changes.create(seal(plan), "test")

    return create


def ended(change: Change, step: str, *outcomes: tuple[str, Outcome]) -> None:
    results = tuple(Result(target=target, outcome=outcome, changes=1) for target, outcome in outcomes)
    change.append(Event.STEP_ENDED, room=RoomName.HOSTS, step=step, results=results)


def finish(change: Change) -> Change:
    ended(change, "one", ("a", Outcome.CHANGED), ("b", Outcome.UNCHANGED))
    ended(change, "two", ("c", Outcome.CHANGED))
    change.conclude()
    return change


def test_change_keeps_its_own_inventory(make: Make) -> None:
    change = make()
    assert (change.inventory / "a.yaml").read_text() == "a: 1\n"
    assert not (change.inventory / "a.yaml").is_symlink()
    assert (change.inventory / "images" / "big.raw").is_symlink()
    assert (change.inventory / "images" / "big.raw").read_bytes() == b"image"


def test_ids_sort_by_time(make: Make, changes: Changes) -> None:
    first, second = make(), make()
    assert first.id[:13] <= second.id[:13]
    assert {change.id for change in changes.all()} == {first.id, second.id}


def test_a_change_keeps_its_approvals_and_is_logged_with_them(make: Make, changes: Changes, tmp_path: Path) -> None:
    plan = make().plan()
    given = [Approval(plan=plan.digest, subject=who, holder="li", time=plan.created) for who in ("gat-tech", "gat-sec")]
    finish(changes.create(plan, "wang", given))
    records = Records(tmp_path)
    records.write_log()
    facts = [entry.fact for entry in records.log.entries()]
    begun, approval, ended_ = Kind.CHANGE_BEGUN, Kind.APPROVAL, Kind.CHANGE_ENDED
    assert sorted(fact.kind for fact in facts) == sorted([begun, begun, approval, approval, ended_])
    assert {fact.by for fact in facts if fact.kind is approval} == {"wang"}
    assert audit(records.log, tmp_path) == []
    (tmp_path / next(fact.file for fact in facts if fact.kind is approval)).write_text("{}")
    assert [error.code for error in audit(records.log, tmp_path)] == ["ZY-POL-042"]


def test_half_made_change_is_none(changes: Changes) -> None:
    (changes.root / ".20261124-0312-41a7").mkdir(parents=True)
    assert changes.all() == []


def test_result_tells_every_target(make: Make) -> None:
    change = make()
    change.append(Event.STEP_BEGUN, room=RoomName.HOSTS, step="one")
    ended(change, "one", ("a", Outcome.CHANGED), ("b", Outcome.FAILED))
    result = change.conclude()
    assert result.state is State.FAILED
    assert [(r.target, r.outcome) for r in result.rooms[0].results] == [
        ("a", Outcome.CHANGED),
        ("b", Outcome.FAILED),
        ("c", Outcome.SKIPPED),
    ]
    assert change.result() == result


def test_repeated_step_counts_once(make: Make) -> None:
    change = make()
    ended(change, "one", ("a", Outcome.CHANGED), ("b", Outcome.FAILED))
    finish(change)
    result = change.result()
    assert result is not None
    assert result.state is State.DONE
    assert result.summary() == {"changed": 2, "unchanged": 1, "failed": 0, "skipped": 0, "changes": 3}


def test_a_later_step_has_the_last_word_about_what_it_takes_back(make: Make) -> None:
    change = make()
    ended(change, "one", ("a", Outcome.CHANGED), ("b", Outcome.CHANGED))
    ended(change, "two", ("c", Outcome.FAILED), ("a", Outcome.FAILED), ("b", Outcome.FAILED))
    result = change.conclude()
    assert result.state is State.FAILED
    assert [(r.target, r.outcome) for r in result.rooms[0].results] == [
        ("a", Outcome.FAILED),
        ("b", Outcome.FAILED),
        ("c", Outcome.FAILED),
    ]


def test_torn_line_is_left_out_and_next_one_is_whole(make: Make) -> None:
    change = make()
    with (change.folder / "journal.jsonl").open("ab") as stream:
        stream.write(b'{"time": "2026-')
    change.append(Event.RESUMED, text="after the power cut")
    assert [entry.event for entry in change.entries()] == [Event.BEGUN, Event.RESUMED]


def test_watching_shows_each_entry_once(make: Make) -> None:
    change = make()
    first, offset = change.entries_from(0)
    change.append(Event.RESUMED)
    with (change.folder / "journal.jsonl").open("ab") as stream:
        stream.write(b'{"time": "2026-')
    second, end = change.entries_from(offset)
    assert ([e.event for e in first], [e.event for e in second]) == ([Event.BEGUN], [Event.RESUMED])
    assert change.entries_from(end) == ([], end)


def test_unfinished_is_told_until_it_has_ended(make: Make, changes: Changes) -> None:
    change = make()
    assert change.state() is State.INTERRUPTED
    assert changes.unfinished() == change
    finish(change)
    assert changes.unfinished() is None


def test_unknown_change(make: Make, changes: Changes) -> None:
    known = make()
    with pytest.raises(ZyError) as error:
        changes.get("../elsewhere")
    assert error.value.code == "ZY-CHG-005"
    assert known.id in error.value.fix


def test_rollback_goes_to_the_last_good_whole_change(make: Make, changes: Changes) -> None:
    good = finish(make())
    finish(make(targets=("a",)))
    finish(make(Purpose.DESTROY))
    make()
    last = make()
    assert good_before(changes, last, "gd") == good
    with pytest.raises(ZyError) as error:
        good_before(changes, good, "gd")
    assert error.value.code == "ZY-CHG-006"
    with pytest.raises(ZyError):
        good_before(changes, last, "gx")


def test_changes_made_at_once_have_ids_of_their_own_in_their_order(make: Make, changes: Changes) -> None:
    assert [change.id for change in (make() for _ in range(40))] == [change.id for change in changes.all()]
    assert len(changes.all()) == 40


def test_second_operator_is_locked_out_and_told_who(tmp_path: Path) -> None:
    lock = tmp_path / "operator.lock"
    with held(lock, "alice", "zy apply"):
        seen = owner(lock)
        assert seen is not None
        assert (seen.operator, seen.what, seen.pid) == ("alice", "zy apply", os.getpid())
        with pytest.raises(ZyError) as refused, held(lock, "bob", "zy apply"):
            pass
        assert refused.value.code == "ZY-CHG-021"
        assert "alice" in refused.value.message
    assert owner(lock) is None
    with held(lock, "bob", "zy apply"):
        pass


def test_lock_of_a_killed_owner_is_free(tmp_path: Path) -> None:
    lock = tmp_path / "operator.lock"
    script = (
        "import pathlib, sys\nfrom zhengyun.change.lock import held\n"
        "with held(pathlib.Path(sys.argv[1]), 'alice', 'zy apply'):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(lock)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert owner(lock) is not None
        other.kill()
        other.wait()
    assert owner(lock) is None
    with held(lock, "bob", "zy apply"):
        pass
