"""Debian's Prometheus and Alertmanager: taken from the machine only where all of it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from province.errors import ZyError
from zhengyun.toolchain.monitoring import PROGRAMS, find
from zhengyun.toolchain.tools import Monitoring


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with all programs."""
    for name in PROGRAMS:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_installed_packages_are_used(folder: Path) -> None:
    assert find() == folder
    assert Monitoring.locate(folder / "cache").folder == folder


@pytest.mark.parametrize("program", PROGRAMS)
def test_half_of_them_is_none(folder: Path, program: str) -> None:
    (folder / program).unlink()
    assert find() is None
    with pytest.raises(ZyError, match="ZY-TOOL-003"):
        Monitoring.locate(folder / "cache")


def test_programs_of_different_origin_are_not_mixed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    (folder / "amtool").rename(other / "amtool")
    monkeypatch.setenv("PATH", f"{folder}:{other}")
    assert find() is None
