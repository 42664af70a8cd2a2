"""Hosts that cannot be hardened as they are: told in the plan, by a code, before anything on them is touched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lab.guest.access import Entry, keypair, known_host
from lab.hosts.fleet import Fleet
from province.record import Outcome, RoomName, RoomPlan, Severity, Step
from roles.room import SITE, HostsRoom
from tests.lab.hosts_of_the_inventory import PROVINCE as WHOLE
from tests.lab.hosts_of_the_inventory import started

HOST = "gd-app-1"
ADDRESS = WHOLE.addresses.host(HOST)
PROVINCE = WHOLE.model_copy(update={"hosts": {HOST: WHOLE.hosts[HOST]}}).with_slots(WHOLE._slots)
AVAILABLE = "$(df --output=avail -k / | tail -1)"
FAULTS = {
    "no sudo": ("mv /usr/bin/sudo /usr/bin/sudo.away", "mv /usr/bin/sudo.away /usr/bin/sudo", "ZY-HST-024"),
    "no right to sudo": ("mv /etc/sudoers.d/zyops /root/", "mv /root/zyops /etc/sudoers.d/", "ZY-HST-024"),
    "full disk": ("fallocate -l 3G /filler; dd if=/dev/zero of=/filler2 bs=4k", "rm -f /filler*", "ZY-HST-025"),
    "nearly full disk": (f"fallocate -l $(({AVAILABLE} - 20000))K /filler", "rm /filler", "ZY-HST-025"),
    "read-only /etc": ("mount --bind /etc /etc; mount -o remount,ro,bind /etc", "umount /etc", "ZY-HST-025"),
    "no Python": (
        "mv /usr/bin/python3 /usr/bin/python3.away",
        "mv /usr/bin/python3.away /usr/bin/python3",
        "ZY-HST-026",
    ),
}
OURS = "nft list ruleset; ls /etc/ssh/sshd_config.d /var/lib/zhengyun; getent passwd sysadmin"
"""Shows of ours nothing on a bare host, but the seed of the lab."""

LOGINS = "journalctl -q -u ssh --grep Accepted | wc -l"


@dataclass(frozen=True)
class Root:
    """A shell of root that was open before the fault, as an operator's at the console."""

    shell: subprocess.Popen[str]

    def does(self, script: str) -> str:
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        print(f"{{ {script}; }} 2>&1; echo; echo END", file=self.shell.stdin, flush=True)
        lines = iter(self.shell.stdout.readline, "END\n")
        return "".join(lines).strip()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with started("zy-test-unfit", tmp_path_factory.mktemp("hosts"), [HOST]) as one:
        yield one.fleet


@pytest.fixture(scope="module")
def room(fleet: Fleet) -> HostsRoom:
    return HostsRoom(PROVINCE, fleet.access.ssh_config, fleet.home / "state")


@pytest.fixture(scope="module")
def root(fleet: Fleet) -> Iterator[Root]:
    command = fleet.access.command(HOST, ["sudo", "sh"], options=["-o", "BatchMode=yes"])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        yield Root(shell)
        shell.kill()


@contextmanager
def broken(root: Root, fault: str) -> Iterator[str]:
    """Its code; the host is whole again afterwards."""
    harm, mend, code = FAULTS[fault]
    root.does(harm)
    try:
        yield code
    finally:
        root.does(mend)


def told(room: HostsRoom) -> tuple[str, Severity]:
    plan = room.plan([HOST])
    assert plan.actions == ()
    (finding,) = plan.findings
    return finding.message, finding.severity


def forced(room: HostsRoom) -> tuple[Outcome, str]:
    """An apply that did not hear of the plan's finding: the host may have broken since."""
    step = Step(name="harden", targets=(HOST,))
    plan = RoomPlan(room=RoomName.HOSTS, waves=((step,),), payload={"playbook": SITE})
    (result,) = room.apply(plan, step, print)
    return result.outcome, result.message


@pytest.mark.parametrize("fault", FAULTS)
def test_unfit_host_is_told_in_the_plan_and_left_as_it_is(room: HostsRoom, root: Root, fault: str) -> None:
    before = root.does(OURS)
    with broken(root, fault) as code:
        message, severity = told(room)
        outcome, why = forced(room)
    assert message.startswith(f"{code}: ")
    assert severity is Severity.MANDATORY
    assert (outcome, why) == (Outcome.FAILED, message)
    assert "Traceback" not in message
    assert root.does(OURS) == before


def test_host_with_another_key_is_told_and_never_logged_in_to(room: HostsRoom, root: Root, tmp_path: Path) -> None:
    known = room.ssh_config.with_name("known_hosts")
    other = keypair(tmp_path / "key", "other").public
    (tmp_path / "known_hosts").write_text(known_host(Entry(HOST, (str(ADDRESS.ipv4.ip),), "zyops", other)))
    (tmp_path / "ssh_config").write_text(room.ssh_config.read_text().replace(str(known), f"{tmp_path}/known_hosts"))
    stranger = replace(room, ssh_config=tmp_path / "ssh_config", state_dir=tmp_path / "state")
    before = root.does(LOGINS)
    message, severity = told(stranger)
    assert message.startswith("ZY-HST-001")
    assert "Host key verification failed" in message
    assert severity is Severity.ADVISORY
    assert forced(stranger)[0] is Outcome.FAILED
    assert root.does(LOGINS) == before
