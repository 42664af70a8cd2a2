"""Whatever stands where profiles and patterns are written, the answer is errors with places, never a traceback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from province.errors import ZyErrors
from province.load import load

LAB = Path(__file__).parents[3] / "inventories" / "lab"

words = st.sampled_from(
    ["", "a", "cities", "city", "city.a", "{city}", "{city.a}", "{x}", "{", "three-tier", "web", "mine"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=6,
)
systems = st.fixed_dictionaries(
    {"name": st.just("甲"), "name_en": st.just("A"), "department": st.just("zsj"), "region": st.just("gd")},
    optional={"profile": values, "without": values, "workloads": values, "zone": values},
)
lists = st.fixed_dictionaries({"departments": st.fixed_dictionaries({"every": values, "item": values})})
rows = {"a": {"x": 1, "list": [1], "name": "甲"}, "b": {"x": 2, "list": [], "name": "乙"}}
patterns = st.fixed_dictionaries(
    {
        "each": st.fixed_dictionaries({"city": st.just("cities") | words}),
        "declare": st.fixed_dictionaries({"vpns": st.fixed_dictionaries({"{city}": values | lists})})
        | st.fixed_dictionaries({"systems": st.fixed_dictionaries({"{city}": systems})})
        | st.dictionaries(words, st.dictionaries(words, values, max_size=2), max_size=1),
    }
)
shapes = (
    st.fixed_dictionaries({"systems": st.fixed_dictionaries({"sys": systems | values})})
    | st.fixed_dictionaries({"profiles": values | st.fixed_dictionaries({"mine": values | systems})})
    | st.fixed_dictionaries({"tables": values | st.dictionaries(words, values, max_size=2)})
    | st.fixed_dictionaries(
        {"tables": st.just({"cities": rows}), "patterns": values | st.fixed_dictionaries({"p": values | patterns})}
    )
)


@pytest.fixture(scope="module")
def inventory() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(shutil.copytree(LAB, Path(folder) / "inventory"))


@given(shape=shapes)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_shape_is_read_or_refused(inventory: Path, shape: dict[str, Any]) -> None:
    (inventory / "shape.yaml").write_text(json.dumps(shape, ensure_ascii=False), encoding="utf-8")
    try:
        load(inventory)
    except ZyErrors as refused:
        for error in refused.errors:
            assert error.place.file
            assert error.fix


def test_a_section_that_only_a_pattern_declares_is_told_where_it_stands(tmp_path: Path) -> None:
    inventory = Path(shutil.copytree(LAB, tmp_path / "inventory"))
    text = "tables: {cities: {yj: {}}}\npatterns:\n  p:\n    each: {city: cities}\n    declare:\n      citys: {x: {}}\n"
    (inventory / "shape.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ZyErrors) as caught:
        load(inventory)
    (error,) = caught.value.errors
    assert (error.code, Path(str(error.place)).name) == ("ZY-INV-012", "shape.yaml:6:7")
