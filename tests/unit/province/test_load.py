"""Loading: the lab's inventory is whole, order means nothing, and allocations are kept beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from province.addressing import NUMBERS, SHAPES
from province.load import load, unallocated, write_allocations
from province.province import Province
from province.schema import SCHEMA_NAME, json_schema

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LAB, tmp_path / "inventory"))


def test_the_lab_declares_what_the_first_issue_asks_for(lab: Province) -> None:
    assert len(lab.regions) == 2
    assert all(len(region.zones) == 5 for region in lab.regions.values())
    assert {len(lab.departments), len(lab.systems), len(lab.hosts)} == {3}
    assert len(lab.routers) == 6
    assert len(lab.agreements) == 1


def test_every_pool_has_a_shape_or_is_a_number_space(lab: Province) -> None:
    assert set(lab.wanted()) == set(SHAPES) | set(NUMBERS)
    assert set(SHAPES) == set(lab.identity.pools.by_name())


def test_everything_in_the_lab_is_allocated(lab: Province) -> None:
    assert unallocated(lab, LAB) == {}


def test_sections_may_stand_in_any_file_in_any_order(inventory: Path, lab: Province) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(inventory.glob("*.yaml"), reverse=True)]
    declared = [text for text in texts if "slots:" not in text]
    for path in inventory.glob("*.yaml"):
        if path.name != "addresses.lock.yaml":
            path.unlink()
    (inventory / "sub").mkdir()
    (inventory / "sub" / "all.yaml").write_text("\n".join(declared), encoding="utf-8")
    assert load(inventory) == lab


def test_an_inserted_lan_renumbers_nothing(inventory: Path, lab: Province) -> None:
    text = (inventory / "extranet.yaml").read_text(encoding="utf-8")
    added = text.replace("lans:\n", "lans:\n  aa-first: {department: gat, router: gz-pe-1, port: lan7}\n")
    (inventory / "extranet.yaml").write_text(added, encoding="utf-8")
    assert unallocated(load(inventory), inventory) == {"lan": ["aa-first"]}
    assert write_allocations(load(inventory), inventory) == {"lan": ["aa-first"]}
    after = load(inventory)
    assert all(after.addresses.lan(code) == lab.addresses.lan(code) for code in lab.lans)
    assert after.addresses.lan("aa-first") not in [lab.addresses.lan(code) for code in lab.lans]


def test_writing_allocations_twice_changes_nothing(inventory: Path) -> None:
    write_allocations(load(inventory), inventory)
    once = (inventory / "addresses.lock.yaml").read_bytes()
    assert write_allocations(load(inventory), inventory) == {}
    assert (inventory / "addresses.lock.yaml").read_bytes() == once


def test_the_schema_beside_the_inventory_is_the_models_own() -> None:
    """If this fails: ``./zy schema -o inventories/lab``."""
    assert json.loads((LAB / SCHEMA_NAME).read_text(encoding="utf-8")) == json_schema()


def test_every_file_of_the_inventory_names_the_schema() -> None:
    files = [path for path in LAB.glob("*.yaml") if path.name != "addresses.lock.yaml"]
    assert files
    for path in files:
        assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema={SCHEMA_NAME}\n")
