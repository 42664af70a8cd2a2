"""The hosts' room where it needs no host."""

from __future__ import annotations

from pathlib import Path

import pytest

from province.errors import ZyError
from province.host import HostSystem
from province.load import load
from province.record import RoomPlan, Severity
from roles.room import HostsRoom, unproven
from roles.runner import Playbooks

LAB = load(Path(__file__).parents[3] / "inventories" / "lab")


def test_without_an_ssh_configuration_nothing_is_tried(tmp_path: Path) -> None:
    room = HostsRoom(LAB, tmp_path / "ssh_config", tmp_path)
    with pytest.raises(ZyError, match="ZY-HST-002"):
        room.audit([])
    with pytest.raises(ZyError, match="ZY-HST-002") as caught:
        room.plan([])
    assert str(caught.value.place) == str(tmp_path / "ssh_config")


def test_unknown_host_is_named_with_the_choice(tmp_path: Path) -> None:
    room = HostsRoom(LAB, tmp_path / "ssh_config", tmp_path)
    with pytest.raises(ZyError, match="ZY-HST-003") as caught:
        room.verify(["gd-app-9"])
    assert "gd-bastion-1" in caught.value.fix


def test_province_without_hosts_needs_nothing(tmp_path: Path) -> None:
    empty = LAB.model_copy(update={"hosts": {}})
    room = HostsRoom(empty, tmp_path / "ssh_config", tmp_path)
    assert room.plan([]) == RoomPlan(room=room.name)
    assert room.destroy_plan().waves == ()
    assert room.live([]) == room.plan([]).live
    assert room.verify([]) == []


def test_host_of_a_system_that_we_never_ran_is_told_in_the_plan() -> None:
    known = LAB.hosts["gd-app-1"]
    stranger = known.model_copy(update={"code": "gd-app-2", "system": HostSystem.KYLIN_V10})
    (finding,) = unproven([known, stranger])
    assert (finding.target, finding.severity) == ("gd-app-2", Severity.ADVISORY)
    assert "kylin-v10" in finding.message


def test_what_ansible_cannot_begin_is_told(tmp_path: Path) -> None:
    playbooks = Playbooks({"all": {"hosts": []}}, tmp_path, {})
    with pytest.raises(ZyError, match="ZY-HST-010") as caught:
        playbooks.run("missing.yml", ["h1"], "", lambda _: None)
    assert "missing.yml" in caught.value.message


def test_artefacts_of_the_last_runs_alone_are_kept(tmp_path: Path) -> None:
    playbooks = Playbooks({}, tmp_path, {})
    made = [playbooks._folder() for _ in range(14)]
    assert len(list((tmp_path / "runs").iterdir())) == 11
    assert made[-1].exists()
