"""A router that takes a connection and says nothing: an error for the caller, and no traceback on the terminal."""

from __future__ import annotations

import subprocess
import sys

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
