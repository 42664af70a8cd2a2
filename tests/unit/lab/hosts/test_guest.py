"""lab.guest.guest, network and runner: command lines, and a runner that supervises a stand-in for a guest."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

import pytest

from lab.guest import runner
from lab.guest.guest import Guest, Parts
from lab.guest.network import Network, mac_address, tap_name
from province.errors import ZyError

NETWORK = Network("zy-unit", IPv4Interface("10.99.0.1/24"), IPv6Interface("fd99::1/64"))


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    made = Parts(tmp_path / "kernel", tmp_path / "image")
    (made.kernel / "modules/7.3.4-govlab").mkdir(parents=True)
    made.linux.touch()
    made.image.mkdir()
    made.root.touch()
    made.check()
    return made


def test_parts_that_are_not_built_are_named(parts: Parts) -> None:
    parts.root.unlink()
    with pytest.raises(ZyError, match=r"root\.ext4") as caught:
        parts.check()
    assert caught.value.code == "ZY-LAB-209"


def test_command_line_of_a_guest(parts: Parts, tmp_path: Path) -> None:
    guest = Guest("gd-app-1", tmp_path, 256, parts, NETWORK)
    assert guest.command() == [
        str(parts.linux),
        "umid=uml",
        "uml_dir=./",
        "mem=256M",
        "ubd0=root.cow,image",
        "ubd1r=seed.tar",
        "root=/dev/ubda",
        "rw",
        "quiet",
        "init=/usr/sbin/zhengyun-init",
        "con=null",
        "con0=null,fd:1",
        "ssl=null",
        f"vec0:transport=tap,ifname=gd-app-1,depth=64,gro=1,mac={mac_address('gd-app-1')}",
        "seccomp=on",
    ]


def test_older_kernel_runs_without_seccomp_mode(parts: Parts, tmp_path: Path) -> None:
    (parts.kernel / "modules/7.3.4-govlab").rename(parts.kernel / "modules/6.12.117-govlab")
    assert "seccomp=on" not in Guest("gd-app-1", tmp_path, 256, parts, NETWORK).command()


def test_guest_is_current_only_for_what_it_was_started_with(parts: Parts, tmp_path: Path) -> None:
    guest = Guest("gd-app-1", tmp_path, 256, parts, NETWORK)
    guest.folder.mkdir(parents=True)
    assert not guest.current(b"seed")
    (guest.folder / "started").write_text(guest._fingerprint(b"seed"), encoding="utf-8")
    assert guest.current(b"seed")
    assert not guest.current(b"other seed")
    assert not Guest("gd-app-1", tmp_path, 300, parts, NETWORK).current(b"seed")
    elsewhere = Parts(parts.kernel, tmp_path / "newer image")
    assert not Guest("gd-app-1", tmp_path, 256, elsewhere, NETWORK).current(b"seed")


def test_interface_names_fit_the_kernel_and_do_not_clash() -> None:
    long, longer = "gz-department-host-1", "gz-department-host-2"
    assert tap_name("gd-bastion-1") == "gd-bastion-1"
    assert len(tap_name(long)) <= 15
    assert tap_name(long) != tap_name(longer)


def test_mac_address_is_stable_local_and_unicast() -> None:
    assert mac_address("gd-app-1") == mac_address("gd-app-1") != mac_address("gd-app-2")
    first = int(mac_address("gd-app-1").split(":")[0], 16)
    assert first & 0b11 == 0b10


def test_network_that_is_not_there_names_the_command() -> None:
    with pytest.raises(ZyError, match="link show type tun") as caught:
        NETWORK.attach("gd-app-1")
    assert caught.value.code == "ZY-LAB-207"


def test_runner_starts_again_after_a_reboot_and_ends_with_power_off(tmp_path: Path) -> None:
    boots = tmp_path / "boots"
    guest = (
        f"echo boot >>{boots}; "
        f"if [ $(wc -l <{boots}) -lt 3 ]; then echo '[ 1.0] reboot: Restarting system'; "
        "else echo '[ 1.0] reboot: Power down'; fi; sleep 600"
    )
    console = tmp_path / "console.log"
    command = [sys.executable, "-I", "-S", runner.__file__, str(console), "sh", "-c", guest]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0
    assert boots.read_text(encoding="ascii") == "boot\n" * 3
    assert console.read_text(encoding="ascii").count("restarted by the runner") == 2


def test_runner_ends_when_the_guest_dies(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", runner.__file__, str(tmp_path / "log"), "sh", "-c", "echo panic; exit 1"]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0
    assert (tmp_path / "log").read_text(encoding="ascii") == "panic\n"


def test_runner_takes_the_guest_with_it(tmp_path: Path) -> None:
    console = tmp_path / "console.log"
    console.touch()
    alive = tmp_path / "alive"
    guest = f"exec 9>{alive}; flock 9; echo up; sleep 600 & wait"  # all its processes hold the lock
    command = [sys.executable, "-I", "-S", runner.__file__, str(console), "sh", "-c", guest]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        subprocess.run(["timeout", "20", "sh", "-c", f"tail -f {console} | grep -q -m1 up"], check=True)
        process.terminate()
        assert process.wait(20) == 0
    assert subprocess.run(["flock", "-n", str(alive), "true"], check=False).returncode == 0
