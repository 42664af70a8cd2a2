"""Lynis of Debian, a judge that is not ours, on a bare host and a hardened one; none of its findings is unanswered."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from province.record import Outcome
from roles.judges.lynis import PROFILE, Report, dead, load_waivers, read_report, unanswered
from tests.lab.hosts_of_the_inventory import Lab, started
from zhengyun.places import Places
from zhengyun.toolchain.tools import Auditors

# Lynis starts thousands of programs, which takes ten minutes on a machine that does other things too: more than CI has
pytestmark = pytest.mark.skipif("ZY_LYNIS" not in os.environ, reason="set ZY_LYNIS to have Lynis judge two hosts")

BARE, HARDENED = "gd-log-1", "gd-app-1"
FLOOR = 80
"""As measured once by hand; no later run may come to less. Where the rest lies: docs/how-to/host-controls.md."""
# By systemd, not by our login: its thousands of programs are no commands of a person, and the audit would record each.
AUDIT = """set -e
folder=$(mktemp -d /root/lynis.XXXXXX)
trap 'rm -rf "$folder"' EXIT
tar -xf - -C "$folder" --no-same-owner
systemd-run --quiet --wait --pipe --working-directory="$folder" "$folder/lynis" audit system --cronjob \
  --logfile "$folder/log" --report-file "$folder/report" </dev/null >&2
cat "$folder/report"
"""


def packed(program: Path) -> bytes:
    """The program's folder with our settings, as a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(program.iterdir()):
            tar.add(path, path.name)
        tar.add(PROFILE, "custom.prf")
    return buffer.getvalue()


def judge(lab: Lab, host: str, program: bytes) -> Report:
    """Copied to the host, run there as root, and removed; only the report comes back."""
    command = lab.fleet.access.command(host, ["sudo", "sh", "-c", AUDIT], options=["-o", "BatchMode=yes"])
    done = subprocess.run(command, input=program, capture_output=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return read_report(done.stdout.decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Judged:
    before: Report
    after: Report
    left: str
    """What is in root's home and in /run afterwards that Lynis put there."""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """All hosts start from one image: while Lynis judges the bare one, the other is hardened."""
    program = packed(Auditors.locate(Places.here().cache).lynis)
    with (
        started("zy-test-lynis", tmp_path_factory.mktemp("hosts"), (BARE, HARDENED)) as lab,
        ThreadPoolExecutor(1) as aside,
    ):
        before = aside.submit(judge, lab, BARE, program)
        assert lab.apply(lab.room.plan([HARDENED])) == {HARDENED: Outcome.CHANGED}
        after = judge(lab, HARDENED, program)
        left = lab.on(HARDENED, "sudo find /root /run -name '*lynis*'")
        return Judged(before.result(), after, left)


def test_index_rises_to_the_floor(judged: Judged) -> None:
    assert judged.before.index < FLOOR <= judged.after.index


def test_every_finding_that_is_left_has_a_reason(judged: Judged) -> None:
    assert unanswered(judged.after, load_waivers()) == []


def test_no_waiver_is_for_what_is_found_no_more(judged: Judged) -> None:
    assert dead(judged.after, load_waivers()) == []


def test_nothing_of_the_judge_stays_on_the_host(judged: Judged) -> None:
    assert judged.left == ""
