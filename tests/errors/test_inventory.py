"""Each file in ``inventory/`` breaks the lab's inventory in one way; its head says which error must come, and where.

``# expect: CODE FILE[:LINE:COLUMN]``, ``# replaces: FILE`` of the lab's inventory (else the case is
one more file of it), ``# repeat: N`` repeats the last line.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from province.errors import ZyErrors
from province.load import LOCK_NAME, load

CASES = sorted((Path(__file__).parent / "inventory").glob("*.yaml"))
LAB = Path(__file__).parents[2] / "inventories" / "lab"


@dataclass(frozen=True)
class Case:
    data: bytes
    code: str
    position: str
    name: str

    @classmethod
    def read(cls, path: Path) -> Case:
        data = path.read_bytes()
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
        head = dict(re.findall(r"# (\w+): (.+)", data.decode(encoding)))
        lines = data.splitlines(keepends=True)
        data += lines[-1] * int(head.get("repeat", 0))
        code, position = head["expect"].split()
        return cls(data, code, position, head.get("replaces", "case.yaml"))


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LAB, tmp_path / "inventory"))


def test_the_inventory_that_cases_break_is_sound(inventory: Path) -> None:
    assert load(inventory).identity.code == "gd"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_broken_inventory_gives_its_error(path: Path, inventory: Path) -> None:
    case = Case.read(path)
    (inventory / case.name).write_bytes(case.data)
    with pytest.raises(ZyErrors) as caught:
        load(inventory)
    found = {(error.code, Path(str(error.place)).name) for error in caught.value.errors}
    assert (case.code, case.position) in found
    assert all(error.fix and error.message for error in caught.value.errors)


def test_every_mistake_is_found_in_one_pass(inventory: Path) -> None:
    (inventory / "a.yaml").write_text("departments:\n  swj: {name: 1}\n", encoding="utf-8")
    (inventory / "b.yaml").write_text("flavors:\n  g1.big: {vcpus: x, ram_mib: 1, disk_gib: 1}\n", encoding="utf-8")
    with pytest.raises(ZyErrors) as caught:
        load(inventory)
    assert {Path(error.place.file or "").name for error in caught.value.errors} == {"a.yaml", "b.yaml"}


def test_mistakes_of_one_block_are_told_one_by_one(inventory: Path) -> None:
    (inventory / "a.yaml").write_text("sites:\n  here: {name: 甲}\n", encoding="utf-8")
    with pytest.raises(ZyErrors) as caught:
        load(inventory)
    assert [error.code for error in caught.value.errors] == ["ZY-INV-013"] * 3


def test_lock_file_is_no_part_of_the_declarations(inventory: Path) -> None:
    (inventory / LOCK_NAME).unlink()
    assert load(inventory).identity.code == "gd"


@pytest.mark.parametrize("content", [None, "# nothing but a comment\n"])
def test_nothing_declared(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "empty.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ZyErrors) as caught:
        load(tmp_path)
    assert [error.code for error in caught.value.errors] == ["ZY-INV-001"]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ZyErrors) as caught:
        load(tmp_path / "absent")
    assert caught.value.errors[0].code == "ZY-INV-001"
