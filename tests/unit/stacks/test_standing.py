"""Agreements on the days around their ends; an expired one is told by the plan."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from province.province import Province
from province.record import RoomName, RoomPlan, Severity
from stacks.plan.agreement import plan_exchange
from stacks.plan.standing import Standing, expired, standings
from stacks.room import CloudRoom
from stacks.tools import Places, Tools

# rkk-gdbos holds from 2026-01-01 until 2030-12-31


@pytest.mark.parametrize(
    ("today", "standing", "days"),
    [
        (date(2025, 12, 31), Standing.NOT_YET, 1827),
        (date(2026, 1, 1), Standing.IN_FORCE, 1826),
        (date(2030, 12, 1), Standing.IN_FORCE, 31),
        (date(2030, 12, 2), Standing.ENDING, 30),
        (date(2030, 12, 31), Standing.ENDING, 1),
        (date(2031, 1, 1), Standing.EXPIRED, 0),
        (date(2040, 1, 1), Standing.EXPIRED, 0),
    ],
)
def test_standing_on_a_day(province: Province, today: date, standing: Standing, days: int) -> None:
    (one,) = standings(province, today)
    assert (one.standing, one.days) == (standing, days)
    is_open = bool(plan_exchange(province, "gd", today).ports)
    assert is_open is (one.standing in (Standing.IN_FORCE, Standing.ENDING)), "the report and the cloud say the same"


def test_notice_is_the_readers(province: Province) -> None:
    (one,) = standings(province, date(2030, 12, 2), notice=29)
    assert one.standing is Standing.IN_FORCE


def test_those_that_need_a_person_come_first(province: Province) -> None:
    base = province.agreements["rkk-gdbos"]
    dates = {"a": ("2027-01-01", "2028-01-01"), "b": ("2026-01-01", "2026-12-01"), "c": ("2025-01-01", "2026-01-01")}
    several = {
        code: base.model_copy(
            update={"code": code, "valid_from": date.fromisoformat(begin), "valid_until": date.fromisoformat(end)}
        )
        for code, (begin, end) in dates.items()
    }
    found = standings(province.model_copy(update={"agreements": several}), date(2026, 11, 25))
    assert [one.agreement.code for one in found] == ["c", "b", "a"]


def test_an_expired_agreement_is_an_advisory_finding(province: Province) -> None:
    assert list(expired(province, date(2030, 12, 31))) == []
    (finding,) = expired(province, date(2031, 1, 1))
    assert (finding.severity, finding.object, finding.target) == (
        Severity.ADVISORY,
        "agreement rkk-gdbos",
        "region-gd",
    )
    assert "2030-12-31" in finding.message


@pytest.mark.parametrize(
    ("limit", "told"),
    [((), ["agreement-expired"]), (("region-gd",), ["agreement-expired"]), (("region-gz",), [])],
)
def test_the_plan_tells_of_it(
    province: Province, monkeypatch: pytest.MonkeyPatch, limit: tuple[str, ...], told: list[str]
) -> None:
    room = CloudRoom(
        province,
        Tools(path=(), python=Path("python"), policies=None),
        Places(inventory=Path("i"), state=Path("s"), clouds=Path("c"), ovn=None),
        date(2031, 1, 1),
    )
    nothing = SimpleNamespace(removed=lambda: (), stack=lambda _: None)
    monkeypatch.setattr(CloudRoom, "_prepared", lambda _: nothing)
    monkeypatch.setattr(CloudRoom, "_ready", lambda *_: None)
    monkeypatch.setattr(CloudRoom, "_room_plan", lambda *_: RoomPlan(room=RoomName.CLOUD))
    monkeypatch.setattr("stacks.room.StackOperation", lambda *_: SimpleNamespace(preview=lambda: None))
    assert [finding.rule for finding in room.plan(limit).findings] == told
