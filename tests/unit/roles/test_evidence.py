"""Judges' opinions: answered by waivers, kept with digests; a host that fails is told and hides no other."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from province.errors import ZyError
from roles.judges.evidence import files, opinion
from roles.judges.judge import LYNIS, Visit
from roles.judges.report import Waiver
from roles.judges.visit import packed, visit_all
from zhengyun.commands.room import prepare

REPORT = b"""\
warning[]=PKGS-7388|Can't find any security repository|-|-|
suggestion[]=BOOT-5264|Consider hardening system services|-|-|
hardening_index=80
finish=true
"""
BOOT = Waiver(test="BOOT-5264", clause="8.1.4.4 a", reason="the units are Debian's own")
SSH = """#!/bin/sh
# ssh -F CONFIG -o BatchMode=yes HOST SCRIPT
case "$5" in
  good) tar -t >&2 && printf 'finish=true\\n' ;;
  *) cat >/dev/null; echo "Permission denied" >&2; exit 255 ;;
esac
"""


def test_finding_is_answered_by_a_waiver_or_left() -> None:
    one = opinion(Visit("gd-app-1", LYNIS, REPORT), [BOOT])
    assert [finding.test for finding in one.unanswered] == ["PKGS-7388"]
    boot, packages = one.document()["findings"]
    assert (boot["answered"], boot["clause"], boot["reason"]) == (True, BOOT.clause, BOOT.reason)
    assert packages["answered"] is False


@pytest.mark.parametrize("lacking", [b"finish=true\n", b"hardening_index=80\n"])
def test_half_a_report_is_kept_but_gives_no_index(lacking: bytes) -> None:
    raw = REPORT.replace(lacking, b"")
    one = opinion(Visit("gd-app-1", LYNIS, raw), [BOOT])
    assert one.report is None
    assert one.error is not None
    assert one.error.code == "ZY-HST-061"
    assert files([one])["gd-app-1.lynis.report"] == raw


def test_evidence_is_raw_and_its_digests_are_right(tmp_path: Path) -> None:
    kept = files([opinion(Visit("gd-app-1", LYNIS, REPORT), [BOOT])])
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    assert kept["gd-app-1.lynis.report"] == REPORT
    (host,) = json.loads(kept["findings.json"])["opinions"]
    assert (host["index"], host["sha256"]) == (80, hashlib.sha256(REPORT).hexdigest())
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "findings.json").write_text("{}")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_host_that_fails_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lynis").mkdir()
    (tmp_path / "lynis" / "lynis").touch()
    (tmp_path / "ssh").write_text(SSH)
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    away, good = visit_all(tmp_path / "config", ["away", "good"], LYNIS, tmp_path / "lynis")
    assert away.error is not None
    assert away.error.code == "ZY-HST-060"
    assert away.error.message.endswith("exit code 255: Permission denied")
    assert good == Visit("good", LYNIS, b"finish=true\n")


def test_program_travels_with_our_settings(tmp_path: Path) -> None:
    (tmp_path / "lynis").touch()
    with tarfile.open(fileobj=io.BytesIO(packed(LYNIS, tmp_path))) as tar:
        assert tar.getnames() == ["lynis", "custom.prf"]


def test_evidence_is_never_written_over(tmp_path: Path) -> None:
    prepare(tmp_path / "new")
    prepare(tmp_path / "new")
    (tmp_path / "new" / "findings.json").touch()
    with pytest.raises(ZyError) as caught:
        prepare(tmp_path / "new")
    assert caught.value.code == "ZY-HST-062"
