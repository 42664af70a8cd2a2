"""Lynis' report on a host against our waivers (``lynis.yml``): nothing unanswered, nothing waived in vain. Pure.

The report is ``key=value`` by line; a key with ``[]`` repeats (Lynis' ``include/functions``: Report, ReportSuggestion,
ReportWarning, ReportDetails).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

WAIVERS = Path(__file__).with_name("lynis.yml")
PROFILE = Path(__file__).with_name("lynis.prf")
"""Settings of ours for a run; Lynis reads them as ``custom.prf`` from its folder, before its own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that Lynis warns of or suggests; ``test`` is its id, such as ``SSH-7408``."""

    test: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one run said. ``index``: reached hardening points out of all that could be, in per cent."""

    index: int
    findings: tuple[Finding, ...]


class Waiver(BaseModel):
    """Findings that stay, and why. ``about``: words of the finding, where a test makes several."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    test: str = Field(pattern=r"^([A-Z]{3,4}-\d{4}|LYNIS)$")
    about: str = ""
    clause: str = Field(pattern=r"^(8\.\d\.\d\.\d+( [a-g])?|none)$")
    """Clause of GB/T 22239-2019 that is served otherwise, or ``none`` where none asks for it."""
    reason: str = Field(min_length=20)

    def answers(self, finding: Finding) -> bool:
        return finding.test == self.test and self.about in finding.text


def read_report(text: str) -> Report:
    """Raises ValueError where a run did not come to its end: its index would be of half the tests."""
    lines = [line.partition("=") for line in text.splitlines()]
    told = {key: value for key, _, value in lines}
    if told.get("finish") != "true":
        raise ValueError("the report has no end: Lynis was stopped")
    details = [_detail(value) for key, _, value in lines if key == "details[]"]
    detailed = {finding.test for finding in details}
    plain = [_plain(value) for key, _, value in lines if key in ("warning[]", "suggestion[]")]
    # A test with details has one line for each of them, or one for all: the details say which.
    found = [*details, *(finding for finding in plain if finding.test not in detailed)]
    return Report(int(told["hardening_index"]), tuple(sorted(set(found), key=lambda f: (f.test, f.text))))


def load_waivers(path: Path = WAIVERS) -> tuple[Waiver, ...]:
    return tuple(Waiver.model_validate(one) for one in YAML(typ="safe").load(path))


def dead(report: Report, waivers: Iterable[Waiver]) -> list[Waiver]:
    """Waivers of what is not found any more."""
    return [waiver for waiver in waivers if not any(waiver.answers(finding) for finding in report.findings)]


def _plain(value: str) -> Finding:
    """``test|text|detail|solution|``, a dash for what there is none of."""
    test, text, detail, *_ = value.split("|")
    return Finding(test, text if detail in ("-", "") else f"{text}: {detail}")


def _detail(value: str) -> Finding:
    """``test|service|desc:…;field:…;prefval:…;value:…;|``"""
    test, _, fields, *_ = value.split("|")
    said = dict(re.findall(r"(\w+):([^;]*);", fields))
    return Finding(test, f"{said['field']} is {said['value']}, wanted {said['prefval'] or 'another'}")
