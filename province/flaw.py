"""A thing that is wrong in an inventory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong, at ``path`` (section, code, field …)."""

    code: str
    message: str
    path: tuple[str | int, ...]
    fix: str


def unknown(kind: str, code: str, known: Iterable[str], path: tuple[str | int, ...]) -> Flaw:
    choices = ", ".join(sorted(known)) or "none is declared"
    return Flaw("ZY-INV-020", f"no {kind} is called {code!r}", path, f"declare it, or use one of: {choices}")
