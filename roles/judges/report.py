"""What a judge that is not ours says of a host, and our answers to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a judge warns of or suggests; ``test`` is its id: ``SSH-7408`` of Lynis, a rule of OpenSCAP."""

    test: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one run said. ``index``: what was reached of all that could be, in per cent, as the judge counts."""

    index: int
    findings: tuple[Finding, ...]


class Waiver(BaseModel):
    """Findings that stay, and why. ``about``: words of the finding, where a test makes several."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    test: str = Field(pattern=r"^([A-Z]{3,4}-\d{4}|LYNIS|[a-z][a-z0-9_]+)$")
    about: str = ""
    clause: str = Field(pattern=r"^(8\.\d\.\d\.\d+( [a-g])?|none)$")
    """Clause of GB/T 22239-2019 that is served otherwise, or ``none`` where none asks for it."""
    reason: str = Field(min_length=20)

    def answers(self, finding: Finding) -> bool:
        return finding.test == self.test and self.about in finding.text


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    return tuple(Waiver.model_validate(one) for one in YAML(typ="safe").load(path))


def dead(report: Report, waivers: Iterable[Waiver]) -> list[Waiver]:
    """Waivers of what is not found any more."""
    return [waiver for waiver in waivers if not any(waiver.answers(finding) for finding in report.findings)]
