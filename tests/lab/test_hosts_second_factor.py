"""Two factors for an administrator: refused before enrolment, asked for after it, and never a way to be locked out."""

from __future__ import annotations

import base64
import hmac
import os
import re
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from province.record import Outcome, Severity
from roles.room import HostsRoom
from tests.lab.hosts_of_the_inventory import Lab, started

APP, ADMINISTRATOR = "gd-app-1", "sysadmin"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with started("zy-test-totp", tmp_path_factory.mktemp("hosts"), [APP]) as one:
        yield one


def code(secret: str, steps: int = 0) -> str:
    """The code of now, or of so many 30 s later (RFC 6238, RFC 4226 section 5.3)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06d}"


def room(lab: Lab, *enrolled: str) -> HostsRoom:
    key = lab.fleet.access.login_key().public.strip()
    people = [
        {"name": name, "duty": duty, "comment": f"{duty} administrator", "keys": [key] if name == ADMINISTRATOR else []}
        for name, duty in ((ADMINISTRATOR, "system"), ("auditadmin", "audit"), ("secadmin", "security"))
    ]
    return replace(lab.room, variables={"baseline_administrators": people, "baseline_second_factor": list(enrolled)})


def harden(chosen: HostsRoom) -> Outcome:
    plan = chosen.plan([APP])
    (result,) = chosen.apply(plan, plan.waves[0][0], print)
    return result.outcome


def ssh(lab: Lab, *arguments: str) -> list[str]:
    return ["ssh", "-F", str(lab.room.ssh_config), "-o", "ControlPath=none", "-l", ADMINISTRATOR, *arguments]


def lets_in(lab: Lab, answer: str, folder: Path) -> bool:
    """Whether the administrator's key and this answer to any question open a session."""
    ask = folder / "ask"
    ask.write_text(f"#!/bin/sh\necho {answer}\n")
    ask.chmod(0o700)
    env = os.environ | {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    methods = "PreferredAuthentications=publickey,keyboard-interactive"
    asked = ("-o", "BatchMode=no", "-o", "KbdInteractiveAuthentication=yes", "-o", "NumberOfPasswordPrompts=1")
    tried = ssh(lab, "-o", methods, *asked, APP, "true")
    return subprocess.run(tried, env=env, capture_output=True, timeout=60, check=False).returncode == 0


def enrol(lab: Lab) -> str:
    """As the administrator does it: read the secret, type its first code. The secret."""
    with subprocess.Popen(
        ssh(lab, "-tt", APP, "sudo zy-enrol"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asking:
        assert asking.stdin is not None
        assert asking.stdout is not None
        secret = next(found[1] for line in asking.stdout if (found := re.search(r"secret key is: (\w+)", line)))
        asking.stdin.write(f"{code(secret)}\n")
        asking.stdin.flush()
        assert "Enrolled" in asking.stdout.read()
    return secret


def test_second_factor_is_asked_for_only_after_enrolment(lab: Lab, tmp_path: Path) -> None:
    assert harden(room(lab)) is Outcome.CHANGED
    assert lets_in(lab, "none", tmp_path), "its key alone"
    refused = room(lab, ADMINISTRATOR).plan([APP]).findings
    assert [finding.severity for finding in refused] == [Severity.MANDATORY]
    assert "ZY-HST-033: /var/lib/zhengyun/totp/sysadmin" in refused[0].message
    assert lets_in(lab, "none", tmp_path), "nothing was touched"
    secret = enrol(lab)
    assert lets_in(lab, "none", tmp_path), "enrolled, not asked yet"
    assert harden(room(lab, ADMINISTRATOR)) is Outcome.CHANGED
    assert not lets_in(lab, "000000", tmp_path)
    right = code(secret, 1)
    assert lets_in(lab, right, tmp_path)
    assert not lets_in(lab, right, tmp_path), "a code is good once"
    (judged,) = (one for one in lab.room.audit([APP]) if one.control.id == "hst-second-factor")
    assert (judged.judgement.value, judged.actual) == ("passed", "sysadmin publickey,keyboard-interactive:pam")
