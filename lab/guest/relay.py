"""ssh's ProxyCommand: connect to a guest from inside the lab's namespace.

Given a socket as output (ssh with ``ProxyUseFdpass yes``) it hands ssh the connection itself and ends: nothing
stands in the way of the data then. Given pipes (paramiko, netmiko) it carries the bytes. Run by its path under
``python -I -S``: it starts at every login and imports nothing but what it needs.

    nsenter --net=/run/netns/NAME python -I -S relay.py HOST PORT
"""

from __future__ import annotations

import os
import select
import socket
import stat
import sys
from contextlib import suppress

_CONNECT_WITHIN = 10.0  # s
_CHUNK = 65536


def carry(connection: socket.socket) -> None:
    """Standard input to the connection and back, until the far side closes."""
    waiting = [0, connection.fileno()]
    while True:
        ready, _, _ = select.select(waiting, [], [])
        if connection.fileno() in ready:
            data = connection.recv(_CHUNK)
            if not data:
                return
            while data:
                data = data[os.write(1, data) :]
        if 0 in ready:
            data = os.read(0, _CHUNK)
            if data:
                connection.sendall(data)
            else:
                waiting.remove(0)
                connection.shutdown(socket.SHUT_WR)


def main(host: str, port: str) -> int:
    """Connect and relay; 1 with one line on standard error when the guest cannot be reached."""
    try:
        connection = socket.create_connection((host, int(port)), timeout=_CONNECT_WITHIN)
    except OSError as failure:
        print(f"relay: {host} port {port}: {failure}", file=sys.stderr)
        return 1
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if stat.S_ISSOCK(os.fstat(1).st_mode):
        with socket.socket(fileno=1) as ssh:
            socket.send_fds(ssh, [b"\0"], [connection.fileno()])
    else:
        with suppress(ConnectionError):  # either side may go away at any time; ssh says so itself
            carry(connection)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
