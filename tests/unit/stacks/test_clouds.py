"""Entries of clouds.yaml for projects."""

from __future__ import annotations

import pytest

from province.errors import ZyError
from province.province import Province
from stacks.clouds import project_clouds

AUTH = {"username": "admin", "password": "p", "project_name": "admin", "project_domain_name": "Default"}
CLOUDS = {"clouds": {name: {"region_name": name, "auth": AUTH} for name in ("gd", "gz")}}


def test_each_project_has_an_entry_scoped_to_it(province: Province) -> None:
    made = project_clouds(province, CLOUDS, "clouds.yaml")["clouds"]
    assert set(made) == {"gd", "gz", "gd/platform", "gz/platform", "gd/gdbos", "gd/rkk", "gz/zct"}
    assert made["gz/zct"]["region_name"] == "gz"
    assert made["gz/zct"]["auth"] == {
        "username": "admin",
        "password": "p",
        "project_name": "gz-zct",
        "project_domain_name": "gz-government",
    }
    assert made["gd"] == CLOUDS["clouds"]["gd"]


def test_project_ids_of_the_operator_do_not_win_over_ours(province: Province) -> None:
    entry = {"region_name": "gd", "auth": AUTH | {"project_id": "0" * 32}}
    clouds = {"clouds": {"gd": entry, "gz": entry}}
    assert "project_id" not in project_clouds(province, clouds, "c")["clouds"]["gd/rkk"]["auth"]


def test_removed_systems_keep_an_entry_until_they_are_taken_down(province: Province) -> None:
    assert "gd/old" in project_clouds(province, CLOUDS, "c", ["old"])["clouds"]


def test_missing_entry_is_named(province: Province) -> None:
    with pytest.raises(ZyError) as raised:
        project_clouds(province, {"clouds": {"gd": {}}}, "clouds.yaml")
    assert raised.value.code == "ZY-CLD-005"
    assert "gz" in raised.value.message
    assert raised.value.place.file == "clouds.yaml"
