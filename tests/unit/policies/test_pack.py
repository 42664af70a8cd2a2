"""The pack as a whole: every rule has cases that it judges rightly, can fail, and is isolated when it raises."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from network.offline.verdict import RULES as EXTRANET_RULES
from network.offline.verdict import must
from policies.cloud.assets import QUOTAS, judge_quotas, judge_valid_labels
from policies.cloud.cases import CASES, LABELS, Cases, misjudged
from policies.cloud.pack import BROKEN, NAMES, PACK, ResourceRule, StackRule, violations
from policies.cloud.rules import NETWORK, RULE, UNKNOWN, Resource, Violation
from policies.cloud.shadows import judge_shadows
from policies.judge import Verdict
from province.clause import CLAUSES
from province.province import Province
from province.record import Finding, RoomName, RoomPlan, Severity
from tests.unit.policies.sample import NOW, host_check
from zhengyun.change.planfile import Plan, Purpose, seal
from zhengyun.judging import judgement
from zhengyun.report.evidence import Verification

ANY = Resource("urn:x", NETWORK, "x", {"tags": LABELS.as_tags()})


def raises(_: object) -> Iterable[Violation]:
    raise KeyError("no such thing")


def test_every_rule_judges_its_cases() -> None:
    assert set(CASES) == NAMES
    assert misjudged(PACK, CASES) == []


@pytest.mark.parametrize("one", PACK, ids=lambda one: one.rule.name)
def test_a_rule_that_cannot_fail_or_always_fails_is_seen(one: ResourceRule | StackRule) -> None:
    silent = dataclasses.replace(one, judge=lambda _: ())
    loud = dataclasses.replace(one, judge=lambda _: (Violation(one.rule, "", "m", "f"),))
    assert any("must fail" in wrong for wrong in misjudged([silent], CASES))
    assert any("must pass" in wrong for wrong in misjudged([loud], CASES))
    assert any("raised" in wrong for wrong in misjudged([dataclasses.replace(one, judge=raises)], CASES))
    assert len(misjudged([one], {one.rule.name: Cases((), ())})) == 2


@pytest.mark.parametrize("one", PACK, ids=lambda one: one.rule.name)
def test_a_rule_that_raises_is_told_as_a_violation(one: ResourceRule | StackRule) -> None:
    found = list(violations(dataclasses.replace(one, judge=raises), [ANY]))
    assert [violation.rule.code for violation in found] == [BROKEN]
    assert re.match(rf"{BROKEN}: the rule {one.rule.name} raised KeyError", str(found[0]))


def test_a_rule_that_raised_has_not_run(lab: Province) -> None:
    def plan(*findings: Finding) -> Plan:
        room = RoomPlan(room=RoomName.CLOUD, findings=findings)
        return seal(
            Plan(
                purpose=Purpose.APPLY, province="gd", title="t", inventory="/i", inputs={}, operator="o",
                targets={RoomName.CLOUD: ()}, created=datetime.now(UTC), rooms=(room,),
            )
        )  # fmt: skip

    whole = judgement(lab, plan(), None, NOW)
    assert whole.seen.ran >= NAMES
    broken = Finding(
        rule="zones-not-bridged", severity=Severity.MANDATORY, object="o", message=f"{BROKEN}: raised", fix="f"
    )
    stopped = judgement(lab, plan(broken), None, NOW)
    assert NAMES - stopped.seen.ran == {"zones-not-bridged"}
    assert {v.verdict for v in stopped.verdicts if v.clause == "8.1.2.1 c"} == {Verdict.FAILED}
    limited = plan().model_copy(update={"targets": {RoomName.CLOUD: ("region-gd",)}})
    assert not NAMES & judgement(lab, limited, None, NOW).seen.ran


def test_a_plan_of_the_extranet_has_judged_its_configurations(lab: Province) -> None:
    def plan(*findings: Finding) -> Plan:
        return Plan(
            purpose=Purpose.APPLY, province="gd", title="t", inventory="/i", inputs={}, operator="o",
            targets={RoomName.NETWORK: ("gz-pe-1",)}, created=datetime.now(UTC),
            rooms=(RoomPlan(room=RoomName.NETWORK, findings=findings),),
        )  # fmt: skip

    def leaks(*findings: Finding) -> set[str]:
        made = judgement(lab, plan(*findings), None, NOW)
        (clause,) = (verdict for verdict in made.verdicts if verdict.clause == "8.1.3.2 a")
        return {judged.check for judged in clause.judged if judged.breach}

    assert judgement(lab, plan(), None, NOW).seen.ran >= EXTRANET_RULES
    assert not EXTRANET_RULES & judgement(lab, None, None, NOW).seen.ran
    leak = must("path-closed", "gz-pe-1", "gat ipv4", "it reaches another VPN", "mend it", "8.1.3.2 a")
    assert leaks() == set()
    assert leaks(leak) == {"path-closed"}


def test_a_verification_from_before_the_last_change_proves_nothing(lab: Province) -> None:
    seen = Verification(
        province="gd", began=NOW, ended=NOW, targets=dict.fromkeys(RoomName, ()),
        checks=tuple(host_check(lab, "hst-audit-protected", number) for number in (0, 2)),
    )  # fmt: skip

    def verdict(changed: datetime) -> Verdict:
        return next(v.verdict for v in judgement(lab, None, seen, NOW, changed).verdicts if v.clause == "8.1.4.3 d")

    assert verdict(NOW - timedelta(minutes=1)) is Verdict.PASSED
    assert verdict(NOW + timedelta(minutes=1)) is Verdict.NOT_MEASURED


def test_rules_serve_clauses_that_exist_and_codes_differ() -> None:
    assert {one.rule.clause for one in PACK} <= set(CLAUSES)
    codes = [one.rule.code for one in PACK]
    assert codes == ["ZY-POL-001", "ZY-POL-002", "ZY-POL-003", "ZY-POL-010", "ZY-POL-011", "ZY-POL-012", "ZY-POL-013"]


def test_what_is_not_known_yet_is_not_judged() -> None:
    unknown = dataclasses.replace(LABELS, department=UNKNOWN)
    assert not list(judge_valid_labels(Resource("u", NETWORK, "n", {"tags": unknown.as_tags()})))
    assert not list(judge_valid_labels(Resource("u", NETWORK, "n", {"tags": UNKNOWN})))
    rule = {"direction": "ingress", "securityGroupId": "g", "remoteGroupId": UNKNOWN}
    for held in (rule, {**rule, "remoteGroupId": None, "remoteIpPrefix": "no prefix"}):
        assert not list(judge_shadows([Resource("a", RULE, "a", held), Resource("b", RULE, "b", held)]))
    assert not list(judge_quotas(Resource("u", min(QUOTAS), "q", {"cores": UNKNOWN})))
