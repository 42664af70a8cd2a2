"""Verdicts: nothing passes without proof, no failure is lost, and people's words count only as far as they go."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from policies.catalogue import Attester, Catalogue, Combine, Control, Scope, load
from policies.judge import ClauseVerdict, Observed, RuleError, Verdict, judge
from province.conformity import EVERYTHING, Attestation, Statement, Waiver
from province.province import Province
from province.record import Check, Finding, RoomName, Severity, Status

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
CLAUSE = "8.1.3.2 a"
TODAY = Observed(day=date(2026, 11, 25), measured=NOW, planned=NOW)
MACHINE = Control(
    title="甲", title_en="A", rooms=frozenset({"cloud"}), attested_by=Attester.OPERATOR, checks=("net.*", "labels")
)
PAPER = MACHINE.model_copy(update={"checks": ()})


def check(id_: str = "net.1", status: Status = Status.PASSED, target: str = "gd-pe-1", clause: str = "") -> Check:
    return Check(
        id=id_,
        title="t",
        title_zh="题",
        room=RoomName.NETWORK,
        target=target,
        status=status,
        expected="up",
        actual="down",
        evidence="ping",
        clause=clause,
    )


def finding(severity: Severity = Severity.MANDATORY, target: str = "tenant-rkk") -> Finding:
    return Finding(rule="labels", severity=severity, object="Server a", message="m", fix="f", target=target)


def of(control: Control, province: Province, seen: Observed) -> ClauseVerdict:
    return judge(Catalogue({CLAUSE: control}), province, seen)[0]


def good(*checks: Check) -> Observed:
    return replace(TODAY, checks=checks or (check(),), ran=frozenset({"labels"}))


def waived(lab: Province, where: str = "gd-pe-1", expires: date = date(2027, 1, 1)) -> Province:
    waiver = Waiver(code="w", clause=CLAUSE, object=where, reason="换代中", approver="zsj-sec", expires=expires)
    return lab.model_copy(update={"waivers": {"w": waiver}})


def attested(lab: Province, *by: str, states: Statement = Statement.MET, until: date = date(2027, 1, 1)) -> Province:
    words = {
        who: Attestation(
            code=who,
            clause=CLAUSE,
            states=states,
            by=who,
            date=date(2026, 6, 1),
            valid_until=until,
            document="档案 2026-12",
            sha256="0" * 64,
        )
        for who in by
    }
    return lab.model_copy(update={"attestations": words})


def test_passed_needs_every_check_and_every_rule(lab: Province) -> None:
    assert of(MACHINE, lab, good()).verdict is Verdict.PASSED
    assert of(MACHINE, lab, replace(good(), ran=frozenset())).verdict is Verdict.NOT_MEASURED
    assert of(MACHINE, lab, replace(good(), checks=())).verdict is Verdict.NOT_MEASURED
    assert of(MACHINE, lab, good(check(status=Status.SKIPPED))).verdict is Verdict.NOT_MEASURED


def test_a_room_measured_in_part_proves_nothing_but_its_failures_count(lab: Province) -> None:
    part = replace(good(), partial=frozenset({RoomName.NETWORK}))
    assert of(MACHINE, lab, part).verdict is Verdict.NOT_MEASURED
    assert of(MACHINE, lab, replace(part, checks=(check(status=Status.FAILED),))).verdict is Verdict.FAILED


def test_one_failure_fails(lab: Province) -> None:
    seen = good(check("net.1"), check("net.2", Status.FAILED))
    verdict = of(MACHINE, lab, seen)
    assert (verdict.verdict, verdict.reason_en) == (Verdict.FAILED, "1 judged to fail")
    assert of(MACHINE, lab, replace(good(), findings=(finding(),))).verdict is Verdict.FAILED


def test_advice_fails_nothing(lab: Province) -> None:
    verdict = of(MACHINE, lab, replace(good(), findings=(finding(Severity.ADVISORY),)))
    assert verdict.verdict is Verdict.PASSED
    assert [judged.severity for judged in verdict.judged] == [Severity.MANDATORY, Severity.ADVISORY]


def test_any_of_several_is_enough_where_the_catalogue_says_so(lab: Province) -> None:
    either = MACHINE.model_copy(update={"combine": Combine.ANY})
    assert of(either, lab, replace(good(check(status=Status.FAILED)))).verdict is Verdict.PASSED
    assert of(either, lab, replace(good(check(status=Status.FAILED)), ran=frozenset())).verdict is Verdict.FAILED


def test_a_failure_that_names_the_clause_counts_though_no_pattern_claims_it(lab: Province) -> None:
    assert of(PAPER, lab, good(check("other", Status.FAILED, clause=CLAUSE))).verdict is Verdict.FAILED
    assert of(PAPER, lab, good(check("other", Status.PASSED, clause=CLAUSE))).verdict is Verdict.TO_BE_ATTESTED


def test_a_clause_without_a_check_never_passes(lab: Province) -> None:
    everything = replace(good(), ran=frozenset({"labels", CLAUSE}))
    assert of(PAPER, lab, everything).verdict is Verdict.TO_BE_ATTESTED
    assert of(PAPER, attested(lab, "zsj-ops"), everything).verdict is Verdict.ATTESTED
    known = load()
    paper = [v for v in judge(known, lab, everything) if not known.controls[v.clause].checks]
    assert len(paper) > 40
    assert all(verdict.verdict is not Verdict.PASSED for verdict in paper)


def test_what_checks_do_not_see_is_attested(lab: Province) -> None:
    partly = MACHINE.model_copy(update={"unmeasured": "线路", "unmeasured_en": "lines"})
    assert of(partly, lab, good()).verdict is Verdict.TO_BE_ATTESTED
    assert of(partly, attested(lab, "zsj-sec"), good()).verdict is Verdict.ATTESTED
    assert of(partly, attested(lab, "zsj-sec"), good(check(status=Status.FAILED))).verdict is Verdict.FAILED


@pytest.mark.parametrize("until", [date(2026, 11, 24), date(2026, 6, 1)])
def test_old_words_do_not_count(lab: Province, until: date) -> None:
    assert of(PAPER, attested(lab, "zsj-ops", until=until), good()).verdict is Verdict.TO_BE_ATTESTED


def test_words_of_tomorrow_do_not_count(lab: Province) -> None:
    before = replace(good(), day=date(2026, 5, 31))
    assert of(PAPER, attested(lab, "zsj-ops"), before).verdict is Verdict.TO_BE_ATTESTED


def test_words_of_others_do_not_count(lab: Province) -> None:
    assert of(PAPER, attested(lab, "gat-sec"), good()).verdict is Verdict.TO_BE_ATTESTED


def test_every_department_that_owns_it_must_attest(lab: Province) -> None:
    shared = PAPER.model_copy(update={"attested_by": Attester.DEPARTMENTS, "applies_to": Scope.IMPORTANT_DATA})
    assert of(shared, attested(lab, "zsj-ops"), good()).verdict is Verdict.TO_BE_ATTESTED
    assert of(shared, attested(lab, "zsj-ops", "gat-sec"), good()).verdict is Verdict.ATTESTED


def test_not_applicable_by_scope_and_by_word(lab: Province) -> None:
    bare = lab.model_copy(update={"hosts": {}})
    hosts = MACHINE.model_copy(update={"applies_to": Scope.HOSTS})
    assert of(hosts, bare, TODAY).verdict is Verdict.NOT_APPLICABLE
    word = attested(lab, "zsj-ops", states=Statement.NOT_APPLICABLE)
    assert of(PAPER, word, TODAY).verdict is Verdict.NOT_APPLICABLE
    assert of(MACHINE, word, good(check(status=Status.FAILED))).verdict is Verdict.FAILED


def test_a_waiver_covers_its_object_alone(lab: Province) -> None:
    bad = good(check("net.1", Status.FAILED), check("net.2"))
    assert of(MACHINE, waived(lab), bad).verdict is Verdict.WAIVED
    assert of(MACHINE, waived(lab, "gd-pe-2"), bad).verdict is Verdict.FAILED
    assert of(MACHINE, waived(lab, EVERYTHING), bad).verdict is Verdict.WAIVED


def test_an_expired_waiver_fails_and_says_so(lab: Province) -> None:
    bad = good(check("net.1", Status.FAILED))
    verdict = of(MACHINE, waived(lab, expires=date(2026, 11, 24)), bad)
    assert verdict.verdict is Verdict.FAILED
    assert "waiver w expired on 2026-11-24" in verdict.judged[0].actual
    assert of(MACHINE, waived(lab, expires=date(2026, 11, 25)), bad).verdict is Verdict.WAIVED


def test_a_rule_that_raised_has_passed_nothing(lab: Province) -> None:
    raised = replace(good(), errors=(RuleError(rule="labels", error="KeyError: 'x'"),))
    assert of(MACHINE, lab, raised).verdict is Verdict.NOT_MEASURED


def test_judgements_name_owner_and_proof(lab: Province) -> None:
    failing = check("net.1", Status.FAILED, "gz-ce-gat")
    judged = of(MACHINE, lab, replace(good(failing), findings=(finding(),))).judged
    assert [one.owner.department for one in judged] == ["gat", "gat"]
    assert judged[0].owner.supervising == "gat-sec"
    assert (judged[0].proof.command, judged[0].proof.time) == ("ping", NOW)
    assert judged[0].proof.sha256 == sha256(failing.model_dump_json().encode()).hexdigest()
    assert "router=gz-ce-gat" in judged[0].mend


def test_high_risk_is_named_only_where_it_failed(lab: Province) -> None:
    risky = MACHINE.model_copy(update={"high_risk": "网络区域划分不当"})
    assert of(risky, lab, good(check(status=Status.FAILED))).high_risk
    assert not of(risky, lab, good()).high_risk


def test_verdicts_are_data(lab: Province) -> None:
    verdict = of(MACHINE, lab, good(check(status=Status.FAILED)))
    assert ClauseVerdict.model_validate(json.loads(verdict.model_dump_json())) == verdict
