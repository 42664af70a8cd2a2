"""Errors meant for a reader: a stable code, what is wrong, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: a position in a file (1-based), or a named target (host, router, stack)."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    target: str | None = None

    def __str__(self) -> str:
        if self.file is None:
            return self.target or ""
        position = ":".join(str(n) for n in (self.line, self.column) if n is not None)
        return f"{self.file}:{position}" if position else self.file


class ZyError(Exception):
    """One error for the reader. ``code`` is stable (``ZY-<room>-<number>``) and has a page in ``docs/errors/``."""

    def __init__(self, code: str, message: str, *, place: Place | None = None, fix: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.place = place or Place()
        self.fix = fix

    def as_json(self) -> dict[str, Any]:
        """The error as the command line's JSON contract shows it."""
        return {
            "code": self.code,
            "message": self.message,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "target": self.place.target,
            "fix": self.fix,
        }


class ZyErrors(Exception):
    """Several errors found in one pass (an inventory is judged whole, not until its first mistake)."""

    def __init__(self, errors: list[ZyError]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = errors
