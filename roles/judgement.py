"""What an audit says of a control on a host. Pure.

An audit knows more outcomes than a check: what a kernel lacks, what is waived and what a person has to vouch for are
none of them passed, and each is told apart. A check of them is skipped, with the reason in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from province.record import Check, JsonObject, RoomName, Status
from roles.catalogue import Control


class Judgement(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"
    """The thing to be measured does not exist there, such as a setting that this kernel lacks."""
    WAIVED = "waived"
    """The inventory says, with a reason, that this host does not follow the control."""
    ATTEST = "to-be-attested"
    """No machine can measure it: a person has to vouch for it."""

    @property
    def status(self) -> Status:
        return {Judgement.PASSED: Status.PASSED, Judgement.FAILED: Status.FAILED}.get(self, Status.SKIPPED)

    @property
    def chinese(self) -> str:
        return {
            Judgement.PASSED: "符合",
            Judgement.FAILED: "不符合",
            Judgement.NOT_APPLICABLE: "不适用",
            Judgement.WAIVED: "已豁免",
            Judgement.ATTEST: "待人工确认",
        }[self]


@dataclass(frozen=True, slots=True)
class Judged:
    """One control on one host. ``evidence`` is the command that measured it, or empty where none did."""

    control: Control
    target: str
    judgement: Judgement
    expected: str
    actual: str
    evidence: str

    def check(self) -> Check:
        """The same in the vocabulary of all rooms; of several clauses the first, which the control chiefly serves."""
        plain = self.judgement in (Judgement.PASSED, Judgement.FAILED)
        return Check(
            id=self.control.id,
            title=self.control.title,
            title_zh=self.control.title_zh,
            room=RoomName.HOSTS,
            target=self.target,
            status=self.judgement.status,
            expected=self.expected,
            actual=self.actual if plain else f"{self.judgement.value.replace('-', ' ')}: {self.actual}",
            evidence=self.evidence or "none: see the control's own words",
            clause=self.control.clauses[0],
        )

    def document(self) -> JsonObject:
        """As ``zy hosts audit --json`` prints it."""
        return {
            "id": self.control.id,
            "area": self.control.area,
            "clauses": list(self.control.clauses),
            "title": self.control.title,
            "title_zh": self.control.title_zh,
            "target": self.target,
            "judgement": self.judgement.value,
            "expected": self.expected,
            "actual": self.actual,
            "evidence": self.evidence,
        }
