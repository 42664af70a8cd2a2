"""Drills: what is measured, that the target always gets its power back, and what the record says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import zhengyun.commands.drill
from province.errors import ZyError
from province.load import load
from province.record import Check, RoomName, Status
from zhengyun.cli import run as zy
from zhengyun.drill.record import Drill, due
from zhengyun.drill.run import Stage, run
from zhengyun.report.drill import drill_html
from zhengyun.transparency.audit import audit
from zhengyun.workspace import Records

LAB = Path(__file__).parents[3] / "inventories" / "lab"
PROVINCE = load(LAB)
PLAN = PROVINCE.emergencies["city-pe-loss"]  # aims: seen in 120 s, all well in 300 s
START = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


def failed(target: str) -> Check:
    return Check(
        id=f"network.{target}",
        title="it <answers>",
        title_zh="可达",
        room=RoomName.NETWORK,
        target=target,
        status=Status.FAILED,
        expected="yes",
        actual="no",
        evidence="ping",
    )


@dataclass
class World:
    """A target and a clock: every measurement takes ten seconds; ``blind`` of them see nothing of the loss."""

    blind: int = 0
    slow_to_heal: int = 0
    ill: bool = False
    lost: bool = False
    repaired: int = 0
    elapsed: float = 0.0
    breaks: bool = False
    said: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def strike(self) -> None:
        self.lost = True
        if self.breaks:
            raise KeyboardInterrupt

    def repair(self) -> None:
        self.lost = False
        self.repaired += 1
        self.elapsed += 20

    def measure(self) -> Sequence[Check]:
        self.elapsed += 10
        if self.lost and self.blind > 0:
            self.blind -= 1
            return []
        if self.lost:
            return [failed(PLAN.target), failed("gz-ce-gat")]
        if self.repaired and self.slow_to_heal > 0:
            self.slow_to_heal -= 1
            return [failed("gz-ce-gat")]
        return [failed("gd-pe-1")] if self.ill else []

    def drilled(self) -> Drill:
        return run(PLAN, Stage(self, self.measure, self.now, self.said.append), "gd", "wang")


def test_a_drill_measures_how_long_it_took_to_see_and_to_mend() -> None:
    world = World(blind=2, slow_to_heal=1)
    drill = world.drilled()
    assert (drill.detection, drill.outage) == (timedelta(seconds=30), timedelta(seconds=80))
    assert drill.passed
    assert {check.target for check in drill.first} == {PLAN.target, "gz-ce-gat"}
    assert [check.target for check in drill.elsewhere] == ["gz-ce-gat"]
    assert (drill.left, world.lost, world.repaired) == ((), False, 1)


def test_a_loss_that_no_check_sees_is_repaired_and_told() -> None:
    world = World(blind=1000)
    drill = world.drilled()
    assert (drill.seen, drill.seen_in_time, drill.passed, world.repaired) == (None, False, False, 1)
    assert drill.recovered_in_time


def test_a_target_that_does_not_come_back_in_time_misses_its_aim() -> None:
    drill = World(slow_to_heal=1000).drilled()
    assert (drill.seen_in_time, drill.outage, drill.passed) == (True, None, False)
    assert [check.target for check in drill.left] == ["gz-ce-gat"]
    assert not World(slow_to_heal=27).drilled().recovered_in_time


def test_nothing_is_struck_where_not_all_is_well() -> None:
    world = World(ill=True)
    with pytest.raises(ZyError, match="gd-pe-1") as raised:
        world.drilled()
    assert (raised.value.code, world.lost, world.repaired) == ("ZY-DRL-001", False, 0)


def test_an_operator_who_stops_a_drill_leaves_nothing_without_power() -> None:
    world = World(breaks=True)
    with pytest.raises(KeyboardInterrupt):
        world.drilled()
    assert (world.lost, world.repaired) == (False, 1)


def test_a_drill_is_due_a_year_after_the_last() -> None:
    drill = World().drilled()
    assert due(PLAN, []) is None
    assert due(PLAN, [drill]) == date(2027, 11, 28)
    other = drill.model_copy(update={"plan": PLAN.model_copy(update={"code": "other"})})
    assert due(PLAN, [other]) is None


def test_the_page_says_it_in_both_languages_and_escapes() -> None:
    page = drill_html(World(slow_to_heal=1000).drilled(), PROVINCE)
    operator = PROVINCE.departments["zsj"].responsible
    for words in (
        "应急演练记录",
        "aims were not met",
        "未达到预案目标",
        operator.name,
        operator.contact,
        "not in time",
    ):
        assert words in page
    assert "it &lt;answers&gt;" in page
    assert "http" not in page


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """``zy drill`` on a world of ours instead of the lab."""
    made = World()
    monkeypatch.setenv("ZY_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(zhengyun.commands.drill, "lab_of", lambda *_: {})
    monkeypatch.setattr(zhengyun.commands.drill, "loss_in", lambda *_: made)
    monkeypatch.setattr(zhengyun.commands.drill, "verify", lambda *_: made.measure())
    monkeypatch.setattr(zhengyun.commands.drill, "_now", made.now)
    monkeypatch.setattr("zhengyun.workspace.build_rooms", lambda *_: {})
    return made


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = zy(["drill", *arguments, "-i", str(LAB), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("world")
def test_the_command_writes_the_record_and_the_log_knows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = answer(capsys)[1]
    assert [(plan["plan"], plan["overdue"]) for plan in before["plans"]] == [
        ("city-pe-loss", True),
        ("log-host-loss", True),
    ]
    code, document = answer(capsys, "city-pe-loss", "-o", str(tmp_path / "out"))
    assert (code, document["passed"]) == (0, True)
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".html", ".json"}
    after = answer(capsys)[1]
    assert [plan["drills"] for plan in after["plans"]] == [1, 0]
    records = Records(tmp_path / "state")
    (record,) = (tmp_path / "state" / "evidence").glob("drill-*.json")
    assert [entry.fact.kind.value for entry in records.log.entries()] == ["drill"]
    record.write_text(record.read_text().replace("wang", "li") + " ")
    assert [error.code for error in audit(records.log, tmp_path / "state", ())]


def test_a_drill_that_misses_its_aims_fails_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.blind = 1000
    assert answer(capsys, "city-pe-loss")[0] == 1
    world.blind = 0
    assert zy(["drill", "city-pe-loss", "-i", str(LAB)]) == 0
    assert "aims met" in capsys.readouterr().out


@pytest.mark.usefixtures("world")
def test_an_unknown_plan_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = answer(capsys, "flood")
    (error,) = document["errors"]
    assert (code, error["code"]) == (2, "ZY-CLI-011")
    assert "city-pe-loss" in error["fix"]
