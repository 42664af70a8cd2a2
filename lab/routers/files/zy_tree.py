"""Commands that turn one FRR configuration into another, for one ``vtysh -f FILE``.

``frr-reload.py`` of FRR 10.3 cannot undo: it says ``no interface eth1`` of a live port, which FRR refuses, and
``no locators``, which FRR does not know; it leaves all below in place and reports success. So we compare ourselves.
``interface PORT vrf NAME`` must come as ``interface PORT``: the VRF is the kernel's (see zy-config).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ORNAMENT = re.compile(r"^(!.*|#.*|exit(-[a-z-]+)?|end|Building configuration\.\.\.|Current configuration:.*|)$")
_CONTAINER = re.compile(r"^(interface|router|vrf|address-family|segment-routing|srv6|encapsulation|locators)\b")
"""Headers that say nothing when nothing stands below them."""
_KEPT_EMPTY = re.compile(r"^(vrf|router) ")
"""… except those whose being there is itself the setting."""
_DEFAULTS = frozenset({("segment-routing", "srv6", "formats")})
"""Blocks that FRR 10.3 always prints and that we never set."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line and what stands below it."""

    line: str
    children: tuple[Block, ...] = ()

    def child(self, line: str) -> Block | None:
        return next((child for child in self.children if child.line == line), None)

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The block as text, one space of indentation a level, without ornament."""
        yield " " * depth + self.line
        for child in self.children:
            yield from child.lines(depth + 1)


def parse(text: str) -> Block:
    """The tree of a configuration text, normalised; its root's line is empty."""
    rows = [(len(raw) - len(raw.lstrip()), raw.strip()) for raw in text.replace("\r", "").splitlines()]
    content = [(depth, line) for depth, line in rows if not _ORNAMENT.match(line)]
    children, _ = _read(content, 0, 0)
    return Block("", _meaningful(children, ()))


def _read(rows: list[tuple[int, str]], start: int, depth: int) -> tuple[list[Block], int]:
    found: list[Block] = []
    index = start
    while index < len(rows) and rows[index][0] >= depth:
        level, line = rows[index]
        below, index = _read(rows, index + 1, level + 1)
        found.append(Block(line, tuple(below)))
    return found, index


def _meaningful(blocks: Iterable[Block], path: tuple[str, ...]) -> tuple[Block, ...]:
    """Blocks without defaults and without empty containers; blocks that FRR prints in two pieces joined."""
    merged: dict[str, list[Block]] = {}
    for block in blocks:
        merged.setdefault(block.line, []).extend(block.children)
    found = []
    for line, children in merged.items():
        here = (*path, line)
        below = _meaningful(children, here)
        empty = not below and _CONTAINER.match(line) and not _KEPT_EMPTY.match(line)
        if here not in _DEFAULTS and not empty:
            found.append(Block(line, below))
    return tuple(found)


def commands(running: Block, wanted: Block) -> list[str]:
    """Lines for ``vtysh -f`` that turn one into the other: what goes first, from the end; then what comes, in order.

    One pass may leave a rest (``no neighbor … remote-as`` takes the neighbour's other lines along): compare again.
    """
    return [*_removals(running, wanted, 0), *_additions(running, wanted, 0)]


def _removals(old: Block, new: Block, depth: int) -> Iterator[str]:
    for block in sorted(reversed(old.children), key=lambda block: block.line == "segment-routing"):
        match = new.child(block.line)
        if match is None and _EMPTIED_FIRST.match(block.line):
            yield from _wrapped(block.line, list(_removals(block, Block(block.line), depth + 1)), depth)
            yield f"no {block.line}"
        elif match is None and not _emptied(block):
            yield from (" " * depth + line for line in _negated(block.line))
        elif block.children:
            inner = list(_removals(block, match or Block(block.line), depth + 1))
            yield from _wrapped(block.line, inner, depth)


def _additions(old: Block, new: Block, depth: int) -> Iterator[str]:
    for block in new.children:
        match = old.child(block.line)
        if match is None and not _opens(block):
            yield " " * depth + block.line
        elif match is None or block.children:
            inner = list(_additions(match or Block(block.line), block, depth + 1))
            if inner or match is None:
                yield from _wrapped(block.line, inner, depth, even_empty=match is None)


_EMPTIED_FIRST = re.compile(r"^(vrf|router) ")
"""Blocks that are emptied before they are negated, users of segments before the locator. FRR 10.3 otherwise keeps
segments in the kernel, and a default BGP instance that still has VPN routes stays hidden and never listens again
(FRRouting/frr issue 19973)."""
_OPENS = re.compile(r"^(interface|router|vrf) ")
_EMPTIED = re.compile(r"^(interface |address-family |segment-routing|srv6$|encapsulation$|locators$)")
"""Blocks that cannot be negated as a whole: what stands in them is taken out line by line."""


def _opens(block: Block) -> bool:
    return bool(block.children) or _OPENS.match(block.line) is not None


def _emptied(block: Block) -> bool:
    return _EMPTIED.match(block.line) is not None


def _wrapped(header: str, inner: list[str], depth: int, *, even_empty: bool = False) -> Iterator[str]:
    if inner or even_empty:
        yield " " * depth + header
        yield from inner
        yield " " * depth + _closer(header)


def _closer(header: str) -> str:
    first = header.split(maxsplit=1)[0]
    return {"address-family": "exit-address-family", "vrf": "exit-vrf"}.get(first, "exit")


def _negated(line: str) -> list[str]:
    """How FRR takes a line back. A locator's prefix cannot be taken back, only written over."""
    if line.startswith("no "):
        return [line.removeprefix("no ")]
    first = line.split(maxsplit=1)[0]
    return {"description": ["no description"], "prefix": []}.get(first, [f"no {line}"])


def lead(running: str, wanted: str) -> list[str]:
    """The same from texts."""
    return commands(parse(running), parse(wanted))
