"""Plugins that outlive Pulumi."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from stacks.orphans import end_orphans


def plugin(tmp_path: Path, home: Path, name: str) -> subprocess.Popen[bytes]:
    program = shutil.copy(shutil.which("sleep") or "/bin/sleep", tmp_path / name)
    return subprocess.Popen([program, "60"], env={"PULUMI_HOME": str(home)})


def test_only_our_plugins_without_pulumi_are_ended(tmp_path: Path) -> None:
    ours, theirs, other = (
        plugin(tmp_path, tmp_path / "home", "pulumi-resource-fake"),
        plugin(tmp_path, tmp_path / "elsewhere", "pulumi-resource-fake2"),
        plugin(tmp_path, tmp_path / "home", "unrelated"),
    )
    try:
        assert end_orphans(tmp_path / "home") == 1
        assert ours.wait(timeout=10) != 0
        assert (theirs.poll(), other.poll()) == (None, None)
    finally:
        for process in (ours, theirs, other):
            process.kill()
            process.wait()
