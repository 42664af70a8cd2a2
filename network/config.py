"""A router's configuration as a tree, so that two can be compared whatever their order and ornament.

FRR prints closers (``exit``, ``exit-vrf``), separators (``!``) and some defaults; VRP and Comware separators (``#``),
``return`` and that a port is not shut down (``undo shutdown``); none of them says anything.
Indentation carries the nesting; FRR 10.3 leaves closers out in places (``encapsulation``), never the indentation.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from network.topology import MANAGEMENT

_ORNAMENT = re.compile(
    r"^(!.*|#.*|exit(-[a-z-]+)?|end|return|undo shutdown|Building configuration\.\.\.|Current configuration:.*|)$"
)
_CONTAINER = re.compile(r"^((interface|router|vrf|address-family)\b|(segment-routing|srv6|encapsulation|locators)$)")
"""Headers that say nothing when nothing stands below them."""
_KEPT_EMPTY = re.compile(r"^(vrf|router) ")
"""… except those whose being there is itself the setting."""
_DEFAULTS = frozenset({("segment-routing", "srv6", "formats")})
"""Blocks that FRR 10.3 always prints and that we never set."""
_FOREIGN = re.compile(
    r"^(frr (version|defaults) |hostname |domainname |log |service |password |enable |line |agentx$"
    rf"|interface {MANAGEMENT}( vrf \S+)?$|ip nht |ipv6 nht )"
)
"""What belongs to the device's own installation: never compared, never changed."""
_NAMED = "sysname "
"""VRP and Comware name the device so; no FRR configuration has such a line."""
_WRITTEN = re.compile(
    r"^(ip vpn-instance |segment-routing ipv6$|isis 1$|bgp |ip (ip|ipv6)-prefix |(ip|ipv6) prefix-list "
    r"|info-center loghost |ntp-service (enable$|unicast-server )|user-interface (maximum-vty|vty) |line vty "
    r"|aaa session-limit |acl (ipv6 )?(advanced )?name in-|traffic (classifier|behavior|policy) (in|service)-"
    r"|(diffserv domain|port-queue-template|qos policy) service-"
    r"|interface (?!(M-|MEth|NULL|InLoopBack|Virtual|([A-Za-z]*Ethernet|GE)0/0/0$)))"
)
"""On VRP and Comware, the other way round: only what our templates write is ours. Accounts, keys, AAA and the
management port (0/0/0, MEth, M-GigabitEthernet) are the device's, and so is whatever we do not know."""


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


def foreign(root: Block) -> tuple[Block, ...]:
    """What belongs to the device's installation or to the management path."""
    return tuple(block for block in root.children if _is_foreign(block, root))


def ours(root: Block) -> tuple[Block, ...]:
    return tuple(block for block in root.children if not _is_foreign(block, root))


def _is_foreign(block: Block, root: Block) -> bool:
    if any(one.line.startswith(_NAMED) for one in root.children):
        return _WRITTEN.match(block.line) is None
    return _FOREIGN.match(block.line) is not None


def candidate(running: str, rendered: str) -> str:
    """The whole configuration that is wanted: what is the device's own, as it is, and what we rendered."""
    root = parse(running)
    kept = foreign(root)
    names = (block for block in kept if block.line.startswith(_NAMED))  # what is rendered does not name the device
    wanted = Block("", (*names, *parse(rendered).children))
    return text(Block("", (*kept, *ours(wanted))))


def text(root: Block) -> str:
    """A tree as normalised text, closers included, so that a device reads it as it was meant."""
    return "".join(f"{line}\n" for block in root.children for line in _closed(block, 0))


_CLOSERS = {"vrf": "exit-vrf", "address-family": "exit-address-family"}


def _closed(block: Block, depth: int) -> Iterator[str]:
    yield " " * depth + block.line
    for child in block.children:
        yield from _closed(child, depth + 1)
    if block.children or (depth == 0 and _KEPT_EMPTY.match(block.line)):
        yield " " * depth + _CLOSERS.get(block.line.split(maxsplit=1)[0], "exit")


def canonical(root: Block) -> str:
    """The same for all trees with the same meaning: blocks and lines sorted at every level."""
    return text(_sorted(root))


def _sorted(block: Block) -> Block:
    return Block(block.line, tuple(sorted((_sorted(child) for child in block.children), key=lambda b: b.line)))


def digest(configuration: str) -> str:
    """SHA-256 of what a configuration means; the same before and after a mere reordering."""
    return hashlib.sha256(canonical(parse(configuration)).encode()).hexdigest()
