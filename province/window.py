"""Change windows (变更窗口) and freezes (封网): when targets may be changed, and when nothing of them may change.

All times are Beijing time: China has one zone, UTC+8, and no daylight saving.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from province.declared import Named

CHINA = timezone(timedelta(hours=8), "UTC+8")

Selector = Annotated[str, StringConstraints(min_length=1)]
Selectors = Annotated[
    tuple[Selector, ...],
    Field(min_length=1, description="Whom it is for, as --limit has it: region=gz, router=gz-*, or a glob of names."),
]


class Day(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


@dataclass(frozen=True, slots=True)
class Period:
    """Its beginning belongs to it, its end does not."""

    begin: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end


class Window(Named):
    """Hours of the week in which its targets may be changed. One that closes earlier than it opens passes midnight."""

    targets: Selectors
    days: tuple[Day, ...] = Field(
        default=tuple(Day), min_length=1, description="Days on which it opens; without it, every day."
    )
    opens: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description='"HH:MM", Beijing time.')
    closes: str = Field(
        alias="until", pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", description='"HH:MM", up to "24:00".'
    )

    def opening(self, day: date) -> Period | None:
        """How long it is open, having opened on ``day``; None when it does not open on that day."""
        if list(Day)[day.weekday()] not in self.days:
            return None
        begin, end = _at(day, self.opens), _at(day, self.closes)
        return Period(begin, end if end > begin else end + timedelta(days=1))

    def covers(self, moment: datetime) -> bool:
        """Whether it is open: since today, or since yesterday and past midnight."""
        today = moment.astimezone(CHINA).date()
        openings = (self.opening(day) for day in (today, today - timedelta(days=1)))
        return any(opening is not None and moment in opening for opening in openings)


class Freeze(Named):
    """Days, both ends included, on which nothing of its targets may change, whatever their windows say."""

    targets: Selectors
    first: date = Field(description="Frozen from midnight on.")
    last: date = Field(lt=date(3000, 1, 1), description="Also frozen, until midnight.")

    @property
    def period(self) -> Period:
        return Period(_at(self.first, "00:00"), _at(self.last, "24:00"))


def _at(day: date, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime.combine(day, time(), CHINA) + timedelta(hours=hours, minutes=minutes)
