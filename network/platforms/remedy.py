"""The lines that lead from one configuration to another on systems with views and ``undo``: a pure function.

Take away first, innermost and last first; then add, in the order of what is wanted. Which words name a setting, how it
is undone, and what a line clears besides, is data of the platform (:class:`Forms`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from network.config import Block


@dataclass(frozen=True, slots=True)
class Forms:
    """What the lines of one platform do beyond being there or not."""

    valued: re.Pattern[str]
    """Settings that hold one value: the match is the setting's name, a new value replaces the old one."""
    undone: tuple[tuple[re.Pattern[str], str], ...]
    """Lines that are undone by other words than ``undo`` and themselves; a replacement for :func:`re.sub`."""
    clears: re.Pattern[str]
    """Lines that clear their view: all other lines of it are entered anew after them."""
    lasting: re.Pattern[str]
    """Views that the device has by nature: they cannot be removed, only emptied."""
    views: re.Pattern[str]
    """Lines that open a view, which has to be left even when nothing is set in it."""


def commands(running: Block, wanted: Block, forms: Forms) -> list[str]:
    """Lines to enter in the system view; views are left with ``quit``. Empty when both are the same."""
    return [*_removals(running, wanted, forms), *_additions(running, wanted, forms)]


def _removals(running: Block, wanted: Block, forms: Forms) -> Iterator[str]:
    for block in reversed(running.children):
        kept = wanted.child(block.line) or (Block(block.line) if forms.lasting.fullmatch(block.line) else None)
        if kept is not None:
            yield from _inside(block.line, list(_removals(block, kept, forms)))
    yield from _undos(running, wanted, forms)


def _undos(running: Block, wanted: Block, forms: Forms) -> Iterator[str]:
    """``undo`` for what has to go; not for what a new value replaces or an undo before has taken along."""
    new = {_name(block.line, forms) for block in wanted.children}
    gone: list[str] = []
    for line in reversed([block.line for block in running.children if wanted.child(block.line) is None]):
        if forms.lasting.fullmatch(line):
            continue
        if _name(line, forms) not in new and not any(_begins(line, words) for words in gone):
            undo = _undo(line, forms)
            gone.append(undo.removeprefix("undo "))
            yield undo


def _additions(running: Block, wanted: Block, forms: Forms) -> Iterator[str]:
    lost = _taken_along(running, wanted, forms)
    cleared = False
    for block in wanted.children:
        there = None if block.line in lost or cleared else running.child(block.line)
        if there is None:
            cleared = cleared or forms.clears.match(block.line) is not None
            yield from _whole(block, forms)
        else:
            yield from _inside(block.line, list(_additions(there, block, forms)))


def _taken_along(running: Block, wanted: Block, forms: Forms) -> set[str]:
    """Lines that stay, but begin with the words of an undo, so that they go with it."""
    undone = [undo.removeprefix("undo ") for undo in _undos(running, wanted, forms) if undo.startswith("undo ")]
    return {block.line for block in wanted.children for words in undone if _begins(block.line, words)}


def _whole(block: Block, forms: Forms) -> Iterator[str]:
    yield block.line
    for child in block.children:
        yield from _whole(child, forms)
    if block.children or forms.views.match(block.line):
        yield "quit"


def _inside(line: str, lines: list[str]) -> list[str]:
    return [line, *lines, "quit"] if lines else []


def _begins(line: str, words: str) -> bool:
    return line == words or line.startswith(f"{words} ")


def _name(line: str, forms: Forms) -> str:
    found = forms.valued.match(line)
    return found[0].strip() if found else line


def _undo(line: str, forms: Forms) -> str:
    for pattern, other in forms.undone:
        if pattern.match(line):
            return pattern.sub(other, line)
    if line.startswith("undo "):
        return line.removeprefix("undo ")
    return f"undo {_name(line, forms)}"
