"""OpenSCAP of Debian, a judge that is not ours, on a host before and after; none of its findings is unanswered."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from province.record import Outcome
from roles.judges.evidence import Opinion
from roles.judges.judge import OPENSCAP
from roles.judges.report import Report, dead
from tests.lab.hosts_of_the_inventory import started
from zhengyun.places import Places
from zhengyun.toolchain.tools import Auditors

HOST = "gd-app-1"


@dataclass(frozen=True, slots=True)
class Judged:
    before: Report
    after: Report
    opinion: Opinion
    left: str
    """What is in root's home afterwards that the judge put there."""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    program = Auditors.locate(Places.here().cache).folders["openscap"]
    with started("zy-test-scap", tmp_path_factory.mktemp("hosts"), [HOST]) as lab:
        (before,) = lab.room.judge([HOST], OPENSCAP, program)
        assert lab.apply(lab.room.plan([HOST])) == {HOST: Outcome.CHANGED}
        (after,) = lab.room.judge([HOST], OPENSCAP, program)
        return Judged(report(before), report(after), after, lab.on(HOST, "sudo find /root -name 'zy-judge*'"))


def report(opinion: Opinion) -> Report:
    assert opinion.report is not None, opinion.error
    return opinion.report


def test_hardening_mends_findings_and_makes_none(judged: Judged) -> None:
    before, after = ({finding.test for finding in one.findings} for one in (judged.before, judged.after))
    assert after < before
    assert judged.after.index > judged.before.index


def test_every_finding_that_is_left_has_a_reason(judged: Judged) -> None:
    assert judged.opinion.unanswered == ()


def test_no_waiver_is_for_what_is_found_no_more(judged: Judged) -> None:
    assert dead(judged.after, OPENSCAP.waivers()) == []


def test_nothing_of_the_judge_stays_on_the_host(judged: Judged) -> None:
    assert judged.left == ""
