"""The alarms of a province (预警), and how they reach who answers for what they are about. Pure.

Each alarm is made from the model for one owner: its rule has both subjects as labels, and Alertmanager sends by them.
The clause is that of GB/T 22239-2019 which the alarm serves; of energy and capacity, that which wants them watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from policies import metric
from policies.owners import Owner, owner, owners
from province.organisation import Subject
from province.province import Province
from province.record import RoomName

RUNBOOKS = "docs/how-to/alarms.md"
"""The page with a section for every alarm."""
NOTICE_DAYS = 30
"""A month to renew something in: what ``zy cloud agreements`` calls ending, and when a host renews its certificate."""
DAILY_HOURS = 26
"""What is looked at every day is late after a day and two hours."""
FIGURES_HOURS = 2
"""The figures are written every few minutes; after so long whatever writes them has stopped."""
NEAR = 0.95
"""Part of the limit on energy from which there is a warning: ours, no standard's."""
FULL = 0.8
"""Part of a region's capacity from which there is a warning: ours, no standard's."""

_MONITORED = "8.1.5.4 c"
_RECORDS = "8.1.5.4 d"
_MANAGED = "8.1.5.4 e"
_CIPHERED = "8.1.2.2 b"
_DEAD_RULES = "8.1.3.2 b"
_OWN_PART = "8.2.5.1 d"


class Urgency(StrEnum):
    """Who is told: of a warning the responsible subject; of what is critical the supervising subject too."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm for one owner. ``hold``: how long the expression must stay true. Summaries may be Go templates."""

    name: str
    expression: str
    hold: str
    urgency: Urgency
    owner: Owner
    clause: str
    summary: str
    summary_en: str
    about: Mapping[str, str] = field(default_factory=dict)
    """What tells it from the owner's other alarms of this name."""

    @property
    def runbook(self) -> str:
        """The section that says what to do."""
        return f"{RUNBOOKS}#{self.name.lower()}"


def alarms(province: Province) -> tuple[Alarm, ...]:
    """All alarms of a province: the platform's, then each department's, then each waiver's."""
    operator = owner(province.departments[province.identity.operator])
    owned = owners(province)
    departments = sorted({one.department for one in owned.values()})
    logging = {host.department for host in province.hosts.values()}
    sharing = {code for agreement in province.agreements.values() for code in metric.sides(province, agreement)}
    found = [*_figures(operator), *_looks(operator, _rooms(province)), *_regions(operator)]
    for code in departments:
        mine = owner(province.departments[code])
        found += _targets(mine)
        found += _records(mine) if code in logging else ()
        found += _agreements(mine) if code in sharing else ()
    for code, waiver in sorted(province.waivers.items()):
        found += _waiver(code, owned[waiver.object], waiver.clause)
    return tuple(found)


def _rooms(province: Province) -> list[RoomName]:
    """Rooms that hold something."""
    held = {RoomName.CLOUD: province.regions, RoomName.HOSTS: province.hosts, RoomName.NETWORK: province.routers}
    return [room for room, what in held.items() if what]


def _figures(mine: Owner) -> Iterator[Alarm]:
    yield Alarm(
        "FiguresStale",
        _stale(metric.WRITTEN, FIGURES_HOURS),
        "5m",
        Urgency.CRITICAL,
        mine,
        _MONITORED,
        "预警指标停止更新，其他预警均不可信",
        "The figures are no longer written: no other alarm can be trusted",
    )
    yield Alarm(
        "CertificateEnding",
        f"{_days_left(metric.CERTIFICATE_END)} < {NOTICE_DAYS}",
        "0s",
        Urgency.CRITICAL,
        mine,
        _CIPHERED,
        '证书 {{ $labels.certificate }} 还有 {{ printf "%.0f" $value }} 天到期',
        'The certificate {{ $labels.certificate }} ends in {{ printf "%.0f" $value }} days',
    )


