"""The figures that only our suite knows, in Prometheus' text exposition format. Pure.

https://prometheus.io/docs/instrumenting/exposition_formats/ (text-based format, version 0.0.4). An end is given as the
moment at which it comes, never as days that are left: the rules reckon the days, so that a file that nobody writes any
more does not make time stand still. A day ends at midnight of the clock that ``now`` is told by, as people date it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from policies.model import PUE_GRADES
from policies.owners import owners
from province.cloud import Region
from province.province import Province
from province.record import Check, RoomName, Status
from province.system import SharingAgreement

WRITTEN = "zhengyun_figures_written_timestamp_seconds"
AGREEMENT_END = "zhengyun_agreement_end_timestamp_seconds"
WAIVER_END = "zhengyun_waiver_end_timestamp_seconds"
CERTIFICATE_END = "zhengyun_certificate_end_timestamp_seconds"
VERIFIED = "zhengyun_verification_timestamp_seconds"
FAILED_CHECKS = "zhengyun_failed_checks"
FAILED_LOG_CHECKS = "zhengyun_failed_log_checks"
DRIFT_LOOKED = "zhengyun_drift_timestamp_seconds"
DRIFTED = "zhengyun_drifted_objects"
PUE = "zhengyun_region_pue_ratio"
PUE_LIMIT = "zhengyun_region_pue_limit_ratio"
CAPACITY = "zhengyun_region_capacity_vcpus"
DECLARED = "zhengyun_region_declared_vcpus"

LOG_CHECKS = frozenset(
    {"hst-log-transport", "hst-audit-forwarded", "hst-log-service", "hst-log-retention", "hst-log-arrival"}
)
"""What clause 8.1.5.4 d of the control catalogue is judged by: records leave, arrive and are kept."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the live system: when it ended, the rooms that were looked at as a whole, and what was not right."""

    ended: datetime
    whole: frozenset[RoomName]
    wrong: Sequence[tuple[RoomName, str]]
    """Room and target of each failed check, or of each object that has drifted."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the figures are made of. ``None``: there was no such look yet, or its record cannot be read."""

    province: Province
    now: datetime
    verified: Look | None = None
    checks: Sequence[Check] = ()
    """Those of the verification."""
    drift: Look | None = None
    certificates: Mapping[str, datetime] = field(default_factory=dict)
    """The end of each certificate of the platform, by its name."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge with all its values."""

    name: str
    help: str
    samples: tuple[Sample, ...]


def metrics(facts: Facts) -> tuple[Metric, ...]:
    """Every figure; one that has no value stands there without samples."""
    made = (
        (WRITTEN, "When these figures were written.", [Sample({}, facts.now.timestamp())]),
        (AGREEMENT_END, "When a sharing agreement ends; once for each side.", _agreements(facts)),
        (WAIVER_END, "When a waiver of a clause ends.", _waivers(facts)),
        (CERTIFICATE_END, "When a certificate of the platform ends.", _certificates(facts)),
        (VERIFIED, "When a room was last verified as a whole.", _looked(facts.verified)),
        (FAILED_CHECKS, "Failed checks of the last verification.", _wrong(facts.verified, facts.province)),
        (FAILED_LOG_CHECKS, "Failed checks of a host's records, in the last verification.", _lost(facts)),
        (DRIFT_LOOKED, "When a room was last looked through for drift as a whole.", _looked(facts.drift)),
        (DRIFTED, "Objects that differed from what is intended at that look.", _wrong(facts.drift, facts.province)),
        *_of_regions(facts.province),
    )
    return tuple(Metric(name, text, tuple(samples)) for name, text, samples in made)


def exposition(found: Iterable[Metric]) -> str:
    """Metrics as Prometheus reads them."""
    return "".join(line for metric in found for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    if not metric.samples:  # a name without a value is nothing that a rule could see
        return
    yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} gauge\n"
    for sample in metric.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
        yield f"{metric.name}{{{labels}}} {sample.value!r}\n" if labels else f"{metric.name} {sample.value!r}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def sides(province: Province, agreement: SharingAgreement) -> list[str]:
    """Departments that an agreement binds; both can renew it or let it end."""
    systems = (agreement.provider.system, agreement.consumer.system)
    return sorted({province.systems[system].department for system in systems})


def _agreements(facts: Facts) -> Iterator[Sample]:
    for code, agreement in sorted(facts.province.agreements.items()):
        for department in sides(facts.province, agreement):
            labels = {"agreement": code, "department": department}
            yield Sample(labels, _end_of(agreement.valid_until, facts.now))


def _waivers(facts: Facts) -> Iterator[Sample]:
    for code, waiver in sorted(facts.province.waivers.items()):
        yield Sample({"waiver": code, "object": waiver.object}, _end_of(waiver.expires, facts.now))


def _certificates(facts: Facts) -> Iterator[Sample]:
    for name, end in sorted(facts.certificates.items()):
        yield Sample({"certificate": name}, end.timestamp())


def _looked(look: Look | None) -> Iterator[Sample]:
    if look is not None:
        yield from (Sample({"room": room}, look.ended.timestamp()) for room in sorted(look.whole))


def _wrong(look: Look | None, province: Province) -> Iterator[Sample]:
    """By room and department. A room that was looked at as a whole has a zero for who had nothing wrong."""
    if look is None:
        return
    owned = owners(province)
    operator = province.identity.operator
    departments = {one.department for one in owned.values()}
    found = Counter({(room, department): 0 for room in look.whole for department in departments})
    for room, target in look.wrong:
        found[room, owned[target].department if target in owned else operator] += 1
    for (room, department), count in sorted(found.items()):
        yield Sample({"room": room, "department": department}, float(count))


def _lost(facts: Facts) -> Iterator[Sample]:
    """Of every host of which such a check was made."""
    found: Counter[str] = Counter()
    for check in facts.checks:
        if check.id in LOG_CHECKS and check.target in facts.province.hosts:
            found[check.target] += check.status is Status.FAILED
    for host, count in sorted(found.items()):
        yield Sample({"host": host, "department": facts.province.hosts[host].department}, float(count))


def _pue(region: Region) -> float:
    """The worst of its data centres: a mean would hide it from its limit."""
    return max(centre.pue for centre in region.data_centres)


def _capacity(region: Region) -> float:
    return float(sum(centre.capacity_vcpus for centre in region.data_centres))


def _of_regions(province: Province) -> Iterator[tuple[str, str, list[Sample]]]:
    regions = sorted(province.regions.items())
    limit = PUE_GRADES[-1][1]
    for name, text, values in (
        (
            PUE,
            "Declared power usage effectiveness, yearly mean.",
            {code: _pue(region) for code, region in regions},
        ),
        (PUE_LIMIT, "Highest that GB 40879-2021 allows.", {code: limit for code, _ in regions}),
        (CAPACITY, "Virtual CPUs that may be sold.", {c: _capacity(region) for c, region in regions}),
        (DECLARED, "Virtual CPUs of all declared servers.", {code: _vcpus(province, code) for code, _ in regions}),
    ):
        yield name, text, [Sample({"region": code}, value) for code, value in values.items()]


def _vcpus(province: Province, region: str) -> float:
    workloads = (workload for system in province.systems_in(region) for workload in system.workloads.values())
    return float(sum(workload.count * province.flavors[workload.flavor].vcpus for workload in workloads))


def _end_of(day: date, now: datetime) -> float:
    """The first moment after ``day``, the last day on which something holds."""
    return datetime.combine(day + timedelta(days=1), time.min, now.tzinfo).timestamp()
