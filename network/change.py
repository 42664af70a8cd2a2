"""A push to many routers, all or nothing, with the devices' own timers as the net below.

Order: look (stale? left over from a killed run?) → keep copies → arm the timer and load → look again over new
connections → wait for neighbours and sessions → confirm. Every router is looked at before the first is armed, and each
is armed before it is loaded. Whatever fails before the first confirm takes every router back. A router that cannot be
reached restores itself: that is what its timer is for.

One session serves looking and loading, another one proving and confirming, as far as sessions may be kept.

Safe to call again after a kill at any moment: what is loaded and on trial is judged again and confirmed; what is half
loaded is taken back first; what is confirmed already stays.
"""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from network.backup import Backups
from network.config import digest
from network.device import Connect, Device
from network.diff import same
from network.expect import Expected
from network.sessions import Sessions
from province.errors import Place, ZyError
from province.record import Beat, Outcome, Result

T = TypeVar("T")


class Order(BaseModel):
    """What one router shall become. ``base`` is the digest of the running configuration that it was made from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    router: str
    base: str
    candidate: str
    blocks: int
    expected: Expected


@dataclass(frozen=True, slots=True)
class Bounds:
    """Times in seconds, and how many routers are worked on at once.

    ``trial`` is the devices' timer: long enough for slow routers to load and converge on a busy day (VRP8's own default
    is 600), and as long as a province's sites may be cut off by a mistake. Waiting for neighbours ends ``spare`` before
    it, so that confirming still fits.
    """

    trial: int = 300
    settle: float = 120.0
    spare: float = 20.0
    poll: float = 1.0
    sessions: int = 16
    kept: int = 500
    """Sessions that stay open from one phase to the next; each holds a file and some 200 KB."""
    logins: int = 16
    """Logins at once per AAA server."""


class _Found(Enum):
    """What a router is like before the push."""

    BASE = auto()
    """As planned from: load it."""
    LOADED = auto()
    """A killed run loaded the candidate and its timer runs: judge and confirm."""
    DONE = auto()
    """The candidate is confirmed."""


class Push:
    """One push of several orders. ``connect`` is called anew for every phase that must prove reachability.

    ``server`` names the AAA server that a router asks; all have the same unless told otherwise.
    """

    def __init__(
        self,
        orders: Sequence[Order],
        connect: Connect,
        backups: Backups,
        beat: Beat,
        bounds: Bounds,
        server: Callable[[str], str] = lambda _router: "",
    ) -> None:
        self._orders = {order.router: order for order in orders}
        self._sessions = Sessions(connect, bounds.kept, bounds.logins, server)
        self._backups = backups
        self._beat = beat
        self._bounds = bounds
        self._started = time.monotonic()
        self._touched: set[str] = set()

    def run(self) -> list[Result]:
        """A result per order, in their order. Only what ``beat`` raises gets out, after everything is taken back."""
        try:
            return self._run()
        finally:
            self._sessions.close()

    def withdraw(self, why: str) -> list[Result]:
        """Bring every router back to what it was, whether it is on trial, confirmed or untouched."""
        self._touched |= set(self._orders)
        try:
            _, notes = self._take_back()
        finally:
            self._sessions.close()
        return [
            self._result(router, Outcome.FAILED, f"taken back: {why} ({notes.get(router, 'as before')})")
            for router in self._orders
        ]

    def _run(self) -> list[Result]:
        found, failed = self._phase("look", self._look, list(self._orders))
        if failed:
            return self._results(failed, "nothing was pushed")
        if all(state is _Found.DONE for state in found.values()):
            return [self._result(router, Outcome.UNCHANGED, "already as planned") for router in self._orders]
        try:
            failed = self._try([router for router, state in found.items() if state is _Found.BASE])
        except BaseException:  # a cancelled run leaves no router on trial; then the cancellation goes on
            self._take_back()
            raise
        if failed:
            return self._results(failed, *self._take_back())
        return [self._result(router, Outcome.CHANGED, "pushed, proven, confirmed") for router in self._orders]

    def _try(self, fresh: list[str]) -> dict[str, ZyError]:
        """All phases that change something; the failures of the first phase that has any."""
        everyone = list(self._orders)
        self._touched |= set(everyone)
        _, failed = self._phase("load", self._load, fresh)
        self._sessions.close()
        for name, action in (("prove", self._prove), ("confirm", self._confirm)):
            if failed:
                return failed
            _, failed = self._phase(name, action, everyone)
        return failed

    def _phase(
        self, name: str, action: Callable[[Device, Order], T], routers: list[str]
    ) -> tuple[dict[str, T], dict[str, ZyError]]:
        """Do one thing on several routers at once."""
        done: dict[str, T] = {}
        failed: dict[str, ZyError] = {}
        if not routers:
            return done, failed
        with ThreadPoolExecutor(max_workers=self._bounds.sessions, thread_name_prefix=name) as pool:
            futures = {pool.submit(self._one, action, router): router for router in routers}
            for future in as_completed(futures):
                router = futures[future]
                try:
                    done[router] = future.result()
                    self._beat(f"{router}: {name}")
                except ZyError as error:
                    failed[router] = error
                    self._beat(f"{router}: {name} failed: {error}")
        return done, failed

    def _one(self, action: Callable[[Device, Order], T], router: str) -> T:
        with self._sessions.use(router) as device:
            return action(device, self._orders[router])

    def _look(self, device: Device, order: Order) -> _Found:
        running, left = device.running(), device.trial()
        if same(running, order.candidate):
            if left is None:
                return _Found.DONE
            if left > self._bounds.settle:
                return _Found.LOADED
        if left is not None:
            device.abort()
            running = device.running()
        if digest(running) != order.base:
            raise ZyError(
                "ZY-NET-014",
                "its running configuration is no longer the one that the plan was made from",
                place=Place(target=order.router),
                fix="plan again, and look at what changed meanwhile",
            )
        self._backups.keep(order.router, running)
        return _Found.BASE

    def _load(self, device: Device, order: Order) -> None:
        device.arm(self._bounds.trial)
        self._beat(f"{order.router}: arm")
        device.load(order.candidate)

    def _prove(self, device: Device, order: Order) -> None:
        """Over a new connection: the configuration took, and what it shall bring about is there."""
        running = device.running()
        if not same(running, order.candidate):
            if device.trial() is None and digest(running) == order.base:
                raise _expired(order.router)
            raise ZyError(
                "ZY-NET-015",
                "after loading, its running configuration differs from the candidate",
                place=Place(target=order.router),
                fix="plan again to see the lines; write them in the template as the device shows them",
            )
        left = device.trial()
        wait = self._bounds.settle if left is None else min(self._bounds.settle, left - self._bounds.spare)
        deadline = time.monotonic() + wait
        while missing := order.expected.missing(device.live()):
            if time.monotonic() > deadline:
                raise ZyError(
                    "ZY-NET-016",
                    f"not up after {wait:.0f} s: {', '.join(missing)}",
                    place=Place(target=order.router),
                    fix="check cables and the far ends; the router was as before when it worked",
                )
            time.sleep(self._bounds.poll)

    def _confirm(self, device: Device, order: Order) -> None:
        if device.trial() is None:
            if same(device.running(), order.candidate):
                return  # confirmed by the run that was killed
            raise _expired(order.router)
        device.confirm()

    def _take_back(self) -> tuple[str, dict[str, str]]:
        """Undo every touched router; per router, which guarantee held. From here on nobody can cancel."""
        self._beat = _deaf(self._beat)
        self._sessions.close()
        notes: dict[str, str] = {}
        restored, failed = self._phase("take back", self._restore, sorted(self._touched))
        notes.update(restored)
        for router in failed:
            notes[router] = self._wait_for_timer(router)
        return "taken back", notes

    def _restore(self, device: Device, order: Order) -> str:
        if device.trial() is not None:
            device.abort()
        if digest(device.running()) == order.base:
            return "as before"
        before = self._backups.recall(order.router, order.base)
        if digest(device.running()) != digest(order.candidate):
            return "NOT as before: somebody has changed it since"
        if before is not None:  # confirmed already: its timer is gone, so bring the copy back
            device.arm(self._bounds.trial)
            device.load(before)
            device.confirm()
            return "as before, from the copy"
        return "NOT as before: it was confirmed, and there is no copy"

    def _wait_for_timer(self, router: str) -> str:
        """Wait, with a bound, for an unreachable router to come back by itself."""
        deadline = time.monotonic() + self._bounds.trial + self._bounds.settle
        while time.monotonic() < deadline:
            try:
                with self._sessions.use(router) as device:
                    if device.trial() is None and digest(device.running()) == self._orders[router].base:
                        return "cut off; its own timer restored it, it is as before"
            except ZyError as error:
                self._beat(f"{router}: waiting for its timer: {error.message}")
            time.sleep(self._bounds.poll)
        return "cut off, and not seen again in time: look at it on its console"

    def _results(self, failed: dict[str, ZyError], rest: str, notes: dict[str, str] | None = None) -> list[Result]:
        results = []
        for router in self._orders:
            note = (notes or {}).get(router, rest)
            if error := failed.get(router):
                message = f"{error} ({note}). {error.fix}"
                results.append(self._result(router, Outcome.FAILED, message))
            else:
                message = f"{rest}: {', '.join(sorted(failed))} failed, and the push is all or nothing ({note})"
                results.append(self._result(router, Outcome.FAILED, message))
        return results

    def _result(self, router: str, outcome: Outcome, message: str) -> Result:
        return Result(
            target=router,
            outcome=outcome,
            changes=self._orders[router].blocks if outcome is Outcome.CHANGED else 0,
            message=message,
            seconds=round(time.monotonic() - self._started, 2),
        )


def _expired(router: str) -> ZyError:
    return ZyError(
        "ZY-NET-017",
        "its own timer restored it before the push was proven",
        place=Place(target=router),
        fix="if it was cut off, mend what cut it off; if it was slow, push again with a longer trial time",
    )


def _deaf(beat: Beat) -> Beat:
    """A beat whose wish to cancel is not heard: taking back must come to its end."""

    def say(line: str) -> None:
        with suppress(Exception, CancelledError):
            beat(line)

    return say