def _looks(mine: Owner, rooms: Iterable[RoomName]) -> Iterator[Alarm]:
    for room in rooms:
        yield Alarm(
            "VerificationStale",
            _stale(f'{metric.VERIFIED}{{room="{room}"}}', DAILY_HOURS),
            "5m",
            Urgency.WARNING,
            mine,
            _MONITORED,
            "{{ $labels.room }} 超过一天未完整核验",
            "{{ $labels.room }}: not verified as a whole for more than a day",
            {"room": room.value},
        )
        yield Alarm(
            "DriftStale",
            _stale(f'{metric.DRIFT_LOOKED}{{room="{room}"}}', DAILY_HOURS),
            "5m",
            Urgency.WARNING,
            mine,
            _MANAGED,
            "{{ $labels.room }} 超过一天未做漂移检测",
            "{{ $labels.room }}: not looked through for drift for more than a day",
            {"room": room.value},
        )


def _regions(mine: Owner) -> Iterator[Alarm]:
    """Limit on energy: GB 40879-2021, as :data:`policies.model.PUE_GRADES` has it. Capacity: as declared."""
    yield Alarm(
        "EnergyNearLimit",
        f"{metric.PUE} > {NEAR} * {metric.PUE_LIMIT} and {metric.PUE} <= {metric.PUE_LIMIT}",
        "0s",
        Urgency.WARNING,
        mine,
        _OWN_PART,
        "区域 {{ $labels.region }} 数据中心 PUE {{ $value }} 接近限值（GB 40879-2021）",
        "The data centre of region {{ $labels.region }} has PUE {{ $value }}, near the limit of GB 40879-2021",
    )
    yield Alarm(
        "EnergyAboveLimit",
        f"{metric.PUE} > {metric.PUE_LIMIT}",
        "0s",
        Urgency.CRITICAL,
        mine,
        _OWN_PART,
        "区域 {{ $labels.region }} 数据中心 PUE {{ $value }} 超过限值（GB 40879-2021）",
        "The data centre of region {{ $labels.region }} has PUE {{ $value }}, above the limit of GB 40879-2021",
    )
    yield Alarm(
        "CapacityShort",
        f"{metric.DECLARED} / {metric.CAPACITY} > {FULL}",
        "0s",
        Urgency.WARNING,
        mine,
        _OWN_PART,
        "区域 {{ $labels.region }} 已分配 {{ $value | humanizePercentage }} 的 vCPU",
        "Region {{ $labels.region }} has given away {{ $value | humanizePercentage }} of its vCPUs",
    )


def _targets(mine: Owner) -> Iterator[Alarm]:
    yield Alarm(
        "ChecksFailed",
        f"{metric.FAILED_CHECKS}{_of(mine)} > 0",
        "0s",
        Urgency.WARNING,
        mine,
        _MONITORED,
        "{{ $labels.room }} 有 {{ $value }} 项核验未通过",
        "{{ $labels.room }}: {{ $value }} checks failed",
    )
    yield Alarm(
        "Drifted",
        f"{metric.DRIFTED}{_of(mine)} > 0",
        "0s",
        Urgency.WARNING,
        mine,
        _MANAGED,
        "{{ $labels.room }} 有 {{ $value }} 个对象偏离清单",
        "{{ $labels.room }}: {{ $value }} objects differ from the inventory",
    )


def _records(mine: Owner) -> Iterator[Alarm]:
    yield Alarm(
        "LogsLost",
        f"{metric.FAILED_LOG_CHECKS}{_of(mine)} > 0",
        "0s",
        Urgency.CRITICAL,
        mine,
        _RECORDS,
        "主机 {{ $labels.host }} 的审计日志未送达或未留存",
        "Records of the host {{ $labels.host }} do not leave, arrive or stay",
    )


def _agreements(mine: Owner) -> Iterator[Alarm]:
    yield Alarm(
        "AgreementEnding",
        _ending(metric.AGREEMENT_END + _of(mine)),
        "0s",
        Urgency.WARNING,
        mine,
        _DEAD_RULES,
        '共享协议 {{ $labels.agreement }} 还有 {{ printf "%.0f" $value }} 天到期',
        'The sharing agreement {{ $labels.agreement }} ends in {{ printf "%.0f" $value }} days',
    )
    yield Alarm(
        "AgreementExpired",
        _over(metric.AGREEMENT_END + _of(mine)),
        "0s",
        Urgency.CRITICAL,
        mine,
        _DEAD_RULES,
        "共享协议 {{ $labels.agreement }} 已到期，下次变更将关闭其通路",
        "The sharing agreement {{ $labels.agreement }} has ended: the next change closes its path",
    )


