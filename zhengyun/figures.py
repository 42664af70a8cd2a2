"""What is remembered on this machine, as the facts that the alarms' figures are made of."""

from __future__ import annotations

from datetime import datetime

from policies.metric import Facts, Look
from province.record import Status
from roles.authority import Authority
from zhengyun.report.evidence import Drift, Verification, last
from zhengyun.workspace import Workspace


def facts(workspace: Workspace, now: datetime) -> Facts:
    """Everything that is known now. Raises ``ZY-HST-031`` where the log authority's certificate cannot be read."""
    records, code = workspace.records, workspace.province.identity.code
    verification = last(Verification, records.verification, code)
    drift = last(Drift, records.drift, code)
    end = Authority(records.authority).end
    return Facts(
        province=workspace.province,
        now=now,
        verified=_of_verification(verification) if verification else None,
        checks=verification.checks if verification else (),
        drift=_of_drift(drift) if drift else None,
        certificates={"log-authority": end} if end else {},
    )


def _of_verification(seen: Verification) -> Look:
    failed = [(check.room, check.target) for check in seen.checks if check.status is Status.FAILED]
    return Look(seen.ended, seen.whole, failed)


def _of_drift(seen: Drift) -> Look:
    return Look(seen.ended, seen.whole, [(one.room, one.target) for one in seen.objects])
