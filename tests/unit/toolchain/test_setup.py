"""What the command line shows and removes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from province.errors import ZyError
from tests.unit.toolchain.small import part
from zhengyun.places import Places
from zhengyun.toolchain import setup
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.progress import Event
from zhengyun.toolchain.store import State

ROOT = Path(__file__).parents[3]


def silent(_: Event) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(setup, "CATALOGUE", [part("base"), part("top", needs=("base",), minutes=2)])
    return Places(tmp_path / "cache/zhengyun", tmp_path / "state/zhengyun")


def test_the_plan_tells_how_each_part_stands(places: Places) -> None:
    setup.run(places, silent, ["base"])
    rows = {row.name: row.state for row in setup.plan_rows(places)}
    assert rows == {"base": State.BUILT, "top": State.MISSING}


def test_prune_keeps_what_is_in_use(places: Places) -> None:
    setup.run(places, silent)
    old = places.cache / "parts/top/0123456789abcdef"
    old.mkdir()
    assert setup.prune(places) == [old]
    assert {row.state for row in setup.plan_rows(places)} == {State.BUILT}


def test_clean_removes_cache_and_state_and_read_only_files(places: Places) -> None:
    setup.run(places, silent)
    module = places.cache / "go/module"
    module.mkdir(parents=True)
    (module / "file").touch()
    module.chmod(0o500)
    assert setup.clean_rows(places) == [places.cache]
    places.state.mkdir(parents=True)
    assert setup.clean(places) == [places.cache, places.state]
    assert not places.cache.exists()
    assert not places.state.exists()


# Only folders that were made for the test: should the check be broken one day, nothing else may be at stake.
@pytest.fixture
def victim(tmp_path: Path) -> Path:
    folder = tmp_path / "victim/zhengyun"
    folder.mkdir(parents=True)
    (folder / "precious").touch()
    return folder


def test_clean_removes_no_folder_that_is_not_ours(places: Places, victim: Path) -> None:
    foreign = victim.rename(victim.with_name("data"))
    with pytest.raises(ZyError, match="ZY-TOOL-007"):
        setup.clean(Places(foreign, places.state))
    with pytest.raises(ZyError, match="ZY-TOOL-007"):
        setup.clean(Places(places.cache, foreign))
    (foreign / setup.TAG).write_text("Signature: 8a477f597d28d172789f06886806bc55\n# Made by another program\n")
    with pytest.raises(ZyError, match="ZY-TOOL-007"):
        setup.clean(Places(foreign, places.state))
    assert (foreign / "precious").exists()
    (foreign / setup.TAG).write_text("# Made by zhengyun\n")
    assert setup.clean(Places(foreign, places.state)) == [foreign]


@pytest.mark.parametrize("inside", ["home", "cwd"])
def test_clean_removes_no_folder_that_holds_more(
    places: Places, victim: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    (victim / "deeper").mkdir()
    if inside == "home":
        monkeypatch.setattr(Path, "home", lambda: victim / "deeper")
    else:
        monkeypatch.chdir(victim / "deeper")
    with pytest.raises(ZyError, match="ZY-TOOL-007"):
        setup.clean(Places(victim, places.state))
    assert (victim / "precious").exists()


def test_every_real_part_comes_after_what_it_needs() -> None:
    seen: set[str] = set()
    for one in CATALOGUE:
        assert seen.issuperset((*one.needs, *one.tools)), one.name
        seen.add(one.name)
        for path in one.files:
            assert path.exists(), f"{one.name}: no such source: {path}"


def test_all_that_the_openstack_build_imports_decides_its_digest() -> None:
    lister = (
        "import sys, lab.openstack.install\n"
        "for name, module in sys.modules.items():\n"
        "    if name.startswith('lab.') and not module.__file__.endswith('__init__.py'): print(module.__file__)"
    )
    listed = subprocess.run([sys.executable, "-c", lister], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {Path(line) for line in listed.stdout.splitlines()}
    (openstack,) = (one for one in CATALOGUE if one.name == "openstack")
    assert imported <= set(openstack.files)
