"""Patterns: a block for each row, whatever the order of rows; values keep their types."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from province.errors import ZyErrors
from province.load import load
from province.pattern import Pattern, PatternError, expand

LAB = Path(__file__).parents[3] / "inventories" / "lab"
TABLES = {
    "cities": {
        "gz": {"name": "广州市", "count": 3, "ports": [443], "counties": {"03": {"name": "荔湾区", "towns": 2}}},
        "sz": {"name": "深圳市", "count": 1, "ports": [], "counties": {}},
    }
}


def made(each: dict[str, str], declare: dict[str, dict[str, Any]]) -> dict[tuple[str, str], Any]:
    pattern = Pattern.model_validate({"each": each, "declare": declare})
    return {(block.section, block.code): block.content for block in expand({"p": pattern}, TABLES)}


def test_rows_of_rows_and_numbers() -> None:
    found = made(
        {"city": "cities", "county": "city.counties", "town": "county.towns"},
        {"sites": {"{city}{county}{town}": {"name": "{city.name}{county.name}{town}"}}},
    )
    assert found == {
        ("sites", "gz03001"): {"name": "广州市荔湾区001"},
        ("sites", "gz03002"): {"name": "广州市荔湾区002"},
    }


def test_a_lone_placeholder_keeps_its_type() -> None:
    found = made(
        {"city": "cities"}, {"x": {"{city}": {"n": "{city.count}", "t": "no {city.count}", "p": "{city.ports}"}}}
    )
    assert found["x", "gz"] == {"n": 3, "t": "no 3", "p": [443]}


def test_lists_of_every_row() -> None:
    template = {"departments": {"every": {"city": "cities"}, "item": "{city}-{office}"}}
    pattern = Pattern.model_validate({"each": {"office": "offices"}, "declare": {"vpns": {"{office}": template}}})
    found = list(expand({"p": pattern}, {**TABLES, "offices": {"gaj": {}}}))
    assert [block.content for block in found] == [{"departments": ["gz-gaj", "sz-gaj"]}]


@given(order=st.permutations(["gz", "sz"]))
def test_order_of_rows_means_nothing(order: list[str]) -> None:
    tables = {"cities": {code: TABLES["cities"][code] for code in order}}
    pattern = Pattern.model_validate({"each": {"city": "cities"}, "declare": {"x": {"{city}": {"n": "{city.count}"}}}})
    found = {block.code: block.content for block in expand({"p": pattern}, tables)}
    assert found == {"gz": {"n": 3}, "sz": {"n": 1}}


@pytest.mark.parametrize(
    ("each", "words"),
    [
        ({"city": "citys"}, "no table 'citys'"),
        ({"city": "cities", "county": "city.towns"}, "no field 'towns'"),
        ({"county": "city.counties"}, "no variable 'city'"),
        ({"city": "cities", "x": "city.name"}, "neither a map, a list nor a number"),
    ],
)
def test_what_cannot_be_filled_in(each: dict[str, str], words: str) -> None:
    with pytest.raises(PatternError, match=words):
        made(each, {"sites": {"s": {}}})


def test_a_mistake_of_a_pattern_is_one_error(tmp_path: Path) -> None:
    inventory = Path(shutil.copytree(LAB, tmp_path / "inventory"))
    rows = "".join(f"    c{number}: {{}}\n" for number in range(40))
    template = (
        'patterns:\n  site:\n    each: {city: cities}\n    declare:\n      sites:\n        "{city}": {name: 甲}\n'
    )
    (inventory / "sites.yaml").write_text(f"tables:\n  cities:\n{rows}{template}", encoding="utf-8")
    with pytest.raises(ZyErrors) as caught:
        load(inventory)
    assert {(error.code, error.place.line) for error in caught.value.errors} == {("ZY-INV-013", 48)}
    assert len(caught.value.errors) == 3, "name_en, division and level are missing"
    assert all("39 more like it" in error.message for error in caught.value.errors)
