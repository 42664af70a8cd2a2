"""Pulumi's policies for real: a preview is stopped by each rule. It needs the tool chain, and no cloud."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stacks.tools import Tools

PROGRAMS = Path(__file__).with_name("programs")


@pytest.mark.parametrize(
    ("program", "code", "clause"),
    [
        ("unlabelled", "ZY-POL-001", "8.1.4.2 g"),
        ("open-ssh", "ZY-POL-002", "8.1.4.4 b"),
        ("bridged", "ZY-POL-003", "8.1.3.2 a"),
        ("mislabelled", "ZY-POL-010", "8.1.4.2 g"),
        ("endless-quota", "ZY-POL-011", "8.2.5.1 a"),
        ("single-stack", "ZY-POL-012", "8.1.2.1 c"),
    ],
)
def test_policy_stops_a_real_preview(tools: Tools, tmp_path: Path, program: str, code: str, clause: str) -> None:
    work = shutil.copytree(PROGRAMS / program, tmp_path / "program")
    (tmp_path / "backend").mkdir()
    environment = {
        "PATH": os.pathsep.join([*map(str, tools.path), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_PYTHON_CMD": str(tools.python),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "OS_AUTH_URL": "http://127.0.0.1:1/v3",  # nothing may be asked of a cloud
    }

    def pulumi(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["pulumi", "--non-interactive", *arguments, "--stack", "test"]
        return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)

    assert pulumi("stack", "init").returncode == 0
    without = pulumi("preview")
    assert without.returncode == 0, without.stdout + without.stderr
    judged = pulumi("preview", "--policy-pack", str(tools.policies))
    assert judged.returncode != 0
    assert f"{code}: " in judged.stdout
    assert f"(GB/T 22239-2019 {clause})" in judged.stdout
