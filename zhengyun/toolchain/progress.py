"""What a set-up tells while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TextIO

from zhengyun.toolchain.part import Part


class Happening(StrEnum):
    """What an event says of its part."""

    STARTED = "started"
    WORKING = "working"
    WAITING = "waiting"
    """Another run builds the same part; this one waits for it."""
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left out"
    """Something that it needs failed."""


@dataclass(frozen=True, slots=True)
class Event:
    """Step ``step`` of ``steps``: what happens to a part, how long it has taken (seconds), its log's last line."""

    step: int
    steps: int
    part: Part
    happening: Happening
    seconds: float = 0.0
    line: str = ""


Progress = Callable[[Event], None]
"""Called in the process and thread that called ``run``, at least every half second while something is built."""

_QUIET_SECONDS = 30.0  # between two lines on a stream that is not a terminal
_WIDTH = 110


@dataclass(slots=True)
class TextProgress:
    """Progress as text: one line that moves on a terminal, a line at a time elsewhere (CI logs)."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _said: dict[str, float] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        """Show one event."""
        text = describe(event)
        passing = event.happening is Happening.WORKING
        if self.stream.isatty():
            self.stream.write(f"\r\x1b[K{text[:_WIDTH]}" + ("" if passing else "\n"))
        elif not passing or event.seconds - self._said.get(event.part.name, 0.0) >= _QUIET_SECONDS:
            self._said[event.part.name] = event.seconds
            self.stream.write(text + "\n")
        self.stream.flush()


def describe(event: Event) -> str:
    """One event as one line."""
    text = f"[{event.step}/{event.steps}] {event.part.title} {event.part.title_zh}: {event.happening}"
    if event.happening is Happening.STARTED and event.part.minutes:
        text += f", about {event.part.minutes:g} min"
    if event.seconds:
        minutes, seconds = divmod(int(event.seconds), 60)
        text += f", {minutes}:{seconds:02d}"
    return f"{text} | {event.line}" if event.line else text
