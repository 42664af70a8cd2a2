"""One supervised service of the lab, and how it is brought up."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path

from lab.openstack.probe import Probe
from lab.process import Process
from province.errors import Place, ZyError

_POLL = 0.1  # s
Progress = Callable[[str], None]


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Service:
    """A process with what it needs and how one sees that it is ready. A new service is one more of these."""

    process: Process
    argv: tuple[str, ...]
    env: Mapping[str, str]
    ready: Probe
    needs: tuple[str, ...] = ()
    port: int | None = None  # loopback TCP port that it opens
    before: Callable[[], None] = _nothing  # before each start, when it does not run
    after: Callable[[], None] = _nothing  # once ready, before others that need it are started
    within: float = 180.0  # s from start to ready, on a crowded machine
    grace: float = 2.0  # s from TERM to KILL; OpenStack's services keep their state elsewhere
    stateful: bool = False  # stopped after all others
    cwd: Path | None = field(default=None)

    @property
    def name(self) -> str:
        return self.process.name


def order(services: Iterable[Service]) -> list[str]:
    """Names, each after all that it needs. Raises graphlib.CycleError on a cycle."""
    return list(TopologicalSorter({service.name: service.needs for service in services}).static_order())


def bring_up(services: Iterable[Service], progress: Progress) -> list[str]:
    """Start what does not run, each as soon as what it needs is ready; return the names of what was started.

    Raises ZY-LAB-120 (port taken), ZY-LAB-121 (died while starting), ZY-LAB-122 (not ready in time).
    """
    by_name = {service.name: service for service in services}
    stop = threading.Event()
    futures: dict[str, Future[bool]] = {}
    with ThreadPoolExecutor(max_workers=len(by_name)) as pool:
        for name in order(by_name.values()):
            service = by_name[name]
            futures[name] = pool.submit(_raise, service, [futures[need] for need in service.needs], stop, progress)
        failures = [failure for future in futures.values() if (failure := future.exception()) is not None]
    if failures:
        raise next((failure for failure in failures if not isinstance(failure, _StoppedError)), failures[0])
    return [name for name, future in futures.items() if future.result()]


class _StoppedError(Exception):
    """Another service has failed; this one was not waited for."""


def _raise(service: Service, needs: list[Future[bool]], stop: threading.Event, progress: Progress) -> bool:
    try:
        for need in needs:
            need.result()
        return _start(service, stop, progress)
    except BaseException:
        stop.set()
        raise


def _start(service: Service, stop: threading.Event, progress: Progress) -> bool:
    process = service.process
    begun = time.monotonic()
    started = False
    if not process.alive():
        process.stop(grace=0)
        check_port(service)
        service.before()
        started = process.start(service.argv, env=service.env, cwd=service.cwd)
    while (problem := service.ready()) is not None:
        if stop.is_set():
            raise _StoppedError(service.name)
        if not process.alive():
            raise died(process)
        if time.monotonic() - begun > service.within:
            raise not_ready(process, problem, service.within)
        time.sleep(_POLL)
    service.after()
    if started:
        progress(f"{service.name} is ready after {time.monotonic() - begun:.1f} s")
    return started


def check_port(service: Service) -> None:
    """Raises ZY-LAB-120 when the service's port is in use by something that is not ours."""
    if service.port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", service.port))
        except OSError as taken:
            if taken.errno != errno.EADDRINUSE:
                raise
            raise ZyError(
                "ZY-LAB-120",
                f"{service.name} needs TCP port {service.port}, which another program has",
                place=Place(target=service.name),
                fix=f"see who has it with `ss -ltnp 'sport = :{service.port}'` and stop that program, "
                "or shift the lab's ports",
            ) from taken


def died(process: Process) -> ZyError:
    return ZyError(
        "ZY-LAB-121",
        f"{process.name} died. Its log ends:\n{process.tail()}",
        place=Place(target=process.name),
        fix=f"read {process.log}, mend what it says and run `zy lab up` again",
    )


def not_ready(process: Process, problem: str, seconds: float) -> ZyError:
    return ZyError(
        "ZY-LAB-122",
        f"{process.name} is not ready after {seconds:.0f} s: {problem}. Its log ends:\n{process.tail()}",
        place=Place(target=process.name),
        fix=f"read {process.log}; on a crowded machine run `zy lab up` again, it goes on where it stopped",
    )
