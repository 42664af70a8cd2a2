"""Verdicts on clauses, from what was measured, what policy said, what people attested, and what is waived. Pure.

Never more is claimed than was seen: a clause without a check is attested or it is open, a check that was skipped or
whose room was measured in part proves nothing, a rule that raised has judged nothing, and a failure is never outvoted
except where the catalogue says that any one of several checks is enough.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from policies.catalogue import Attester, Catalogue, Combine, Control, Index, Scope
from policies.owners import Owner, owner, owners
from province.conformity import EVERYTHING, Attestation, Statement
from province.province import Province
from province.record import Check, Finding, Record, RoomName, Severity, Status
from province.system import DataClass


class Verdict(StrEnum):
    """What is known of a clause, worst first."""

    FAILED = "failed"
    NOT_MEASURED = "not-measured"
    TO_BE_ATTESTED = "to-be-attested"
    WAIVED = "waived"
    ATTESTED = "attested"
    PASSED = "passed"
    NOT_APPLICABLE = "not-applicable"

    @property
    def chinese(self) -> str:
        return {
            Verdict.FAILED: "不符合",
            Verdict.NOT_MEASURED: "未测量",
            Verdict.TO_BE_ATTESTED: "待声明",
            Verdict.WAIVED: "已豁免",
            Verdict.ATTESTED: "已声明",
            Verdict.PASSED: "符合",
            Verdict.NOT_APPLICABLE: "不适用",
        }[self]

    @property
    def english(self) -> str:
        return self.value.replace("-", " ")


class Proof(Record):
    """What a judgement rests on. ``sha256``: of the record of the check or finding, as canonical JSON."""

    command: str
    time: datetime
    sha256: str


class Judged(Record):
    """One thing judged for one clause: the same form for cloud, hosts, network and rules."""

    clause: str
    check: str
    title: str
    title_en: str
    object: str
    owner: Owner
    severity: Severity
    status: Status
    waiver: str = ""
    """Code of the waiver that covers it; empty when none does."""
    expected: str
    actual: str
    proof: Proof
    mend: str

    @property
    def breach(self) -> bool:
        """Whether it makes its clause fail; advice and what is waived do not."""
        return self.status is Status.FAILED and self.severity is Severity.MANDATORY and not self.waiver


class ClauseVerdict(Record):
    """The verdict on one clause, why, and the judgements that it rests on."""

    clause: str
    verdict: Verdict
    reason: str
    reason_en: str
    high_risk: bool
    judged: tuple[Judged, ...]


class RuleError(Record):
    """A rule that raised: a mistake of the rule, and no judgement."""

    rule: str
    error: str


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that is known at one moment. ``ran``: rules that judged everything they are for."""

    day: date
    checks: Sequence[Check] = ()
    measured: datetime | None = None
    partial: frozenset[RoomName] = frozenset()
    """Rooms that were measured in part (``--limit``): their passed checks do not prove a clause."""
    findings: Sequence[Finding] = ()
    planned: datetime | None = None
    ran: frozenset[str] = frozenset()
    errors: Sequence[RuleError] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """What one pattern of a control found."""

    judged: tuple[Judged, ...]
    proven: bool

    @property
    def settled(self) -> bool:
        """Whether there is an answer: something passed, or all that failed is waived."""
        return self.proven or any(each.waiver for each in self.judged)

    @property
    def failed(self) -> bool:
        return any(each.breach for each in self.judged)


def judge(catalogue: Catalogue, province: Province, observed: Observed) -> list[ClauseVerdict]:
    """A verdict on every clause, in the standard's order."""
    finds = _Finds(catalogue, province, observed)
    cases = (
        _Case(
            clause,
            control,
            province,
            observed.day,
            {pattern: finds.part(clause, pattern) for pattern in control.checks},
            finds.others(clause, control),
        )
        for clause, control in catalogue.controls.items()
    )
    return [_clause(case) for case in cases]


@dataclass(frozen=True, slots=True)
class _Case:
    """One clause with everything that speaks for and against it."""

    clause: str
    control: Control
    province: Province
    day: date
    parts: Mapping[str, _Part]
    others: _Part

    @property
    def all(self) -> tuple[_Part, ...]:
        return (*self.parts.values(), self.others)

    @property
    def enough(self) -> bool:
        """Whether one of several checks suffices, and one does."""
        return self.control.combine is Combine.ANY and any(p.proven and not p.failed for p in self.parts.values())


class _Ruling(NamedTuple):
    verdict: Verdict
    reason: str
    reason_en: str


