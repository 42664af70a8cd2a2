"""``zy network ipv6 report`` and ``plan``: in both forms, limited, with targets and without."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from zhengyun.cli import run

LAB = Path(__file__).parents[3] / "inventories" / "lab"
TARGETS = """
sites:
  far: {name: 远, name_en: Far, division: "440100", level: township}
gear:
  old: {vendor: 华为, model: NE40E-X3, platform: frr, srv6: false}
  new: {vendor: 华为, model: NE8000, platform: frr, srv6: true}
ipv6_targets:
  core: {name: 骨干, name_en: Core, measure: core, share: 75, by: 2020-12-31, source: 某通知第三条}
  sites: {name: 站点, name_en: Sites, measure: sites, share: 50, by: 2020-06-30, source: 某通知第二条}
  services: {name: 服务, name_en: Services, measure: services, share: 100, by: 2999-12-31, source: 某通知第四条}
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """The lab with old gear at gz-pe-2, new at gd-pe-1, a site that nothing reaches, and targets."""
    folder = Path(shutil.copytree(LAB, tmp_path / "inventory"))
    (folder / "ipv6.yaml").write_text(TARGETS, encoding="utf-8")
    extranet = folder / "extranet.yaml"
    text = extranet.read_text(encoding="utf-8")
    for router, gear in (("gz-pe-2", "old"), ("gd-pe-1", "new")):
        text = text.replace(f"  {router}: {{", f"  {router}: {{gear: {gear}, ")
    extranet.write_text(text, encoding="utf-8")
    return folder


def _answer(capsys: pytest.CaptureFixture[str], inventory: Path, *arguments: str) -> Any:
    assert run(["network", "ipv6", *arguments, "-i", str(inventory), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _text(capsys: pytest.CaptureFixture[str], inventory: Path, *arguments: str) -> str:
    assert run(["network", "ipv6", *arguments, "-i", str(inventory)]) == 0
    return capsys.readouterr().out


def test_the_report_is_one_document(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = _answer(capsys, inventory, "report")
    assert {site["site"]: site["state"] for site in said["sites"]} == {
        "far": "no-router",
        "gd-core": "unregistered",
        "gz-core": "old-gear",
        "gz-gat": "waiting",
        "gz-zsj": "dual-stack",
    }
    assert len(said["routers"]) == 6
    assert {service["system"]: service["lacks"] for service in said["services"]} == {
        "gdbos": [],
        "zct": ["global-address"],
    }
    assert said["hosts"] == ["gd-app-1", "gd-bastion-1"], "the log host keeps its own"


def test_targets_are_compared_the_nearest_first(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    aims = _answer(capsys, inventory, "report")["targets"]
    keys = ("code", "done", "of", "missing", "overdue")
    assert [tuple(aim[key] for key in keys) for aim in aims] == [
        ("sites", 1, 5, 2, True),
        ("core", 1, 4, 2, True),
        ("services", 1, 2, 1, False),
    ]
    assert "某通知第二条" in _text(capsys, inventory, "report")


def test_without_targets_it_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no targets are declared" in _text(capsys, LAB, "report")
    assert _answer(capsys, LAB, "report")["targets"] == []


def test_a_limit_narrows_all_but_the_targets(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = _answer(capsys, inventory, "report")
    said = _answer(capsys, inventory, "report", "--limit", "region=gz")
    assert {site["site"] for site in said["sites"]} == {"gz-core", "gz-gat", "gz-zsj"}
    assert {router["site"] for router in said["routers"]} == {"gz-core", "gz-gat", "gz-zsj"}
    assert ([service["system"] for service in said["services"]], said["hosts"]) == (["zct"], [])
    assert said["targets"] == whole["targets"]
    one = _answer(capsys, inventory, "report", "--limit", "router=gd-pe-1")
    assert ([site["site"] for site in one["sites"]], one["services"]) == (["gd-core"], [])


def test_the_text_says_what_is_next_in_both_languages(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = " ".join(_text(capsys, inventory, "report").split())
    assert "1 of 5 sites and 1 of 2 services have nothing in the way of IPv6" in said
    assert "2 项服务中 1 项已就绪" in said
    assert "old-gear 设备不支持 SRv6" in said
    assert "zy network ipv6 plan" in said
    assert "its gear does not forward SRv6" in said


def test_the_plan_lists_steps_and_what_proves_the_first(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (step,) = _answer(capsys, inventory, "plan")["steps"]
    assert (step["number"], step["routers"]) == (1, ["gz-pe-2"])
    assert step["commands"][-1] == "zy verify --limit router=gz-pe-2"
    text = _text(capsys, inventory, "plan")
    assert "zy verify --limit router=gz-pe-2" in text
    assert "1 routers to replace, in 1 steps" in text
    assert "0 routers to replace" in _text(capsys, LAB, "plan")


def test_commands_of_a_step_are_commands(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command and option exists: its own help lists the options that the step gives it."""
    (step,) = _answer(capsys, inventory, "plan")["steps"]
    for command in step["commands"]:
        words = command.split()[1:]
        verbs = words[: 2 if words[0] == "network" else 1]
        assert run([*verbs, "--help"]) == 0
        help_text = capsys.readouterr().out
        assert [word for word in words if word.startswith("-") and word not in help_text] == []


def test_offline_checks_of_a_step_pass_while_gear_is_old(inventory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["network", "check", "--without", "gz-pe-2", "-i", str(inventory), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert "gear-srv6" in {finding["rule"] for finding in said["findings"]}
    assert said["outage"]["down"]
