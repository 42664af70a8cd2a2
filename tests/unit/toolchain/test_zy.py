"""The bootstrap script: its fast way, and the machines that it refuses."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ZY = ROOT / "zy"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache whose Python environment is complete; its python tells how it was called."""
    name = hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest()[:16]
    venv = tmp_path / "cache/venv" / name
    python = venv / "bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s|" "$@" "${PYTHONDONTWRITEBYTECODE-unset}" "$PYTHONPATH" "$PATH"\n')
    python.chmod(0o755)
    (venv / ".complete").touch()
    return tmp_path / "cache"


def call(
    cache: Path, *arguments: str, before: tuple[str, ...] = (), path: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ZY_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PATH"] = path + environment["PATH"]
    environment.pop("PYTHONPATH", None)
    command = [*before, str(ZY), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_complete_environment_is_used_at_once(cache: Path) -> None:
    before = sorted(cache.rglob("*"))
    done = call(cache, "validate", "-i", "two words")
    told = done.stdout.split("|")
    assert told[:6] == ["-m", "zhengyun", "validate", "-i", "two words", "unset"]
    assert told[6] == str(ROOT)
    assert told[7].startswith(f"{cache}/venv/")
    assert sorted(cache.rglob("*")) == before


def test_it_runs_through_a_link(cache: Path, tmp_path: Path) -> None:
    link = tmp_path / "zy"
    link.symlink_to(ZY)
    done = subprocess.run(
        [str(link), "x"], env={**os.environ, "ZY_CACHE": str(cache)}, capture_output=True, text=True, check=False
    )
    assert f"|{ROOT}" in done.stdout, done.stderr


def test_it_finds_its_cache_without_home_and_despite_a_relative_xdg_folder(cache: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "ZY_CACHE": str(cache)}
    done = subprocess.run([str(ZY), "x"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache/zhengyun").symlink_to(cache)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CACHE_HOME": "elsewhere"}
    done = subprocess.run([str(ZY), "x"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(("system", "processor"), [("Darwin", "x86_64"), ("Linux", "aarch64")])
def test_other_machines_are_refused_before_anything_is_made(tmp_path: Path, system: str, processor: str) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    uname = folder / "uname"
    uname.write_text(f'#!/bin/sh\n[ "$1" = -s ] && echo {system} || echo {processor}\n')
    uname.chmod(0o755)
    done = call(tmp_path / "cache", "validate", path=f"{folder}:")
    assert done.returncode == 2
    assert done.stderr.startswith(f"ZY-TOOL-001: this is {system} on {processor}")
    assert "fix: use Debian 12" in done.stderr
    assert not (tmp_path / "cache").exists()


@pytest.fixture
def no_root(tmp_path: Path) -> tuple[str, ...]:
    """A prefix that takes root away: a user namespace without users, and a PATH without sudo."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("bash", "env", "readlink", "sha256sum"):
        (folder / tool).symlink_to(f"/usr/bin/{tool}")
    prefix = ("unshare", "--user", "env", f"PATH={folder}")
    if subprocess.run([*prefix, "env"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine allows no user namespaces")
    return prefix


def test_what_needs_root_says_so_and_why(cache: Path, no_root: tuple[str, ...]) -> None:
    done = call(cache, "lab", "up", before=no_root)
    assert done.returncode == 2
    assert done.stderr.startswith("ZY-TOOL-001: 'zy lab' needs root: the lab makes network namespaces")


@pytest.mark.parametrize("arguments", [("validate",), ("lab", "--help"), ("setup", "--plan"), ("test", "--fast")])
def test_what_needs_no_root_runs_without(cache: Path, no_root: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    done = call(cache, *arguments, before=no_root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"-m|zhengyun|{arguments[0]}|")
