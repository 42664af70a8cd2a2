"""lab.guest.command, apt, kernel and seed: what can be judged without building."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import Path

import pytest

from lab.guest import kernel
from lab.guest.apt import Package, newest_of, parse_mirror
from lab.guest.command import require, run
from lab.guest.seed import Seed
from province.errors import ZyError

SEED = Seed(
    name="gd-app-1",
    ipv4=IPv4Interface("10.99.0.11/24"),
    ipv6=IPv6Interface("fd99::11/64"),
    gateway4=IPv4Address("10.99.0.1"),
    gateway6=IPv6Address("fd99::1"),
    host_key="private\n",
    host_key_public="ssh-ed25519 AAAA gd-app-1\n",
    authorized_key="ssh-ed25519 BBBB lab\n",
    files={"/etc/zz": (0o640, "more\n")},
)


def test_all_missing_tools_are_named_at_once() -> None:
    with pytest.raises(ZyError) as caught:
        require({"no-such-tool": "one", "sh": "dash", "nor-this": "two"})
    assert caught.value.code == "ZY-LAB-201"
    assert "no-such-tool" in caught.value.message
    assert "nor-this" in caught.value.message
    assert caught.value.fix == "apt-get install one two"


def test_a_failed_step_shows_its_last_lines_and_logs_all(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(ZyError) as caught:
        run("count", ["sh", "-c", "seq 40; echo broken >&2; exit 3"], lines.append, cwd=tmp_path)
    assert caught.value.code == "ZY-LAB-202"
    assert caught.value.message.endswith("38\n39\n40\nbroken")
    assert "ended with 3" in caught.value.message
    assert lines[:2] == ["== count", "1"]


def test_a_step_whose_program_is_missing_fails_readably() -> None:
    with pytest.raises(ZyError, match="ZY-LAB-202"):
        run("nothing", ["/no/such/program"], lambda _: None)


def test_mirror_is_taken_from_among_other_archives() -> None:
    found = parse_mirror(
        "http://other.invalid/nodesource nodistro main . nodistro\n"
        "http://updates.invalid/debian/ bookworm-updates main $(ORIGIN)\n"
        "http://mirror.invalid/debian/ bookworm contrib $(ORIGIN)\n"
        "http://mirror.invalid/debian/ bookworm main $(ORIGIN)\n"
        "http://safe.invalid/safe/ bookworm-security main Debian\n"
    )
    assert found.archive == "http://mirror.invalid/debian/"
    assert found.security == "http://safe.invalid/safe/"
    assert [line.split()[2:] for line in found.sources("trixie")] == [
        ["http://mirror.invalid/debian/", "trixie", "main"],
        ["http://mirror.invalid/debian/", "trixie-updates", "main"],
        ["http://safe.invalid/safe/", "trixie-security", "main"],
    ]


def test_machine_without_debian_archive_is_told_so() -> None:
    with pytest.raises(ZyError, match="ZY-LAB-203"):
        parse_mirror("http://other.invalid/nodesource nodistro main . nodistro\n")


def test_newest_follows_dpkg_not_the_alphabet() -> None:
    listing = (
        "linux-source-6.12 | 6.12.117-1 | http://m.invalid trixie/main amd64 Packages\n"
        "linux-source-7.10 | 7.10.1-1~bpo13+1 | http://m.invalid trixie-backports/main amd64 Packages\n"
        "linux-source-7.3 | 7.3.4-1~bpo13+1 | http://m.invalid trixie-backports/main amd64 Packages\n"
    )
    assert newest_of(listing, "linux-source") == Package("linux-source-7.10", "7.10.1-1~bpo13+1")
    with pytest.raises(ZyError, match="ZY-LAB-203"):
        newest_of("", "linux-source")


def test_options_that_the_kernel_dropped_are_found() -> None:
    fragment = "# a comment\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=y\n"
    config = "CONFIG_A=y\nCONFIG_B=y\n# CONFIG_C is not set\n# CONFIG_D is not set\n"
    assert kernel.lost_options(fragment, config) == ["CONFIG_B=m", "CONFIG_D=y"]


def test_a_kernel_that_drops_our_options_is_not_built(tmp_path: Path) -> None:
    config = tmp_path / ".config"
    forgetful = ["sh", "-c", f"echo CONFIG_UML=y >{config}"]
    with pytest.raises(ZyError, match="CONFIG_NF_TABLES=y") as caught:
        kernel._configure(forgetful, config, lambda _: None)
    assert caught.value.code == "ZY-LAB-210"


@pytest.mark.parametrize(
    ("release", "expected"), [("6.12.117-govlab", False), ("6.16-govlab", True), ("7.3.4-govlab", True)]
)
def test_seccomp_mode_needs_a_kernel_that_has_it(tmp_path: Path, release: str, expected: bool) -> None:
    (tmp_path / release).mkdir()
    assert kernel.seccomp(tmp_path) is expected


def members(seed: Seed) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(seed.tar())) as tar:
        return {member.name: member for member in tar}


def test_seed_keeps_secrets_to_their_owners() -> None:
    found = members(SEED)
    assert (found["etc/ssh/ssh_host_ed25519_key"].mode, found["etc/ssh/ssh_host_ed25519_key"].uid) == (0o600, 0)
    assert (found["home/zyops/.ssh"].mode, found["home/zyops/.ssh"].uid) == (0o700, 1000)
    assert (found["home/zyops/.ssh/authorized_keys"].mode, found["home/zyops/.ssh/authorized_keys"].uid) == (
        0o600,
        1000,
    )
    assert found["etc/zz"].mode == 0o640
    assert [name for name, member in found.items() if member.isdir()] == ["home/zyops/.ssh"]


def test_seed_is_the_same_for_the_same_guest_and_fits_a_disk() -> None:
    assert SEED.tar() == SEED.tar()
    assert SEED.tar() != replace(SEED, ipv4=IPv4Interface("10.99.0.12/24")).tar()
    assert len(SEED.tar()) % 512 == 0
