"""Approvals: both subjects, by keys of their own, of exactly this plan, once; nobody approves their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import zhengyun.workspace
from policies import model
from policies.approval import NAMESPACE, Approval, advice, required, touched
from policies.model import Breach
from province.errors import ZyError
from province.load import load
from province.organisation import Approver
from province.province import Province
from province.record import Action, Beat, Check, Operation, Result, RoomName, RoomPlan, Severity, Status, Step
from province.rule import Rule
from zhengyun.change.approvals import approve, beside, read_approvals
from zhengyun.change.gate import check_approvals
from zhengyun.change.journal import Changes
from zhengyun.change.planfile import Plan, Purpose, read, seal, write
from zhengyun.cli import run
from zhengyun.output import Exit
from zhengyun.planning import make_plan
from zhengyun.signature import make_key, public_key, sign

LAB = Path(__file__).parents[3] / "inventories" / "lab"
PEOPLE = {"gat-tech": "zhang", "gat-sec": "li"}
ACTION = Action(target="tenant-rkk", object="Volume db", operation=Operation.UPDATE)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("gat-tech", "gat-sec", "other"):
        make_key(folder / name, name)
    return folder


@pytest.fixture
def province(keys: Path) -> Province:
    """The lab, whose police department lists an approver for each subject."""
    lab = load(LAB)
    gat = lab.departments["gat"]
    subjects = {
        role: subject.model_copy(
            update={"approvers": (Approver(holder=PEOPLE[subject.id], key=public_key(keys / f"{subject.id}.pub")),)}
        )
        for role, subject in (("responsible", gat.responsible), ("supervising", gat.supervising))
    }
    return lab.model_copy(update={"departments": {**lab.departments, "gat": gat.model_copy(update=subjects)}})


def plan_of(*actions: Action, operator: str = "wang", purpose: Purpose = Purpose.APPLY) -> Plan:
    waves = ((Step(name="tenants", targets=("tenant-rkk",)),),)
    return seal(
        Plan(
            purpose=purpose, province="gd", title="t", inventory=str(LAB), inputs={}, targets={RoomName.CLOUD: ()},
            created=datetime.now(UTC), operator=operator,
            rooms=(RoomPlan(room=RoomName.CLOUD, actions=actions, waves=waves),),
        )
    )  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    write(plan_of(ACTION), path)
    return path


@pytest.fixture
def approved(file: Path, province: Province, keys: Path) -> tuple[Approval, ...]:
    for subject in PEOPLE:
        approve(file, read(file), province, subject, keys / subject)
    return read_approvals(file)


def refused(plan: Plan, approvals: Sequence[Approval], province: Province, *, again: bool = False) -> str:
    with pytest.raises(ZyError) as caught:
        check_approvals(plan, approvals, [province], {plan.digest} if again else set())
    return caught.value.code


def test_both_approved(file: Path, approved: tuple[Approval, ...], province: Province) -> None:
    check_approvals(read(file), approved, [province], set())


def test_each_of_the_two_is_needed(file: Path, approved: tuple[Approval, ...], province: Province) -> None:
    assert refused(read(file), (), province) == "ZY-POL-030"
    assert refused(read(file), approved[:1], province) == "ZY-POL-030"
    assert refused(read(file), approved[1:], province) == "ZY-POL-030"


def test_what_holds_no_important_data_needs_none(province: Province) -> None:
    general = ACTION.model_copy(update={"target": "tenant-zct"})
    check_approvals(plan_of(general), (), [province], set())


def test_a_regions_stack_reaches_the_parties_of_its_agreements(province: Province) -> None:
    assert [department.code for department in touched(province, {"region-gd"})] == ["zsj", "gat"]
    assert list(touched(province, {"region-gz", "province", "gd-app-1"})) == []


def test_an_altered_plan_is_refused(file: Path, approved: tuple[Approval, ...], province: Province) -> None:
    altered = seal(read(file).model_copy(update={"title": "other"}))
    assert refused(altered, approved, province) == "ZY-POL-034"


def test_a_replay_is_refused(file: Path, approved: tuple[Approval, ...], province: Province) -> None:
    assert refused(read(file), approved, province, again=True) == "ZY-POL-034"


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "rubbish"},
        {"holder": "li"},
        {"time": datetime.now(UTC) + timedelta(seconds=1)},
        {"signature": ""},
    ],
)
def test_forgery_is_refused(
    file: Path, approved: tuple[Approval, ...], province: Province, change: dict[str, object]
) -> None:
    forged = (approved[0].model_copy(update=change), approved[1])
    assert refused(read(file), forged, province) == "ZY-POL-033"


def test_another_key_is_no_approval(file: Path, approved: tuple[Approval, ...], province: Province, keys: Path) -> None:
    forged = approved[0].model_copy(update={"signature": sign(keys / "other", NAMESPACE, approved[0].statement())})
    assert refused(read(file), (forged, approved[1]), province) == "ZY-POL-033"
    foreign = approved[0].model_copy(update={"signature": sign(keys / "gat-tech", "file", approved[0].statement())})
    assert refused(read(file), (foreign, approved[1]), province) == "ZY-POL-033"


@pytest.mark.parametrize("moved", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_clock_that_was_moved_is_seen(
    file: Path, approved: tuple[Approval, ...], province: Province, keys: Path, moved: timedelta
) -> None:
    late = approved[0].model_copy(update={"time": approved[0].time + moved})
    signed = late.model_copy(update={"signature": sign(keys / "gat-tech", NAMESPACE, late.statement())})
    assert refused(read(file), (signed, approved[1]), province) == "ZY-POL-035"


def test_nobody_approves_their_own_plan(tmp_path: Path, province: Province, keys: Path) -> None:
    own = plan_of(ACTION, operator="li")
    path = tmp_path / "own.json"
    write(own, path)
    with pytest.raises(ZyError) as caught:
        approve(path, own, province, "gat-sec", keys / "gat-sec")
    assert caught.value.code == "ZY-POL-032"
    unsigned = Approval(plan=own.digest, subject="gat-sec", holder="li", time=datetime.now(UTC))
    forced = unsigned.model_copy(update={"signature": sign(keys / "gat-sec", NAMESPACE, unsigned.statement())})
    assert refused(own, (forced,), province) == "ZY-POL-032"


def test_one_person_does_not_stand_for_both(
    file: Path, approved: tuple[Approval, ...], province: Province, keys: Path
) -> None:
    gat = province.departments["gat"]
    same = gat.supervising.model_copy(update={"approvers": gat.responsible.approvers})
    shared = province.model_copy(update={"departments": {"gat": gat.model_copy(update={"supervising": same})}})
    second = approved[0].model_copy(update={"subject": "gat-sec"})
    signed = second.model_copy(update={"signature": sign(keys / "gat-tech", NAMESPACE, second.statement())})
    assert refused(read(file), (approved[0], signed), shared) == "ZY-POL-032"


def test_a_key_that_is_not_listed_cannot_approve(file: Path, province: Province, keys: Path) -> None:
    for subject, key in (("gat-sec", "other"), ("gat-sec", "gat-tech"), ("nobody", "gat-sec"), ("zsj-ops", "gat-sec")):
        with pytest.raises(ZyError) as caught:
            approve(file, read(file), province, subject, keys / key)
        assert caught.value.code == "ZY-POL-031"
    with pytest.raises(ZyError) as caught:
        approve(file, read(file), province, "gat-sec", keys / "absent")
    assert caught.value.code == "ZY-POL-043"


def test_who_takes_approvers_out_needs_their_approval(
    file: Path, approved: tuple[Approval, ...], province: Province
) -> None:
    bare = load(LAB)
    assert {one.subject for one in required([bare, province], {"tenant-rkk"})} == set(PEOPLE)
    with pytest.raises(ZyError) as caught:
        check_approvals(read(file), (), [bare, province], set())
    assert caught.value.code == "ZY-POL-030"
    check_approvals(read(file), approved, [bare, province], set())


def test_the_last_changes_approvers_are_asked_even_when_its_inventory_is_damaged(
    at_the_terminal: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = str(at_the_terminal / "p.json")
    monkeypatch.setattr(zhengyun.workspace, "load", lambda _: load(LAB))
    assert answer(capsys, "plan", "-i", str(LAB), "--only", "cloud", "-o", plan) == (Exit.DONE, "")
    last = Changes(at_the_terminal / "state" / "changes").create(read(Path(plan)), "wang")
    last.conclude()
    assert answer(capsys, "apply", plan) == (Exit.BAD_INPUT, "ZY-CHG-004")
    (last.inventory / "departments.yaml").write_text("departments: {gat: {approvers: []}}\n")
    assert answer(capsys, "apply", plan) == (Exit.REFUSED, "ZY-POL-037")


def test_a_damaged_file_of_approvals_is_told(file: Path) -> None:
    beside(file).write_text("[{}]")
    with pytest.raises(ZyError) as caught:
        read_approvals(file)
    assert caught.value.code == "ZY-POL-036"


def test_where_nobody_is_listed_the_plan_says_so(province: Province) -> None:
    findings = advice(load(LAB), {"tenant-rkk", "tenant-zct"})
    assert [(one.object, one.severity) for one in findings] == [("department gat", Severity.ADVISORY)]
    assert advice(province, {"tenant-rkk"}) == []


class TenantRoom:
    """A cloud with one change of the population register."""

    name = RoomName.CLOUD

    def plan(self, limit: Sequence[str]) -> RoomPlan:  # noqa: ARG002 - the protocol's signature
        return RoomPlan(room=RoomName.CLOUD, actions=(ACTION,), waves=plan_of(ACTION).rooms[0].waves, live="planned")

    def live(self, limit: Sequence[str]) -> str:  # noqa: ARG002 - the same
        return "moved since"

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:  # noqa: ARG002 - the same
        raise AssertionError("nothing may be carried out here")

    def verify(self, limit: Sequence[str]) -> list[Check]:  # noqa: ARG002 - the same
        return [
            Check(id="cloud.zones.gd", title="t", title_zh="题", room=RoomName.CLOUD, target="region-gd",
                  status=Status.FAILED, expected="e", actual="a", evidence="GET", clause="8.1.2.1 d")
        ]  # fmt: skip

    def destroy_plan(self) -> RoomPlan:
        return self.plan(())


def test_a_plan_holds_advice_of_policy(province: Province) -> None:
    made = make_plan(LAB, province, {RoomName.CLOUD: TenantRoom()}, {RoomName.CLOUD: ()}, "wang")
    assert {finding.rule for finding in made.findings} == {"data-volumes-encrypted"}
    made = make_plan(LAB, load(LAB), {RoomName.CLOUD: TenantRoom()}, {RoomName.CLOUD: ()}, "wang")
    assert {finding.rule for finding in made.findings} == {"data-volumes-encrypted", "approval-possible"}
    assert made.refused_by == []


def test_a_rule_that_raises_stops_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Province) -> list[Breach]:
        raise KeyError("no such thing")

    monkeypatch.setattr(model, "RULES", (replace(model.RULES[0], judge=broken),))
    made = make_plan(LAB, load(LAB), {RoomName.CLOUD: TenantRoom()}, {RoomName.CLOUD: ()}, "wang")
    assert ["ZY-POL-019" in finding.message for finding in made.refused_by] == [True]


def test_a_provinces_own_rule_stops_the_plan() -> None:
    rule = Rule.model_validate(
        {
            "code": "one-cloud",
            "name": "都在一处",
            "name_en": "All in one cloud",
            "judges": "systems",
            "require": {"region": {"equals": "gz"}},
            "severity": "mandatory",
            "mend": "move it",
            "passes": [{"region": "gz"}],
            "fails": [{"region": "gd"}],
        }
    )
    own = load(LAB).model_copy(update={"rules": {"one-cloud": rule}})
    made = make_plan(LAB, own, {RoomName.CLOUD: TenantRoom()}, {RoomName.CLOUD: ()}, "wang")
    assert [(one.rule, one.target) for one in made.refused_by] == [
        ("own.one-cloud", "tenant-gdbos"),
        ("own.one-cloud", "tenant-rkk"),
    ]


@pytest.fixture
def at_the_terminal(province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where ``zy`` works on that province. Approved changes stop at the live state, which has moved."""
    monkeypatch.setenv("ZY_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(zhengyun.workspace, "load", lambda _: province)
    monkeypatch.setattr(zhengyun.workspace, "build_rooms", lambda *_: {RoomName.CLOUD: TenantRoom()})
    monkeypatch.setattr(zhengyun.workspace, "getpass", type("g", (), {"getuser": staticmethod(lambda: "wang")}))
    monkeypatch.delenv("SUDO_USER", raising=False)
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run([*arguments, "--json"])
    document = json.loads(capsys.readouterr().out)
    return code, document["errors"][0]["code"] if document.get("errors") else ""


def test_from_plan_to_apply(at_the_terminal: Path, capsys: pytest.CaptureFixture[str], keys: Path) -> None:
    plan = str(at_the_terminal / "p.json")
    assert answer(capsys, "plan", "-i", str(LAB), "--only", "cloud", "-o", plan) == (Exit.DONE, "")
    assert answer(capsys, "apply", plan) == (Exit.REFUSED, "ZY-POL-030")
    assert answer(capsys, "approve", plan, "--as", "gat-tech", "--key", str(keys / "gat-tech")) == (2, "ZY-CLI-005")
    for subject in PEOPLE:
        arguments = ["approve", plan, "--as", subject, "--key", str(keys / subject), "--yes"]
        assert answer(capsys, *arguments) == (Exit.DONE, "")
    assert answer(capsys, "apply", plan) == (Exit.BAD_INPUT, "ZY-CHG-004")


def test_destruction_from_a_file_wants_approvals(
    at_the_terminal: Path, capsys: pytest.CaptureFixture[str], keys: Path
) -> None:
    plan = str(at_the_terminal / "p.json")
    assert answer(capsys, "destroy", "-i", str(LAB), "--yes", "gd", "-o", plan) == (Exit.DONE, "")
    assert answer(capsys, "apply", plan) == (Exit.BAD_INPUT, "ZY-CHG-007")
    for subject in PEOPLE:
        answer(capsys, "approve", plan, "--as", subject, "--key", str(keys / subject), "--yes")
    assert answer(capsys, "apply", plan) == (Exit.BAD_INPUT, "ZY-CHG-004")


def test_verification_is_judged_and_logged(at_the_terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "policy", "check", "-i", str(LAB)) == (Exit.DONE, "")
    assert answer(capsys, "verify", "-i", str(LAB), "--only", "cloud")[0] == Exit.FAILED
    assert answer(capsys, "policy", "check", "-i", str(LAB)) == (Exit.REFUSED, "")
    assert answer(capsys, "policy", "check", "-i", str(LAB), "--clause", "8.1.4") == (Exit.DONE, "")
    assert answer(capsys, "policy", "log", "verify") == (Exit.DONE, "")
    assert answer(capsys, "policy", "log", "witness", str(at_the_terminal / "witness")) == (Exit.DONE, "")
    assert answer(capsys, "policy", "log", "prove", "0") == (Exit.DONE, "")
    assert answer(capsys, "policy", "log", "prove", "1") == (Exit.FAILED, "ZY-POL-044")
    entries = at_the_terminal / "state" / "log" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"verification", b"Verification", 1))
    assert answer(capsys, "policy", "log", "verify") == (Exit.FAILED, "ZY-POL-040")


