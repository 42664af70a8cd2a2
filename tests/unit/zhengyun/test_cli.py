"""The command line's contract: JSON on every command, exit codes, errors in words, never a traceback."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.main

import zhengyun.cli
import zhengyun.workspace
from province.errors import Place, ZyError, ZyErrors
from province.record import (
    Action,
    Beat,
    Check,
    Finding,
    Operation,
    Result,
    RoomName,
    RoomPlan,
    Severity,
    Status,
    Step,
)
from zhengyun.cli import application, run
from zhengyun.output import Exit, exit_code
from zhengyun.report.evidence import Drift, Drifted
from zhengyun.selector import Targets

LAB = Path(__file__).parents[3] / "inventories" / "lab"
ACTION = Action(target="gd-pe-1", object="vrf zsj", operation=Operation.UPDATE, diff="-a\n+b\n")
NOT_RUN = ("test",)
"""It would run all tests again; its option is looked at all the same."""
ARGUMENTS = {
    "hosts judge": ["-o", "/nowhere/evidence"],
    "setup": ["--plan"],
    "clean": ["--yes"],
    "bench": ["--list"],
    "cloud adopt": ["gd"],
    "cloud explain": ["gdbos"],
    "cloud state repair": ["province"],
    "cloud state restore": ["province"],
    "rollback": ["20261124-0312-41a7"],
    "approve": ["plan.json", "--as", "gat-sec", "--key", "key"],
    "policy explain": ["8.1.3.2 a"],
    "policy log prove": ["0"],
    "policy log witness": ["witness"],
    "network history": ["gd-pe-1"],
    "network rollback": ["gd-pe-1", "--to", "0123456"],
    "lab openstack shell": ["gd"],
    "lab hosts shell": ["gd-log-1"],
    "lab routers shell": ["gd-pe-1"],
}


class ToldRoom:
    """A room that plans and finds what it is told."""

    def __init__(self, name: RoomName, plan: RoomPlan, checks: Sequence[Check] = ()) -> None:
        self.name, self.planned, self.checks = name, plan, checks

    def plan(self, limit: Sequence[str]) -> RoomPlan:  # noqa: ARG002 - the protocol's signature
        return self.planned

    def live(self, limit: Sequence[str]) -> str:  # noqa: ARG002 - the same
        return "other than planned"

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:  # noqa: ARG002 - the same
        raise AssertionError("nothing may be carried out here")

    def verify(self, limit: Sequence[str]) -> list[Check]:  # noqa: ARG002 - the same
        return list(self.checks)

    def destroy_plan(self) -> RoomPlan:
        return self.planned


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its words."""
    group = group or typer.main.get_command(application())
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZY_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("ZY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ZY_INVENTORY", raising=False)
    return tmp_path


def tell(monkeypatch: pytest.MonkeyPatch, plan: RoomPlan, checks: Sequence[Check] = ()) -> None:
    """Only the network has anything to do."""
    rooms = {name: ToldRoom(name, plan if name is plan.room else RoomPlan(room=name), checks) for name in RoomName}
    monkeypatch.setattr(zhengyun.workspace, "build_rooms", lambda *_: rooms)


def network(*actions: Action, findings: tuple[Finding, ...] = ()) -> RoomPlan:
    waves = ((Step(name="routers", targets=("gd-pe-1",)),),) if actions else ()
    return RoomPlan(room=RoomName.NETWORK, actions=actions, findings=findings, waves=waves, live="seen")


def check(status: Status) -> Check:
    return Check(
        id="vpn",
        title="VPN reaches",
        title_zh="专网可达",
        room=RoomName.NETWORK,
        target="gd-zsj",
        status=status,
        expected="0 % lost",
        actual="0 % lost",
        evidence="ping",
    )


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_json_and_a_help(words: str) -> None:
    command = COMMANDS[words]
    assert any("--json" in parameter.opts for parameter in command.params), "it has no --json"
    assert re.search(r"[\u4e00-\u9fff]", command.help or ""), "its help lacks the Chinese term"
    assert all(getattr(p, "help", None) or p.name == "help" for p in command.params), "an option without help"