def _waiver(code: str, mine: Owner, clause: str) -> Iterator[Alarm]:
    own = f'{metric.WAIVER_END}{{waiver="{code}"}}'
    yield Alarm(
        "WaiverEnding",
        _ending(own),
        "0s",
        Urgency.WARNING,
        mine,
        clause,
        '豁免 {{ $labels.waiver }}（{{ $labels.object }}）还有 {{ printf "%.0f" $value }} 天到期',
        'The waiver {{ $labels.waiver }} of {{ $labels.object }} ends in {{ printf "%.0f" $value }} days',
        {"waiver": code},
    )
    yield Alarm(
        "WaiverExpired",
        _over(own),
        "0s",
        Urgency.CRITICAL,
        mine,
        clause,
        "豁免 {{ $labels.waiver }}（{{ $labels.object }}）已到期，该条款判为不符合",
        "The waiver {{ $labels.waiver }} of {{ $labels.object }} has ended: its clause counts as failed",
        {"waiver": code},
    )


def _of(mine: Owner) -> str:
    return f'{{department="{mine.department}"}}'


def _over(series: str) -> str:
    """Days since, where it is over."""
    return f"(time() - {series}) / 86400 >= 0"


def _stale(series: str, hours: int) -> str:
    return f"time() - {series} > {hours * 3600} or absent({series})"


def _days_left(series: str) -> str:
    return f"({series} - time()) / 86400"


def _ending(series: str) -> str:
    """Days that are left, where they are few and not over."""
    return f"{_days_left(series)} < {NOTICE_DAYS} and {series} > time()"


def rules(found: Iterable[Alarm]) -> dict[str, Any]:
    """A rule file of Prometheus (``promtool check rules``), a group for each department."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for alarm in found:
        groups.setdefault(f"zhengyun-{alarm.owner.department}", []).append(_rule(alarm))
    return {"groups": [{"name": name, "rules": listed} for name, listed in groups.items()]}


def _rule(alarm: Alarm) -> dict[str, Any]:
    mine = alarm.owner
    return {
        "alert": alarm.name,
        "expr": alarm.expression,
        "for": alarm.hold,
        "labels": {
            "severity": alarm.urgency.value,
            "owner": mine.responsible,
            "supervisor": mine.supervising,
            **alarm.about,
        },
        "annotations": {
            "summary": alarm.summary,
            "summary_en": alarm.summary_en,
            "clause": alarm.clause,
            "owner_name": mine.responsible_name,
            "owner_contact": mine.contact,
            "supervisor_name": mine.supervising_name,
            "runbook": alarm.runbook,
        },
    }


def routing(province: Province, found: Iterable[Alarm]) -> dict[str, Any]:
    """Alertmanager's configuration (``amtool check-config``): every alarm to its owner, what is critical to both.

    A subject without ``alarm_webhook`` has a receiver that sends nothing: ``amtool alert`` shows its alarms, with whom
    to call. What carries no owner, such as a rule of somebody else's, goes to the platform's operator.
    """
    listed = list(found)
    supervising = sorted({alarm.owner.supervising for alarm in listed})
    responsible = sorted({alarm.owner.responsible for alarm in listed})
    operator = province.departments[province.identity.operator].responsible.id
    subjects = province.subjects()
    return {
        "route": {
            "receiver": operator,
            "group_by": ["alertname", "owner"],
            "routes": [
                # on to the owner's own route behind it
                *({**_supervision(id_), "continue": True} for id_ in supervising),
                *({"matchers": [f'owner="{id_}"'], "receiver": id_} for id_ in responsible),
            ],
        },
        "receivers": [_receiver(subjects[id_]) for id_ in sorted({operator, *supervising, *responsible})],
    }


def _supervision(subject: str) -> dict[str, Any]:
    matchers = [f'supervisor="{subject}"', f'severity="{Urgency.CRITICAL}"']
    return {"matchers": matchers, "receiver": subject}


def _receiver(subject: Subject) -> dict[str, Any]:
    if subject.alarm_webhook is None:
        return {"name": subject.id}
    return {"name": subject.id, "webhook_configs": [{"url": subject.alarm_webhook, "send_resolved": True}]}
