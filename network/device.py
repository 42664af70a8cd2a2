"""A router as the room sees it, whatever its platform: read, try, confirm or take back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from network.expect import Expected


@dataclass(frozen=True, slots=True)
class Echo:
    """What came of a ping: packets sent and answered, mean round trip in milliseconds, and the command."""

    sent: int
    received: int
    rtt_ms: float | None
    command: str


class Device(Protocol):
    """One session with one router. Every method raises :class:`province.errors.ZyError` (``ZY-NET-010`` … ``019``)."""

    def running(self) -> str:
        """The running configuration, in the device's own form."""
        ...

    def trial(self) -> float | None:
        """Seconds until the device takes an unconfirmed change back by itself; ``None`` when nothing is on trial."""
        ...

    def arm(self, seconds: int) -> None:
        """Keep the running configuration, and restore it after ``seconds`` unless confirmed. Comes before a load."""
        ...

    def load(self, candidate: str) -> None:
        """Make the candidate the running configuration. A rejected line is ``ZY-NET-013``, naming it."""
        ...

    def confirm(self) -> None:
        """The change stays, over a restart too."""
        ...

    def abort(self) -> None:
        """Restore at once what was kept by :meth:`arm`."""
        ...

    def live(self) -> Expected:
        """What is up now."""
        ...

    def ping(self, target: str, source: str) -> Echo:
        """A few echo requests from one of the router's own addresses."""
        ...


Connect = Callable[[str], AbstractContextManager[Device]]
"""Opens a session with the router of this code. Each call is a new connection."""