@pytest.mark.parametrize("words", [words for words in COMMANDS if words not in NOT_RUN])
def test_every_command_answers_in_json_where_nothing_is(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    takes_inventory = any("--inventory" in parameter.opts for parameter in COMMANDS[words].params)
    chosen = ["-i", "/nowhere"] if takes_inventory and words not in ("apply", "clean") else []
    code, document = answer(capsys, *words.split(), *chosen, *ARGUMENTS.get(words, []))
    if chosen:
        assert code == Exit.BAD_INPUT
        assert document["errors"][0]["code"] == "ZY-INV-001"
    assert code in list(Exit)


def test_validate(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "validate", "-i", str(LAB)) == (
        Exit.DONE,
        {"errors": [], "province": "gd", "unallocated": {}},
    )


def test_validate_locates_every_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("departments:\n  zsj: {nmae: 1}\n")
    code, document = answer(capsys, "validate", "-i", str(tmp_path))
    assert code == Exit.BAD_INPUT
    assert set(document["errors"][0]) >= {"code", "message", "file", "line", "column", "fix"}
    assert any(error["line"] == 2 for error in document["errors"])


def test_plan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tell(monkeypatch, network(ACTION))
    code, document = answer(capsys, "plan", "-i", str(LAB), "-o", str(tmp_path / "plan.json"))
    assert code == Exit.DONE
    assert document["summary"] == {"create": 0, "update": 1, "replace": 0, "delete": 0, "import": 0, "release": 0}
    assert document["changes"] == [{"room": "network", **ACTION.model_dump(mode="json")}]
    assert document["digest"] == json.loads((tmp_path / "plan.json").read_text())["digest"]


def test_plan_that_policy_refuses(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding(rule="labels", severity=Severity.MANDATORY, object="server", message="no labels", fix="add them")
    tell(monkeypatch, network(ACTION, findings=(finding,)))
    code, document = answer(capsys, "plan", "-i", str(LAB))
    assert (code, document["findings"][0]["rule"]) == (Exit.REFUSED, "labels")
    code, document = answer(capsys, "apply", "-i", str(LAB), "--yes")
    assert (code, document["errors"][0]["code"]) == (Exit.REFUSED, "ZY-CHG-030")


def test_apply_of_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, network())
    code, document = answer(capsys, "apply", "-i", str(LAB))
    assert code == Exit.DONE
    assert (document["change_id"], document["summary"]["changes"], document["results"]) == (None, 0, [])


def test_apply_asks_nobody_in_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, network(ACTION))
    code, document = answer(capsys, "apply", "-i", str(LAB))
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CLI-005")


def test_stale_plan_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    tell(monkeypatch, network(ACTION))
    plan = str(places / "plan.json")
    assert run(["plan", "-i", str(LAB), "-o", plan]) == Exit.DONE
    capsys.readouterr()
    code, document = answer(capsys, "apply", plan)
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CHG-004")


