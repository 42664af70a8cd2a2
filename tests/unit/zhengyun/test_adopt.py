"""``zy cloud adopt``, with a cloud that somebody has read already."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from province.adopted import AdoptedObject, AdoptedProject
from province.load import load
from province.record import Beat
from stacks.adoption import Adoption
from zhengyun.cli import run
from zhengyun.commands import adopt
from zhengyun.output import Exit

LAB = Path(__file__).parents[3] / "inventories" / "lab"
SUBNET = AdoptedObject(
    kind="openstack:networking/subnet:Subnet", name="s 1", id="s1", inputs={"cidr": "10.48.0.0/24", "networkId": "n1"}
)
NETWORK = AdoptedObject(kind="openstack:networking/network:Network", name="net n1", id="n1", inputs={"name": "net"})
FOUND = Adoption(
    AdoptedProject(code="legacy-1", name="老城", region="gz", project_id="p1", objects=(NETWORK, SUBNET)),
    left={"DNS zone": 2},
    unread=("gone 123",),
)


@dataclass
class Room:
    found: list[Adoption]
    asked: tuple[str, Collection[str]] = ("", ())

    def adopt(self, region: str, names: Collection[str], _beat: Beat) -> list[Adoption]:
        self.asked = (region, names)
        return self.found


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    made = Room([FOUND])
    monkeypatch.setattr(adopt, "cloud_room", lambda *_: made)
    return made


def test_json_holds_everything_that_was_found(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "adopt", "gz", "--project", "老城", "-i", str(LAB), "--json"]) == Exit.DONE
    (one,) = json.loads(capsys.readouterr().out)["projects"]
    assert room.asked == ("gz", frozenset({"老城"}))
    assert (one["code"], one["objects"], one["left"], one["unread"]) == (
        "legacy-1",
        {"Network": 1, "Subnet": 1},
        {"DNS zone": 2},
        ["gone 123"],
    )
    assert {finding["rule"] for finding in one["findings"]} == {
        "mandatory-labels",
        "ipv6-present",
        "adopted-addresses-free",
    }
    assert one["file"] is None


def test_people_see_what_is_wrong_and_what_comes_next(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "adopt", "gz", "-i", str(LAB)]) == Exit.DONE
    printed = capsys.readouterr().out
    for words in ("老城", "1 ×  Network", "2 DNS zone", "gone 123", "ipv6-present", "-o INVENTORY/adopted"):
        assert words in printed
    room.found = []
    assert run(["cloud", "adopt", "gz", "-i", str(LAB)]) == Exit.DONE
    assert "nothing that others made" in capsys.readouterr().out


@pytest.mark.usefixtures("room")
def test_what_it_writes_is_an_inventory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in LAB.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "images").symlink_to(LAB / "images")
    assert run(["cloud", "adopt", "gz", "-i", str(tmp_path), "-o", str(tmp_path / "adopted")]) == Exit.DONE
    assert "zy plan --limit 'adopted=*'" in capsys.readouterr().out
    assert load(tmp_path).adopted == {"legacy-1": FOUND.project}
    assert run(["cloud", "adopt", "gz", "-i", str(tmp_path), "-o", str(tmp_path / "adopted")]) == Exit.BAD_INPUT
    assert "ZY-CLI-013" in capsys.readouterr().err


@pytest.mark.usefixtures("room")
def test_a_region_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "adopt", "xx", "-i", str(LAB)]) == Exit.BAD_INPUT
    assert "ZY-CLI-012" in capsys.readouterr().err
