"""Lynis' report is read as Lynis writes it, and held against waivers in both directions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from roles.judges.evidence import opinion
from roles.judges.judge import JUDGES, LYNIS, Judge, Visit
from roles.judges.lynis import read_report
from roles.judges.report import Finding, Waiver, dead

REPORT = """\
# Lynis Report
report_version_major=1
suggestion[]=FILE-6310|To decrease the impact of a full /tmp file system, place /tmp on a separate partition|-|-|
suggestion[]=FILE-6310|To decrease the impact of a full /var file system, place /var on a separate partition|-|-|
suggestion[]=BOOT-5264|Consider hardening system services|Run '/usr/bin/systemd-analyze security SERVICE'|-|
warning[]=PKGS-7388|Can't find any security repository in /etc/apt/sources.list|-|-|
suggestion[]=SSH-7408|Consider hardening SSH configuration|Port (set 22 to )|-|
details[]=SSH-7408|sshd|desc:sshd option Port;field:Port;prefval:;value:22;|
suggestion[]=KRNL-6000|One or more sysctl values differ from the scan profile and could be tweaked||Change it|
details[]=KRNL-6000|sysctl|desc:Disable magic SysRQ;field:kernel.sysrq;prefval:0;value:1;|
hardening_index=62
finish=true
"""


def waiver(test: str, about: str = "") -> Waiver:
    return Waiver(test=test, about=about, clause="none", reason="nobody on the lab could use it")


def test_report_is_read() -> None:
    report = read_report(REPORT)
    assert report.index == 62
    assert [finding.test for finding in report.findings] == [
        *("BOOT-5264", "FILE-6310", "FILE-6310", "KRNL-6000", "PKGS-7388", "SSH-7408")
    ]
    assert Finding("KRNL-6000", "kernel.sysrq is 1, wanted 0") in report.findings
    assert Finding("SSH-7408", "Port is 22, wanted another") in report.findings
    assert report.findings[0].text == (
        "Consider hardening system services: Run '/usr/bin/systemd-analyze security SERVICE'"
    )


def test_half_a_report_is_none() -> None:
    with pytest.raises(ValueError, match="was stopped"):
        read_report(REPORT.replace("finish=true\n", ""))


def test_each_finding_needs_a_waiver_and_each_waiver_a_finding() -> None:
    report = read_report(REPORT)
    given = [waiver(name) for name in ("BOOT-5264", "KRNL-6000", "PKGS-7388", "SSH-7408")]
    given += [waiver("FILE-6310", "/tmp"), waiver("FILE-6310", "/home"), waiver("AUTH-9230")]
    left = opinion(Visit("gd-app-1", LYNIS, REPORT.encode()), given).unanswered
    assert [finding.text.rpartition(" place ")[2] for finding in left] == ["/var on a separate partition"]
    assert dead(report, given) == given[-2:]


def test_waiver_says_why() -> None:
    with pytest.raises(ValidationError, match="reason"):
        Waiver(test="FILE-6310", clause="none", reason="")
    with pytest.raises(ValidationError, match="clause"):
        Waiver(test="FILE-6310", clause="", reason="nobody on the lab could use it")


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
def test_waivers_are_each_for_something_of_its_own(judge: Judge) -> None:
    waivers = judge.waivers()
    assert len({(one.test, one.about) for one in waivers}) == len(waivers)
    assert [(one.test, one.about) for one in waivers] == sorted((one.test, one.about) for one in waivers)
    assert all(one.reason.endswith(".") for one in waivers)
