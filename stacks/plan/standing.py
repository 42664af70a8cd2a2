"""Whether sharing agreements are in force (共享协议状态): for the report, and for the plan that closes expired ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from province.province import Province
from province.record import Finding, Severity
from province.system import SharingAgreement
from stacks.plan.stack import Kind, StackId

NOTICE_DAYS = 30
"""Days before its end from which an agreement is said to end soon: a month to renew it in."""


class Standing(StrEnum):
    """What an agreement's dates make of it on a day."""

    NOT_YET = "not yet"
    IN_FORCE = "in force"
    ENDING = "ending"
    EXPIRED = "expired"

    @property
    def chinese(self) -> str:
        return {
            Standing.NOT_YET: "未生效",
            Standing.IN_FORCE: "有效",
            Standing.ENDING: "即将到期",
            Standing.EXPIRED: "已到期",
        }[self]


@dataclass(frozen=True, slots=True)
class AgreementStanding:
    """An agreement on a day. ``days`` are left until it ends, the last day included; none when it has expired."""

    agreement: SharingAgreement
    standing: Standing
    days: int


def standings(province: Province, today: date, notice: int = NOTICE_DAYS) -> tuple[AgreementStanding, ...]:
    """All agreements: those that need a person first, then by their end."""
    found = (_standing(agreement, today, notice) for agreement in province.agreements.values())
    order = (Standing.EXPIRED, Standing.ENDING, Standing.NOT_YET, Standing.IN_FORCE)
    return tuple(
        sorted(found, key=lambda one: (order.index(one.standing), one.agreement.valid_until, one.agreement.code))
    )


def expired(province: Province, today: date) -> Iterator[Finding]:
    """An advisory finding for each side's region of an agreement that has ended: its path is closed."""
    for one in standings(province, today):
        if one.standing is not Standing.EXPIRED:
            continue
        agreement = one.agreement
        sides = (agreement.provider.system, agreement.consumer.system)
        for region in sorted({province.systems[system].region for system in sides}):
            yield Finding(
                rule="agreement-expired",
                severity=Severity.ADVISORY,
                object=f"agreement {agreement.code}",
                message=f"{agreement.name} ended on {agreement.valid_until}: what it opened is closed (共享协议已到期)",
                fix="renew it (valid_until), or remove it from the inventory",
                clause="8.1.3.2 b",
                target=str(StackId(Kind.REGION, region)),
            )


def _standing(agreement: SharingAgreement, today: date, notice: int) -> AgreementStanding:
    days = max(0, (agreement.valid_until - today).days + 1)
    if not days:
        standing = Standing.EXPIRED
    elif agreement.valid_from > today:
        standing = Standing.NOT_YET
    else:
        standing = Standing.ENDING if days <= notice else Standing.IN_FORCE
    return AgreementStanding(agreement, standing, days)
