"""``zy cloud agreements`` for people and as JSON."""

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
    text = (folder / "agreements.yaml").read_text(encoding="utf-8")
    (folder / "agreements.yaml").write_text(
        text.replace("2026-01-01", "2020-01-01").replace("2030-12-31", "2021-12-31"), encoding="utf-8"
    )
    return folder


def test_json(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "agreements", "-i", str(inventory), "--json"]) == Exit.DONE
    document = json.loads(capsys.readouterr().out)
    assert document["summary"] == {"not yet": 0, "in force": 0, "ending": 0, "expired": 1}
    (one,) = document["agreements"]
    assert (one["code"], one["state"], one["days_left"], one["ports"]) == ("rkk-gdbos", "expired", 0, [8443])
    assert one["valid_until"] == "2021-12-31"


def test_people(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cloud", "agreements", "-i", str(inventory)]) == Exit.DONE
    printed = capsys.readouterr().out
    assert "expired" in printed
    assert "已到期" in printed
    assert "1 expired" in printed


def test_where_none_is_declared(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inventory / "agreements.yaml").unlink()
    assert run(["cloud", "agreements", "-i", str(inventory)]) == Exit.DONE
    assert "none is declared" in capsys.readouterr().out
