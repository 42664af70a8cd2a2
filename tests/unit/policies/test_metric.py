"""The figures of the alarms: what each counts, and that Prometheus reads them as they are meant."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policies import catalogue
from policies.metric import LOG_CHECKS, Facts, Look, Metric, Sample, exposition, metrics
from policies.model import PUE_GRADES
from province.province import Province
from province.record import RoomName, Status
from tests.unit.policies.alarming import NOW, check, full, with_waiver


def values(facts: Facts, name: str) -> dict[tuple[str, ...], float]:
    """Values of a metric by those of its labels."""
    (found,) = [metric for metric in metrics(facts) if metric.name == f"zhengyun_{name}"]
    return {tuple(sample.labels.values()): sample.value for sample in found.samples}


def test_an_end_is_the_first_moment_after_the_last_day(lab: Province) -> None:
    today = lab.agreements["rkk-gdbos"].model_copy(update={"valid_until": NOW.date()})
    facts = Facts(lab.model_copy(update={"agreements": {today.code: today}}), NOW)
    midnight = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    ends = values(facts, "agreement_end_timestamp_seconds")
    assert ends == {("rkk-gdbos", "gat"): midnight.timestamp(), ("rkk-gdbos", "zsj"): midnight.timestamp()}
    assert midnight.timestamp() % 86400 == 16 * 3600  # midnight in China


def test_an_agreement_within_a_department_is_told_once(lab: Province) -> None:
    agreement = lab.agreements["rkk-gdbos"]
    within = agreement.model_copy(update={"consumer": agreement.provider})
    facts = Facts(lab.model_copy(update={"agreements": {within.code: within}}), NOW)
    assert list(values(facts, "agreement_end_timestamp_seconds")) == [("rkk-gdbos", "gat")]


def test_waivers_and_certificates_end(lab: Province) -> None:
    facts = full(with_waiver(lab), NOW)
    (key, end), *_ = values(facts, "waiver_end_timestamp_seconds").items()
    assert key == ("rkk-names", "tenant-rkk")
    assert date.fromtimestamp(end - 1) in (date(2026, 12, 31), date(2026, 12, 30))  # whatever this machine's zone
    assert values(facts, "certificate_end_timestamp_seconds") == {
        ("log-authority",): (NOW + timedelta(days=300)).timestamp()
    }


def test_what_was_seen_whole_has_a_zero_for_who_had_nothing_wrong(lab: Province) -> None:
    wrong = [(RoomName.CLOUD, "tenant-rkk"), (RoomName.CLOUD, "tenant-rkk"), (RoomName.HOSTS, "gone-host")]
    look = Look(NOW, frozenset({RoomName.CLOUD}), wrong)
    failed = {
        ("cloud", "gat"): 2.0,
        ("cloud", "gxt"): 0.0,
        ("cloud", "zsj"): 0.0,
        ("hosts", "zsj"): 1.0,  # what nobody declares is the operator's
    }
    assert values(Facts(lab, NOW, verified=look), "failed_checks") == failed
    assert values(Facts(lab, NOW, verified=look), "drifted_objects") == {}
    assert values(Facts(lab, NOW, drift=look), "drifted_objects") == failed


def test_only_a_room_that_was_seen_whole_counts_as_looked_at(lab: Province) -> None:
    look = Look(NOW, frozenset({RoomName.HOSTS}), [(RoomName.CLOUD, "tenant-rkk")])
    assert values(Facts(lab, NOW, verified=look), "verification_timestamp_seconds") == {("hosts",): NOW.timestamp()}
    assert values(Facts(lab, NOW, drift=look), "drift_timestamp_seconds") == {("hosts",): NOW.timestamp()}
    assert values(Facts(lab, NOW), "verification_timestamp_seconds") == {}


def test_lost_records_are_told_by_host(lab: Province) -> None:
    checks = (
        check("hst-log-transport", "gd-app-1"),
        check("hst-audit-forwarded", "gd-app-1"),
        check("hst-log-arrival", "gd-log-1", Status.PASSED),
        check("hst-ssh-algorithms", "gd-bastion-1"),
        check("hst-log-transport", "gone-host"),
    )
    lost = values(Facts(lab, NOW, checks=checks), "failed_log_checks")
    assert lost == {("gd-app-1", "zsj"): 2.0, ("gd-log-1", "zsj"): 0.0}


def test_log_checks_are_those_of_the_catalogue() -> None:
    assert set(catalogue.load().controls["8.1.5.4 d"].checks) == LOG_CHECKS


def test_regions_have_what_they_declare(lab: Province) -> None:
    facts = Facts(lab, NOW)
    assert values(facts, "region_pue_ratio") == {("gd",): 1.22, ("gz",): 1.3}
    assert set(values(facts, "region_pue_limit_ratio").values()) == {PUE_GRADES[-1][1]}
    assert values(facts, "region_capacity_vcpus") == {("gd",): 4000, ("gz",): 2000}
    # gd: web 2x1, app 1, db 2; api 1, db 2. gz: web 2x1
    assert values(facts, "region_declared_vcpus") == {("gd",): 8, ("gz",): 2}


def test_exposition_escapes_and_leaves_out_what_has_no_value() -> None:
    text = exposition(
        [Metric("a", "An a.", (Sample({"x": 'q"\\\n', "y": "政"}, 1.5), Sample({}, 2.0))), Metric("b", "A b.", ())]
    )
    assert text == '# HELP a An a.\n# TYPE a gauge\na{x="q\\"\\\\\\n",y="政"} 1.5\na 2.0\n'


@pytest.mark.parametrize("moment", [1795874773.591725, 1e10])
def test_exposition_loses_no_digit(moment: float) -> None:
    assert float(exposition([Metric("a", "An a.", (Sample({}, moment),))]).split()[-1]) == moment
