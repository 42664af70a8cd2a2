"""What judges that are not ours found on hosts, our answer to each finding, and what is kept as evidence. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from province.errors import Place, ZyError
from province.record import JsonObject
from roles.judges.judge import Judge, Visit
from roles.judges.report import Finding, Report, Waiver

FINDINGS = "findings.json"
SUMS = "SHA256SUMS"
"""Digests of the other files, as ``sha256sum --check`` reads them."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A finding, and the waiver that gives a reason for it, if one does."""

    finding: Finding
    waiver: Waiver | None

    def document(self) -> JsonObject:
        said: JsonObject = {"test": self.finding.test, "text": self.finding.text, "answered": self.waiver is not None}
        return said | ({"clause": self.waiver.clause, "reason": self.waiver.reason} if self.waiver else {})


@dataclass(frozen=True, slots=True)
class Opinion:
    """A judge's opinion of one host. Without a report, ``error`` says why."""

    host: str
    judge: Judge
    raw: bytes
    report: Report | None
    answered: tuple[Answered, ...] = ()
    error: ZyError | None = None

    @property
    def unanswered(self) -> tuple[Finding, ...]:
        return tuple(one.finding for one in self.answered if one.waiver is None)

    @property
    def file(self) -> str:
        return f"{self.host}.{self.judge.name}.report"

    def document(self) -> JsonObject:
        """The host in ``findings.json``; ``raw`` is kept even where it is only half a report."""
        kept = {"report": self.file, "sha256": _digest(self.raw)} if self.raw else {}
        named = {"host": self.host, "judge": self.judge.name.value}
        if self.report is None:
            return {**named, **kept, "error": self.error.as_json() if self.error else None}
        findings = [one.document() for one in self.answered]
        return {**named, **kept, "index": self.report.index, "findings": findings}


def opinion(visit: Visit, waivers: Sequence[Waiver]) -> Opinion:
    """What a visit's report says; one without an end becomes ZY-HST-061."""
    if visit.error:
        return Opinion(visit.host, visit.judge, visit.report, None, error=visit.error)
    try:
        report = visit.judge.read(visit.report.decode(errors="replace"))
    except (ValueError, KeyError) as error:
        return Opinion(visit.host, visit.judge, visit.report, None, error=_unreadable(visit, error))
    answers = tuple(
        Answered(finding, next((one for one in waivers if one.answers(finding)), None)) for finding in report.findings
    )
    return Opinion(visit.host, visit.judge, visit.report, report, answers)


def document(opinions: Iterable[Opinion]) -> JsonObject:
    return {"opinions": [one.document() for one in opinions]}


def files(opinions: Sequence[Opinion]) -> Mapping[str, bytes]:
    """What is kept, by name: each host's raw report, the answered findings, and the digests of all of them."""
    kept = {one.file: one.raw for one in opinions if one.raw}
    kept[FINDINGS] = (json.dumps(document(opinions), ensure_ascii=False, indent=2) + "\n").encode()
    sums = "".join(f"{_digest(content)}  {name}\n" for name, content in sorted(kept.items()))
    return kept | {SUMS: sums.encode()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _unreadable(visit: Visit, error: Exception) -> ZyError:
    return ZyError(
        "ZY-HST-061",
        f"the report of {visit.judge.title} on the host cannot be judged: {error}",
        place=Place(target=visit.host),
        fix="judge the host again by --limit; the half report is kept for comparison",
    )
