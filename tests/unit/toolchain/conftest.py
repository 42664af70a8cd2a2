"""A small catalogue to build."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from tests.unit.toolchain.small import Heard
from zhengyun.toolchain.part import Part
from zhengyun.toolchain.store import Store

_BOUND = 60  # seconds; these tests wait for other processes, and a broken engine may leave them waiting


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Fail instead of waiting for ever."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still waiting after {_BOUND} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_BOUND)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Store]:
    def make(*parts: Part) -> Store:
        return Store(tmp_path / "cache", parts)

    return make
