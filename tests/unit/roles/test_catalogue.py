"""The catalogue covers the standard, and every control is measured or attested."""

from __future__ import annotations

import re

import pytest

from province.errors import ZyError
from province.host import Host, HostRole
from province.record import Status
from roles.catalogue import check_waivers, load_catalogue
from roles.checks.firewall import peer_probes
from roles.checks.outside import outside_probes
from roles.judgement import Judgement
from roles.probe import Answer
from roles.verification import Target, applies, inside_probes, judge_all

CATALOGUE = load_catalogue()
# Clauses of GB/T 22239-2019 level 3 that hosts enforce or evidence.
CLAUSES = (
    "8.1.2.2 a,b; 8.1.3.1 c; 8.1.3.2 a,b,c,d; 8.1.3.3 a,b,c,d; 8.1.4.1 a,b,c,d; 8.1.4.2 a,b,c,d,e,f,g; 8.1.4.3 a,b,c,d;"
    " 8.1.4.4 a,b,c,e,f; 8.1.4.5; 8.1.4.7 a,b; 8.1.4.8 a,b; 8.1.4.9 a; 8.1.4.10 a,b; 8.1.5.1 a,b; 8.1.5.2 a,b;"
    " 8.1.5.3 a,b; 8.1.5.4 c,d,e,f; 8.2.3.2 a,b,c,d; 8.2.4.1; 8.2.4.3 a,b,c; 8.2.4.4 a"
)


def target(role: HostRole, **waivers: str) -> Target:
    named = {f"hst-{name}": reason for name, reason in waivers.items()}
    return Target(Host(code="h1", region="gd", role=role, department="zsj", waivers=named), "10.99.0.11", "fd99::b")


def clauses() -> set[str]:
    found = set()
    for group in CLAUSES.split("; "):
        number, _, letters = group.partition(" ")
        found |= {f"{number} {letter}".strip() for letter in letters.split(",")}
    return found


def test_every_clause_for_hosts_has_a_control_and_no_control_another() -> None:
    assert {clause for control in CATALOGUE.values() for clause in control.clauses} == clauses()


@pytest.mark.parametrize("role", HostRole)
def test_every_control_is_measured_or_attested_never_both(role: HostRole) -> None:
    one = target(role)
    measured = [probe.id for probe in inside_probes(one, "n0nce")]
    measured += [probe.id for probe in (*outside_probes("h1", "x"), *peer_probes("h1", "10.99.0.11", "fd99::b"))]
    asked = [control.id for control in CATALOGUE.values() if applies(control, one) and not control.attest]
    assert sorted(measured) == sorted(asked)


def test_controls_read_well() -> None:
    for control in CATALOGUE.values():
        assert re.search(r"[\u4e00-\u9fff]", control.title_zh), control.id
        assert control.why.endswith("."), control.id
        assert not (control.attest and control.settings), f"{control.id}: what is set can be measured"


def test_waived_and_attested_controls_are_told_apart_and_never_passed() -> None:
    one = target(HostRole.APPLICATION, **{"core-dumps": "the vendor's debugger needs them"})
    controls = [CATALOGUE[name] for name in ("hst-core-dumps", "hst-backup", "hst-ssh-record")]
    probes = inside_probes(one, "n0nce")
    ssh = next(probe for probe in probes if probe.id == "hst-ssh-record")
    judged = judge_all(controls, one, probes, {ssh.command: Answer("loglevel VERBOSE\nbanner /etc/issue.net")})
    assert [j.judgement for j in judged] == [Judgement.WAIVED, Judgement.ATTEST, Judgement.PASSED]
    assert [j.check().status for j in judged] == [Status.SKIPPED, Status.SKIPPED, Status.PASSED]
    assert judged[0].check().actual == "waived: the vendor's debugger needs them"
    assert judged[1].document()["judgement"] == "to-be-attested"


def test_waiver_of_a_control_that_does_not_exist_is_told() -> None:
    host = target(HostRole.APPLICATION, **{"ssh-limit": "typing mistake"}).host
    with pytest.raises(ZyError, match="ZY-HST-030") as caught:
        check_waivers(CATALOGUE, {"h1": host})
    assert "hst-ssh-limit" in caught.value.message
