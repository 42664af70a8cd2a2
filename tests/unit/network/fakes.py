"""Routers made of nothing but their rules: they arm, load, confirm, and come back alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from network.device import Device, Echo
from network.expect import Expected
from province.errors import Place, ZyError

BARE = "frr version 10.3\nfrr defaults traditional\nhostname {name}\nservice integrated-vtysh-config\n!\nend\n"


@dataclass
class FakeRouter:
    """A router's behaviour without a router. Its clock stands still until ``expire`` is called."""

    name: str
    running_text: str
    kept: str | None = None
    saved: str = ""
    up: Expected = field(default_factory=Expected)
    reject: str = ""
    """A line that it refuses."""
    deaf: bool = False
    """No session can be opened."""
    cut_by: str = ""
    """A line that, once running, makes it deaf until its timer restores it."""
    log: list[str] = field(default_factory=list)

    def expire(self) -> None:
        """Its timer runs out."""
        if self.kept is not None:
            self.running_text, self.kept, self.deaf = self.kept, None, False

    def running(self) -> str:
        return self.running_text

    def trial(self) -> float | None:
        return None if self.kept is None else 60.0

    def arm(self, seconds: int) -> None:
        assert self.kept is None, "armed twice"
        self.log.append(f"arm {seconds}")
        self.kept = self.running_text

    def load(self, candidate: str) -> None:
        assert self.kept is not None, "loaded without a timer"
        self.log.append("load")
        if self.reject and self.reject in candidate:
            raise ZyError("ZY-NET-013", f"rejects {self.reject}", place=Place(target=self.name), fix="mend it")
        self.running_text = candidate
        self.deaf = bool(self.cut_by) and self.cut_by in candidate

    def confirm(self) -> None:
        assert self.kept is not None, "nothing on trial"
        self.log.append("confirm")
        self.kept, self.saved = None, self.running_text

    def abort(self) -> None:
        assert self.kept is not None, "nothing on trial"
        self.log.append("abort")
        self.running_text, self.kept = self.kept, None

    def live(self) -> Expected:
        return self.up

    def ping(self, target: str, source: str) -> Echo:
        return Echo(3, 3, 1.0, f"ping -I {source} {target}")


@dataclass
class Fleet:
    """Several fake routers, and the function that opens sessions with them."""

    routers: dict[str, FakeRouter]

    @contextmanager
    def connect(self, name: str) -> Iterator[Device]:
        router = self.routers[name]
        if router.deaf:
            raise ZyError("ZY-NET-010", "it cannot be reached", place=Place(target=name), fix="look at it")
        yield router
