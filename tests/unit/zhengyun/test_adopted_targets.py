"""An adopted project is a target like others: chosen, owned, placed, and approved by its owner's subjects."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.approval import touched
from policies.location import Location, locations
from policies.owners import owners
from province.adopted import AdoptedObject, AdoptedOwner, AdoptedProject
from province.cloud import Zone
from province.load import load
from province.province import Province
from province.record import RoomName
from province.system import DataClass
from zhengyun.selector import select

LAB = Path(__file__).parents[3] / "inventories" / "lab"
TARGET = "adopted-old"


def adopting(data_class: DataClass | None) -> Province:
    """The lab with a project that the police own and whose data is of that class; or that nobody owns."""
    owner = data_class and AdoptedOwner(department="gat", zone=Zone.PUBLIC, mlps_level=3, data_class=data_class)
    one = AdoptedObject(kind="openstack:networking/network:Network", name="net", id="2", inputs={})
    project = AdoptedProject(code="old", name="老城", region="gz", project_id="1", owner=owner, objects=(one,))
    return load(LAB).model_copy(update={"adopted": {"old": project}})


@pytest.mark.parametrize("selector", ["adopted=*", "stack=adopted-old", "adopted-old"])
def test_it_can_be_chosen(selector: str) -> None:
    assert select(adopting(None), [selector], list(RoomName)) == {RoomName.CLOUD: (TARGET,)}


def test_it_goes_with_its_region_and_its_owner() -> None:
    province = adopting(DataClass.GENERAL)
    assert TARGET in select(province, ["region=gz"], [RoomName.CLOUD])[RoomName.CLOUD]
    assert TARGET in select(province, ["department=gat"], [RoomName.CLOUD])[RoomName.CLOUD]
    assert locations(province)[TARGET] == Location(region="gz")


def test_until_it_has_an_owner_the_operator_answers_for_it() -> None:
    assert owners(adopting(None))[TARGET].department == load(LAB).identity.operator
    assert owners(adopting(DataClass.GENERAL))[TARGET].department == "gat"


@pytest.mark.parametrize(
    ("data_class", "asked"),
    [(None, []), (DataClass.GENERAL, []), (DataClass.IMPORTANT, ["gat"]), (DataClass.CORE, ["gat"])],
)
def test_changes_of_important_data_are_approved_by_its_subjects(data_class: DataClass | None, asked: list[str]) -> None:
    assert [department.code for department in touched(adopting(data_class), {TARGET})] == asked
