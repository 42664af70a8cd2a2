"""Whether targets may be changed at a moment, until when that holds, and which window or freeze says so. Pure.

A target that no window is for may be changed at any time; one that windows are for, while one of them is open. A freeze
goes before any window. What the inventory no longer declares is found by its name alone: by a glob, or ``stack=…``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from province.province import Province
from province.record import RoomName
from province.selector import Target, targets
from province.window import CHINA, Freeze, Window

Where = tuple[RoomName, str]
"""A target and its room."""

_A_WEEK_ROUND = range(-1, 8)
"""Days to look at from any moment: the day before, whose window may pass midnight, to the same day of next week."""


@dataclass(frozen=True, slots=True)
class Hours:
    """All that holds a target."""

    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()

    def open_at(self, moment: datetime) -> bool:
        in_window = not self.windows or any(window.covers(moment) for window in self.windows)
        return in_window and not any(moment in freeze.period for freeze in self.freezes)

    def turn(self, moment: datetime) -> datetime | None:
        """When it next opens, if it is closed; closes, if it is open. None when it stays open for ever."""
        now = self.open_at(moment)
        return next((later for later in _boundaries([self], moment) if self.open_at(later) is not now), None)

    def reasons(self, moment: datetime, turn: datetime) -> tuple[Window | Freeze, ...]:
        """What holds it closed; or, when it is open, what will close it at ``turn``."""
        closed = turn if self.open_at(moment) else moment
        frozen = tuple(freeze for freeze in self.freezes if closed in freeze.period)
        return frozen or self.windows


@dataclass(frozen=True, slots=True)
class Standing:
    """Targets that are held alike: whether they may be changed, until when that holds, and by what."""

    targets: tuple[str, ...]
    open: bool
    until: datetime
    reasons: tuple[Window | Freeze, ...]

    @property
    def words(self) -> str:
        """``window city-night 夜间窗口; opens 2026-12-01 23:00 UTC+8``."""
        named = (f"{type(one).__name__.lower()} {one.code} {one.name}" for one in self.reasons)
        return f"{', '.join(named)}; {'closes' if self.open else 'opens'} {beijing(self.until)}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Windows and freezes of a province; without any, everything may be changed at any time."""

    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    known: Mapping[Where, Target] = field(default_factory=dict)

    @classmethod
    def of(cls, province: Province) -> Calendar:
        known = {(target.room, target.name): target for target in targets(province)}
        return cls(tuple(province.windows.values()), tuple(province.freezes.values()), known)

    def hours(self, place: Where) -> Hours:
        target = self.known.get(place) or Target.undeclared(*place)
        return Hours(
            tuple(window for window in self.windows if any(map(target.chosen_by, window.targets))),
            tuple(freeze for freeze in self.freezes if any(map(target.chosen_by, freeze.targets))),
        )

    def standings(self, places: Iterable[Where], moment: datetime) -> list[Standing]:
        """How those of these targets stand that are not open for ever; the closed ones first."""
        alike: dict[Hours, list[str]] = {}
        for place in sorted(places):
            alike.setdefault(self.hours(place), []).append(place[1])
        found = [
            Standing(tuple(names), hours.open_at(moment), turn, hours.reasons(moment, turn))
            for hours, names in alike.items()
            if (turn := hours.turn(moment)) is not None
        ]
        return sorted(found, key=lambda standing: (standing.open, standing.targets))

    def opening(self, places: Iterable[Where], moment: datetime) -> datetime | None:
        """When all of these targets, closed now in part, are next open at once; None when they never are."""
        hours = {self.hours(place) for place in places}
        return next((later for later in _boundaries(hours, moment) if all(one.open_at(later) for one in hours)), None)


def beijing(moment: datetime) -> str:
    """A moment as it is read in China."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M} UTC+8"


def _boundaries(hours: Collection[Hours], moment: datetime) -> list[datetime]:
    """Moments after this one at which a window or freeze begins or ends.

    Windows go round by the week, so a week from now and from the end of each freeze shows all that can ever be.
    """
    freezes = {freeze.period for one in hours for freeze in one.freezes}
    bases = [moment, *(period.end for period in freezes if period.end > moment)]
    days = {base.astimezone(CHINA).date() + timedelta(days=number) for base in bases for number in _A_WEEK_ROUND}
    windows = {window for one in hours for window in one.windows}
    openings = {opening for window in windows for day in days if (opening := window.opening(day)) is not None}
    edges = {edge for period in freezes | openings for edge in (period.begin, period.end)}
    return sorted(edge for edge in edges if edge > moment)
