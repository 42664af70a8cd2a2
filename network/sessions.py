"""Sessions that serve more than one phase of a push: a login costs a router, and its AAA server, the most.

Kept up to a bound, so that neither files nor memory run out; beyond it a router is logged in to again. How many log in
at once is a bound of its own: an AAA server of a city serves hundreds of routers, and refuses when all come together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from network.device import Connect, Device


class Sessions:
    """Open sessions by router. ``server`` names the AAA server that a router asks."""

    def __init__(self, connect: Connect, kept: int, logins: int, server: Callable[[str], str]) -> None:
        self._connect = connect
        self._kept = kept
        self._logins = logins
        self._server = server
        self._open: dict[str, tuple[Device, ExitStack]] = {}
        self._doors: dict[str, threading.Semaphore] = {}
        self._lock = threading.Lock()

    @contextmanager
    def use(self, router: str) -> Iterator[Device]:
        """The kept session or a new one. A session in which anything went wrong is closed."""
        with self._lock:
            found = self._open.pop(router, None)
        device, session = found or self._login(router)
        with session:
            yield device
            with self._lock:
                if len(self._open) < self._kept:
                    self._open[router] = (device, session.pop_all())

    def close(self) -> None:
        """Close all, so that the next use proves that the router can be reached."""
        with self._lock:
            sessions = list(self._open.values())
            self._open.clear()
        for _, session in sessions:
            session.close()

    def _login(self, router: str) -> tuple[Device, ExitStack]:
        with self._lock:
            door = self._doors.setdefault(self._server(router), threading.Semaphore(self._logins))
        session = ExitStack()
        with door:
            return session.enter_context(self._connect(router)), session
