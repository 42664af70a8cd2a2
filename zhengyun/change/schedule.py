"""Whether a plan, and each of its steps when its turn comes, falls into the windows of its targets.

The clock is read here, and is a function that tests replace; :mod:`policies.window` is only ever asked about a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from policies.window import Calendar, Standing, Where, beijing
from province.errors import Place, ZyError
from province.province import Province
from province.record import RoomName, Step
from zhengyun.change.journal import Emergency
from zhengyun.change.planfile import Plan, Purpose

Clock = Callable[[], datetime]

_NAMED = 5


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A calendar and the time."""

    calendar: Calendar
    clock: Clock = _now

    @classmethod
    def of(cls, province: Province) -> Schedule:
        return cls(Calendar.of(province))

    @classmethod
    def binding(cls, plan: Plan, province: Province, emergency: Emergency | None) -> Schedule:
        """What a plan is held to: nothing holds a way back, nor an emergency."""
        free = plan.purpose is Purpose.ROLLBACK or emergency is not None
        return cls(Calendar()) if free else cls.of(province)

    def standings(self, plan: Plan) -> list[Standing]:
        """How the targets that the plan changes stand now, those that are not open for ever."""
        return self.calendar.standings(plan.places, self.clock())

    def check(self, plan: Plan) -> None:
        """Raises ``ZY-CHG-031`` when a target of the plan may not be changed now."""
        moment = self.clock()
        closed = self._closed(plan.places, moment)
        if not closed:
            return
        opening = self.calendar.opening(plan.places, moment)
        way = f"apply it from {beijing(opening)} on" if opening else "its targets never are open at once: use --limit"
        raise ZyError(
            "ZY-CHG-031",
            f"some of its targets may not be changed now: {_told(closed)}",
            place=Place(target=closed[0].targets[0]),
            fix=f"{way}; what cannot wait: --emergency REASON",
        )

    def emergency(self, plan: Plan, operator: str, reason: str) -> Emergency:
        """The record of a change that is not to wait."""
        moment = self.clock()
        held = _told(self._closed(plan.places, moment))
        return Emergency(operator=operator, time=moment, reason=reason, held=held)

    def too_late(self, room: RoomName, step: Step) -> str:
        """Why a step must not begin now; empty when it may."""
        closed = self._closed([(room, target) for target in step.targets], self.clock())
        return f"its turn came when it may not be changed: {_told(closed)}" if closed else ""

    def _closed(self, places: Iterable[Where], moment: datetime) -> list[Standing]:
        return [standing for standing in self.calendar.standings(places, moment) if not standing.open]


def _told(standings: Sequence[Standing]) -> str:
    return "; ".join(f"{_shortened(standing.targets)} ({standing.words})" for standing in standings)


def _shortened(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