def test_plan_file_brings_its_own_choice(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = answer(capsys, "apply", "plan.json", "--limit", "region=gz")
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CLI-004")


def test_plan_file_may_be_applied_where_the_environment_names_an_inventory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZY_INVENTORY", str(LAB))
    assert answer(capsys, "apply", "no-such-plan.json")[1]["errors"][0]["code"] == "ZY-CHG-001"
    assert answer(capsys, "apply", "no-such-plan.json", "-i", "/other")[1]["errors"][0]["code"] == "ZY-CLI-004"


def test_drift(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, network(ACTION))
    code, document = answer(capsys, "drift", "-i", str(LAB))
    assert (code, document["summary"]["update"], len(document["changes"])) == (Exit.DRIFT, 1, 1)
    tell(monkeypatch, network())
    assert answer(capsys, "drift", "-i", str(LAB))[0] == Exit.DONE


def test_drift_is_remembered_for_the_alarms(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    tell(monkeypatch, network(ACTION))
    remembered = places / "state" / "drift.json"
    assert answer(capsys, "plan", "-i", str(LAB))[0] == Exit.DONE
    assert not remembered.exists()  # what a plan shows may be what is wanted
    answer(capsys, "drift", "-i", str(LAB))
    seen = Drift.model_validate_json(remembered.read_bytes())
    assert seen.objects == (Drifted(room=RoomName.NETWORK, target=ACTION.target, object=ACTION.object),)
    assert (seen.province, seen.whole) == ("gd", frozenset(RoomName))
    answer(capsys, "drift", "-i", str(LAB), "--limit", "router=gd-pe-1")
    assert Drift.model_validate_json(remembered.read_bytes()).whole == frozenset()


def test_limit_leaves_other_rooms_out(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, network(ACTION))
    assert answer(capsys, "plan", "-i", str(LAB), "--limit", "host=*")[1]["changes"] == []
    assert answer(capsys, "hosts", "plan", "-i", str(LAB))[1]["changes"] == []
    assert len(answer(capsys, "network", "plan", "-i", str(LAB))[1]["changes"]) == 1
    assert answer(capsys, "plan", "-i", str(LAB), "--only", "hosts,network")[1]["rooms"].keys() == {"hosts", "network"}


def test_unknown_room(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = answer(capsys, "plan", "-i", str(LAB), "--only", "hosts,clowd")
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CLI-003")


@pytest.mark.parametrize(("status", "code"), [(Status.PASSED, Exit.DONE), (Status.FAILED, Exit.FAILED)])
def test_verify(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, status: Status, code: Exit
) -> None:
    tell(monkeypatch, network(), [check(status)])
    found, document = answer(capsys, "network", "verify", "-i", str(LAB))
    assert (found, document["summary"][status.value], document["checks"][0]["id"]) == (code, 1, "vpn")


@pytest.mark.parametrize("confirmed", [[], ["--yes", "gx"]])
def test_destroy_wants_the_provinces_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, confirmed: list[str]
) -> None:
    tell(monkeypatch, network(ACTION))
    code, document = answer(capsys, "destroy", "-i", str(LAB), *confirmed)
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CHG-007")


def test_destroy_of_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, network())
    code, document = answer(capsys, "destroy", "-i", str(LAB), "--yes", "gd")
    assert (code, document["change_id"]) == (Exit.DONE, None)


def test_real_province_must_say_how_it_is_reached(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inventory = production(tmp_path)
    monkeypatch.delenv("OS_CLIENT_CONFIG_FILE", raising=False)
    code, document = answer(capsys, "plan", "-i", str(inventory))
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CLI-007")


def test_lab_is_not_for_the_real_province(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("zhengyun.toolchain.tools.LabParts.locate", lambda _: None)
    code, document = answer(capsys, "lab", "up", "-i", str(production(tmp_path)))
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CLI-006")


def production(folder: Path) -> Path:
    inventory = folder / "inventory"
    for path in LAB.rglob("*"):
        if path.is_file():
            target = inventory / path.relative_to(LAB)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes().replace(b"target: lab", b"target: production"))
    return inventory


@pytest.mark.parametrize("arguments", [["bogus"], ["plan", "--bogus"], ["lab"], ["rollback"]])
def test_misuse_is_told_in_words(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, document = answer(capsys, *arguments)
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CLI-001")
    assert run(arguments) == Exit.BAD_INPUT
    assert "ZY-CLI-001" in capsys.readouterr().err


def test_mistake_of_ours_is_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    def broken(_: object) -> Targets:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(zhengyun.workspace, "load", broken)
    assert run(["plan", "-i", str(LAB)]) == Exit.FAILED
    printed = capsys.readouterr()
    assert "ZY-CLI-009" in printed.err
    assert "Traceback" not in printed.err
    (trace,) = (places / "state" / "traces").iterdir()
    assert "ValueError: a mistake of ours" in trace.read_text()


def test_help_and_nothing_show_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--help"]):
        assert run(arguments) == Exit.DONE
        assert {"validate", "plan", "apply", "lab"} <= set(capsys.readouterr().out.split())


def test_outside_of_a_checkout_there_are_no_tests(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("zhengyun.commands.testing.ROOT", tmp_path)
    code, document = answer(capsys, "test", "--fast")
    assert (code, document["errors"][0]["code"]) == (Exit.BAD_INPUT, "ZY-CLI-010")


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["ZY-INV-001", "ZY-INV-002"], Exit.BAD_INPUT),
        (["ZY-CHG-003"], Exit.BAD_INPUT),
        (["ZY-CHG-030"], Exit.REFUSED),
        (["ZY-CHG-021"], Exit.FAILED),
        (["ZY-INV-001", "ZY-LAB-101"], Exit.FAILED),
    ],
)
def test_exit_codes(codes: list[str], expected: Exit) -> None:
    assert exit_code([ZyError(code, "", fix="") for code in codes]) is expected


def test_errors_show_code_place_mend_and_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        errors = [ZyError("ZY-INV-016", f"wrong {n}", place=Place("a.yaml", n, 3), fix="mend it") for n in (1, 2)]
        raise ZyErrors(errors)

    monkeypatch.setattr(zhengyun.cli, "application", lambda: lambda *_, **__: refuse())
    assert run(["validate"]) == Exit.BAD_INPUT
    printed = capsys.readouterr().err
    for words in (
        "ZY-INV-016",
        "a.yaml:1:3",
        "a.yaml:2:3",
        "wrong 2",
        "mend it",
        "docs/errors/ZY-INV-016.md",
        "2 errors",
    ):
        assert words in printed


def test_region_that_the_labs_cloud_lacks(tmp_path: Path) -> None:
    from lab.openstack.spec import Spec  # noqa: PLC0415 - only here
    from zhengyun.laboratory import CloudPart  # noqa: PLC0415 - the same

    with pytest.raises(ZyError) as error:
        CloudPart(Spec(tmp_path, tmp_path), tmp_path).shell("xx")
    assert error.value.code == "ZY-CLI-008"
