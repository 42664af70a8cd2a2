"""The lab's hosts for real: a fleet of two in a namespace of its own, beside a lab that may be running.

Built parts are taken from the toolchain's cache, or from the folders that ZY_TEST_KERNEL and ZY_TEST_HOST_IMAGE name.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

import pytest

from lab.guest.access import Access, Entry, keypair
from lab.guest.guest import Parts
from lab.guest.network import Network
from lab.hosts.fleet import Fleet, State
from lab.hosts.spec import HostSpec
from lab.process import send, session_of
from zhengyun.places import Places
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.store import Store

ONE = HostSpec("one", IPv4Interface("10.97.0.11/24"), IPv6Interface("fd97::11/64"), 192)
TWO = HostSpec("two", IPv4Interface("10.97.0.12/24"), IPv6Interface("fd97::12/64"), 192)


def parts() -> Parts:
    placed = Store(Places.here().cache, CATALOGUE).place(["host-image"])
    return Parts(
        kernel=Path(os.environ.get("ZY_TEST_KERNEL", placed["kernel"].path)),
        image=Path(os.environ.get("ZY_TEST_HOST_IMAGE", placed["host-image"].path)),
    )


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    network = Network("zy-test-hosts", IPv4Interface("10.97.0.1/24"), IPv6Interface("fd97::1/64"))
    made = Fleet(tmp_path_factory.mktemp("hosts"), network, parts(), (ONE, TWO))
    made.up(print)
    yield made
    made.down(print)
    assert not network.exists(), "the lab left its namespace behind"


@pytest.fixture(autouse=True)
def _all_up(fleet: Fleet) -> None:
    fleet.up(print)


def on(fleet: Fleet, name: str, script: str) -> str:
    """What a script prints on a host; it fails when the script does."""
    command = fleet.access.command(name, ["sh", "-c", script], options=["-o", "BatchMode=yes"])
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.1)


def test_login_is_that_of_automation_with_sudo(fleet: Fleet) -> None:
    assert on(fleet, "one", "hostname; id -un; sudo -n id -un") == "one\nzyops\nroot"


def test_host_with_another_key_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    other = Access(tmp_path, fleet.network)
    other.login_key()
    stranger = keypair(tmp_path / "stranger", "stranger").public
    other.publish("hosts", [Entry("one", (str(ONE.ipv4.ip),), "zyops", stranger)])
    done = subprocess.run(other.command("one", ["true"]), capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 255
    assert "HOST IDENTIFICATION HAS CHANGED" in done.stderr


def test_stranger_without_the_key_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    other = Access(tmp_path, fleet.network)
    other.login_key()
    host_key = (fleet.guest(ONE).folder / "host_key.pub").read_text(encoding="ascii")
    other.publish("hosts", [Entry("one", (str(ONE.ipv4.ip),), "zyops", host_key)])
    assert not other.answers("one")


def test_hosts_see_each_other_and_the_namespace_on_both_protocols(fleet: Fleet) -> None:
    for address in (TWO.ipv4.ip, TWO.ipv6.ip, fleet.network.ipv4.ip, fleet.network.ipv6.ip):
        on(fleet, "one", f"ping -c 1 -W 5 {address}")
    banner = "import socket,sys; print(socket.create_connection((sys.argv[1], 22), 5).recv(4).decode())"
    for address in (ONE.ipv4.ip, ONE.ipv6.ip):
        probe = fleet.network.inside(["python3", "-c", banner, str(address)])
        assert subprocess.run(probe, capture_output=True, text=True, check=True).stdout == "SSH-\n"


def test_machine_itself_has_no_way_in_but_the_namespace(fleet: Fleet) -> None:
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert not {"one", "two", fleet.network.bridge} & {line.split()[1].rstrip(":") for line in links.splitlines()}


def test_host_is_one_that_can_be_hardened(fleet: Fleet) -> None:
    assert on(fleet, "one", "systemctl is-system-running --wait") == "running"
    on(fleet, "one", "sudo nft add table inet probe && sudo nft delete table inet probe")
    assert "enabled 1" in on(fleet, "one", "sudo auditctl -s")
    assert "module is loaded" in on(fleet, "one", "sudo aa-status")
    on(fleet, "one", "sudo modprobe cramfs && sudo modprobe -r cramfs")


def test_image_holds_no_secret_and_hosts_share_no_identity(fleet: Fleet) -> None:
    find = "sudo find / -xdev -type f \\( -name '*_key' -o -name 'id_*' \\) -not -path '/usr/*' | sort"
    assert on(fleet, "one", find) == "/etc/ssh/ssh_host_ed25519_key"
    question = "cat /etc/machine-id; sudo cat /etc/ssh/ssh_host_ed25519_key"
    assert on(fleet, "one", question) != on(fleet, "two", question)


def test_reboot_from_inside_comes_back_with_its_disk(fleet: Fleet) -> None:
    runner = fleet.guest(ONE).process.identity()
    boot = on(fleet, "one", "echo kept | sudo tee /root/reboot >/dev/null; cat /proc/sys/kernel/random/boot_id")
    # Detached: how ssh ends when the host goes down under it is a matter of chance.
    on(fleet, "one", "sudo systemd-run --quiet systemctl reboot")

    def rebooted() -> bool:
        script = shlex.join(["cat", "/proc/sys/kernel/random/boot_id"])
        ask = fleet.access.command("one", ["sh", "-c", script], options=["-o", "BatchMode=yes"])
        done = subprocess.run(ask, capture_output=True, text=True, timeout=180, check=False)
        return done.returncode == 0 and done.stdout.strip() != boot

    wait_for(rebooted, "the host did not come back")
    assert on(fleet, "one", "sudo cat /root/reboot") == "kept"
    assert fleet.guest(ONE).process.identity() == runner


@pytest.mark.parametrize("victim", ["runner", "whole session"])
def test_up_repairs_a_killed_host_and_leaves_the_others(fleet: Fleet, victim: str) -> None:
    on(fleet, "one", "echo kept | sudo tee /root/killed >/dev/null; sync")
    runner, other = fleet.guest(ONE).process.identity(), fleet.guest(TWO).process.identity()
    assert runner is not None
    for process in session_of(runner) if victim == "whole session" else [runner]:
        send(process, signal.SIGKILL)
    wait_for(lambda: not fleet.guest(ONE).running(), "the killed runner lives")
    (one, two) = fleet.status()
    assert (one.state, one.next_command) == (State.STOPPED, "zy lab up")
    assert two.state is State.UP
    fleet.up(print)
    assert [status.state for status in fleet.status()] == [State.UP, State.UP]
    assert on(fleet, "one", "sudo cat /root/killed") == "kept"
    assert fleet.guest(TWO).process.identity() == other


def test_second_up_changes_nothing(fleet: Fleet) -> None:
    before = [fleet.guest(spec).process.identity() for spec in fleet.specs]
    fleet.up(print)
    assert [fleet.guest(spec).process.identity() for spec in fleet.specs] == before


def test_reset_gives_a_clean_disk_and_keeps_the_host_key(fleet: Fleet) -> None:
    key = (fleet.guest(ONE).folder / "host_key.pub").read_bytes()
    for name in ("one", "two"):
        on(fleet, name, "echo dirt | sudo tee /root/dirt >/dev/null; sync")
    fleet.reset(print, ["one"])
    assert on(fleet, "one", "sudo ls /root") == ""
    assert on(fleet, "two", "sudo cat /root/dirt") == "dirt"
    assert (fleet.guest(ONE).folder / "host_key.pub").read_bytes() == key


def test_host_that_locks_automation_out_is_told_and_reset_mends_it(fleet: Fleet) -> None:
    on(fleet, "one", "rm ~/.ssh/authorized_keys")
    (one, _) = fleet.status()
    assert (one.state, one.next_command) == (State.SILENT, "zy lab up")
    fleet.reset(print, ["one"])
    assert fleet.status()[0].state is State.UP


def test_down_and_up_keep_what_was_written_last(fleet: Fleet) -> None:
    on(fleet, "two", "echo last | sudo tee /root/last >/dev/null")  # not synced
    fleet.down(print)
    assert [status.state for status in fleet.status()] == [State.STOPPED, State.STOPPED]
    assert not fleet.network.exists()
    fleet.up(print)
    assert on(fleet, "two", "sudo cat /root/last") == "last"


def test_changed_settings_and_removed_hosts_are_brought_in_line(fleet: Fleet) -> None:
    moved = HostSpec("one", IPv4Interface("10.97.0.21/24"), IPv6Interface("fd97::21/64"), 200)
    changed = Fleet(fleet.home, fleet.network, fleet.parts, (moved,))
    assert [status.state for status in changed.status()] == [State.OUTDATED]
    changed.up(print)
    assert "10.97.0.21" in on(changed, "one", "ip -brief address show vec0")
    assert not fleet.guest(TWO).running()
    assert changed.access.published("hosts") == ("one",)
