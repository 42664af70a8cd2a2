"""What a device understands in which view, read from a dialect's grammar file; and where a wrong line goes wrong.

A grammar file has a line per command form, below the view that it belongs to::

    view system
    sysname =WORD
    interface PORT -> interface {2}

Words in capitals stand for values (:data:`_VALUES`). From the first ``=`` on a line holds a value: setting it again
replaces it. ``-> VIEW PROMPT`` opens a view; ``{2}`` is the line's second word. ``~ WORDS, WORDS`` are beginnings of
lines of the same view that the device removes when this one is set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType

_NUMBER = r"\d+"
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_IPV6 = r"[0-9a-fA-F:]*:[0-9a-fA-F:.]*"
_VALUES = MappingProxyType(
    {
        "WORD": r"\S+",
        "NUMBER": _NUMBER,
        "TIME": r"\d+",
        "IPV4": _IPV4,
        "IPV6": _IPV6,
        "ADDRESS": rf"{_IPV4}|{_IPV6}",
        "MASK": rf"\d{{1,2}}|{_IPV4}",
        "LENGTH": r"\d{1,3}",
        "IPV6PREFIX": rf"{_IPV6}/\d{{1,3}}",
        "PAIR": r"[0-9.]+:\d+",
        "NET": r"[0-9a-fA-F]{2}(?:\.[0-9a-fA-F]{4})+\.[0-9a-fA-F]{2}",
        "PORT": r"[A-Za-z][A-Za-z-]*\d[\d/.:]*",
    }
)


class Fault(Enum):
    """How a line can be wrong. The words are a dialect's own."""

    UNRECOGNIZED = "unrecognized"
    INCOMPLETE = "incomplete"
    WRONG = "wrong"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that is refused: why, and at which of its characters."""

    fault: Fault
    at: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of a command."""

    words: tuple[str, ...]
    key: int
    """How many words say which setting it is; the rest is its value."""
    opens: str = ""
    prompt: str = ""
    clears: tuple[str, ...] = ()

    def takes(self, index: int, word: str) -> bool:
        wanted = self.words[index]
        return bool(re.fullmatch(_VALUES[wanted], word)) if wanted in _VALUES else wanted in (word, "TEXT")

    @property
    def open_ended(self) -> bool:
        return self.words[-1] == "TEXT"


@dataclass(frozen=True, slots=True)
class Setting:
    """A line that a view understands."""

    line: str
    key: str
    opens: str
    prompt: str
    clears: tuple[str, ...]


class Grammar:
    """The forms of one dialect, by view and first word."""

    def __init__(self, views: Mapping[str, Mapping[str, tuple[Rule, ...]]]) -> None:
        self._views = views

    @classmethod
    def read(cls, path: Path) -> Grammar:
        views: dict[str, dict[str, tuple[Rule, ...]]] = {}
        view: dict[str, tuple[Rule, ...]] = {}
        for raw in path.read_text(encoding="utf-8").splitlines():
            line = raw.split(" !")[0].strip()
            if line.startswith("view "):
                view = views.setdefault(line.removeprefix("view "), {})
            elif line and not line.startswith("!"):
                rule = _rule(line)
                view[rule.words[0]] = (*view.get(rule.words[0], ()), rule)
        return cls(views)

    def match(self, view: str, line: str) -> Setting | Wrong:
        """What a line sets in a view, or where it goes wrong."""
        words = line.split()
        rules = self._views[view].get(words[0], ())
        furthest, fault = 0, Fault.UNRECOGNIZED
        for rule in rules:
            reached, found = _follow(rule, words)
            if found is None:
                key = " ".join(words[: rule.key])
                prompt = rule.prompt.format("", *words)
                return Setting(" ".join(words), key, rule.opens, prompt, rule.clears)
            if reached >= furthest:
                furthest, fault = reached, found
        return Wrong(fault, _position(line, furthest))

    def undo(self, view: str, line: str) -> str | Wrong:
        """The words that all removed lines begin with: any form of the view, left out from its value on at most."""
        words = line.split()
        furthest = 0
        for rule in self._views[view].get(words[0], ()):
            reached, fault = _follow(rule, words)
            if fault is None or (fault is Fault.INCOMPLETE and len(words) >= min(rule.key, 2)):
                return " ".join(words)
            furthest = max(furthest, reached)
        return Wrong(Fault.UNRECOGNIZED, _position(line, furthest))


def _rule(line: str) -> Rule:
    line, _, cleared = line.partition(" ~ ")
    form, _, opened = line.partition(" -> ")
    words = form.split()
    key = next((index for index, word in enumerate(words) if word.startswith("=")), len(words))
    view, _, prompt = opened.partition(" ")
    clears = tuple(cleared.split(", ")) if cleared else ()
    return Rule(tuple(word.removeprefix("=") for word in words), key, view, prompt, clears)


def _follow(rule: Rule, words: list[str]) -> tuple[int, Fault | None]:
    """How many words fit a form, and what is wrong with the next; None when all is well."""
    for index, word in enumerate(words):
        if index >= len(rule.words):
            return index, None if rule.open_ended else Fault.TOO_MANY
        if not rule.takes(index, word):
            return index, Fault.WRONG if rule.words[index] in _VALUES else Fault.UNRECOGNIZED
    return len(words), None if len(words) >= len(rule.words) else Fault.INCOMPLETE


def _position(line: str, index: int) -> int:
    """Where the word of this index begins; the end of the line when there is none."""
    starts = [found.start() for found in re.finditer(r"\S+", line)]
    return starts[index] if index < len(starts) else len(line)
