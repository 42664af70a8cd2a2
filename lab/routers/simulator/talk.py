"""What a session does with its terminal: it says, reads, waits. A session is a generator of these, free of any I/O."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum, auto


class Read(Enum):
    """What a session waits for."""

    LINE = auto()
    """A line, echoed as it is typed."""
    KEY = auto()
    """One character, not echoed."""


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """The device is busy for so many seconds."""

    seconds: float


class Stop(Enum):
    """The session says nothing any more."""

    END = auto()
    """It closes the connection."""
    HANG = auto()
    """It leaves it open."""


Effect = Say | Read | Pause | Stop
Talk = Generator[Effect, str, None]

_WRAP = " \x1b[1D"
"""What VRP writes at the right edge: a space, and one column back."""
_KEYS = re.compile(r"\r\n?|\n|[\x03\x08\x7f]|[^\r\n\x03\x08\x7f]+")


class Terminal:
    """Types into a session and collects what it says: echo, wraps and keys are its business."""

    def __init__(self, talk: Talk, columns: int) -> None:
        self._talk = talk
        self._columns = columns
        self._typed = ""
        self._line = ""
        self._column = 0
        self._said: list[str] = []
        self._wants: Read | None = None

    def type(self, text: str) -> None:
        self._typed += text

    def said(self) -> str:
        """What was said since the last call."""
        text = "".join(self._said)
        self._said.clear()
        return text

    def advance(self) -> Pause | Stop | None:
        """Go on as far as what was typed leads. None: it waits for more of it."""
        while True:
            answer = None
            if self._wants is not None:
                answer = self._read(self._wants)
                if answer is None:
                    return None
            effect = self._talk.send(answer) if answer is not None else next(self._talk)
            self._wants = effect if isinstance(effect, Read) else None
            if isinstance(effect, Say):
                self._write(effect.text)
            elif isinstance(effect, Pause | Stop):
                return effect

    def _read(self, wanted: Read) -> str | None:
        """The line or key that is there; None when there is none yet."""
        if wanted is Read.KEY:
            key, self._typed = self._typed[:1], self._typed[1:]
            return key or None
        while found := _KEYS.match(self._typed):
            key, self._typed = found[0], self._typed[found.end() :]
            if key[0] in "\r\n":
                line, self._line = self._line, ""
                self._write("\r\n")
                return line
            self._edit(key)
        return None

    def _edit(self, key: str) -> None:
        """Characters of a line, echoed one by one; the last one rubbed out; the line given up."""
        if key in "\x08\x7f":
            self._line = self._line[:-1]
            self._said.append("\x08 \x08")
        elif key == "\x03":
            self._line = ""
        else:
            self._line += key
            self._echo(key)

    def _echo(self, text: str) -> None:
        while self._column + len(text) >= self._columns:
            room = self._columns - self._column
            self._said += [text[:room], _WRAP]
            text, self._column = text[room:], 0
        self._said.append(text)
        self._column += len(text)

    def _write(self, text: str) -> None:
        self._said.append(text)
        self._column = (len(text) - (text.rfind("\n") + 1)) % self._columns
