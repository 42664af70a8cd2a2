"""Profiles: whatever is written nearer to the system goes before, and every value says who gave it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from province.explanation import Effective, Giver, explain
from province.load import load, read
from province.profile import OWN, Profile, built_in, resolve

LAB = Path(__file__).parents[3] / "inventories" / "lab"
NAMES = ("data-exchange-node", "gdbos", "policy-service", "three-tier")
SYSTEM = """
systems:
  hall:
    name: 政务大厅
    name_en: Service hall
    department: zsj
    region: gd
    profile: PROFILE
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LAB, tmp_path / "inventory"))


def explained(inventory: Path, text: str) -> dict[str, Effective]:
    (inventory / "hall.yaml").write_text(text, encoding="utf-8")
    province, source = read(inventory)
    return {one.field: one for one in explain(province, source, "hall")}


def test_the_built_in_profiles() -> None:
    assert tuple(built_in()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_system_is_ten_lines_by_a_built_in_profile(inventory: Path, name: str) -> None:
    text = SYSTEM.replace("PROFILE", name)
    assert len(text.splitlines()) <= 10
    found = explained(inventory, text)
    assert found["workloads.db.flavor"].giver is Giver.PROFILE
    assert found["workloads.db.volume_gib"].value > 0
    Profile.model_validate(built_in()[name].plain())


def test_the_full_examples_have_all_tiers(inventory: Path) -> None:
    for name, tiers in {
        "gdbos": {"web", "acceptance", "data", "standards", "cache", "db", "exchange"},
        "policy-service": {"web", "publish", "match", "apply", "supervise", "cache", "db", "exchange"},
    }.items():
        explained(inventory, SYSTEM.replace("PROFILE", name))
        assert set(load(inventory).systems["hall"].workloads) == tiers


def test_who_gave_each_value(inventory: Path) -> None:
    text = (
        SYSTEM.replace("PROFILE", "kylin")
        + "    zone: dedicated\n    workloads:\n      web: {count: 5}\n"
        + "profiles:\n  kylin:\n    profile: three-tier\n    rpo_minutes: 5\n    workloads: {db: {flavor: g1.small}}\n"
    )
    found = explained(inventory, text)
    told = {
        field: (one.value, one.giver.value, one.profile, Path(str(one.place)).name)
        for field, one in found.items()
        if field in ("zone", "rpo_minutes", "rto_minutes", "workloads.web.count", "workloads.web.ports")
        or field in ("workloads.db.flavor", "workloads.db.audience")
    }
    assert told == {
        "zone": ("dedicated", "inventory", None, "hall.yaml:9:5"),
        "rpo_minutes": (5, "profile", "kylin", "hall.yaml:15:5"),
        "rto_minutes": (240, "profile", "three-tier", "hall.yaml:8:5"),
        "workloads.web.count": (5, "inventory", None, "hall.yaml:11:13"),
        "workloads.web.ports": ([443], "profile", "three-tier", "hall.yaml:8:5"),
        "workloads.db.flavor": ("g1.small", "profile", "kylin", "hall.yaml:16:22"),
        "workloads.db.audience": (None, "default", None, "hall.yaml:10:5"),
    }


def test_a_system_without_profile_is_of_the_inventory_and_defaults(inventory: Path) -> None:
    province, source = read(inventory)
    givers = {one.giver for one in explain(province, source, "gdbos")}
    assert givers == {Giver.INVENTORY, Giver.DEFAULT}


def test_a_workload_that_is_left_out_is_nobodys_client() -> None:
    profile: dict[str, Any] = {
        "workloads": {"web": {"count": 1}, "cache": {"clients": ["web"]}, "db": {"clients": ["web", "cache"]}}
    }
    found = resolve({"profile": "p", "without": ["cache"]}, {"p": profile})
    assert found.block == {"workloads": {"web": {"count": 1}, "db": {"clients": ["web"]}}}
    assert not [path for path in found.origins if "cache" in path]
    assert profile["workloads"]["db"]["clients"] == ["web", "cache"], "the profile itself is not changed"


keys = st.sampled_from("abcd")
leaves = st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2)
blocks = st.recursive(
    st.dictionaries(keys, leaves, min_size=1, max_size=3),
    lambda inner: st.dictionaries(keys, leaves | inner, min_size=1, max_size=3),
)


def flat(block: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    if not isinstance(block, dict):
        return {path: block}
    return {inner: value for key, part in block.items() for inner, value in flat(part, (*path, key)).items()}


def overlaps(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    length = min(len(path), len(other))
    return path[:length] == other[:length]


@given(own=blocks, base=blocks)
def test_own_values_stay_and_the_rest_is_the_profiles(own: dict[str, Any], base: dict[str, Any]) -> None:
    found = resolve({**own, "profile": "p"}, {"p": base})
    whole, mine, theirs = flat(found.block), flat(own), flat(base)
    assert {path: whole[path] for path in mine} == mine
    inherited = {path: value for path, value in theirs.items() if not any(overlaps(path, one) for one in mine)}
    assert {path: whole[path] for path in inherited} == inherited
    assert {path for path in found.origins} == set(inherited)


def test_profiles_do_not_say_whose_a_system_is() -> None:
    assert not set(OWN) & set(Profile.model_fields)
