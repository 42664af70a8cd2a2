"""A province's own rules: what they find, what their cases show, and mistakes in them that are told apart."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from policies.model import rules_for, run
from policies.own import OwnRule, misjudged
from province.province import Province
from province.record import Severity
from province.rule import Condition, Rule


def rule(**changes: Any) -> Rule:
    base = {
        "code": "level-of-police",
        "name": "公安系统不低于三级",
        "name_en": "Systems of the police have level 3",
        "judges": "systems",
        "where": {"department": {"equals": "gat"}},
        "require": {"mlps_level": {"at_least": 4}},
        "severity": "mandatory",
        "clause": "8.1.2.1 d",
        "mend": "raise its level",
        "passes": [{"department": "gat", "mlps_level": 4}],
        "fails": [{"department": "gat", "mlps_level": 3}],
    }
    return Rule.model_validate(base | changes)


def with_rules(lab: Province, *rules: Rule) -> Province:
    return lab.model_copy(update={"rules": {each.code: each for each in rules}})


def found(lab: Province, *rules: Rule) -> list[tuple[str, str | None]]:
    findings, errors = run([OwnRule(each) for each in rules], lab)
    assert errors == []
    return [(finding.rule, finding.target) for finding in findings]


def test_only_what_it_is_for_is_judged(lab: Province) -> None:
    findings, _ = run([OwnRule(rule())], lab)
    (finding,) = findings
    assert (finding.rule, finding.target, finding.object) == ("own.level-of-police", "tenant-rkk", "system rkk")
    assert (finding.severity, finding.clause, finding.fix) == (Severity.MANDATORY, "8.1.2.1 d", "raise its level")
    assert "mlps_level is 3, not at least 4" in finding.message
    assert found(lab, rule(require={"mlps_level": {"at_most": 3}})) == []
    assert found(lab, rule(where={"department": {"equals": "nobody"}})) == []


@pytest.mark.parametrize(
    ("judges", "require", "targets"),
    [
        ("regions", {"data_centre.pue": {"at_most": 1.25}}, ["region-gz"]),
        ("regions", {"zones": {"contains": "exchange"}}, []),
        ("regions", {"zones": {"contains": "moon"}}, ["region-gd", "region-gz"]),
        ("systems", {"workloads.*.count": {"at_least": 2}}, ["tenant-gdbos", "tenant-rkk"]),
        ("hosts", {"region": {"one_of": ["gz", "sz"]}}, ["gd-app-1", "gd-bastion-1", "gd-log-1"]),
        ("routers", {"site": {"matches": "gz-.*"}}, ["gd-pe-1", "gd-pe-2"]),
        ("routers", {"route_reflector": {"equals": 1}}, None),  # true is not 1: all break it
    ],
)
def test_each_condition(lab: Province, judges: str, require: dict[str, Any], targets: list[str] | None) -> None:
    wanted = sorted(lab.routers) if targets is None else targets
    assert sorted(t or "" for _, t in found(lab, rule(judges=judges, where={}, require=require))) == wanted


def test_they_run_with_ours(lab: Province) -> None:
    names = [each.name for each in rules_for(with_rules(lab, rule()))]
    assert names[-1] == "own.level-of-police"
    assert len(names) == len(rules_for(lab)) + 1


def test_a_field_that_nothing_has_is_the_rules_mistake(lab: Province) -> None:
    wrong = rule(require={"mlps_grade": {"at_least": 3}}, where={})
    findings, errors = run([OwnRule(wrong), OwnRule(rule())], lab)
    assert [each.rule for each in errors] == ["own.level-of-police"]
    assert [each.rule for each in findings] == ["own.level-of-police"], "the other one has judged all the same"
    cases = {"passes": [{"mlps_grade": 3}], "fails": [{"mlps_grade": 2}]}
    told = misjudged([OwnRule(wrong.model_copy(update=cases))], lab)
    assert told == ["own.level-of-police: systems have no field mlps_grade"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"passes": [{"department": "gat", "mlps_level": 3}]}, ["case 1 that must pass does not"]),
        ({"fails": [{"department": "gat", "mlps_level": 4}]}, ["case 1 that must fail does not"]),
        ({"passes": [{"mlps_level": 4}]}, ["case 1 that must pass does not say department"]),
        ({"passes": [{"department": "gxt", "mlps_level": 4}]}, ["is not among those"]),
        (
            {
                "require": {"mlps_level": {"at_least": 4}, "region": {"equals": "gd"}},
                "passes": [{"department": "gat", "mlps_level": 4, "region": "gd"}],
                "fails": [{"department": "gat", "mlps_level": 3, "region": "gd"}],
            },
            ["by region alone"],
        ),
    ],
)
def test_cases_show_that_a_rule_can_pass_and_fail(lab: Province, changes: dict[str, Any], said: list[str]) -> None:
    told = misjudged([OwnRule(rule(**changes))], lab)
    assert len(told) == len(said)
    assert all(words in line for words, line in zip(said, told, strict=True))


@pytest.mark.parametrize(
    "condition", [{}, {"equals": 1, "at_least": 2}, {"matches": "("}, {"at_most": "many"}, {"is": 3}]
)
def test_conditions_that_mean_nothing_are_refused(condition: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate(condition)
