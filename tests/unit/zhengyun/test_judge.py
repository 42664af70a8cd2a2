"""``zy hosts judge``: its exit code, and what it leaves in the folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from roles.judges.evidence import Opinion, opinion
from roles.judges.judge import Judge, Visit
from roles.judges.report import Waiver
from zhengyun.cli import run
from zhengyun.commands import room
from zhengyun.toolchain.tools import Auditors

LAB = Path(__file__).parents[3] / "inventories" / "lab"
ANSWERED = b"suggestion[]=BOOT-5264|Consider hardening system services|-|-|\nhardening_index=80\nfinish=true\n"
LEFT = ANSWERED.replace(b"BOOT-5264", b"BOOT-5122")
HALF = b"hardening_index=80\n"
WAIVER = Waiver(test="BOOT-5264", clause="none", reason="the units are Debian's own")


@dataclass(frozen=True)
class Judged:
    """A room whose hosts give this report."""

    report: bytes

    def judge(self, limit: Sequence[str], judge: Judge, _: Path) -> list[Opinion]:
        return [opinion(Visit(host, judge, self.report), [WAIVER]) for host in limit]


@pytest.mark.parametrize(("report", "code"), [(ANSWERED, 0), (LEFT, 1), (HALF, 1)])
def test_exit_code_says_whether_every_finding_is_answered(
    report: bytes, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(room, "hosts_room", lambda *_: Judged(report))
    monkeypatch.setattr(Auditors, "locate", lambda _: Auditors({"lynis": tmp_path}))
    folder = tmp_path / "evidence"
    asked = ["hosts", "judge", "-i", str(LAB), "--by", "lynis", "--limit", "gd-app-1", "-o", str(folder)]
    assert run(asked) == code
    shown = capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {"gd-app-1.lynis.report", "findings.json", "SHA256SUMS"}
    assert (folder / "gd-app-1.lynis.report").read_bytes() == report
    assert ("BOOT-5122" in shown) is (report == LEFT)
    assert ("ZY-HST-061" in shown) is (report == HALF)
