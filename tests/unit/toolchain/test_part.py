"""The digest: everything that decides a part's content changes it, nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.toolchain.small import part
from zhengyun.toolchain.part import digest
from zhengyun.toolchain.store import RECORD, State, Store


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner/a").write_text("a")
    (folder / "b").write_text("b")
    return folder


def change_content(source: Path) -> None:
    (source / "inner/a").write_text("changed")


def change_name(source: Path) -> None:
    (source / "b").rename(source / "c")


def change_mode(source: Path) -> None:
    (source / "b").chmod(0o755)


def add_file(source: Path) -> None:
    (source / "inner/new").touch()


def move_a_letter(source: Path) -> None:
    (source / "b").write_text("")
    (source / "inner/a").write_text("ab")


@pytest.mark.parametrize("change", [change_content, change_name, change_mode, add_file, move_a_letter])
def test_files_decide(source: Path, change: Callable[[Path], None]) -> None:
    one = part("one", files=(source,))
    before = digest(one, {})
    change(source)
    assert digest(one, {}) != before


def test_strings_and_needs_decide() -> None:
    given = [
        digest(part("one", strings=("a", "b")), {}),
        digest(part("one", strings=("ab",)), {}),
        digest(part("one", needs=("x",)), {"x": "1"}),
        digest(part("one", needs=("x",)), {"x": "2"}),
        digest(part("two", needs=("x",)), {"x": "2"}),
    ]
    assert len(set(given)) == len(given)


def test_place_tools_and_compiled_python_do_not(source: Path, tmp_path: Path) -> None:
    before = digest(part("one", files=(source,)), {})
    (source / "__pycache__").mkdir()
    (source / "__pycache__/a.pyc").touch()
    moved = source.rename(tmp_path / "elsewhere").rename(tmp_path / "source")
    assert digest(part("one", files=(moved,), tools=("x",)), {}) == before


def test_a_changed_need_makes_a_part_missing_and_the_old_one_outdated(
    store: Callable[..., Store], source: Path
) -> None:
    made = store(part("base", files=(source,)), part("top", needs=("base",)), part("beside", tools=("base",)))
    before = made.place()
    for placed in before.values():
        placed.path.mkdir(parents=True)
        (placed.path / RECORD).touch()
    assert {placed.state for placed in made.place().values()} == {State.BUILT}
    assert made.outdated() == []
    change_content(source)
    states = {name: placed.state for name, placed in made.place().items()}
    assert states == {"base": State.MISSING, "top": State.MISSING, "beside": State.BUILT}
    assert made.outdated() == [before["base"].path, before["top"].path]


def test_a_folder_without_its_record_is_not_built(store: Callable[..., Store]) -> None:
    made = store(part("one"))
    made.place()["one"].path.mkdir(parents=True)
    assert made.place()["one"].state is State.MISSING
