"""The change engine on a real Temporal server, with rooms that are folders: kill anything, and nothing is lost.

Run as a program, this file is the worker of those rooms. Its clock stands at noon, or at midnight when there is a file
``night``; a province has one window, which is for targets called ``day-x`` and open by day.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.process import Identity, identify, send
from province.errors import ZyError
from province.load import load
from province.record import (
    Action,
    Beat,
    Check,
    Operation,
    Outcome,
    Result,
    RoomName,
    RoomPlan,
    Step,
)
from province.window import CHINA, Window
from zhengyun.change.engine import Engine
from zhengyun.change.journal import Change, Changes, Emergency, Event, State
from zhengyun.change.planfile import Plan, Purpose, seal
from zhengyun.change.schedule import Schedule
from zhengyun.change.server import Server
from zhengyun.change.worker import serve

WITHIN = 60.0  # s; bound of every wait here

LAB = Path(__file__).parents[2] / "inventories" / "lab"
NOON = datetime(2026, 12, 1, 12, tzinfo=CHINA)
MIDNIGHT = datetime(2026, 12, 2, 0, tzinfo=CHINA)
BY_DAY = Window.model_validate(
    {"code": "day", "name": "白天", "name_en": "By day", "targets": ["day-*"], "from": "09:00", "until": "18:00"}
)


@dataclass
class FolderRoom:
    """Targets are files. ``wait`` in a name waits for a file ``go``, ``dusk`` makes it night; ``bad-x`` fails,
    ``odd-x`` raises.
    """

    name: RoomName
    home: Path

    def plan(self, limit: Sequence[str]) -> RoomPlan:
        waves = tuple(tuple(Step(name=target, targets=(target,)) for target in wave.split()) for wave in limit)
        actions = tuple(
            Action(target=step.name, object="file", operation=Operation.CREATE) for wave in waves for step in wave
        )
        return RoomPlan(room=self.name, actions=actions, waves=waves, live=self.live(limit))

    def live(self, limit: Sequence[str]) -> str:  # noqa: ARG002 - the protocol's signature
        return " ".join(sorted(path.name for path in self.home.glob(f"{self.name}.*")))

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:  # noqa: ARG002 - the same
        (target,) = step.targets
        with (self.home / f"attempts.{target}").open("a") as attempts:
            attempts.write("x")
        if target.startswith("bad"):
            return [Result(target=target, outcome=Outcome.FAILED, message="it is bad")]
        if target.startswith("odd"):
            raise RuntimeError("a mistake of ours")
        beat(f"making {target}")
        if "wait" in target:
            wait_for((self.home / "go").exists)
        if "dusk" in target:
            (self.home / "night").touch()
        made = self.home / f"{self.name}.{target}"
        outcome = Outcome.UNCHANGED if made.exists() else Outcome.CHANGED
        made.touch()
        return [Result(target=target, outcome=outcome, changes=int(outcome is Outcome.CHANGED))]

    def verify(self, limit: Sequence[str]) -> list[Check]:  # noqa: ARG002 - the same
        return []

    def destroy_plan(self) -> RoomPlan:
        return RoomPlan(room=self.name)


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.05)


@dataclass(frozen=True)
class World:
    """A state root with an inventory and rooms, and the engine on them."""

    home: Path
    engine: Engine

    def plan(self, **waves: list[str]) -> Plan:
        rooms = tuple(FolderRoom(RoomName(name), self.home).plan(limit) for name, limit in waves.items())
        return seal(
            Plan(
                purpose=Purpose.APPLY,
                province="gd",
                title="广东省",
                inventory=str(self.home / "inventory"),
                inputs={},
                targets={},
                created=datetime.now(UTC),
                operator="test",
                rooms=rooms,
            )
        )

    def made(self) -> set[str]:
        return {path.name for room in RoomName for path in self.home.glob(f"{room.value}.*")}

    def attempts(self, target: str) -> int:
        return len((self.home / f"attempts.{target}").read_text())

    def launched(self, plan: Plan) -> Change:
        """A change whose worker runs and that nobody watches: its command was killed."""
        change = self.engine.begin(plan, "test")
        self.engine._launch(change)
        return change


def ignore(_: object) -> None:
    pass


def kill(identity: Identity | None) -> None:
    assert identity is not None
    assert send(identity, signal.SIGKILL)
    wait_for(lambda: identify(identity.pid) != identity)


@pytest.fixture
def world(tmp_path: Path, temporal: Path) -> Iterator[World]:
    (tmp_path / "inventory").mkdir()
    server = Server(temporal, tmp_path / "temporal")
    engine = Engine(Changes(tmp_path / "changes"), server, [sys.executable, __file__])
    yield World(tmp_path, engine)
    for change in engine.changes.all():
        change.worker.stop(grace=0)
    server.stop()


def test_rooms_go_beside_each_other_and_waves_in_order(world: World) -> None:
    change = world.engine.begin(world.plan(cloud=["a b", "c"], hosts=["h"]), "test")
    result = world.engine.run(change, ignore)
    assert result.state is State.DONE
    assert world.made() == {"cloud.a", "cloud.b", "cloud.c", "hosts.h"}
    assert result.summary() == {"changed": 4, "unchanged": 0, "failed": 0, "skipped": 0, "changes": 4}
    order = [(e.event, e.step) for e in change.entries() if e.room is RoomName.CLOUD]
    assert order.index((Event.STEP_BEGUN, "c")) > order.index((Event.STEP_ENDED, "a"))
    assert order.index((Event.STEP_BEGUN, "c")) > order.index((Event.STEP_ENDED, "b"))


def test_nothing_of_the_engine_is_left_running(world: World) -> None:
    change = world.engine.begin(world.plan(cloud=["a"]), "test")
    world.engine.run(change, ignore)
    assert not change.worker.alive()
    assert not world.engine.server.process.alive()


def test_failure_hides_no_other_room_and_no_other_target(world: World) -> None:
    change = world.engine.begin(world.plan(cloud=["bad-a b", "c"], network=["r", "odd-s"], hosts=["h"]), "test")
    result = world.engine.run(change, ignore)
    outcomes = {r.target: r.outcome for room in result.rooms for r in room.results}
    assert result.state is State.FAILED
    assert outcomes == {
        "bad-a": Outcome.FAILED,
        "b": Outcome.CHANGED,
        "c": Outcome.SKIPPED,
        "r": Outcome.CHANGED,
        "odd-s": Outcome.FAILED,
        "h": Outcome.CHANGED,
    }
    assert world.attempts("bad-a") == world.attempts("odd-s") == 1


def test_change_outlives_its_command(world: World) -> None:
    """The command that began the change is gone; worker and server end the change, and then themselves."""
    change = world.launched(world.plan(cloud=["a", "b"]))
    wait_for(lambda: change.result() is not None)
    assert change.state() is State.DONE
    wait_for(lambda: not change.worker.alive() and not world.engine.server.process.alive())


@pytest.mark.parametrize("victims", ["worker", "server", "both"])
def test_killed_change_resumes_to_the_same_state(world: World, victims: str) -> None:
    change = world.launched(world.plan(cloud=["a", "wait-b", "c"], hosts=["h"]))
    wait_for((world.home / "attempts.wait-b").exists)
    wait_for((world.home / "hosts.h").exists)
    if victims in ("worker", "both"):
        kill(change.worker.identity())
        assert change.state() is State.INTERRUPTED
    if victims in ("server", "both"):
        kill(world.engine.server.process.identity())
    with pytest.raises(ZyError) as refused:
        world.engine.begin(world.plan(cloud=["x"]), "second")
    assert refused.value.code == "ZY-CHG-022"
    (world.home / "go").touch()
    result = world.engine.resume(change, "test", ignore)
    assert result.state is State.DONE
    assert world.made() == {"cloud.a", "cloud.wait-b", "cloud.c", "hosts.h"}
    assert world.attempts("a") == world.attempts("h") == 1
    assert world.attempts("wait-b") == 2


def test_death_is_told_to_who_watches(world: World) -> None:
    change = world.engine.begin(world.plan(cloud=["wait-a"]), "test")

    def kill_at_work(entry: object) -> None:
        if getattr(entry, "event", None) is Event.PROGRESS:
            kill(change.worker.identity())

    with pytest.raises(ZyError) as died:
        world.engine.run(change, kill_at_work)
    assert died.value.code == "ZY-CHG-024"
    assert "zy resume" in died.value.fix


def test_change_that_was_given_up_has_ended(world: World) -> None:
    change = world.launched(world.plan(cloud=["a", "wait-b", "c"]))
    wait_for((world.home / "attempts.wait-b").exists)
    result = world.engine.give_up(change)
    assert (result.state, change.state()) == (State.ABANDONED, State.ABANDONED)
    assert [r.outcome for r in result.rooms[0].results] == [Outcome.CHANGED, Outcome.SKIPPED, Outcome.SKIPPED]
    assert not change.worker.alive()
    assert world.engine.changes.unfinished() is None


def test_a_wave_whose_window_has_closed_is_left_out(world: World) -> None:
    """What is done stays, its own later waves are not begun, and other rooms go on."""
    change = world.engine.begin(world.plan(network=["day-dusk-a", "day-b", "c"], cloud=["x", "y"]), "test")
    result = world.engine.run(change, ignore)
    outcomes = {one.target: one for room in result.rooms for one in room.results}
    assert result.state is State.FAILED
    assert world.made() == {"network.day-dusk-a", "cloud.x", "cloud.y"}
    assert outcomes["day-b"].outcome is outcomes["c"].outcome is Outcome.SKIPPED
    assert "window day" in outcomes["day-b"].message
    assert "opens 2026-12-02 09:00 UTC+8" in outcomes["day-b"].message


@pytest.mark.parametrize("free", ["emergency", "rollback"])
def test_nothing_closes_for_an_emergency_or_a_way_back(world: World, free: str) -> None:
    planned = world.plan(network=["day-dusk-a", "day-b"])
    purpose = Purpose.ROLLBACK if free == "rollback" else Purpose.APPLY
    emergency = Emergency(operator="test", time=planned.created, reason="fire", held="") if purpose == "apply" else None
    plan = seal(planned.model_copy(update={"purpose": purpose}))
    change = world.engine.begin(plan, "test", emergency=emergency)
    assert world.engine.run(change, ignore).state is State.DONE
    assert world.made() == {"network.day-dusk-a", "network.day-b"}


def test_a_step_that_began_in_time_is_finished_after_a_kill(world: World) -> None:
    """`zy resume` is never refused; the next wave, which has not begun, waits for the next window all the same."""
    change = world.launched(world.plan(network=["day-wait-a", "day-b"]))
    wait_for((world.home / "attempts.day-wait-a").exists)
    kill(change.worker.identity())
    (world.home / "night").touch()
    (world.home / "go").touch()
    result = world.engine.resume(change, "test", ignore)
    assert [one.outcome for one in result.rooms[0].results] == [Outcome.CHANGED, Outcome.SKIPPED]
    assert world.made() == {"network.day-wait-a"}
    assert world.engine.changes.unfinished() is None, "nothing stands in the way of other changes"


def test_server_that_does_not_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(ZyError) as error:
        Server(Path("/bin/false"), tmp_path / "temporal").start()
    assert error.value.code == "ZY-CHG-023"


def _worker() -> None:
    change, server = Change(Path(sys.argv[1])), Path(sys.argv[2])
    home = change.folder.parents[1]
    province = load(LAB).model_copy(update={"windows": {"day": BY_DAY}})
    bound = Schedule.binding(change.plan(), province, change.emergency())
    schedule = Schedule(bound.calendar, lambda: MIDNIGHT if (home / "night").exists() else NOON)
    asyncio.run(serve(change, {name: FolderRoom(name, home) for name in RoomName}, schedule, sys.argv[3]))
    Server(Path(os.devnull), server).stop()


if __name__ == "__main__":
    _worker()
