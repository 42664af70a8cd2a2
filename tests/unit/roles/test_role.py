"""The role's files agree with one another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from province.host import HostRole, HostSystem
from province.record import JsonObject
from roles.baseline.library import zy_settings as settings
from roles.catalogue import AREAS, load_catalogue
from roles.readme import current

ROLE = Path(__file__).parents[3] / "roles" / "baseline"


def read(name: str) -> Any:
    return YAML(typ="safe").load(ROLE / name)


def options() -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


def test_every_default_is_specified_with_the_same_value() -> None:
    defaults = read("defaults/main.yml")
    assert set(options()) == set(defaults)
    specified = {name: spec["default"] for name, spec in options().items() if "default" in spec}
    from_inventory = {name for name, value in defaults.items() if isinstance(value, str) and "zy_" in value}
    assert {n: v for n, v in specified.items() if n not in from_inventory} == {
        name: defaults[name] for name in specified if name not in from_inventory
    }


def areas() -> dict[str, JsonObject]:
    names = re.findall(r"baseline_area_(\w+)", " ".join(read("vars/main/areas.yml")["baseline_areas"]))
    return {name: read(f"vars/main/{name}.yml")[f"baseline_area_{name}"] for name in names}


def test_every_area_can_be_chosen_by_tag_and_switched_off() -> None:
    files = {path.stem for path in (ROLE / "vars" / "main").iterdir()} - {
        "areas",
        "account_files",
        "outside",
        "systems",
    }
    assert set(areas()) == files
    for name, area in areas().items():
        assert area["enabled"].startswith(f"{{{{ baseline_{name} ")
        assert area["area"] == name
        assert read("vars/main/areas.yml")["baseline_catalogue"][name] == f"{{{{ baseline_controls_{name} }}}}"


def test_catalogue_and_areas_are_in_the_same_order() -> None:
    assert (*areas(), "outside") == AREAS
    assert list(read("vars/main/areas.yml")["baseline_catalogue"]) == list(areas())


def test_file_that_belongs_to_a_control_names_one_of_its_area() -> None:
    catalogue, shared = load_catalogue(), read("vars/main/account_files.yml")["baseline_account_files"]
    named = [(name, file) for name, area in areas().items() for file in area.get("files", ()) if name != "accounts"]
    named += [("accounts", file) for file in shared]
    for name, file in named:
        assert "control" not in file or catalogue[file["control"]].area == name, file["path"]


def test_every_system_of_the_inventory_has_its_names() -> None:
    systems = read("vars/main/systems.yml")["baseline_systems"]
    assert list(systems) == [system.value for system in HostSystem]
    assert options()["baseline_system"]["choices"] == list(systems)
    assert len({tuple(names) for names in systems.values()}) == 1, "the same names in each"


def test_every_role_of_the_inventory_has_its_openings() -> None:
    assert set(read("defaults/main.yml")["baseline_openings"]) == {role.value for role in HostRole}
    assert options()["baseline_host_role"]["choices"] == [role.value for role in HostRole]


def test_readme_is_current() -> None:
    assert (ROLE / "README.md").read_text() == current(), "write it anew: python -m roles.readme"


def test_whatever_can_lock_people_out_is_guarded_and_comes_first() -> None:
    assert [name for name, area in areas().items() if area["guarded"]] == ["accounts", "ssh", "firewall"]
    assert list(areas())[:3] == ["accounts", "ssh", "firewall"]
    assert all(area["guarded"] for area in areas().values() if "check" in area), (
        "only the guard puts refused files back"
    )


def test_modules_know_every_key_of_an_area() -> None:
    for area in areas().values():
        assert set(area) <= {*settings.EMPTY, "area", "enabled"}
