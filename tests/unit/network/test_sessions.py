from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from network.device import Device
from network.sessions import Sessions
from tests.unit.network.fakes import FakeRouter


class Doors:
    """Counts logins: how many there were, are open, and were under way at once."""

    def __init__(self) -> None:
        self.logins: list[str] = []
        self.open = 0
        self.most = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(2)

    @contextmanager
    def connect(self, router: str) -> Iterator[Device]:
        with self._lock:
            self.logins.append(router)
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            self._together.wait(timeout=0.05)  # two that may be here together are
        except threading.BrokenBarrierError:
            self._together.reset()
        with self._lock:
            self._under_way -= 1
            self.open += 1
        try:
            yield FakeRouter(router, "")
        finally:
            self.open -= 1


def _use(sessions: Sessions, router: str) -> None:
    with sessions.use(router):
        pass


def test_a_session_serves_several_phases_until_all_are_closed() -> None:
    doors = Doors()
    sessions = Sessions(doors.connect, 8, 8, lambda _router: "")
    for _ in range(3):
        _use(sessions, "r1")
    assert doors.logins == ["r1"]
    sessions.close()
    assert doors.open == 0
    _use(sessions, "r1")
    assert doors.logins == ["r1", "r1"], "a new one proves that the router is reachable"


def test_no_more_are_kept_than_the_bound() -> None:
    doors = Doors()
    sessions = Sessions(doors.connect, 2, 8, lambda _router: "")
    for router in ("r1", "r2", "r3"):
        _use(sessions, router)
    assert doors.open == 2


def test_a_session_in_which_something_went_wrong_is_closed() -> None:
    doors = Doors()
    sessions = Sessions(doors.connect, 8, 8, lambda _router: "")
    with pytest.raises(ValueError, match="wrong"), sessions.use("r1"):
        raise ValueError("wrong")
    assert doors.open == 0


@pytest.mark.parametrize(("logins", "servers", "most"), [(1, 1, 1), (2, 1, 2), (1, 2, 2)])
def test_logins_at_once_are_bounded_for_each_aaa_server(logins: int, servers: int, most: int) -> None:
    doors = Doors()
    sessions = Sessions(doors.connect, 8, logins, lambda router: str(int(router[1:]) % servers))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: _use(sessions, f"r{number}"), range(6)))
    assert doors.most == most
