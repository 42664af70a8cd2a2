"""Alarms: each has its clause, its section, its cases and its way to who answers for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policies import catalogue
from policies.alarm import RUNBOOKS, Alarm, Urgency, alarms, routing, rules
from policies.metric import metrics
from province.province import Province
from tests.unit.policies.alarming import CASES, NOW, full, with_waiver

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def province(lab: Province) -> Province:
    return with_waiver(lab)


@pytest.fixture(scope="module")
def found(province: Province) -> tuple[Alarm, ...]:
    return alarms(province)


def test_every_alarm_has_cases_that_fire_and_cases_that_do_not(found: tuple[Alarm, ...]) -> None:
    assert {alarm.name for alarm in found} == set(CASES)
    assert [name for name, cases in CASES.items() if not (cases.fires and cases.rests)] == []


def test_every_clause_is_in_the_catalogue(found: tuple[Alarm, ...]) -> None:
    assert {alarm.clause for alarm in found} <= set(catalogue.load().controls)


def test_every_alarm_has_its_section_and_every_section_an_alarm(found: tuple[Alarm, ...]) -> None:
    page = (ROOT / RUNBOOKS).read_text(encoding="utf-8")
    sections = {f"{RUNBOOKS}#{title.lower()}" for title in re.findall(r"^### (\w+)$", page, re.MULTILINE)}
    assert {alarm.runbook for alarm in found} == sections


def test_alarms_watch_only_what_is_measured_and_all_of_it(province: Province, found: tuple[Alarm, ...]) -> None:
    watched = {name for alarm in found for name in re.findall(r"zhengyun_\w+", alarm.expression)}
    assert watched == {metric.name for metric in metrics(full(province, NOW)) if metric.samples}


def test_no_two_alarms_are_alike(found: tuple[Alarm, ...]) -> None:
    told = [(alarm.name, alarm.owner.responsible, *alarm.about.values()) for alarm in found]
    assert len(told) == len(set(told))


def test_a_department_is_warned_of_what_it_has(found: tuple[Alarm, ...]) -> None:
    by_owner = {name: {alarm.owner.department for alarm in found if alarm.name == name} for name in CASES}
    assert by_owner["AgreementEnding"] == {"gat", "zsj"}  # who shares, and who uses it; not gxt
    assert by_owner["LogsLost"] == {"zsj"}
    assert by_owner["ChecksFailed"] == {"gat", "gxt", "zsj"}
    assert by_owner["WaiverExpired"] == {"gat"}
    assert by_owner["EnergyAboveLimit"] == {"zsj"}


def test_a_waivers_alarm_names_the_waivers_clause(found: tuple[Alarm, ...]) -> None:
    assert {alarm.clause for alarm in found if alarm.name.startswith("Waiver")} == {"8.1.4.9 b"}


def test_nothing_is_watched_that_is_not_there(lab: Province) -> None:
    empty = lab.model_copy(update={"hosts": {}, "routers": {}, "agreements": {}})
    names = {(alarm.name, *alarm.about.values()) for alarm in alarms(empty)}
    assert ("VerificationStale", "cloud") in names
    assert ("VerificationStale", "hosts") not in names
    assert ("DriftStale", "network") not in names
    assert {name for name, *_ in names} & {"LogsLost", "AgreementEnding", "WaiverEnding"} == set()


def test_a_rule_carries_both_subjects_and_whom_to_call(found: tuple[Alarm, ...]) -> None:
    groups = rules(found)["groups"]
    assert [group["name"] for group in groups] == ["zhengyun-zsj", "zhengyun-gat", "zhengyun-gxt"]
    (lost,) = [rule for group in groups for rule in group["rules"] if rule["alert"] == "LogsLost"]
    assert lost["labels"] == {"severity": "critical", "owner": "zsj-ops", "supervisor": "zsj-sec"}
    assert lost["annotations"]["owner_contact"] == "+86-20-5550-0101"
    assert lost["annotations"]["runbook"] == "docs/how-to/alarms.md#logslost"


def receivers(way: dict[str, object], alarm: Alarm) -> list[str]:
    """Who gets an alarm, as Alertmanager goes through the routes."""
    route = way["route"]
    assert isinstance(route, dict)
    labels = {f'owner="{alarm.owner.responsible}"', f'supervisor="{alarm.owner.supervising}"'}
    labels.add(f'severity="{alarm.urgency}"')
    told = []
    for one in route["routes"]:
        if set(one["matchers"]) <= labels:
            told.append(one["receiver"])
            if not one.get("continue"):
                break
    return told or [route["receiver"]]


def test_every_alarm_reaches_its_owner_and_what_is_critical_both(province: Province, found: tuple[Alarm, ...]) -> None:
    way = routing(province, found)
    for alarm in found:
        mine = alarm.owner
        critical = [mine.supervising] if alarm.urgency is Urgency.CRITICAL else []
        assert receivers(way, alarm) == [*critical, mine.responsible]


def test_only_a_declared_address_is_sent_to(lab: Province) -> None:
    police = lab.departments["gat"]
    there = police.responsible.model_copy(update={"alarm_webhook": "http://10.1.2.3:8080/alarms"})
    told = lab.model_copy(
        update={"departments": {**lab.departments, "gat": police.model_copy(update={"responsible": there})}}
    )
    listed = {one["name"]: one for one in routing(told, alarms(told))["receivers"]}
    assert listed["gat-tech"]["webhook_configs"] == [{"url": "http://10.1.2.3:8080/alarms", "send_resolved": True}]
    assert [name for name, one in listed.items() if set(one) != {"name"}] == ["gat-tech"]