def _clause(case: _Case) -> ClauseVerdict:
    ruling = (
        _out_of_scope(case) or _failure(case) or _waived(case) or _declined(case) or _unproven(case) or _proven(case)
    )
    return ClauseVerdict(
        clause=case.clause,
        verdict=ruling.verdict,
        reason=ruling.reason,
        reason_en=ruling.reason_en,
        high_risk=bool(case.control.high_risk) and ruling.verdict is Verdict.FAILED,
        judged=tuple(dict.fromkeys(each for part in case.all for each in part.judged)),
    )


def _out_of_scope(case: _Case) -> _Ruling | None:
    if _applies(case.control.applies_to, case.province):
        return None
    return _Ruling(Verdict.NOT_APPLICABLE, "清单中没有适用对象", "the inventory has nothing that it applies to")


def _failure(case: _Case) -> _Ruling | None:
    parts = (case.others,) if case.enough else case.all
    count = len({each for part in parts for each in part.judged if each.breach})
    return _Ruling(Verdict.FAILED, f"{count} 项不符合", f"{count} judged to fail") if count else None


def _waived(case: _Case) -> _Ruling | None:
    waivers = case.province.waivers.values()
    found = (w for w in waivers if w.clause == case.clause and w.object == EVERYTHING and case.day <= w.expires)
    waiver = next(found, None)
    if waiver is None:
        return None
    return _Ruling(
        Verdict.WAIVED, f"豁免至 {waiver.expires}：{waiver.reason}", f"waived until {waiver.expires}: {waiver.reason}"
    )


def _declined(case: _Case) -> _Ruling | None:
    if _attested(case) is not Statement.NOT_APPLICABLE:
        return None
    return _Ruling(Verdict.NOT_APPLICABLE, "声明不适用", "attested not to apply")


def _unproven(case: _Case) -> _Ruling | None:
    silent = [] if case.enough else [pattern for pattern, part in case.parts.items() if not part.settled]
    if not silent:
        return None
    return _Ruling(Verdict.NOT_MEASURED, f"未测量：{'、'.join(silent)}", f"not measured: {', '.join(silent)}")


def _proven(case: _Case) -> _Ruling:
    """What is left to say when every check there is has passed."""
    control = case.control
    if not control.checks:
        return _of_people(case, "无机器核验", "no machine check")
    if any(each.waiver for part in case.all for each in part.judged):
        return _Ruling(Verdict.WAIVED, "部分对象已豁免，其余通过", "some objects are waived, the rest passed")
    if control.unmeasured:
        why = f"checks passed; they do not see {control.unmeasured_en}"
        return _of_people(case, f"机器核验通过；未覆盖{control.unmeasured}", why)
    return _Ruling(Verdict.PASSED, "机器核验全部通过", "all checks passed")


def _of_people(case: _Case, why: str, why_en: str) -> _Ruling:
    if _attested(case) is Statement.MET:
        return _Ruling(Verdict.ATTESTED, f"{why}；已声明符合", f"{why_en}; attested")
    return _Ruling(Verdict.TO_BE_ATTESTED, f"{why}；待声明", f"{why_en}; to be attested")


def _applies(scope: Scope, province: Province) -> bool:
    important = any(system.data_class is not DataClass.GENERAL for system in province.systems.values())
    return {
        Scope.PLATFORM: True,
        Scope.SYSTEMS: bool(province.systems),
        Scope.HOSTS: bool(province.hosts),
        Scope.ROUTERS: bool(province.routers),
        Scope.IMPORTANT_DATA: important,
    }[scope]


def attesters(control: Control, province: Province) -> frozenset[str]:
    """Departments whose word a clause wants: each of them."""
    if control.attested_by is Attester.OPERATOR:
        return frozenset({province.identity.operator})
    important = control.applies_to is Scope.IMPORTANT_DATA
    systems = province.systems.values()
    return frozenset(s.department for s in systems if not important or s.data_class is not DataClass.GENERAL)


def _attested(case: _Case) -> Statement | None:
    """What all whose word is wanted state alike; ``None`` while one is silent, or they differ."""
    words: dict[str, Attestation] = {
        attestation.by: attestation
        for attestation in case.province.attestations.values()
        if attestation.clause == case.clause and attestation.holds(case.day)
    }
    said: set[Statement | None] = set()
    for code in attesters(case.control, case.province):
        department = case.province.departments[code]
        mine = [words[id_] for id_ in (department.responsible.id, department.supervising.id) if id_ in words]
        said |= {attestation.states for attestation in mine} or {None}
    return said.pop() if len(said) == 1 else None


