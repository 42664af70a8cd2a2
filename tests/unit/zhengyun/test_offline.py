"""``zy network check``: what it answers, and that it refuses what must not be pushed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from zhengyun.cli import run
from zhengyun.output import Exit

LAB = Path(__file__).parents[3] / "inventories" / "lab"


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run(["network", "check", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_sound_extranet_has_only_advice(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = answer(capsys, "-i", str(LAB))
    assert code == Exit.DONE
    assert document["summary"] == {"routers": 6, "mandatory": 0, "advisory": 4}
    assert {one["clause"] for one in document["findings"]} == {"8.1.2.1 e", "8.1.3.2 c", ""}
    assert document["outage"] is None


def test_what_stops_a_plan_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LAB, tmp_path / "inventory"))
    file = folder / "extranet.yaml"
    text = file.read_text(encoding="utf-8")
    wrong = text.replace("{router: gz-pe-1, port: eth2}", "{router: gz-pe-1, port: eth2.10}")
    file.write_text(wrong, encoding="utf-8")
    assert wrong != text
    code, document = answer(capsys, "-i", str(folder))
    assert code == Exit.REFUSED
    assert document["findings"][0]["rule"] == "vlan-ends"


def test_an_outage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    _, document = answer(capsys, "-i", str(LAB), "--without", "gz-pe-1")
    assert document["outage"] == {
        "down": "gz-pe-1",
        "losses": [{"vpn": "zsj", "sides": [["gd-zsj"], ["gz-zsj"]]}],
        "deaf": None,
    }
    code, document = answer(capsys, "-i", str(LAB), "--without", "nobody")
    assert code == Exit.FAILED
    assert document["errors"][0]["code"] == "ZY-NET-036"


def test_the_text_names_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["network", "check", "-i", str(LAB), "--without", "gz-pe-1-gz-pe-2"]) == Exit.DONE
    text = capsys.readouterr().out
    assert "only this PE serves gz-ce-zsj" in " ".join(text.split())
    assert "nobody loses anybody" in text
