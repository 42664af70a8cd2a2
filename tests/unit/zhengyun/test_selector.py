"""What --limit chooses on the lab's inventory."""

from __future__ import annotations

from pathlib import Path

import pytest

from province.errors import ZyError
from province.load import load
from province.province import Province
from province.record import RoomName
from zhengyun.selector import select

LAB = Path(__file__).parents[3] / "inventories" / "lab"
ALL = list(RoomName)


@pytest.fixture(scope="module")
def province() -> Province:
    return load(LAB)


def test_nothing_said_means_everything(province: Province) -> None:
    assert select(province, [], ALL) == {room: () for room in RoomName}


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        (
            ["region=gz"],
            {"cloud": ["region-gz", "tenant-zct"], "network": ["gz-ce-gat", "gz-ce-zsj", "gz-pe-1", "gz-pe-2"]},
        ),
        (["department=gat"], {"cloud": ["tenant-rkk"], "network": ["gz-ce-gat"]}),
        (["system=gdbos"], {"cloud": ["tenant-gdbos"]}),
        (["stack=tenant-*"], {"cloud": ["tenant-gdbos", "tenant-rkk", "tenant-zct"]}),
        (["host=gd-log-1"], {"hosts": ["gd-log-1"]}),
        (["router=gd-pe-?"], {"network": ["gd-pe-1", "gd-pe-2"]}),
        (["*-1"], {"hosts": ["gd-app-1", "gd-bastion-1", "gd-log-1"], "network": ["gd-pe-1", "gz-pe-1"]}),
        (["host=gd-log-1", "router=gd-pe-1"], {"hosts": ["gd-log-1"], "network": ["gd-pe-1"]}),
        (["province"], {"cloud": ["province"]}),
    ],
)
def test_selectors(province: Province, selectors: list[str], chosen: dict[str, list[str]]) -> None:
    found = select(province, selectors, ALL)
    assert {room.value: list(names) for room, names in found.items()} == chosen


@pytest.mark.parametrize("selector", ["region=xx", "planet=earth", "nothing-*", "router="])
def test_selector_that_chooses_nothing_is_an_error(province: Province, selector: str) -> None:
    with pytest.raises(ZyError) as error:
        select(province, [selector], ALL)
    assert error.value.code == "ZY-CLI-002"


def test_selector_that_chooses_nothing_in_these_rooms_is_an_error(province: Province) -> None:
    with pytest.raises(ZyError) as error:
        select(province, ["host=gd-log-1"], [RoomName.NETWORK])
    assert error.value.code == "ZY-CLI-002"
