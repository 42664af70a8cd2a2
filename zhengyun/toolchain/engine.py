"""Building what is missing: two parts at a time, each after those that it needs, every failure reported."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType

from province.errors import Place, ZyError, ZyErrors
from zhengyun.toolchain.construction import construct, failed, is_locked
from zhengyun.toolchain.progress import Event, Happening, Progress
from zhengyun.toolchain.store import Placed, State, Store

_AT_ONCE = 2
_TICK = 0.5  # seconds between two looks at the log
_SPARE_MEGABYTES = 500
_CONTEXT = multiprocessing.get_context("fork")  # builders need no pickling; nothing here has threads


def run(store: Store, progress: Progress, names: Iterable[str] | None = None) -> dict[str, Placed]:
    """Build every missing one of the named parts (all without names) and return where each lies.

    Can be killed at any moment and run again: what is complete stays, what is not is begun anew. Raises ZY-TOOL-004
    (needs root), ZY-TOOL-006 (too little disk), the error of the part that failed (ZY-TOOL-002, or the one
    that its builder raised), or ZyErrors where several failed. Must be called from the main thread.
    """
    placed = store.place(names)
    missing = [one for one in placed.values() if one.state is State.MISSING]
    if not missing:
        return placed
    check_root(missing)
    check_disk(store, missing)
    errors = _Round(store, progress, placed, missing).work()
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ZyErrors(errors)
    return store.place(names)


def check_root(missing: list[Placed]) -> None:
    """Raises ZY-TOOL-004 where a missing part needs root and we are not root."""
    needing = [one.part for one in missing if one.part.root]
    if needing and os.geteuid() != 0:
        reasons = "; ".join(f"{part.title}: {part.root}" for part in needing)
        raise ZyError("ZY-TOOL-004", f"root is needed ({reasons})", fix="run it as root or with sudo")


def check_disk(store: Store, missing: list[Placed]) -> None:
    """Raises ZY-TOOL-006 where the missing parts do not fit."""
    store.cache.mkdir(parents=True, exist_ok=True)
    wanted = sum(one.part.megabytes for one in missing) + _SPARE_MEGABYTES
    free = shutil.disk_usage(store.cache).free // 1_000_000
    if free < wanted:
        raise ZyError(
            "ZY-TOOL-006",
            f"{free} MB free, about {wanted} MB needed",
            place=Place(file=str(store.cache)),
            fix="free space there, or name another place in $ZY_CACHE",
        )


@dataclass(slots=True)
class _Building:
    placed: Placed
    process: ForkProcess
    answer: Connection
    start: float


class _Round:
    """One run: what is still to be built, what is being built, what failed."""

    def __init__(self, store: Store, progress: Progress, placed: dict[str, Placed], missing: list[Placed]) -> None:
        self.store, self.progress = store, progress
        self.ready = {name: one.path for name, one in placed.items() if one.state is not State.MISSING}
        self.waiting = list(missing)
        self.steps = {one.part.name: step for step, one in enumerate(missing, 1)}
        self.building: list[_Building] = []
        self.lost: set[str] = set()
        self.errors: list[ZyError] = []

    def work(self) -> list[ZyError]:
        with _stopped_by_sigterm():
            try:
                while self.waiting or self.building:
                    self._leave_out()
                    self._start()
                    wait([one.process.sentinel for one in self.building], timeout=_TICK)
                    self._look()
            finally:
                for one in self.building:
                    _stop(one.process)
        return self.errors

    def _leave_out(self) -> None:
        for one in list(self.waiting):
            if self.lost.intersection(_before(one)):
                self.waiting.remove(one)
                self.lost.add(one.part.name)
                self._tell(one, Happening.LEFT_OUT)

    def _start(self) -> None:
        for one in list(self.waiting):
            if len(self.building) < _AT_ONCE and all(name in self.ready for name in _before(one)):
                self.waiting.remove(one)
                receive, send = _CONTEXT.Pipe(duplex=False)
                built = {name: self.ready[name] for name in _before(one)}
                taken = is_locked(self.store.lock(one.part))
                process = _CONTEXT.Process(target=construct, args=(self.store, one.part, built, send))
                process.start()
                send.close()
                with suppress(ProcessLookupError, PermissionError):  # it does so itself too: whoever is first
                    os.setpgid(process.pid or 0, process.pid or 0)
                self.building.append(_Building(one, process, receive, time.monotonic()))
                self._tell(one, Happening.WAITING if taken else Happening.STARTED)

    def _look(self) -> None:
        for one in list(self.building):
            seconds = time.monotonic() - one.start
            if one.process.is_alive():
                line = _last_line(self.store.log(one.placed.part))
                self._tell(one.placed, Happening.WORKING, seconds, line)
                continue
            self.building.remove(one)
            ended = self._result(one)
            if isinstance(ended, Path):
                self.ready[one.placed.part.name] = ended
                self._tell(one.placed, Happening.DONE, seconds)
            else:
                self.lost.add(one.placed.part.name)
                self.errors.append(ended)
                self._tell(one.placed, Happening.FAILED, seconds, ended.message.splitlines()[0])

    def _result(self, one: _Building) -> Path | ZyError:
        one.process.join()
        try:
            answer = one.answer.recv()
        except EOFError:  # it was killed: out of memory, or by hand
            return failed(one.placed, self.store.log(one.placed.part), f"its process ended with {one.process.exitcode}")
        if isinstance(answer, Path):
            return answer
        code, message, place, fix = answer
        return ZyError(code, message, place=place, fix=fix)

    def _tell(self, one: Placed, happening: Happening, seconds: float = 0.0, line: str = "") -> None:
        self.progress(Event(self.steps[one.part.name], len(self.steps), one.part, happening, seconds, line))


def _before(one: Placed) -> tuple[str, ...]:
    return (*one.part.needs, *one.part.tools)


def _last_line(log: Path) -> str:
    with suppress(OSError), log.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 2000))
        lines = file.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ""


def _stop(process: ForkProcess) -> None:
    """End a build and everything that it started: its process group is its own."""
    if process.pid is not None and process.is_alive():
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.join()


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Turn SIGTERM into SystemExit, so that what we started is stopped too."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
