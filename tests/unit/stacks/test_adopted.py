"""Adopted projects: what their stack declares, and what a plan of it may do."""

from __future__ import annotations

import pytest

from province.adopted import AdoptedObject, AdoptedOwner, AdoptedProject
from province.cloud import Zone
from province.errors import ZyError
from province.province import Province
from province.record import Action, Finding, Operation, Severity
from province.system import DataClass
from stacks.custody import as_advice, in_custody, released
from stacks.operation import Preview
from stacks.plan.adopted import LEG, RULE, plan_adopted
from stacks.plan.stack import Kind, StackId, parse, waves

NETWORK = "openstack:networking/network:Network"
SERVER = "openstack:compute/instance:Instance"
OWNER = AdoptedOwner(department="gat", zone=Zone.PUBLIC, mlps_level=3, data_class=DataClass.GENERAL)
OBJECTS = (
    AdoptedObject(kind=NETWORK, name="net", id="1", tags=("prod", "zy:zone=old"), inputs={"name": "net"}),
    AdoptedObject(
        kind=SERVER, name="web", id="2", inputs={"name": "web", "metadata": {"owner": "wang", "zy:zone": "?"}}
    ),
    AdoptedObject(kind=RULE, name="rule", inputs={"direction": "ingress"}),
    AdoptedObject(kind=LEG, name="leg", id="4", inputs={}),
)
PROJECT = AdoptedProject(code="old", name="老城", region="gz", project_id="9", objects=OBJECTS)


def adopting(province: Province, project: AdoptedProject) -> Province:
    return province.model_copy(update={"adopted": {project.code: project}})


def preview(*actions: tuple[str, Operation], findings: tuple[Finding, ...] = ()) -> Preview:
    return Preview(tuple(Action(target="adopted-old", object=o, operation=op, risk="!") for o, op in actions), findings)


def finding(rule: str, thing: str) -> Finding:
    return Finding(rule=rule, severity=Severity.MANDATORY, object=thing, message=f"{thing} is wrong.", fix="mend it")


def test_its_stack_is_made_beside_the_regions(province: Province) -> None:
    changed = adopting(province, PROJECT)
    assert StackId(Kind.ADOPTED, "old") in waves(changed)[1]
    assert parse("adopted-old", changed) == StackId(Kind.ADOPTED, "old")


def test_without_an_owner_everything_is_declared_as_it_was_found(province: Province) -> None:
    plan = plan_adopted(adopting(province, PROJECT), "old")
    assert (plan.code, plan.cloud) == ("old", "gz")
    assert {held.name: dict(held.inputs) for held in plan.objects} == {one.name: one.inputs for one in OBJECTS}
    assert {held.name: held.id for held in plan.objects} == {"net": "1", "web": "2", "rule": None, "leg": "4"}


def test_only_what_opens_a_way_is_ever_deleted(province: Province) -> None:
    plan = plan_adopted(adopting(province, PROJECT), "old")
    assert {held.name: held.kept for held in plan.objects} == {"net": True, "web": True, "rule": False, "leg": False}


def test_with_an_owner_labels_join_what_it_has(province: Province) -> None:
    plan = plan_adopted(adopting(province, PROJECT.model_copy(update={"owner": OWNER})), "old")
    inputs = {held.name: held.inputs for held in plan.objects}
    assert "prod" in inputs["net"]["tags"]
    assert "zy:zone=public" in inputs["net"]["tags"]
    assert "zy:zone=old" not in inputs["net"]["tags"]
    assert (inputs["web"]["metadata"]["owner"], inputs["web"]["metadata"]["zy:zone"]) == ("wang", "public")
    assert dict(inputs["rule"]) == {"direction": "ingress"}


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ([("Instance web", Operation.REPLACE)], "would be replaced"),
        ([("Network net", Operation.IMPORT), ("Network net", Operation.UPDATE)], "changed by being imported"),
    ],
)
def test_harm_to_what_runs_is_refused(actions: list[tuple[str, Operation]], words: str) -> None:
    with pytest.raises(ZyError) as caught:
        in_custody(preview(*actions), PROJECT)
    assert (caught.value.code, caught.value.place.target) == ("ZY-CLD-080", "adopted-old")
    assert words in caught.value.message


def test_mending_in_place_is_not() -> None:
    planned = preview(("Network net", Operation.IMPORT), ("Network other", Operation.UPDATE))
    assert in_custody(planned, PROJECT) == planned


def test_findings_advise_until_the_project_is_enforced() -> None:
    planned = preview(findings=(finding("labels", "a"), finding("ports", "b"), finding("labels", "c")))
    advised = in_custody(planned, PROJECT)
    assert not advised.refused
    assert [one.message for one in advised.findings] == ["a is wrong. And 1 more like it.", "b is wrong."]
    assert in_custody(planned, PROJECT.model_copy(update={"enforced": True})) == planned
    assert planned.refused


def test_advice_of_nothing_is_nothing() -> None:
    assert list(as_advice([])) == []


def test_a_stack_that_is_given_up_keeps_everything_in_the_cloud() -> None:
    done = released(preview(("SecGroupRule rule", Operation.DELETE), ("Instance web", Operation.RELEASE)))
    assert {(action.operation, action.risk) for action in done.actions} == {(Operation.RELEASE, "")}
