"""lab.guest.access and relay: the files that every tool logs in with."""

from __future__ import annotations

import io
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

import paramiko
import pytest

from lab.guest import relay
from lab.guest.access import Access, Entry, keypair
from lab.guest.network import Network
from province.errors import ZyError

APP = Entry("gd-app-1", ("10.99.0.11", "fd99::11"), "zyops", "ssh-ed25519 AAAA gd-app-1\n")
LOG = Entry("gd-log-1", ("10.99.0.13", "fd99::13"), "zyops", "ssh-ed25519 BBBB gd-log-1\n")
ROUTER = Entry("gz-pe-1", ("10.99.1.11",), "zynet", "ssh-ed25519 CCCC gz-pe-1\n")


@pytest.fixture
def access(tmp_path: Path) -> Access:
    network = Network("zy-unit", IPv4Interface("10.99.0.1/24"), IPv6Interface("fd99::1/64"))
    return Access(tmp_path / "省 lab", network)  # a home with a space and beyond ASCII


def resolved(access: Access, name: str) -> dict[str, str]:
    """What OpenSSH itself makes of the file."""
    command = ["ssh", "-G", "-F", str(access.ssh_config), name]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def test_openssh_checks_host_keys_and_enters_the_namespace(access: Access) -> None:
    access.publish("hosts", [APP])
    found = resolved(access, "gd-app-1")
    assert found["hostname"] == "10.99.0.11"
    assert found["user"] == "zyops"
    assert found["stricthostkeychecking"] == "true"
    assert found["userknownhostsfile"] == str(access.known_hosts)
    assert found["globalknownhostsfile"] == "/dev/null"
    assert found["identityfile"] == str(access.key)
    assert found["identitiesonly"] == "yes"
    assert found["proxycommand"].startswith("nsenter --net=/run/netns/zy-unit ")
    assert found["proxycommand"].endswith("relay.py %h %p")


def test_paramiko_reads_the_same_file(access: Access) -> None:
    access.publish("hosts", [APP])
    access.publish("routers", [ROUTER])
    config = paramiko.SSHConfig.from_text(access.ssh_config.read_text(encoding="utf-8"))
    assert config.lookup("gz-pe-1")["hostname"] == "10.99.1.11"
    assert config.lookup("gz-pe-1")["proxycommand"].endswith("relay.py 10.99.1.11 22")
    assert str(access.key) in config.lookup("gz-pe-1")["identityfile"]
    assert "gz-pe-1,10.99.1.11 ssh-ed25519 CCCC\n" in access.known_hosts.read_text(encoding="utf-8")


def test_writers_do_not_lose_each_others_entries(access: Access) -> None:
    access.publish("routers", [ROUTER])
    access.publish("hosts", [LOG, APP])
    access.publish("hosts", [APP])
    text = access.ssh_config.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("Host ")] == ["Host gd-app-1", "Host gz-pe-1"]
    assert access.published("hosts") == ("gd-app-1",)
    access.publish("hosts", [])
    assert "gd-app-1" not in access.ssh_config.read_text(encoding="utf-8")
    assert "gd-app-1" not in access.known_hosts.read_text(encoding="utf-8")
    assert "Host gz-pe-1" in access.ssh_config.read_text(encoding="utf-8")
    assert access.published("nobody") == ()


def test_key_is_made_once_and_is_ours_alone(access: Access) -> None:
    first = access.login_key()
    assert access.login_key() == first
    assert stat.S_IMODE(access.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(access.home.stat().st_mode) == 0o700
    assert paramiko.Ed25519Key.from_private_key(io.StringIO(first.private)).get_base64() == first.public.split()[1]


def test_half_made_key_pair_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("half of a k", encoding="ascii")
    assert keypair(tmp_path / "key", "test").private.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")


def test_command_quotes_for_the_far_shell(access: Access) -> None:
    assert access.command("gd-app-1", ["echo", "a b; c"])[-2:] == ["gd-app-1", "echo 'a b; c'"]
    assert access.command("gd-app-1")[-1] == "gd-app-1"


@pytest.mark.parametrize(("running", "code"), [(True, "ZY-LAB-205"), (False, "ZY-LAB-206")])
def test_waiting_for_a_login_tells_slow_from_dead(access: Access, running: bool, code: str) -> None:
    access.publish("hosts", [APP])  # its namespace does not exist: no login can work
    with pytest.raises(ZyError) as caught:
        access.wait_for_login("gd-app-1", lambda: running, lambda: "Kernel panic", seconds=0)
    assert caught.value.code == code
    assert ("Kernel panic" in caught.value.message) is not running


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets, then closes; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def relay_command(port: int) -> list[str]:
    return [sys.executable, "-I", "-S", relay.__file__, "127.0.0.1", str(port)]


def test_relay_carries_bytes_between_pipes(echo: int) -> None:
    data = bytes(range(256)) * 4000
    done = subprocess.run(relay_command(echo), input=data, capture_output=True, timeout=30, check=True)
    assert done.stdout == data


def test_relay_hands_ssh_the_connection_itself(echo: int) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            end = theirs.fileno()
            subprocess.run(relay_command(echo), stdin=end, stdout=end, timeout=30, check=True)
        _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
        with socket.socket(fileno=descriptor) as connection:
            connection.sendall(b"through")
            assert connection.recv(100) == b"through"


def test_relay_says_why_a_guest_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    done = subprocess.run(relay_command(port), capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, f"relay: 127.0.0.1 port {port}: [Errno 111] Connection refused\n")
