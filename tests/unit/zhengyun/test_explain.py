"""``zy cloud explain``: for people and as JSON; a system that is none is an error with the choices."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from zhengyun.cli import run
from zhengyun.output import Exit

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(LAB, tmp_path / "inventory"))
    text = (
        "systems:\n  hall:\n    name: 政务大厅\n    name_en: Service hall\n    department: zsj\n    region: gd\n"
        "    profile: three-tier\n    workloads: {web: {count: 7}}\n"
    )
    (folder / "hall.yaml").write_text(text, encoding="utf-8")
    return folder


def test_every_value_has_its_giver(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "explain", "hall", "-i", str(inventory), "--json"]) == Exit.DONE
    values = {one["field"]: one for one in json.loads(capsys.readouterr().out)["values"]}
    assert values["workloads.web.count"]["value"] == 7
    assert (values["workloads.web.count"]["source"], values["workloads.web.count"]["line"]) == ("inventory", 8)
    assert (values["workloads.app.count"]["source"], values["workloads.app.count"]["profile"]) == (
        "profile",
        "three-tier",
    )
    assert values["workloads.app.volume_gib"]["source"] == "default"


def test_people_read_a_table(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "explain", "hall", "-i", str(inventory)]) == Exit.DONE
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert next(line[:4] for line in lines if line[:1] == ["workloads.db.volume_gib"]) == [
        "workloads.db.volume_gib",
        "100",
        "profile",
        "three-tier",
    ]


def test_a_system_that_is_none(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "explain", "hal", "-i", str(inventory), "--json"]) == Exit.BAD_INPUT
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert error["code"] == "ZY-INV-047"
    assert "hall" in error["fix"]
