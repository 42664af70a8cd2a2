"""Run a drill: strike, wait until the checks show it, repair, wait until they all pass. Whatever happens, repair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from province.emergency import EmergencyPlan
from province.errors import Place, ZyError
from province.record import Check, Status
from zhengyun.drill.record import Drill

Measure = Callable[[], Sequence[Check]]
Clock = Callable[[], datetime]
Say = Callable[[str], None]


class Loss(Protocol):
    """How the plan's target is lost and given back."""

    def strike(self) -> None: ...

    def repair(self) -> None:
        """Safe to call also where nothing was struck."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a drill happens: what strikes, what measures, what tells the time."""

    loss: Loss
    measure: Measure
    now: Clock
    say: Say


def run(plan: EmergencyPlan, stage: Stage, province: str, operator: str) -> Drill:
    """The whole drill. Raises ``ZY-DRL-001`` when not all is well before it: then nothing is struck."""
    began = stage.now()
    stage.say("measuring before the drill")
    if ill := _failed(stage.measure()):
        raise _not_well(plan, ill)
    stage.say(f"{plan.target} loses its power")
    struck = stage.now()
    try:
        stage.loss.strike()
        first, seen = _watch(stage, bool, struck + timedelta(seconds=plan.detect_seconds))
        stage.say(f"{len(first)} checks fail" if seen else "no check has seen it")
        lasting = _failed(stage.measure()) if seen else ()
        repaired = stage.now()
    finally:
        stage.say(f"{plan.target} gets its power back")
        stage.loss.repair()
    left, recovered = _watch(stage, lambda failed: not failed, struck + timedelta(seconds=plan.recover_seconds))
    return Drill(
        province=province,
        plan=plan,
        operator=operator,
        began=began,
        struck=struck,
        seen=seen,
        repaired=repaired,
        recovered=recovered,
        first=first,
        lasting=lasting,
        left=left,
    )


def _watch(
    stage: Stage, wanted: Callable[[tuple[Check, ...]], bool], until: datetime
) -> tuple[tuple[Check, ...], datetime | None]:
    """Measure until it is as wanted, and at least once; what failed last, and when the measurement ended."""
    while True:
        failed = _failed(stage.measure())
        ended = stage.now()
        if wanted(failed):
            return failed, ended
        if ended > until:
            return failed, None


def _failed(checks: Sequence[Check]) -> tuple[Check, ...]:
    return tuple(check for check in checks if check.status is Status.FAILED)


def _not_well(plan: EmergencyPlan, ill: Sequence[Check]) -> ZyError:
    names = ", ".join(sorted({check.target for check in ill}))
    return ZyError(
        "ZY-DRL-001",
        f"not all is well before the drill: {len(ill)} checks fail ({names}), so nothing was struck",
        place=Place(target=plan.target),
        fix="zy verify shows them; mend them (zy plan, zy apply), then drill again",
    )
