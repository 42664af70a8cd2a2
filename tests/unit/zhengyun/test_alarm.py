"""``zy alarm``: what it writes, from what is remembered, and what it says when it cannot."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # as in the command

from policies.metric import Look
from province.load import load
from province.record import RoomName, Status
from roles.authority import Authority
from tests.unit.policies.alarming import NOW, check
from zhengyun.cli import run as zy
from zhengyun.commands.prove import remember
from zhengyun.figures import facts
from zhengyun.output import Exit
from zhengyun.places import Places
from zhengyun.report.evidence import Drift, Drifted, Verification
from zhengyun.workspace import Workspace

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("ZY_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return Workspace(LAB, load(LAB), Places(tmp_path / "cache", tmp_path / "state"))


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = zy(["alarm", *arguments, "-i", str(LAB), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_nothing_is_known_where_nothing_was_looked_at(workspace: Workspace) -> None:
    known = facts(workspace, NOW)
    assert (known.verified, known.checks, known.drift, known.certificates) == (None, (), None, {})
    assert not workspace.records.authority.exists()  # asking made none


def test_what_was_looked_at_is_known(workspace: Workspace) -> None:
    checks = (check("hst-log-transport", "gd-app-1"), check("hst-log-arrival", "gd-log-1", Status.PASSED))
    targets: dict[RoomName, tuple[str, ...]] = {RoomName.HOSTS: (), RoomName.CLOUD: ("tenant-rkk",)}
    remember(workspace, Verification(province="gd", began=NOW, ended=NOW, checks=checks, targets=targets))
    drifted = Drifted(room=RoomName.CLOUD, target="tenant-rkk", object="network rkk")
    Drift(province="gd", ended=NOW, targets=targets, objects=(drifted,)).save(workspace.records.drift)
    known = facts(workspace, NOW)
    hosts = frozenset({RoomName.HOSTS})
    assert known.verified == Look(NOW, hosts, [(RoomName.HOSTS, "gd-app-1")])
    assert known.checks == checks
    assert known.drift == Look(NOW, hosts, [(RoomName.CLOUD, "tenant-rkk")])


def test_what_is_known_of_another_province_does_not_count(workspace: Workspace) -> None:
    Drift(province="gx", ended=NOW, objects=()).save(workspace.records.drift)
    remember(workspace, Verification(province="gx", began=NOW, ended=NOW, checks=()))
    known = facts(workspace, NOW)
    assert (known.verified, known.drift) == (None, None)


def test_a_record_that_cannot_be_read_counts_as_none(workspace: Workspace) -> None:
    workspace.records.drift.parent.mkdir(parents=True)
    workspace.records.drift.write_text('{"province": "gd"}', encoding="utf-8")
    assert facts(workspace, NOW).drift is None


def test_the_authoritys_end_is_known_once_there_is_one(workspace: Workspace) -> None:
    assert Authority(workspace.records.authority).certificate
    (end,) = facts(workspace, NOW).certificates.values()
    assert 3600 < (end - datetime.now(UTC)).days <= 3650


def test_rules_are_written_as_yaml(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = answer(capsys, "rules", "-o", "out")
    written = {Path(file).name: yaml.safe_load(Path(file).read_text(encoding="utf-8")) for file in document["files"]}
    assert code == Exit.DONE
    assert {path.name for path in Path("out").iterdir()} == written.keys() == {"zhengyun.rules.yml", "alertmanager.yml"}
    assert sum(len(group["rules"]) for group in written["zhengyun.rules.yml"]["groups"]) == document["alarms"]
    assert written["alertmanager.yml"]["route"]["receiver"] == workspace.province.departments["zsj"].responsible.id


@pytest.mark.usefixtures("workspace")
def test_figures_are_printed_as_they_are_and_written_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert zy(["alarm", "metrics", "-i", str(LAB)]) == Exit.DONE
    printed = capsys.readouterr().out
    assert 'zhengyun_region_pue_ratio{region="gd"} 1.22\n' in printed
    code, document = answer(capsys, "metrics", "-o", "collector/zhengyun.prom")
    assert (code, document) == (Exit.DONE, {"file": "collector/zhengyun.prom"})
    (file,) = Path("collector").iterdir()
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "written" not in line]
    assert lines == [line for line in printed.splitlines() if "written" not in line]


@pytest.mark.usefixtures("workspace")
def test_figures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = answer(capsys, "metrics")
    found = {metric["name"]: metric for metric in document["metrics"]}
    assert code == Exit.DONE
    assert found["zhengyun_region_pue_ratio"]["samples"][0] == {"labels": {"region": "gd"}, "value": 1.22}


@pytest.mark.usefixtures("workspace")
def test_a_name_that_node_exporter_would_not_read_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = answer(capsys, "metrics", "-o", "zhengyun.txt")
    (error,) = document["errors"]
    assert (code, error["code"], error["file"]) == (Exit.BAD_INPUT, "ZY-ALM-001", "zhengyun.txt")
    assert "zhengyun.prom" in error["fix"]
    assert not Path("zhengyun.txt").exists()


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("command", [("rules", "-o", "file/out"), ("metrics", "-o", "file/zhengyun.prom")])
def test_what_cannot_be_written_is_told(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").touch()
    code, document = answer(capsys, *command)
    (error,) = document["errors"]
    assert (code, error["code"]) == (Exit.BAD_INPUT, "ZY-ALM-002")
    assert error["file"].startswith("file/")


@pytest.mark.usefixtures("workspace")
def test_a_file_that_could_not_be_replaced_stays_as_it_was(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path("zhengyun.prom")
    file.write_text("before", encoding="utf-8")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    code, document = answer(capsys, "metrics", "-o", str(file))
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-ALM-002")
    assert "No space left" in document["errors"][0]["message"]
    assert file.read_text(encoding="utf-8") == "before"
