"""A proxy before a cloud's services that fails calls as real services do: before or after the work is done."""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_HOPS = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})
"""Headers that belong to one connection (RFC 9110 section 7.6.1), or that we count anew."""


@dataclass
class Fault:
    """What happens to the calls that match, from the ``after``-th on, ``times`` times.

    ``status`` 0 resets the connection. ``done``: the service does its work, and only its answer is lost.
    """

    method: str
    path: str
    status: int
    after: int = 1
    times: int = 1
    done: bool = False
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self, method: str, path: str) -> bool:
        if method != self.method or not re.search(self.path, path):
            return False
        with self.lock:
            self.seen += 1
            return self.after <= self.seen < self.after + self.times

    @property
    def struck(self) -> bool:
        return self.seen >= self.after


@dataclass
class Faults:
    """Listeners for several services of one host. ``ports`` leads from a service's port to ours."""

    ports: dict[int, int] = field(default_factory=dict)
    armed: list[Fault] = field(default_factory=list)

    def striking(self, method: str, path: str) -> Fault | None:
        """The fault that this call meets. All armed ones count it."""
        found = [fault for fault in self.armed if fault.strikes(method, path)]
        return found[0] if found else None

    def rewritten(self, body: bytes) -> bytes:
        """The catalogue of a token names services by port: clients shall find us there."""
        for real, ours in self.ports.items():
            body = body.replace(f"127.0.0.1:{real}/".encode(), f"127.0.0.1:{ours}/".encode())
            body = body.replace(f'127.0.0.1:{real}"'.encode(), f'127.0.0.1:{ours}"'.encode())
        return body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faults: Faults
    real: int

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.faults.striking(self.command, self.path)
        if fault and not fault.done:
            self._fail(fault)
            return
        connection = http.client.HTTPConnection("127.0.0.1", self.real, timeout=120)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in _HOPS}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = self.faults.rewritten(answer.read())
        connection.close()
        if fault:
            self._fail(fault)
            return
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in _HOPS:
                self.send_header(key, value)
        self._end(content)

    def _fail(self, fault: Fault) -> None:
        if fault.status == 0:
            # a reset, not an orderly end: RST is what lingering for zero seconds sends (socket(7))
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(fault.status)
        self.send_header("Content-Type", "application/json")
        self._end(b'{"error": {"message": "a fault of the test"}}')

    def _end(self, content: bytes) -> None:
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _forward

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def fault_proxy(ports: list[int]) -> Iterator[Faults]:
    """A listener on loopback for each of these ports of services."""
    faults = Faults()
    servers = []
    for real in ports:
        handler = type("Handler", (_Handler,), {"faults": faults, "real": real})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        faults.ports[real] = server.server_address[1]
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield faults
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
