"""A configuration as a tree of lines: what a device keeps, commits, compares and shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

Tree = dict[str, "Tree"]
"""Lines in their order; each with the lines of the view that it opens."""


def parse(text: str) -> Tree:
    """A tree from indented text; ``#`` separators, ``!`` comments and ``return`` say nothing."""
    root: Tree = {}
    stack: list[tuple[int, Tree]] = [(-1, root)]
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line[0] in "#!" or line == "return":
            continue
        depth = len(raw) - len(raw.lstrip())
        while stack[-1][0] >= depth:
            stack.pop()
        below = stack[-1][1].setdefault(line, {})
        stack.append((depth, below))
    return root


def show(tree: Tree) -> Iterator[str]:
    """The lines of ``display current-configuration``, with ``#`` between blocks and ``return`` at the end."""
    yield "#"
    for line, below in tree.items():
        yield line
        yield from _indented(below, 1)
        yield "#"
    yield "return"


def _indented(tree: Tree, depth: int) -> Iterator[str]:
    for line, below in tree.items():
        if below and depth > 0:
            yield " " * depth + "#"
        yield " " * depth + line
        yield from _indented(below, depth + 1)


def below(tree: Tree, path: Sequence[str]) -> Tree:
    """The lines of a view; made when it is not there."""
    for line in path:
        tree = tree.setdefault(line, {})
    return tree


def put(tree: Tree, path: Sequence[str], line: str, key: str) -> None:
    """Set a line. A line with the same key is replaced where it stands; a view that is there already stays."""
    view = below(tree, path)
    if line in view:
        return
    old = next((one for one in view if one == key or one.startswith(f"{key} ")), None) if key != line else None
    if old is None:
        view[line] = {}
        return
    rows = [(line if one == old else one, rest) for one, rest in view.items()]
    view.clear()
    view.update(rows)


def drop(tree: Tree, path: Sequence[str], words: str) -> bool:
    """Remove every line of a view that is, or begins with, these words; whether there was one."""
    view = below(tree, path)
    found = [one for one in view if one == words or one.startswith(f"{words} ")]
    for one in found:
        del view[one]
    return bool(found)


def copy(tree: Tree) -> Tree:
    return deepcopy(tree)
