"""Facts from a configuration text, by the grammar of its platform. Every line must be understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from network.parse.grammar import IDENTITY, Grammar, Rule, View
from province.errors import Place, ZyError, ZyErrors

_ORNAMENT = re.compile(r"[!#]|exit(-[a-z-]+)?|end(-set|-policy|if)?|return|quit|$")
"""Separators and closers: indentation carries the nesting on every platform that we read."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a line states: ``peer.as`` with ``{"peer": "FD44:1::1", "as": "64900"}``."""

    name: str
    values: Mapping[str, str]
    line: int

    def about(self, fields: tuple[str, ...] = IDENTITY) -> tuple[str | None, ...]:
        return tuple(self.values.get(key) for key in fields)


@dataclass(frozen=True, slots=True)
class _Open:
    """A block that is being read."""

    depth: int
    view: View
    values: Mapping[str, str]
    line: int
    title: str
    rules: set[int]
    """Identities of the rules that its lines have followed."""
    rows: dict[str, int]
    """Its lines, with their numbers."""


def read(text: str, grammar: Grammar, file: str) -> list[Fact]:
    """All facts of a text, in its order.

    Raises :class:`ZyErrors` with every flaw: ``ZY-NET-031`` for lines that are not understood, ``ZY-NET-032`` for lines
    that are not there, ``ZY-NET-033`` for lines that stand twice.
    """
    facts: list[Fact] = []
    flaws: list[ZyError] = []
    stack = [_Open(-1, grammar.top, {}, 0, "", set(), {})]
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if _ORNAMENT.fullmatch(line):
            continue
        depth = len(raw) - len(raw.lstrip())
        while depth <= stack[-1].depth:
            flaws += _missing(stack.pop(), file)
        block = stack[-1]
        if block.rows.setdefault(line, number) != number:
            flaws.append(contradiction(file, number, f"it repeats line {block.rows[line]}"))
        found = _match(line, block.view)
        if found is None:
            flaws.append(unknown(file, number, line, block.title))
            stack.append(_Open(depth, View(), {}, number, line, set(), {}))
            continue
        rule, values = found
        values = {**block.values, **rule.constants, **values}
        block.rules.add(id(rule))
        facts += [Fact(name, values, number) for name in rule.facts]
        stack.append(_Open(depth, rule.below, values, number, line, set(), {}))
    while stack:
        flaws += _missing(stack.pop(), file)
    flaws += _unmatched(facts, grammar, file)
    if flaws:
        raise ZyErrors(flaws)
    return facts


def _match(line: str, view: View) -> tuple[Rule, Mapping[str, str]] | None:
    for rule in (*view.by_word.get(line.split(maxsplit=1)[0], ()), *view.by_word.get("", ())):
        if match := rule.pattern.fullmatch(line):
            return rule, match.groupdict()
    return None


def _missing(block: _Open, file: str) -> list[ZyError]:
    return [
        missing(file, block.line, f"`{rule.wording}` below `{block.title}`")
        for rule in block.view.required
        if id(rule) not in block.rules
    ]


def _unmatched(facts: list[Fact], grammar: Grammar, file: str) -> list[ZyError]:
    by_name: dict[str, list[Fact]] = {}
    for fact in facts:
        by_name.setdefault(fact.name, []).append(fact)
    flaws = []
    for one, other in grammar.pairs:
        ones, others = by_name.get(one, []), by_name.get(other, [])
        shared = tuple(key for key in IDENTITY if all(any(key in f.values for f in group) for group in (ones, others)))
        for facts_here, facts_there, name in ((ones, others, other), (others, ones, one)):
            known = {fact.about(shared) for fact in facts_there}
            for fact in facts_here:
                if fact.about(shared) not in known:
                    about = " ".join(value for value in fact.about() if value)
                    flaws.append(missing(file, fact.line, f"{name} of {about}"))
    return flaws


def unknown(file: str, line: int, text: str, title: str) -> ZyError:
    where = f" below `{title}`" if title else ""
    return ZyError(
        "ZY-NET-031",
        f"`{text}`{where} is not understood",
        place=Place(file=file, line=line),
        fix="mend the template that wrote it; or, when the line is right, add it to the platform's grammar",
    )


def missing(file: str, line: int, what: str) -> ZyError:
    return ZyError(
        "ZY-NET-032",
        f"{what} is missing",
        place=Place(file=file, line=line or None),
        fix="mend the template: the router does not do what is intended without it",
    )


def contradiction(file: str, line: int, what: str) -> ZyError:
    return ZyError(
        "ZY-NET-033",
        what,
        place=Place(file=file, line=line),
        fix="mend the template: lines of one configuration must agree, and each must have its use",
    )
