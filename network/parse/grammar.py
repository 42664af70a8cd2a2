"""What a platform may say in our part of its configuration, written in the form of that configuration.

A grammar is a text (``grammars/<platform>.txt``) that looks like a configuration, with what lines *mean* after ``:=``::

    interface <port>                   := interface
     ip address <address> <mask>       := interface.ipv4
     undo shutdown                     :!
     ipv6-family                       := family=ipv6

``<field>`` takes one word; ``<text>`` the rest of the line; ``<field:kind>`` a family (``af``) or a prefix (``ipv4``,
``ipv6``). After ``:=`` stand names of facts, and constants that hold for the line and all lines below it. ``:!`` is the
same for a line that must be there whenever its block is. ``%pair A B`` says that facts A and B about the same thing
stand together or not at all. ``#`` begins a remark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from province.extranet import Platform

_FIELD = re.compile(r"<([a-z0-9]+)(?::([a-z0-9]+))?>")
_WORD = r"\S+"
_VALUES = {"text": ".+", "ipv4": r"[0-9.]+/\d+", "ipv6": r"[0-9a-f:]+:[0-9a-f:]*/\d+", "af": "ipv4|ipv6"}
"""What fields of these names or kinds may hold."""
_MEANING = re.compile(r"\s*(:=|:!)\s*")
IDENTITY = ("port", "vrf", "peer", "family", "list")
"""Fields that say what a fact is about; the others say what is so."""


@dataclass(slots=True)
class View:
    """The rules of one block, by the first word of the line (``""`` for a field); more specific ones first."""

    by_word: dict[str, list[Rule]] = field(default_factory=dict)
    required: list[Rule] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        first = rule.wording.split(maxsplit=1)[0]
        self.by_word.setdefault("" if first.startswith("<") else first, []).append(rule)
        if rule.required:
            self.required.append(rule)


@dataclass(slots=True)
class Rule:
    """One line that may stand, and the rules of the lines below it."""

    wording: str
    pattern: re.Pattern[str]
    facts: tuple[str, ...]
    constants: dict[str, str]
    required: bool
    below: View = field(default_factory=View)


@dataclass(frozen=True, slots=True)
class Grammar:
    """All of a platform. ``pairs`` are names of facts that stand together or not at all."""

    top: View
    pairs: tuple[tuple[str, str], ...]

    @property
    def companions(self) -> frozenset[str]:
        """Facts that serve pairs alone: the second ones, and those that are called ``only.…``."""
        return frozenset(name for pair in self.pairs for name in pair if name == pair[1] or name.startswith("only."))


@cache
def grammar(platform: Platform) -> Grammar:
    """The grammar of a platform; every platform has one."""
    text = (files("network.parse") / "grammars" / f"{platform}.txt").read_text(encoding="utf-8")
    return compile_grammar(text)


def compile_grammar(text: str) -> Grammar:
    """A grammar from its text."""
    pairs: list[tuple[str, str]] = []
    top = View()
    open_views = [top]
    for row in text.splitlines():
        if row.startswith("%pair "):
            _, one, other = row.split()
            pairs.append((one, other))
        elif row.strip() and not row.startswith("#"):
            depth = len(row) - len(row.lstrip())
            rule = _rule(row.strip())
            open_views[depth].add(rule)
            open_views[depth + 1 :] = [rule.below]
    return Grammar(top, tuple(pairs))


def _rule(row: str) -> Rule:
    wording, mark, meaning = [*_MEANING.split(row, maxsplit=1), "", ""][:3]
    words = meaning.split()
    return Rule(
        wording=wording,
        pattern=re.compile(_pattern(wording)),
        facts=tuple(word for word in words if "=" not in word),
        constants=dict(word.split("=") for word in words if "=" in word),
        required=mark == ":!",
    )


def _pattern(wording: str) -> str:
    """A regular expression for a wording."""
    parts, end = [], 0
    for field_ in _FIELD.finditer(wording):
        name, kind = field_[1], field_[2] or field_[1]
        parts += [re.escape(wording[end : field_.start()]), f"(?P<{name}>{_VALUES.get(kind, _WORD)})"]
        end = field_.end()
    return "".join([*parts, re.escape(wording[end:])])
