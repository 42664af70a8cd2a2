"""A judgement with findings of every kind, over the lab's inventory: what pages and documents are tested with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from policies.cloud.rules import RULES
from province.province import Province
from province.record import Check, Finding, RoomName, RoomPlan, Severity, Status
from roles.catalogue import load_catalogue
from tests.unit.policies.known import network_checks
from zhengyun.change.planfile import Plan, Purpose, seal
from zhengyun.judging import Judgement, judgement
from zhengyun.report.evidence import Verification

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
NASTY = "</script><img src=x onerror=\"document.title='owned'\">{{ 7*7 }}&amp;<!--"
"""What a name could do to a page that took it for markup."""


def sample(lab: Province, folder: Path, hosts: int = 3) -> Judgement:
    """Network checks of the lab, host checks of so many hosts (every seventh fails), and two findings of a plan."""
    ids = list(load_catalogue())
    checks = network_checks(lab, folder) + [host_check(lab, id_, number) for number in range(hosts) for id_ in ids]
    verification = Verification(
        province="gd", began=NOW, ended=NOW, checks=tuple(checks), targets=dict.fromkeys(RoomName, ())
    )
    return judgement(lab, _plan(), verification, NOW)


def host_check(lab: Province, id_: str, number: int) -> Check:
    failed = number % 7 == 1
    return Check(
        id=id_,
        title=f"{id_} {NASTY}",
        title_zh=f"主机核验 {NASTY}",
        room=RoomName.HOSTS,
        target=sorted(lab.hosts)[number % len(lab.hosts)],
        status=Status.FAILED if failed else Status.PASSED,
        expected="on",
        actual=f"host {number}: {'off' if failed else 'on'}",
        evidence=f"ssh {id_} {NASTY}",
    )


def _plan() -> Plan:
    findings = tuple(
        Finding(
            rule=rule.name, severity=severity, object=NASTY, message=NASTY, fix=NASTY, clause=rule.clause, target=target
        )
        for rule, severity, target in (
            (RULES[0], Severity.MANDATORY, "tenant-rkk"),
            (RULES[1], Severity.ADVISORY, "tenant-zct"),
        )
    )
    return seal(
        Plan(
            purpose=Purpose.APPLY,
            province="gd",
            title="t",
            inventory="/inventory",
            inputs={},
            targets={RoomName.CLOUD: ()},
            created=NOW,
            operator="wang",
            rooms=(RoomPlan(room=RoomName.CLOUD, findings=findings),),
        )
    )
