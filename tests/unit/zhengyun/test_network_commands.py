"""``zy network backup``, ``history``, ``rollback``, over fake routers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import zhengyun.commands.network
from network.change import Bounds
from network.room import NetworkRoom
from province.load import load
from province.record import RoomName
from tests.unit.network.fakes import BARE, FakeRouter, Fleet
from zhengyun.change.planfile import Plan, Purpose
from zhengyun.cli import run
from zhengyun.commands.network import rollback
from zhengyun.planning import make_plan
from zhengyun.workspace import Records

LAB = Path(__file__).parents[3] / "inventories" / "lab"
ROUTER = "gz-pe-1"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZY_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("ZY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "state"


@pytest.fixture
def fleet() -> Fleet:
    return Fleet({name: FakeRouter(name, BARE.format(name=name)) for name in load(LAB).routers})


@pytest.fixture(autouse=True)
def room(state: Path, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> NetworkRoom:
    room = NetworkRoom(load(LAB), state / "ssh_config", state / "network", Bounds(), fleet.connect)
    monkeypatch.setattr(zhengyun.commands.network, "network_room", lambda *_: room)
    return room


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Plans that would be carried out."""
    plans: list[Plan] = []
    monkeypatch.setattr(zhengyun.commands.network, "carry_out", lambda _workspace, plan, *_, **__: plans.append(plan))
    return plans


def _answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run(["network", *arguments, "-i", str(LAB), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_backup_tells_what_it_recorded_and_what_did_not_answer(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.routers["gd-pe-1"].deaf = True
    code, document = _answer(capsys, "backup", "--limit", "router=g*-pe-1")
    assert code == 1
    assert document["recorded"] == [ROUTER]
    assert [error["target"] for error in document["unreachable"]] == ["gd-pe-1"]
    code, document = _answer(capsys, "history", ROUTER)
    assert (code, [one["why"] for one in document["revisions"]]) == (0, ["backup"])


def test_a_rollback_to_a_revision_is_a_plan_like_others(
    fleet: Fleet, carried: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    _answer(capsys, "backup")
    revision = _answer(capsys, "history", ROUTER)[1]["revisions"][0]["revision"]
    fleet.routers[ROUTER].running_text += "vrf stray\nexit-vrf\n"
    code, _ = _answer(capsys, "rollback", ROUTER, "--to", revision, "--yes")
    assert code == 0
    (plan,) = carried
    assert plan.purpose is Purpose.ROLLBACK
    assert plan.targets == {RoomName.NETWORK: (ROUTER,)}
    assert [(action.target, action.object) for action in plan.actions] == [(ROUTER, "vrf stray")]
    assert "stray" not in plan.room(RoomName.NETWORK).payload["orders"][ROUTER]["candidate"]


def test_a_rollback_to_a_change_goes_to_what_it_left(
    room: NetworkRoom, state: Path, carried: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_plan(LAB, load(LAB), {RoomName.NETWORK: room}, {RoomName.NETWORK: ()}, "test")
    change = Records(state).changes.create(made, "test")
    _answer(capsys, "rollback", ROUTER, "--to", change.id, "--yes")
    candidate = made.room(RoomName.NETWORK).payload["orders"][ROUTER]["candidate"]
    assert carried[0].room(RoomName.NETWORK).payload["orders"][ROUTER]["candidate"] == candidate


def test_a_revision_that_is_none_and_a_router_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = _answer(capsys, "rollback", ROUTER, "--to", "0123456", "--yes")
    assert (code, document["errors"][0]["code"]) == (1, "ZY-NET-068")
    code, document = _answer(capsys, "history", "nobody")
    assert (code, document["errors"][0]["code"]) == (2, "ZY-CLI-002")
    assert "inventory stays" in (rollback.__doc__ or "")


def test_gear_lists_what_loses_support(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    inventory = Path(shutil.copytree(LAB, tmp_path / "inventory"))
    text = "gear:\n  old: {vendor: 华为, model: NE40E-X3, platform: frr, srv6: false, end_of_support: 2020-12-31}\n"
    (inventory / "gear.yaml").write_text(text, encoding="utf-8")
    extranet = inventory / "extranet.yaml"
    known = extranet.read_text(encoding="utf-8")
    extranet.write_text(
        known.replace("department: gat}\n\nlinks", "department: gat, gear: old}\n\nlinks"), encoding="utf-8"
    )
    assert run(["network", "gear", "-i", str(inventory), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [(row["router"], row["quarter"], row["end"]) for row in said["ending"]] == [
        ("gz-ce-gat", "overdue", "2020-12-31")
    ]
    assert len(said["unknown"]) == 5
    assert run(["network", "gear", "-i", str(inventory)]) == 0
    assert "NE40E-X3" in capsys.readouterr().out
