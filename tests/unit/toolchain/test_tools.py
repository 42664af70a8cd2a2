"""Finding tools: built ones in the cache, official ones on PATH."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from province.errors import ZyError
from tests.unit.toolchain.small import part
from zhengyun.toolchain import golang, tools
from zhengyun.toolchain.store import RECORD, Store
from zhengyun.toolchain.tools import Tools


@pytest.fixture
def made(store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> Store:
    """A catalogue in which all tools are built but need nothing."""
    parts = [part(name) for name in ("pulumi", "provider", "temporal")]
    monkeypatch.setattr(tools, "CATALOGUE", parts)
    made = store(*parts)
    for placed in made.place().values():
        placed.path.mkdir(parents=True)
        (placed.path / RECORD).touch()
    return made


def test_locate_finds_what_is_built(made: Store) -> None:
    found = Tools.locate(made.cache)
    assert found.provider == made.place()["provider"].path


def test_locate_names_what_is_missing_and_builds_nothing(made: Store) -> None:
    (made.place()["provider"].path / RECORD).unlink()
    with pytest.raises(ZyError, match=r"ZY-TOOL-003.*provider") as caught:
        Tools.locate(made.cache)
    assert "zy setup" in caught.value.fix
    assert "pulumi" not in caught.value.message


@pytest.mark.parametrize(
    ("answer", "fits"),
    [("v3.253.0", True), ("v3.231.0-dev", True), ("v3.230.9", False), ("v2.300.0", False), ("?", False)],
)
def test_only_a_new_enough_official_pulumi_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, fits: bool
) -> None:
    program = tmp_path / "pulumi"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    (tmp_path / "pulumi-language-python").touch()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert golang.find_pulumi() == (tmp_path if fits else None)


def test_an_official_pulumi_without_its_language_host_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pulumi"
    program.write_text("#!/bin/sh\necho v3.253.0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert golang.find_pulumi() is None


def test_the_committed_modules_are_those_that_the_bridge_was_made_for() -> None:
    sources = golang.SOURCES
    for module in ("langhost", "provider"):
        text = (sources / module / "go.mod").read_text(encoding="utf-8")
        assert f"github.com/pulumi/pulumi/sdk/v3 {golang.pulumi_version()}" in text, module
