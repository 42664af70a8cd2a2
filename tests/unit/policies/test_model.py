"""Rules on the inventory: each can pass and each can fail; one that raises hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policies.model import RULES, Breach, energy_grade, misjudged, run
from province.clause import CLAUSES
from province.province import Province


def test_every_rule_judges_its_cases(lab: Province) -> None:
    assert misjudged(RULES, lab) == []


def test_a_rule_that_never_fails_is_seen(lab: Province) -> None:
    for rule in RULES:
        assert any("must fail" in wrong for wrong in misjudged([replace(rule, judge=lambda _: ())], lab))
        always = replace(rule, judge=lambda _: (Breach("province", "o", "m", "f"),))
        assert any("must pass" in wrong for wrong in misjudged([always], lab))
        assert misjudged([replace(rule, fails=())], lab) == [f"{rule.name}: it has no case that must fail"]


def test_a_rule_that_raises_is_an_error_of_that_rule_alone(lab: Province) -> None:
    def raises(_: Province) -> Iterator[Breach]:
        raise KeyError("no such thing")
        yield

    findings, errors = run(
        [replace(RULES[0], judge=raises), replace(RULES[1], judge=lambda _: (Breach("a", "o", "m", "f"),))], lab
    )
    assert [error.rule for error in errors] == [RULES[0].name]
    assert [finding.rule for finding in findings] == [RULES[1].name]


def test_rules_serve_clauses_that_exist() -> None:
    assert {rule.clause for rule in RULES} <= {"", *CLAUSES}


def test_findings_are_about_targets(lab: Province) -> None:
    for rule in RULES:
        broken = rule.fails[0](lab)
        findings, _ = run([rule], broken)
        assert {finding.target for finding in findings} <= broken.targets()


def test_energy_grades() -> None:
    assert [energy_grade(pue) for pue in (1.2, 1.21, 1.3, 1.5, 1.51)] == [1, 2, 2, 3, None]
