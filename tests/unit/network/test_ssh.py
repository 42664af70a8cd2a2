"""Logins that fail: an error for the caller, no traceback on the terminal, and no connection left open."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from network.platforms.ssh import open_connection
from province.errors import ZyError

_CONNECT = """
import socket, paramiko, network.platforms.ssh
with socket.create_server(("127.0.0.1", 0)) as server:
    client = socket.create_connection(server.getsockname())
    server.accept()[0].close()
    try:
        paramiko.Transport(client).start_client(timeout=10)
    except paramiko.SSHException:
        print("raised")
"""


def test_a_peer_that_is_gone_is_raised_and_not_printed() -> None:
    # in a process of its own: pytest takes all logging to itself
    done = subprocess.run([sys.executable, "-c", _CONNECT], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("raised\n", "")


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize(("known", "code"), [("own", "ZY-NET-012"), ("another", "ZY-NET-011")])
def test_a_refused_login_leaves_no_connection_open(
    listening: socket.socket, tmp_path: Path, known: str, code: str
) -> None:
    """OpenSSH 9.8 counts one that waits until LoginGraceTime, and then takes none of ours for a while."""
    keys = {"own": paramiko.ECDSAKey.generate(), "another": paramiko.ECDSAKey.generate()}
    config = _ssh_config(tmp_path, listening.getsockname()[1], keys[known])
    served: list[paramiko.Transport] = []

    def answer(server: socket.socket) -> None:
        transport = paramiko.Transport(server.accept()[0])
        transport.add_server_key(keys["own"])
        served.append(transport)
        transport.start_server(server=paramiko.ServerInterface())  # which lets nobody in

    thread = threading.Thread(target=answer, args=(listening,))
    thread.start()
    with pytest.raises(ZyError) as raised:
        open_connection("a-router", config)
    thread.join()
    assert raised.value.code == code, raised.value.message
    served[0].join(10)
    assert not served[0].is_active()


def _ssh_config(folder: Path, port: int, known: paramiko.PKey) -> Path:
    identity = folder / "identity"
    identity.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    )
    hosts = folder / "known_hosts"
    hosts.write_text(f"[127.0.0.1]:{port} {known.get_name()} {known.get_base64()}\n", encoding="utf-8")
    config = folder / "ssh_config"
    config.write_text(
        f"Host a-router\n HostName 127.0.0.1\n Port {port}\n User nobody\n"
        f" IdentityFile {identity}\n UserKnownHostsFile {hosts}\n",
        encoding="utf-8",
    )
    return config