def test_what_changed_since_the_last_report_is_told(at_the_terminal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def since() -> Any:
        run(["policy", "check", "-i", str(LAB), "--json"])
        return json.loads(capsys.readouterr().out)["since_report"]

    folder = at_the_terminal / "report"
    assert since() is None, "there was no report yet"
    assert answer(capsys, "report", "-i", str(LAB), "-o", str(folder)) == (Exit.DONE, "")
    assert "与上次报告相比" not in (folder / "conformity.html").read_text(encoding="utf-8")
    assert (folder / "conformity.xlsx").read_bytes().startswith(b"PK")
    assert since()["appeared"] == []
    assert answer(capsys, "verify", "-i", str(LAB), "--only", "cloud")[0] == Exit.FAILED, "its one check fails"
    appeared = since()["appeared"]
    assert {(breach["check"], breach["object"]) for breach in appeared} == {("cloud.zones.gd", "region-gd")}
    run(["policy", "check", "-i", str(LAB)])
    assert f"{len(appeared)} new breaches" in capsys.readouterr().out
    assert answer(capsys, "report", "-i", str(LAB), "-o", str(folder)) == (Exit.DONE, "")
    assert f"新增不符合 {len(appeared)} 项" in (folder / "conformity.html").read_text(encoding="utf-8")
    assert since()["appeared"] == []
