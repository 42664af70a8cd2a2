"""Events of ansible-runner read as actions and results."""

from __future__ import annotations

from typing import Any

import pytest

from province.record import Operation, Outcome, Severity
from roles.events import Difference, Run
from roles.room import findings

NO_ANSWER = "Module result deserialization failed: No start of json char found"


def event(kind: str, host: str = "h1", **data: Any) -> dict[str, Any]:
    return {"event": kind, "event_data": {"host": host, "task": "a task", "duration": 1.5, **data}}


def changed(*diffs: dict[str, str], host: str = "h1") -> dict[str, Any]:
    return event("runner_on_ok", host, res={"changed": True, "diff": list(diffs)})


def diff(name: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": name, "after_header": name, "before": before, "after": after}


def heard(*events: dict[str, Any], failures: tuple[str, ...] = (), processed: tuple[str, ...] = ("h1",)) -> Run:
    run = Run()
    stats = {"failures": dict.fromkeys(failures, 1), "processed": dict.fromkeys(processed, 1)}
    for one in (*events, {"event": "playbook_on_stats", "event_data": stats}):
        run.take(one)
    return run


@pytest.mark.parametrize(
    ("before", "after", "operation"),
    [("", "new\n", Operation.CREATE), ("old\n", "new\n", Operation.UPDATE), ("old\n", "", Operation.DELETE)],
)
def test_difference_becomes_an_action_with_its_operation_and_diff(
    before: str, after: str, operation: Operation
) -> None:
    (found,) = heard(changed(diff("/etc/motd", before, after))).differences
    action = found.action()
    assert (action.target, action.object, action.operation, action.risk) == ("h1", "/etc/motd", operation, "")
    assert action.diff.splitlines()[-1] == ("+new" if after else "-old")


@pytest.mark.parametrize(
    ("name", "risk"),
    [
        ("/etc/ssh/sshd_config.d/01-zhengyun.conf", "management path: ssh"),
        ("/etc/nftables.conf", "management path: firewall"),
        ("loaded firewall", "management path: firewall"),
        ("/usr/share/pam-configs/x", "logins: PAM"),
        ("/etc/sudoers.d/50-zhengyun", "rights: sudo and accounts"),
        ("/etc/issue.net", ""),
    ],
)
def test_what_may_lock_people_out_is_marked(name: str, risk: str) -> None:
    assert Difference("h1", name, "a", "b").action().risk == risk


def test_tasks_of_other_modules_are_read_too() -> None:
    run = heard(
        event("runner_on_ok", res={"changed": True}),
        event("runner_on_ok", res={"changed": True, "diff": {"before": {"a": 1}, "after": {"a": 2}}}, task="facts"),
        event("runner_on_ok", res={"changed": False, "diff": [diff("x", "1", "2")]}),
    )
    assert [(d.object, d.before) for d in run.differences] == [("a task", ""), ("facts", '{\n  "a": 1\n}')]


def test_same_object_twice_is_one_difference() -> None:
    run = heard(changed(diff("unconfirmed changes", "a", "b")), changed(diff("unconfirmed changes", "a", "b")))
    assert len(run.differences) == 1


def test_results_per_host() -> None:
    run = heard(
        changed(diff("x", "1", "2")),
        event("runner_on_ok", "h2", res={"changed": False}),
        event("runner_on_failed", "h3", res={"msg": "non-zero return code", "stderr": "no such unit"}),
        event("runner_on_unreachable", "h4", res={"msg": "timed out"}),
        failures=("h3",),
        processed=("h1", "h2", "h3", "h4"),
    )
    done = {host: run.result(host) for host in ("h1", "h2", "h3", "h4", "h5")}
    assert {host: one.outcome for host, one in done.items()} == {
        "h1": Outcome.CHANGED,
        "h2": Outcome.UNCHANGED,
        "h3": Outcome.FAILED,
        "h4": Outcome.FAILED,
        "h5": Outcome.FAILED,
    }
    assert done["h1"].changes == 1
    assert done["h3"].message == "ZY-HST-012: non-zero return code no such unit"
    assert done["h4"].message == "ZY-HST-001: the host cannot be reached: timed out"
    assert done["h5"].message.startswith("ZY-HST-011")


def test_code_of_the_role_is_kept_and_what_a_rescue_mended_is_no_failure() -> None:
    told = event("runner_on_failed", res={"msg": "ZY-HST-020: a new login did not work"})
    assert heard(told, failures=("h1",)).result("h1").message == "ZY-HST-020: a new login did not work"
    assert heard(told).result("h1").outcome is Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ({"msg": "Task failed: Missing sudo password"}, "ZY-HST-024"),
        ({"msg": NO_ANSWER, "module_stderr": "/bin/sh: 1: sudo: not found\n"}, "ZY-HST-024"),
        (
            {"msg": NO_ANSWER, "module_stderr": "Traceback\nFileNotFoundError: No usable temporary directory"},
            "ZY-HST-025",
        ),
        ({"msg": "The module interpreter '/usr/bin/python3' was not found."}, "ZY-HST-026"),
        ({"msg": NO_ANSWER, "module_stderr": "Killed\n"}, "ZY-HST-012"),
    ],
)
def test_host_on_which_nothing_can_run_is_told_why(result: dict[str, str], code: str) -> None:
    found = heard(event("runner_on_failed", res=result), failures=("h1",)).result("h1").message
    assert found.startswith(f"{code}: ")
    assert "Traceback" not in found
    assert found.endswith(list(result.values())[-1].strip().splitlines()[-1])


def test_digest_moves_with_the_live_state_and_not_with_order() -> None:
    one, two = changed(diff("x", "1", "2")), changed(diff("y", "1", "2"))
    assert heard(one, two).digest(["h1"]) == heard(two, one).digest(["h1"])
    assert heard(one, two).digest(["h1"]) != heard(one).digest(["h1"])
    assert heard(one).digest(["h1"]) != heard(changed(diff("x", "0", "2"))).digest(["h1"])
    assert heard(one).digest(["h1"]) != heard(one, event("runner_on_unreachable", "h2", res={})).digest(["h1", "h2"])


def test_host_that_is_away_is_told_and_one_that_cannot_be_hardened_stops_the_plan() -> None:
    run = heard(
        event("runner_on_unreachable", "h1", res={"msg": "timed out"}),
        event("runner_on_failed", "h2", res={"msg": "there is no unit auditd.service"}),
        failures=("h2",),
    )
    assert {f.target: f.severity for f in findings(run)} == {"h1": Severity.ADVISORY, "h2": Severity.MANDATORY}
