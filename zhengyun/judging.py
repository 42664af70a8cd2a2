"""Put together what is known of a province, and judge it against the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from network.offline.verdict import RULES as EXTRANET_RULES
from policies import catalogue, model
from policies.catalogue import Catalogue
from policies.cloud.pack import BROKEN
from policies.cloud.pack import NAMES as CLOUD_RULES
from policies.judge import ClauseVerdict, Observed, RuleError, judge
from province.province import Province
from province.record import RoomName
from zhengyun.change.planfile import Plan, Purpose
from zhengyun.report.evidence import Verification


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every clause judged at one moment, and the rules that could not judge."""

    catalogue: Catalogue
    made: datetime
    verdicts: tuple[ClauseVerdict, ...]
    seen: Observed

    @property
    def errors(self) -> Sequence[RuleError]:
        return self.seen.errors


def judgement(
    province: Province,
    plan: Plan | None,
    verification: Verification | None,
    now: datetime,
    changed: datetime | None = None,
    folder: Path = catalogue.HERE,
) -> Judgement:
    """Judge a plan, a verification and the inventory itself.

    ``changed``: when the last change ended; a verification from before proves nothing any more, its failures stand.
    Raises :class:`province.errors.ZyErrors` when the catalogue in ``folder`` is not sound.
    """
    known, seen = catalogue.load(folder), observed(province, plan, verification, now, changed)
    return Judgement(known, now, tuple(judge(known, province, seen)), seen)


def observed(
    province: Province,
    plan: Plan | None,
    verification: Verification | None,
    now: datetime,
    changed: datetime | None = None,
) -> Observed:
    """What a plan, a verification and the inventory tell.

    A plan of all the cloud has run every cloud rule; one of any router, every rule on the extranet's configurations.
    """
    rules = model.rules_for(province)
    own, errors = model.run(rules, province)
    names = {rule.name for rule in rules}
    planned = [finding for finding in plan.findings if finding.rule not in names] if plan else []  # those are run anew
    ran = names - {error.rule for error in errors}
    if plan and plan.purpose is Purpose.APPLY and plan.targets.get(RoomName.CLOUD) == ():
        ran |= CLOUD_RULES - {finding.rule for finding in planned if BROKEN in finding.message}
    if plan and plan.purpose is Purpose.APPLY and RoomName.NETWORK in plan.targets:
        ran |= EXTRANET_RULES
    fresh = verification is not None and (changed is None or verification.began >= changed)
    whole = verification.whole if verification and fresh else frozenset()
    return Observed(
        day=_day(now),
        checks=verification.checks if verification else (),
        measured=verification.ended if verification else None,
        partial=frozenset(set(RoomName) - whole),
        findings=(*planned, *own),
        planned=plan.created if plan else now,
        ran=frozenset(ran),
        errors=tuple(errors),
    )


def _day(now: datetime) -> date:
    """The day in local time: waivers and agreements are dated by people."""
    return now.astimezone().date()
