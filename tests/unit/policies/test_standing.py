"""What differs between two judgements, and the series of reports that it is told from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from policies.judge import Verdict
from policies.standing import Open, Standing, difference
from zhengyun.report.series import KEPT, Series

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
A, B, C = (Open(clause="8.1.3.2 a", check="cloud.rule", object=name) for name in ("tenant-a", "tenant-b", "tenant-c"))


def stood(*breaches: Open, hours: int = 0, province: str = "gd", **verdicts: Verdict) -> Standing:
    return Standing(province=province, made=NOW + timedelta(hours=hours), verdicts=verdicts, open=breaches)


def test_nothing_differs_from_itself() -> None:
    same = stood(A, one=Verdict.FAILED)
    assert difference(same, same).none


def test_breaches_appear_and_go_and_clauses_turn() -> None:
    before = stood(A, B, one=Verdict.PASSED, two=Verdict.FAILED, three=Verdict.WAIVED, old=Verdict.PASSED)
    after = stood(B, C, hours=1, one=Verdict.FAILED, two=Verdict.PASSED, three=Verdict.WAIVED, new=Verdict.FAILED)
    found = difference(before, after)
    assert (found.since, found.appeared, found.gone) == (NOW, (C,), (A,))
    assert [(turn.clause, turn.worse) for turn in found.turned] == [("one", True), ("two", False)]
    assert not found.none


def test_series_is_in_order_of_time_and_of_one_province(tmp_path: Path) -> None:
    series = Series(tmp_path / "standings")
    assert series.earlier("gd") == []
    later, first, other = stood(hours=2), stood(A, hours=1), stood(hours=3, province="gx")
    for each in (later, first, other):
        series.keep(each)
    assert series.earlier("gd") == [first, later]


def test_series_keeps_the_newest_and_passes_over_what_it_cannot_read(tmp_path: Path) -> None:
    series = Series(tmp_path)
    for hour in range(KEPT + 2):
        series.keep(stood(hours=hour))
    kept = series.earlier("gd")
    assert [len(kept), kept[0].made] == [KEPT, NOW + timedelta(hours=2)]
    newest = sorted(tmp_path.iterdir())[-1]
    newest.write_text(newest.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert series.earlier("gd") == kept[:-1]
