"""Administrators of the inventory on a real host: each by their own key and for their own duty, until they leave.

The tests build on one another in the order of the file: people come, one leaves, she comes back, a second factor.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from shlex import quote

import pytest

from lab.guest.access import keypair
from province.administrator import Administrator
from province.record import Outcome, Severity
from roles.judgement import Judgement
from roles.room import HostsRoom
from tests.lab.hosts_of_the_inventory import PROVINCE, Lab, started

APP, SYSTEM, AUDIT, SECURITY = "gd-app-1", "wang-lei", "li-na", "zhao-xin"
DAY = date(2026, 11, 28)
DUTIES = {
    SYSTEM: "/usr/bin/systemctl restart cron.service",
    AUDIT: "/usr/sbin/ausearch -m LOGIN",
    SECURITY: "/usr/sbin/nft list ruleset",
}


@dataclass(frozen=True)
class Office:
    """The host, and the people of the inventory with keys that the tests hold."""

    lab: Lab
    people: dict[str, Administrator]
    keys: Path

    def room(self, *, away: str = "", enrolled: str = "", day: date = DAY, **changed: object) -> HostsRoom:
        """The hosts' room while one person is not listed, and one listed as enrolled; ``changed``: of zhao-xin."""
        people = {name: one for name, one in self.people.items() if name != away}
        people |= {enrolled: self.people[enrolled].model_copy(update={"second_factor": True})} if enrolled else {}
        people |= {SECURITY: self.people[SECURITY].model_copy(update=changed)}
        host = PROVINCE.hosts[APP].model_copy(update={"waivers": {"hst-malware": "no signatures"}})
        update = {"administrators": people, "hosts": {**PROVINCE.hosts, APP: host}}
        province = PROVINCE.model_copy(update=update).with_slots(PROVINCE._slots)
        return replace(self.lab.room, province=province, today=day)

    def ssh(self, name: str, *arguments: str) -> list[str]:
        own = ["-i", str(self.keys / name), "-o", "ControlPath=none", "-l", name]
        return ["ssh", "-F", str(self.lab.room.ssh_config), *own, *arguments]

    def succeeds(self, name: str, command: str) -> bool:
        tried = self.ssh(name, "-o", "BatchMode=yes", APP, f"{{ {command}; }} </dev/null >/dev/null 2>&1")
        return subprocess.run(tried, capture_output=True, timeout=60, check=False).returncode == 0

    def judged(self, room: HostsRoom, *controls: str) -> dict[str, tuple[Judgement, str]]:
        found = {one.control.id: (one.judgement, one.actual) for one in room.audit([APP])}
        return {control: found[control] for control in controls}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    keys = tmp_path_factory.mktemp("keys")
    people = {
        name: one.model_copy(update={"keys": (keypair(keys / name, name).public.strip(),)})
        for name, one in PROVINCE.administrators.items()
    }
    with started("zy-test-people", tmp_path_factory.mktemp("hosts"), [APP]) as lab:
        yield Office(lab, people, keys)


def harden(chosen: HostsRoom) -> Outcome:
    plan = chosen.plan([APP])
    (result,) = chosen.apply(plan, plan.waves[0][0], print)
    assert not result.message, result.message
    return result.outcome


def test_each_person_has_their_own_duty_and_no_other(office: Office) -> None:
    assert harden(office.room()) is Outcome.CHANGED
    tried = [(name, of, command) for name in DUTIES for of, command in DUTIES.items()]
    may = {(name, of) for name, of, command in tried if office.succeeds(name, f"sudo -n {command}")}
    assert may == {(name, name) for name in DUTIES}
    judged = office.judged(office.room(), "hst-separated-duties", "hst-surplus-accounts")
    assert {judgement for judgement, _ in judged.values()} == {Judgement.PASSED}, judged
    assert judged["hst-separated-duties"][1] == "li-na audit, wang-lei system, zhao-xin security"


STRANGER = """
useradd --create-home stranger; mkdir /home/stranger/.ssh; cp {keys} /home/stranger/.ssh/authorized_keys
echo 'stranger ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/stranger
"""


def test_account_and_key_made_by_hand_fail_the_audit(office: Office) -> None:
    office.lab.on(APP, f"sudo sh -c {quote(STRANGER.format(keys=f'/home/{AUDIT}/.ssh/authorized_keys'))}")
    extra = keypair(office.keys / "extra", "extra").public.strip()
    assert office.succeeds(AUDIT, f"echo {quote(extra)} >>~/.ssh/authorized_keys")
    judged = office.judged(office.room(), "hst-separated-duties", "hst-surplus-accounts")
    assert {judgement for judgement, _ in judged.values()} == {Judgement.FAILED}
    assert "stranger unlisted" in judged["hst-separated-duties"][1]
    assert "unlisted stranger has a key; " in f"{judged['hst-surplus-accounts'][1]}; "
    assert f"a key of {AUDIT} that the inventory does not have" in judged["hst-surplus-accounts"][1]
    office.lab.on(APP, "sudo rm /etc/sudoers.d/stranger; sudo userdel --remove stranger 2>/dev/null")


