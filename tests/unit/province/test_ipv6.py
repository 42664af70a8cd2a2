"""How far a target is."""

from __future__ import annotations

from datetime import date

import pytest

from province.ipv6 import Ipv6Target, Measure, Progress

LAST = date(2027, 12, 31)


def _target(share: int) -> Ipv6Target:
    return Ipv6Target(
        code="core", name="骨干", name_en="Core", measure=Measure.CORE, share=share, by=LAST, source="a notice"
    )


@pytest.mark.parametrize(
    ("share", "done", "of", "missing"),
    [(100, 3, 4, 1), (100, 4, 4, 0), (50, 2, 4, 0), (51, 2, 4, 1), (80, 0, 3, 3), (50, 4, 4, 0), (80, 0, 0, 0)],
)
def test_what_is_missing_is_rounded_up(share: int, done: int, of: int, missing: int) -> None:
    assert Progress(_target(share), done, of).missing == missing


def test_it_is_overdue_from_the_day_after_and_only_while_something_is_missing() -> None:
    assert not Progress(_target(100), 3, 4).overdue(LAST)
    assert Progress(_target(100), 3, 4).overdue(date(2028, 1, 1))
    assert not Progress(_target(100), 4, 4).overdue(date(2028, 1, 1))
