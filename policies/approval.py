"""Who must approve a plan, and whether they did (双重审批). Pure: signatures are verified by a function that is given.

A plan that touches core or important data needs both subjects of its department, responsible and supervising, once they
list approvers; where none are listed nobody can be asked, and the plan says so. Nobody approves a plan of their own, no
person stands for both subjects, and an approval is for one plan, once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from province.adopted import AdoptedOwner
from province.errors import Place, ZyError
from province.organisation import Approver, Department, Subject
from province.province import Province
from province.record import Finding, Record, Severity
from province.system import DataClass, System

NAMESPACE = "approval@zhengyun"
RULE = "approval-possible"
SKEW = timedelta(minutes=5)
"""By how much clocks of two machines may differ."""

Verify = Callable[[str, str, bytes, str], bool]
"""Public key, namespace, data, signature: whether they belong together."""


class Approval(Record):
    """One holder's signature, for one subject, under one plan."""

    plan: str
    """Digest of the plan."""
    subject: str
    holder: str
    time: datetime
    signature: str = ""

    def statement(self) -> bytes:
        """What is signed."""
        content = self.model_dump(mode="json", exclude={"signature"})
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Required:
    """A subject whose approval a plan needs, with who may give it."""

    subject: str
    name: str
    department: str
    approvers: tuple[Approver, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """What approvals are held against: the plan's digest, its maker and time, and the present."""

    digest: str
    operator: str
    created: datetime
    now: datetime


def touched(province: Province, targets: Collection[str]) -> Iterator[Department]:
    """Departments whose core or important data a change of ``targets`` can reach, each once.

    A system's own stack holds its data; a region's stack holds the ways in that its sharing agreements open.
    """
    systems = {code for code in province.systems if f"tenant-{code}" in targets}
    for agreement in province.agreements.values():
        parties = {agreement.provider.system, agreement.consumer.system} & province.systems.keys()
        systems |= {code for code in parties if f"region-{province.systems[code].region}" in targets}
    held: list[System | AdoptedOwner] = [province.systems[code] for code in sorted(systems)]
    held += [one.owner for code, one in sorted(province.adopted.items()) if one.owner and f"adopted-{code}" in targets]
    codes = dict.fromkeys(one.department for one in held if one.data_class is not DataClass.GENERAL)
    return (province.departments[code] for code in codes)


def required(provinces: Iterable[Province], targets: Collection[str]) -> list[Required]:
    """Approvals that a change of ``targets`` needs.

    ``provinces``: as they shall be, and as they were when last changed, so that who takes an approver out of the
    inventory does not thereby need one less.
    """
    found: dict[str, Required] = {}
    for province in provinces:
        for department in touched(province, targets):
            for subject in (department.responsible, department.supervising):
                known = found[subject.id].approvers if subject.id in found else ()
                if subject.approvers or known:
                    both = tuple(dict.fromkeys((*known, *subject.approvers)))
                    found[subject.id] = Required(subject.id, subject.name, department.code, both)
    return list(found.values())


def advice(province: Province, targets: Collection[str]) -> list[Finding]:
    """Says of which departments nobody can be asked."""
    return [
        Finding(
            rule=RULE,
            severity=Severity.ADVISORY,
            object=f"department {department.code}",
            message="the plan touches core or important data, and no approvers are listed 未配置审批人",
            fix="list `approvers:` of both subjects in the inventory",
            clause="8.1.4.2 e",
        )
        for department in touched(province, targets)
        if not department.responsible.approvers and not department.supervising.approvers
    ]


def check(needed: Sequence[Required], approvals: Sequence[Approval], plan: Approved, verify: Verify) -> None:
    """Raises ``ZY-POL-030`` (missing), ``-032`` (duties), ``-033`` (forged), ``-034`` (other plan), ``-035`` (time)."""
    holders: dict[str, set[str]] = {}
    for approval in approvals:
        asked = next((one for one in needed if one.subject == approval.subject), None)
        if asked is None:
            continue
        _genuine(asked, approval, plan, verify)
        holders.setdefault(approval.subject, set()).add(approval.holder)
    missing = [one for one in needed if one.subject not in holders]
    if missing:
        raise ZyError(
            "ZY-POL-030",
            f"the plan touches core or important data and lacks the approval of {_named(missing)}",
            fix="zy plan -o FILE; each of them: zy approve FILE --as SUBJECT --key KEY; then zy apply FILE",
        )
    for department in {one.department for one in needed}:
        pair = [holders[one.subject] for one in needed if one.department == department]
        if len(pair) > 1 and len(set.union(*pair)) < len(pair):
            raise duties(f"one person approved for both subjects of {department}")


def duties(what: str) -> ZyError:
    """The error for an approval that would put two duties into one hand."""
    return ZyError("ZY-POL-032", f"duties are separated: {what}", fix="let another approver of the subject approve it")


def approver(subject: Subject, public: str) -> Approver:
    """The approver with this key. Raises ``ZY-POL-031`` when the subject lists no such key."""
    for one in subject.approvers:
        if one.key == public:
            return one
    raise ZyError(
        "ZY-POL-031",
        f"this key is not listed among the approvers of {subject.id}",
        place=Place(target=subject.id),
        fix="use a key of `approvers:` of that subject, or have it listed by a change of its own",
    )


def _genuine(asked: Required, approval: Approval, plan: Approved, verify: Verify) -> None:
    who = f"the approval of {approval.subject} by {approval.holder}"
    place = Place(target=approval.subject)
    if approval.plan != plan.digest:
        raise ZyError(
            "ZY-POL-034",
            f"{who} is for another plan, or this one was altered since",
            place=place,
            fix="approve this plan",
        )
    keys = [one.key for one in asked.approvers if one.holder == approval.holder]
    if not any(verify(key, NAMESPACE, approval.statement(), approval.signature) for key in keys):
        raise ZyError(
            "ZY-POL-033",
            f"{who} is not signed by a key that the inventory lists for them",
            place=place,
            fix="take it out of the approvals, find out where it comes from, and ask for it anew",
        )
    if not plan.created - SKEW <= approval.time <= plan.now + SKEW:
        raise ZyError(
            "ZY-POL-035",
            f"{who} was given at {approval.time}, not between plan and now",
            place=place,
            fix="set the clock",
        )
    if approval.holder == plan.operator:
        raise duties(f"{approval.holder} made the plan and approved it")


def _named(missing: Sequence[Required]) -> str:
    return ", ".join(f"{one.name} ({one.subject})" for one in missing)
