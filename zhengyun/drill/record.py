"""The record of a drill (演练记录): what was struck, when it was seen, what was cut, when all was well again. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from province.emergency import EmergencyPlan
from province.record import Check, Record


class Drill(Record):
    """One drill. Times are UTC; ``seen`` and ``recovered`` are ``None`` where that did not come to pass in time."""

    province: str
    plan: EmergencyPlan
    operator: str
    began: datetime
    struck: datetime
    seen: datetime | None
    """The end of the first measurement that had a failed check."""
    repaired: datetime
    """When the repair began: what the target was given back."""
    recovered: datetime | None
    """The end of the first measurement without a failed check."""
    first: tuple[Check, ...] = ()
    """What failed when the loss was first seen."""
    lasting: tuple[Check, ...] = ()
    """What still failed a measurement later, when what can stand in had the time to: the loss's real reach."""
    left: tuple[Check, ...] = ()
    """What still failed at the end."""

    @property
    def detection(self) -> timedelta | None:
        return self.seen - self.struck if self.seen else None

    @property
    def outage(self) -> timedelta | None:
        """From the failure until all was well again: the measured RTO."""
        return self.recovered - self.struck if self.recovered else None

    @property
    def seen_in_time(self) -> bool:
        return self.detection is not None and self.detection.total_seconds() <= self.plan.detect_seconds

    @property
    def recovered_in_time(self) -> bool:
        return self.outage is not None and self.outage.total_seconds() <= self.plan.recover_seconds

    @property
    def passed(self) -> bool:
        return self.seen_in_time and self.recovered_in_time

    @property
    def elsewhere(self) -> tuple[Check, ...]:
        """Lasting failures of others than the target: what nothing stood in for."""
        return tuple(check for check in self.lasting if check.target != self.plan.target)


def due(plan: EmergencyPlan, drills: list[Drill]) -> date | None:
    """The day by which the next drill is due; ``None``: it has never been drilled, so it is due now."""
    last = max((drill.struck for drill in drills if drill.plan.code == plan.code), default=None)
    return (last + timedelta(days=plan.every_days)).date() if last else None
