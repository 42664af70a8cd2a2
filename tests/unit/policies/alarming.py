"""A province with everything that there is an alarm for, and figures under which each alarm fires, or must not.

Every case is a set of series in the notation of ``promtool test rules``, looked at :data:`HOURS` after the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from policies.metric import Facts, Look
from province.conformity import Waiver
from province.province import Province
from province.record import Check, RoomName, Status

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=timezone(timedelta(hours=8)))
HOURS = 30
_NOW, _HOUR, _DAY = HOURS * 3600, 3600, 86400

Series = Mapping[str, float]
"""The last value of each series; it had it all the time."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Series under which an alarm must fire, with the subjects that it is for; and series under which it must not."""

    fires: Sequence[tuple[Series, str]]
    rests: Sequence[Series]


def with_waiver(lab: Province) -> Province:
    """The lab's province, and one accepted nonconformity of the police's register."""
    waiver = Waiver(
        code="rkk-names",
        clause="8.1.4.9 b",
        object="tenant-rkk",
        reason="the second site is being built",
        approver="gat-sec",
        expires=date(2026, 12, 31),
    )
    return lab.model_copy(update={"waivers": {waiver.code: waiver}})


def check(id_: str, target: str, status: Status = Status.FAILED, room: RoomName = RoomName.HOSTS) -> Check:
    return Check(
        id=id_,
        title="t",
        title_zh="题",
        room=room,
        target=target,
        status=status,
        expected="yes",
        actual="no",
        evidence="ssh",
    )


def full(province: Province, now: datetime) -> Facts:
    """Facts that give every figure a value: the record of gd-app-1 does not leave, one object of the police drifted."""
    checks = (check("hst-log-transport", "gd-app-1"), check("hst-log-arrival", "gd-log-1", Status.PASSED))
    whole = frozenset(RoomName)
    return Facts(
        province=province,
        now=now,
        verified=Look(now, whole, [(RoomName.HOSTS, "gd-app-1")]),
        checks=checks,
        drift=Look(now, whole, [(RoomName.CLOUD, "tenant-rkk")]),
        certificates={"log-authority": now + timedelta(days=300)},
    )


def _seen(name: str, **ages: float) -> Series:
    """When each room was looked at; what is not named has just been."""
    rooms = {"cloud": 0.0, "hosts": 0.0, "network": 0.0, **ages}
    return {f'{name}{{room="{room}"}}': _NOW - hours * _HOUR for room, hours in rooms.items()}


def _agreement(days: float) -> Series:
    """An agreement of which the police know."""
    return {'zhengyun_agreement_end_timestamp_seconds{agreement="a",department="gat"}': _NOW + days * _DAY}


def _waiver(days: float, code: str = "rkk-names") -> Series:
    return {f'zhengyun_waiver_end_timestamp_seconds{{waiver="{code}",object="tenant-rkk"}}': _NOW + days * _DAY}


def _certificate(days: float) -> Series:
    return {'zhengyun_certificate_end_timestamp_seconds{certificate="log-authority"}': _NOW + days * _DAY}


def _region(pue: float = 1.2, declared: float = 10) -> Series:
    return {
        'zhengyun_region_pue_ratio{region="gz"}': pue,
        'zhengyun_region_pue_limit_ratio{region="gz"}': 1.5,
        'zhengyun_region_declared_vcpus{region="gz"}': declared,
        'zhengyun_region_capacity_vcpus{region="gz"}': 100,
    }


def _count(name: str, department: str, count: float, **labels: str) -> Series:
    told = ",".join(f'{key}="{value}"' for key, value in {"department": department, **labels}.items())
    return {f"{name}{{{told}}}": count}


_WRITTEN = "zhengyun_figures_written_timestamp_seconds"
_VERIFIED, _LOOKED = "zhengyun_verification_timestamp_seconds", "zhengyun_drift_timestamp_seconds"
_FAILED, _DRIFTED = "zhengyun_failed_checks", "zhengyun_drifted_objects"

CASES: Mapping[str, Cases] = {
    "FiguresStale": Cases(
        fires=[({}, "zsj-ops"), ({_WRITTEN: _NOW - 3.1 * _HOUR}, "zsj-ops")],
        rests=[{_WRITTEN: _NOW - 1.9 * _HOUR}],
    ),
    "CertificateEnding": Cases(
        fires=[(_certificate(29), "zsj-ops"), (_certificate(-1), "zsj-ops")],
        rests=[_certificate(31), {}],
    ),
    "VerificationStale": Cases(
        fires=[({}, "zsj-ops zsj-ops zsj-ops"), (_seen(_VERIFIED, hosts=27.1), "zsj-ops")],
        rests=[_seen(_VERIFIED, network=25.9)],
    ),
    "DriftStale": Cases(
        fires=[({}, "zsj-ops zsj-ops zsj-ops"), (_seen(_LOOKED, network=27.1), "zsj-ops")],
        rests=[_seen(_LOOKED, cloud=25.9)],
    ),
    "EnergyNearLimit": Cases(
        fires=[(_region(pue=1.43), "zsj-ops"), (_region(pue=1.5), "zsj-ops")],
        rests=[_region(pue=1.42), _region(pue=1.51)],
    ),
    "EnergyAboveLimit": Cases(fires=[(_region(pue=1.51), "zsj-ops")], rests=[_region(pue=1.5)]),
    "CapacityShort": Cases(fires=[(_region(declared=81), "zsj-ops")], rests=[_region(declared=80)]),
    "ChecksFailed": Cases(
        fires=[
            (_count(_FAILED, "gxt", 1, room="cloud"), "gxt-it"),
            (
                {**_count(_FAILED, "gat", 2, room="cloud"), **_count(_FAILED, "gat", 1, room="network")},
                "gat-tech gat-tech",
            ),
        ],
        rests=[_count(_FAILED, "gat", 0, room="cloud")],
    ),
    "Drifted": Cases(
        fires=[(_count(_DRIFTED, "gat", 1, room="cloud"), "gat-tech")],
        rests=[_count(_DRIFTED, "gat", 0, room="cloud")],
    ),
    "LogsLost": Cases(
        fires=[(_count("zhengyun_failed_log_checks", "zsj", 1, host="gd-app-1"), "zsj-ops")],
        rests=[_count("zhengyun_failed_log_checks", "zsj", 0, host="gd-app-1")],
    ),
    "AgreementEnding": Cases(fires=[(_agreement(29), "gat-tech")], rests=[_agreement(31), _agreement(-1)]),
    "AgreementExpired": Cases(
        fires=[(_agreement(0), "gat-tech"), (_agreement(-400), "gat-tech")], rests=[_agreement(1)]
    ),
    "WaiverEnding": Cases(
        fires=[(_waiver(29), "gat-tech")], rests=[_waiver(31), _waiver(-1), _waiver(29, code="another")]
    ),
    "WaiverExpired": Cases(fires=[(_waiver(0), "gat-tech")], rests=[_waiver(1), _waiver(-1, code="another")]),
}
