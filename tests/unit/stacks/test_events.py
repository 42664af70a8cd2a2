"""Pulumi's events in our vocabulary."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from province.record import Operation, Severity
from stacks.events import action_of, failure_of, finding_of, outputs_move, progress_of, shown, unfinished_of

URN = "urn:pulumi:region-gd::zhengyun::zhengyun:cloud:Zone$openstack:networking/network:Network::gd-exchange"


def event(**content: Any) -> EngineEvent:
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, **content})


def step(op: str, kind: str = "openstack:networking/network:Network", **more: Any) -> dict[str, Any]:
    return {"metadata": {"op": op, "urn": URN, "type": kind, "provider": "", **more}}


def test_urn_is_shown_as_kind_and_name() -> None:
    assert shown(URN) == "Network gd-exchange"
    assert shown(URN.replace("networking/network:Network", "networking/rbacPolicyV2:RbacPolicyV2")).startswith(
        "RbacPolicy "
    )
    assert shown("odd") == "odd"


def test_create_shows_inputs_without_what_pulumi_adds() -> None:
    new = {"type": "", "urn": URN, "inputs": {"name": "gd-exchange", "tags": ["b"], "__defaults": []}}
    action = action_of("region-gd", event(resourcePreEvent=step("create", new=new)))
    assert action is not None
    assert (action.target, action.object, action.operation) == ("region-gd", "Network gd-exchange", Operation.CREATE)
    assert action.diff == '+name: gd-exchange\n+tags: ["b"]'


def test_update_shows_only_what_changes_against_the_live_value() -> None:
    old = {"urn": URN, "inputs": {"name": "n", "mtu": 1}, "outputs": {"name": "n", "mtu": 9}}
    new = {"urn": URN, "inputs": {"name": "n", "mtu": 1500}}
    action = action_of("s", event(resourcePreEvent=step("update", old=old, new=new, diffs=["mtu"])))
    assert action is not None
    assert action.diff == "-mtu: 9\n+mtu: 1500"


@pytest.mark.parametrize("op", ["same", "read", "refresh", "create-replacement", "delete-replaced"])
def test_other_steps_are_no_actions(op: str) -> None:
    assert action_of("s", event(resourcePreEvent=step(op))) is None


def test_pulumis_own_resources_are_no_actions() -> None:
    assert action_of("s", event(resourcePreEvent=step("create", kind="pulumi:providers:openstack"))) is None


def test_loss_of_data_is_a_risk() -> None:
    gone = action_of("s", event(resourcePreEvent=step("delete", kind="openstack:blockstorage/volume:Volume")))
    assert gone is not None
    assert "data" in gone.risk
    made = action_of("s", event(resourcePreEvent=step("create", kind="openstack:blockstorage/volume:Volume")))
    assert made is not None
    assert made.risk == ""


def test_violation_is_a_finding_with_fix_and_clause() -> None:
    text = "Description\nZY-POL-002: r opens 22 to everybody (IPv4). Fix: name the clients (GB/T 22239-2019 8.1.4.4 b)"
    policy = {"message": text, "policyName": "no-open-admin-ports", "enforcementLevel": "mandatory", "resourceUrn": URN}
    finding = finding_of("region-gd", event(policyEvent=policy))
    assert finding is not None
    assert finding.severity is Severity.MANDATORY
    assert finding.message == "r opens 22 to everybody (IPv4)."
    assert (finding.fix, finding.clause) == ("name the clients", "8.1.4.4 b")
    assert (finding.object, finding.target) == ("Network gd-exchange", "region-gd")


def test_progress_is_told_once_a_resource_is_done() -> None:
    assert progress_of("s", event(resOutputsEvent=step("create"))) == "s: Network gd-exchange created"
    assert progress_of("s", event(resOutputsEvent=step("same"))) is None
    assert progress_of("s", event(resourcePreEvent=step("create"))) is None


def test_only_errors_are_failures() -> None:
    told = {"message": "<{%reset%}>boom<{%reset%}>\n", "severity": "error", "urn": URN}
    assert failure_of(event(diagnosticEvent=told)) == "Network gd-exchange: boom"
    assert failure_of(event(diagnosticEvent={**told, "severity": "warning"})) is None


STACK = "pulumi:pulumi:Stack"


@pytest.mark.parametrize(
    ("kind", "op", "old", "new", "moves"),
    [
        (STACK, "same", {"ids": {"a": "1"}}, {"ids": {"a": "1"}}, False),
        (STACK, "same", {"ids": {}}, {"ids": {"a": "1"}}, True),
        (STACK, "refresh", {"ids": {}}, {"ids": {"a": "1"}}, False),
        (STACK, "create", {}, {"ids": {"a": "1"}}, False),
        ("openstack:networking/network:Network", "same", {"mtu": 1}, {"mtu": 2}, False),
    ],
)
def test_only_a_stacks_own_outputs_move(kind: str, op: str, old: Any, new: Any, moves: bool) -> None:
    told = event(resOutputsEvent=step(op, kind, old={"urn": URN, "outputs": old}, new={"urn": URN, "outputs": new}))
    assert outputs_move(told) is moves


@pytest.mark.parametrize(("op", "noted"), [("create", True), ("create-replacement", True), ("update", False)])
def test_a_creation_that_failed_is_noted_as_a_state_holds_it(op: str, noted: bool) -> None:
    new = {
        "urn": URN,
        "type": "openstack:networking/network:Network",
        "parent": "p",
        "provider": "q",
        "inputs": {"a": 1},
    }
    found = unfinished_of(event(resOpFailedEvent={**step(op, new=new), "status": 0, "steps": 0}))
    assert found == ({**new, "custom": True} if noted else None)
    assert unfinished_of(event(resourcePreEvent=step(op, new=new))) is None
