"""Hardening that goes wrong on a real host: nobody is locked out, and the next run ends the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lab.hosts.fleet import Fleet
from province.record import Outcome, Result, Status
from roles.room import HostsRoom
from tests.lab.hosts_of_the_inventory import PROVINCE as WHOLE
from tests.lab.hosts_of_the_inventory import started

ROOT = Path(__file__).parents[2]
HOST = "gd-app-1"
PROVINCE = WHOLE.model_copy(update={"hosts": {HOST: WHOLE.hosts[HOST]}}).with_slots(WHOLE._slots)
CUT = {"baseline_management_prefixes": ["192.0.2.0/24"]}
"""Nobody is in this prefix (RFC 5737): with it the firewall refuses every new login."""
OURS = "sudo nft list ruleset; sudo ls /etc/ssh/sshd_config.d"
"""Shows what a bare host has nothing of."""
BOOT = "cat /proc/sys/kernel/random/boot_id"
WITHIN = 120.0  # s; bound of every wait here


@dataclass(frozen=True)
class Lab:
    fleet: Fleet
    room: HostsRoom

    def on(self, script: str) -> str:
        done = self._asked(script)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    def restored(self) -> bool:
        """Whether a login finds nothing of ours. While the host restores itself, its sshd starts anew."""
        done = self._asked(OURS)
        return (done.returncode, done.stdout.strip()) == (0, "")

    def _asked(self, script: str) -> subprocess.CompletedProcess[str]:
        command = self.fleet.access.command(HOST, ["sh", "-c", script], options=["-o", "BatchMode=yes"])
        return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    def lets_in(self) -> bool:
        return self.fleet.access.answers(HOST, 8)

    def harden(self, **variables: object) -> Result:
        room = replace(self.room, variables=variables)
        plan = room.plan([HOST])
        (result,) = room.apply(plan, plan.waves[0][0], print)
        return result

    def harden_until(self, task: str, **variables: object) -> None:
        """Harden in another process and kill it, with Ansible and all, when a task of this name begins."""
        command = [
            sys.executable,
            __file__,
            str(self.room.ssh_config),
            str(self.room.state_dir),
            task,
            json.dumps(variables),
        ]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=env, start_new_session=True, check=False, timeout=300)
        assert done.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with started("zy-test-cut", tmp_path_factory.mktemp("hosts"), [HOST]) as one:
        yield one.fleet


@pytest.fixture
def lab(fleet: Fleet) -> Lab:
    fleet.reset(print)  # every test begins with a bare host
    return Lab(fleet, HostsRoom(PROVINCE, fleet.access.ssh_config, fleet.home / "state"))


def wait_for(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.2)


def test_firewall_that_cuts_access_is_put_back_at_once(lab: Lab) -> None:
    result = lab.harden(**CUT)
    assert result.outcome is Outcome.FAILED
    assert "ZY-HST-020" in result.message
    assert lab.lets_in()
    assert lab.on(OURS) == ""
    assert "guard" not in lab.on("sudo ls /var/lib/zhengyun/hardening; systemctl list-units 'zy-*'").splitlines()


def test_firewall_that_cuts_access_and_us_off_is_put_back_by_the_host(lab: Lab) -> None:
    lab.harden_until("Prove access and confirm", **CUT, baseline_guard_seconds=25)
    assert not lab.lets_in(), "the test is worth nothing: access was not cut"
    wait_for(lab.restored, "the host did not restore itself")


def test_unconfirmed_change_is_put_back_by_a_reboot(lab: Lab) -> None:
    lab.harden_until("Prove access and confirm", **CUT, baseline_guard_seconds=3600)
    assert not lab.lets_in(), "the test is worth nothing: access was not cut"
    lab.fleet.guest(lab.fleet.spec(HOST)).stop()
    lab.fleet.up(print)
    assert "zhengyun" not in lab.on(
        "sudo nft list ruleset; sudo ls /etc/ssh/sshd_config.d; getent passwd wang-lei || true"
    )
    assert lab.on("systemctl is-enabled nftables || true") == "disabled"
    assert lab.on("systemctl is-system-running --wait") == "running"


@pytest.mark.parametrize("task", ["Bring the host to its baseline", "Prove access and confirm"])
def test_killed_run_is_finished_by_the_next(lab: Lab, task: str) -> None:
    lab.harden_until(task)
    plan = lab.room.plan([HOST])
    if task.startswith("Prove"):
        assert [action.object for action in plan.actions] == ["unconfirmed changes"]
    (result,) = lab.room.apply(plan, plan.waves[0][0], print)
    assert result.outcome is not Outcome.FAILED, result
    assert lab.room.plan([HOST]).actions == ()
    assert "guard" not in lab.on("sudo ls /var/lib/zhengyun/hardening").splitlines()
    assert lab.on("systemctl list-units --no-legend 'zy-guard*'; ls /etc/systemd/system | grep zy-guard || true") == ""
    (integrity,) = [check for check in lab.room.verify([HOST]) if check.id == "hst-file-integrity"]
    assert integrity.status is Status.PASSED, integrity.actual


def test_broken_configuration_of_others_is_told_and_left_alone(lab: Lab) -> None:
    lab.on("echo Nonsense yes | sudo tee /etc/ssh/sshd_config.d/90-hand.conf")
    result = lab.harden()
    assert result.outcome is Outcome.FAILED
    assert "ZY-HST-021" in result.message
    assert "90-hand.conf" in result.message
    assert lab.on("sudo ls /etc/ssh/sshd_config.d; sudo nft list ruleset") == "90-hand.conf"
    lab.on("sudo rm /etc/ssh/sshd_config.d/90-hand.conf")


CHANGED = "PathExists=/var/lib/zhengyun/hardening/guard/record.json"
"""The condition of systemd.path(5) for: the way back is kept, and the first settings are about to change."""


def when_changed(lab: Lab, script: str) -> None:
    """The host does this to itself, once, in the middle of the run that comes."""
    once = f"systemctl stop zy-fault.path; {script}"
    lab.on(f"sudo systemd-run --quiet --unit=zy-fault --path-property={CHANGED} sh -c '{once}'")


def ends_well(lab: Lab) -> None:
    """What is still due is done by the next run, and nothing is due after it."""
    if lab.room.plan([HOST]).waves:
        assert lab.harden().outcome is not Outcome.FAILED
    assert lab.room.plan([HOST]).actions == ()
    assert lab.on("systemctl is-system-running --wait") == "running"


def test_connection_lost_in_mid_run_is_told_and_the_next_run_ends_the_same(lab: Lab) -> None:
    when_changed(lab, "ip link set vec0 down; sleep 45; ip link set vec0 up")
    result = lab.harden()
    assert result.outcome is Outcome.FAILED
    assert "ZY-HST-001" in result.message
    wait_for(lab.lets_in, "the host did not come back to the network")
    ends_well(lab)


def test_reboot_in_mid_run_brings_the_host_back_as_it_was(lab: Lab) -> None:
    boot = lab.on(BOOT)
    when_changed(lab, "systemctl reboot --force --force")
    result = lab.harden()
    assert result.outcome is Outcome.FAILED
    wait_for(lab.lets_in, "the host did not come back from its reboot")
    assert lab.on(BOOT) != boot, "the test is worth nothing: the host did not reboot"
    assert lab.on(OURS) == ""
    ends_well(lab)


def test_two_runs_at_once_leave_one_hardened_host(lab: Lab) -> None:
    """Two operators with a state each, so that no lock of ours keeps them apart."""
    others = replace(lab, room=replace(lab.room, state_dir=lab.fleet.home / "others"))
    shared = lab.fleet.home / "state" / "authority"
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda one: one.harden(baseline_authority=str(shared)), (lab, others))
    failed = [result.message for result in (first, second) if result.outcome is Outcome.FAILED]
    assert all(message.startswith("ZY-HST-027") for message in failed), failed
    assert len(failed) < 2
    assert "guard" not in lab.on("sudo ls /var/lib/zhengyun/hardening").splitlines()
    ends_well(lab)


def test_host_whose_profiles_are_off_is_hardened_and_the_audit_says_so(lab: Lab) -> None:
    lab.on("sudo aa-teardown")
    assert lab.harden().outcome is Outcome.CHANGED
    assert labels(lab) is Status.FAILED
    lab.on("sudo systemctl restart apparmor")
    assert labels(lab) is Status.PASSED
    assert lab.room.plan([HOST]).actions == ()


def labels(lab: Lab) -> Status:
    (judged,) = [check for check in lab.room.verify([HOST]) if check.id == "hst-security-labels"]
    return judged.status


def main(ssh_config: str, state: str, task: str, variables: str) -> None:
    """The process that is killed."""

    def heard(text: str) -> None:
        if text.endswith(task):
            os.killpg(0, signal.SIGKILL)

    room = HostsRoom(PROVINCE, Path(ssh_config), Path(state), json.loads(variables))
    plan = room.plan([HOST])
    room.apply(plan, plan.waves[0][0], heard)


if __name__ == "__main__":
    main(*sys.argv[1:])