def test_whose_time_has_ended_fails_the_audit_even_before_an_apply(office: Office) -> None:
    ended = office.room(until=date(2026, 11, 27))
    judged = office.judged(ended, "hst-separated-duties", "hst-surplus-accounts")
    assert judged["hst-surplus-accounts"][0] is Judgement.FAILED
    assert f"unlisted {SECURITY} has a key" in judged["hst-surplus-accounts"][1]
    assert judged["hst-separated-duties"][1].endswith("zhao-xin unlisted; nobody has the duty security")


def test_who_is_not_listed_any_more_is_put_out(office: Office) -> None:
    uid = office.lab.on(APP, f"id -u {AUDIT}")
    assert office.succeeds(AUDIT, "echo notes >notes")
    without = office.room(away=AUDIT)
    with subprocess.Popen(office.ssh(AUDIT, APP, "echo in; exec sleep 600"), stdout=subprocess.PIPE) as session:
        assert session.stdout is not None
        assert session.stdout.readline() == b"in\n"
        plan = without.plan([APP])
        changes = {action.object: action.diff for action in plan.actions}
        assert set(changes) == {"account li-na", "/etc/sudoers.d/50-zhengyun"}
        assert "+has left: locked" in changes["account li-na"]
        assert ["ZY-HST-050: nobody has the duty audit" in finding.message for finding in plan.findings] == [True]
        assert harden(without) is Outcome.CHANGED
        assert session.wait(timeout=30) != 0
    assert not office.succeeds(AUDIT, "true")
    assert without.plan([APP]).actions == ()
    assert office.lab.on(APP, f"id -u {AUDIT}; sudo cat /home/{AUDIT}/notes") == f"{uid}\nnotes"
    judged = office.judged(without, "hst-separated-duties", "hst-surplus-accounts")
    assert judged["hst-surplus-accounts"][0] is Judgement.PASSED
    assert harden(office.room()) is Outcome.CHANGED
    assert office.succeeds(AUDIT, f"test $(id -u) = {uid}"), "she came back as who she was"


def code(secret: str, steps: int = 0) -> str:
    """The code of now, or of so many 30 s later (RFC 6238, RFC 4226 section 5.3)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06d}"


def lets_in(office: Office, answer: str, folder: Path) -> bool:
    """Whether the system administrator's key and this answer to any question open a session."""
    ask = folder / "ask"
    ask.write_text(f"#!/bin/sh\necho {answer}\n")
    ask.chmod(0o700)
    env = os.environ | {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    methods = "PreferredAuthentications=publickey,keyboard-interactive"
    asked = ("-o", "BatchMode=no", "-o", "KbdInteractiveAuthentication=yes", "-o", "NumberOfPasswordPrompts=1")
    tried = office.ssh(SYSTEM, "-o", methods, *asked, APP, "true")
    return subprocess.run(tried, env=env, capture_output=True, timeout=60, check=False).returncode == 0


def enrol(office: Office) -> str:
    """As the administrator does it: read the secret, type its first code. The secret."""
    with subprocess.Popen(
        office.ssh(SYSTEM, "-tt", APP, "sudo zy-enrol"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asking:
        assert asking.stdin is not None
        assert asking.stdout is not None
        secret = next(found[1] for line in asking.stdout if (found := re.search(r"secret key is: (\w+)", line)))
        asking.stdin.write(f"{code(secret)}\n")
        asking.stdin.flush()
        assert "Enrolled" in asking.stdout.read()
    return secret


def test_second_factor_is_asked_for_only_after_enrolment(office: Office, tmp_path: Path) -> None:
    assert lets_in(office, "none", tmp_path), "the key alone"
    refused = office.room(enrolled=SYSTEM).plan([APP]).findings
    assert [finding.severity for finding in refused] == [Severity.MANDATORY]
    assert f"ZY-HST-033: /var/lib/zhengyun/totp/{SYSTEM}" in refused[0].message
    assert lets_in(office, "none", tmp_path), "nothing was touched"
    secret = enrol(office)
    assert lets_in(office, "none", tmp_path), "enrolled, not asked yet"
    assert harden(office.room(enrolled=SYSTEM)) is Outcome.CHANGED
    assert not lets_in(office, "000000", tmp_path)
    right = code(secret, 1)
    assert lets_in(office, right, tmp_path)
    assert not lets_in(office, right, tmp_path), "a code is good once"
    judgement, actual = office.judged(office.room(), "hst-second-factor")["hst-second-factor"]
    assert judgement is Judgement.FAILED, "the others have keys, too"
    assert f"{SYSTEM} publickey,keyboard-interactive:pam" in actual
