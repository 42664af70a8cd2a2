"""The fleet on the wire: one process, one listener, a device for every address 127.a.b.c that somebody calls.

Sessions are asyncssh's; their command lines are generators, advanced by what comes in. So 2,000 devices are 2,000 small
objects, not threads.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable
from typing import Any

import asyncssh

from lab.routers.simulator.fleet import Fleet
from lab.routers.simulator.router import Router
from lab.routers.simulator.session import Session
from lab.routers.simulator.talk import Pause, Stop, Terminal

_NARROW = 80
_numbers = itertools.count(1)
"""Session numbers, unique in this process."""


class _Shell(asyncssh.SSHServerSession[str]):
    """One channel: types what comes in into a session, and sends what it says."""

    def __init__(self, router: Router, user: str, live: set[_Shell]) -> None:
        self._router = router
        self._live = live
        self._session = Session(router, next(_numbers), user)
        self._terminal: Terminal | None = None
        self._busy = False
        self._columns = _NARROW

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self._channel = chan

    def pty_requested(
        self,
        term_type: str | None,  # noqa: ARG002 - asyncssh's signature
        term_size: tuple[int, int, int, int],
        term_modes: Any,  # noqa: ARG002 - the same
    ) -> bool:
        self._columns = _NARROW if self._router.faults.narrow else term_size[0] or _NARROW
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        router = self._router
        if len(router.sessions) + router.faults.strangers >= router.dialect.vty:
            self._channel.write(f"\r\n{router.dialect.vty_full}\r\n")
            self._channel.exit(1)
            return
        router.sessions.add(self._session.number)
        self._live.add(self)
        self._terminal = Terminal(self._session.run(), self._columns)
        self._go_on()

    def data_received(self, data: str, datatype: int | None) -> None:  # noqa: ARG002 - asyncssh's signature
        if self._terminal is not None:
            self._terminal.type(data)
            if not self._busy:
                self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        self._end()

    def cut(self) -> None:
        """The connection breaks, as a cable does."""
        connection = self._channel.get_connection()
        self._end()
        connection.abort()

    def _end(self) -> None:
        self._live.discard(self)
        self._terminal = None
        self._session.closed()

    def _go_on(self) -> None:
        self._busy = False
        if self._terminal is None:
            return
        effect = self._terminal.advance()
        said = self._terminal.said()
        if self._router.cut_off or (effect is None and self._session.number not in self._router.sessions):
            self._cut_all()  # its own configuration shut everybody out, or it restarted
            return
        self._channel.write(said)
        if isinstance(effect, Pause):
            self._busy = True
            asyncio.get_running_loop().call_later(effect.seconds, self._go_on)
        elif effect is Stop.HANG:
            self._busy = True
        elif effect is Stop.END:
            self.cut()

    def _cut_all(self) -> None:
        for shell in list(self._live):
            shell.cut()


class _Door(asyncssh.SSHServer):
    """Who may come in to one device."""

    def __init__(self, fleet: Fleet, router: Router, live: set[_Shell]) -> None:
        self._fleet = fleet
        self._router = router
        self._live = live
        self._user = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        delay = self._router.faults.round_trip
        if delay:
            arrive: Callable[[bytes], None] = conn.data_received
            loop = asyncio.get_running_loop()
            conn.data_received = lambda data, *_: loop.call_later(delay, arrive, data)  # type: ignore[method-assign,assignment] # the only place for a path's delay

    async def begin_auth(self, username: str) -> bool:
        self._user = username
        if self._router.faults.aaa_seconds:
            await asyncio.sleep(self._router.faults.aaa_seconds)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == self._fleet.user and key.get_fingerprint() in self._fleet.fingerprints

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == self._fleet.user and password == self._fleet.password

    def session_requested(self) -> asyncssh.SSHServerSession[str]:
        return _Shell(self._router, self._user, self._live)


class Listener:
    """Serves a fleet on one port of all of 127.0.0.0/8."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._live: dict[str, set[_Shell]] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self._socket = socket.socket()
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Listen. Port 0 takes a free one; :attr:`port` says which."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("0.0.0.0", port))  # devices are addresses of the loopback, so of every one of them
        self._socket.listen(4096)
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self._keep(self._accept())

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        self._socket.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            caller, _ = await loop.sock_accept(self._socket)
            address = caller.getsockname()[0]
            router = self._fleet.router(address) if address.startswith("127.") else None
            if router is None or router.cut_off:
                caller.close()
                continue
            self._keep(self._serve(caller, router, self._live.setdefault(address, set())))

    async def _serve(self, caller: socket.socket, router: Router, live: set[_Shell]) -> None:
        key = self._fleet.other_key if router.faults.other_key else self._fleet.host_key
        try:
            await asyncssh.run_server(
                caller,
                options=self._fleet.options(key),
                server_factory=lambda: _Door(self._fleet, router, live),
            )
        except (OSError, asyncssh.Error):
            caller.close()

    def _keep(self, work: Any) -> None:
        task: asyncio.Task[object] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