class _Finds:
    """Checks and findings, by the patterns and clauses that they count for."""

    def __init__(self, catalogue: Catalogue, province: Province, observed: Observed) -> None:
        self._observed = observed
        self._owners = owners(province)
        self._operator = owner(province.departments[province.identity.operator])
        self._waivers = {(w.clause, w.object): w for w in province.waivers.values() if observed.day <= w.expires}
        self._expired = {(w.clause, w.object): w for w in province.waivers.values() if observed.day > w.expires}
        index = Index.of(tuple({p for control in catalogue.controls.values() for p in control.checks}))
        self._by_pattern: dict[str, list[Check | Finding]] = defaultdict(list)
        self._by_clause: dict[str, list[Check | Finding]] = defaultdict(list)
        self._claimed: dict[str, frozenset[str]] = {}
        records: list[Check | Finding] = [*observed.checks, *observed.findings]
        for record in records:
            name = _name(record)
            if name not in self._claimed:
                self._claimed[name] = frozenset(index.claiming(name))
            for pattern in self._claimed[name]:
                self._by_pattern[pattern].append(record)
            if record.clause:
                self._by_clause[record.clause].append(record)
        self._digests: dict[int, str] = {}

    def part(self, clause: str, pattern: str) -> _Part:
        """What a pattern found for a clause."""
        judged = tuple(self._judged(clause, self._by_pattern.get(pattern, ())))
        return _Part(judged, self._proven(pattern))

    def others(self, clause: str, control: Control) -> _Part:
        """What names the clause by itself although no pattern claims it: its failures count, but it proves nothing."""
        claimed = set(control.checks)
        rest = [r for r in self._by_clause.get(clause, ()) if not self._claimed[_name(r)] & claimed]
        return _Part(tuple(self._judged(clause, rest)), proven=False)

    def _proven(self, pattern: str) -> bool:
        if pattern in self._observed.ran:
            return all(error.rule != pattern for error in self._observed.errors)
        records = self._by_pattern.get(pattern, ())
        return any(
            isinstance(r, Check) and r.status is Status.PASSED and r.room not in self._observed.partial for r in records
        )

    def _judged(self, clause: str, records: Iterable[Check | Finding]) -> Iterator[Judged]:
        for record in records:
            yield self._of_check(clause, record) if isinstance(record, Check) else self._of_finding(clause, record)

    def _of_check(self, clause: str, check: Check) -> Judged:
        failed = check.status is Status.FAILED
        return Judged(
            clause=clause,
            check=check.id,
            title=check.title_zh,
            title_en=check.title,
            object=check.target,
            owner=self._owners.get(check.target, self._operator),
            severity=Severity.MANDATORY,
            status=check.status,
            waiver=self._waiver(clause, check.target) if failed else "",
            expected=check.expected,
            actual=check.actual + (self._lapsed(clause, check.target) if failed else ""),
            proof=Proof(command=check.evidence, time=_time(self._observed.measured), sha256=self._digest(check)),
            mend=f"zy drift --limit {_selector(check)}; then zy apply, or mend the inventory" if failed else "",
        )

    def _of_finding(self, clause: str, finding: Finding) -> Judged:
        where = finding.target or EVERYTHING
        return Judged(
            clause=clause,
            check=finding.rule,
            title=finding.message,
            title_en=finding.message,
            object=where,
            owner=self._owners.get(where, self._operator),
            severity=finding.severity,
            status=Status.FAILED,
            waiver=self._waiver(clause, where),
            expected=f"the rule {finding.rule} holds",
            actual=finding.object + self._lapsed(clause, where),
            proof=Proof(command="zy plan", time=_time(self._observed.planned), sha256=self._digest(finding)),
            mend=finding.fix,
        )

    def _waiver(self, clause: str, where: str) -> str:
        waiver = self._waivers.get((clause, where)) or self._waivers.get((clause, EVERYTHING))
        return waiver.code if waiver else ""

    def _lapsed(self, clause: str, where: str) -> str:
        waiver = self._expired.get((clause, where))
        return f" (waiver {waiver.code} expired on {waiver.expires} 豁免已过期)" if waiver else ""

    def _digest(self, record: Check | Finding) -> str:
        if id(record) not in self._digests:
            self._digests[id(record)] = digest(record)
        return self._digests[id(record)]


def digest(record: Record) -> str:
    """SHA-256 of a record as its JSON stands in the evidence store."""
    return hashlib.sha256(record.model_dump_json().encode()).hexdigest()


def _name(record: Check | Finding) -> str:
    return record.id if isinstance(record, Check) else record.rule


def _time(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("checks and findings come with the time of their measurement")
    return moment


def _selector(check: Check) -> str:
    kind = {RoomName.CLOUD: "stack", RoomName.HOSTS: "host", RoomName.NETWORK: "router"}[check.room]
    return f"{kind}={check.target}"
