"""The facts of one configuration, to be asked for; and what nobody has asked for, which is a mistake too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from network.parse.read import Fact, contradiction, missing
from province.errors import Place, ZyError

_T = TypeVar("_T")


class Facts:
    """Facts by name and by what they are about. ``None`` as a value means that the fact has no such field."""

    def __init__(self, facts: list[Fact], file: str) -> None:
        self.file = file
        self._facts = facts
        self._by_name: dict[str, list[Fact]] = {}
        self._indexes: dict[tuple[str, tuple[str, ...]], dict[tuple[str | None, ...], list[Fact]]] = {}
        self._used: set[int] = set()
        for fact in facts:
            self._by_name.setdefault(fact.name, []).append(fact)

    def all(self, name: str, **about: str | None) -> list[Fact]:
        """Facts of this name about this, in the order of the text."""
        keys = tuple(about)
        index = self._indexes.get((name, keys))
        if index is None:
            index = self._indexes[name, keys] = {}
            for fact in self._by_name.get(name, ()):
                index.setdefault(fact.about(keys), []).append(fact)
        found = index.get(tuple(about.values()), [])
        self._used.update(id(fact) for fact in found)
        return found

    def maybe(self, name: str, **about: str | None) -> Fact | None:
        """The one fact, or none. Raises ``ZY-NET-033`` when there are two."""
        found = self.all(name, **about)
        if len(found) > 1:
            raise contradiction(self.file, found[1].line, f"it says something else than line {found[0].line}")
        return found[0] if found else None

    def one(self, name: str, line: int, **about: str | None) -> Fact:
        """The one fact that must be. Raises ``ZY-NET-032``, at the line of what needs it, when there is none."""
        fact = self.maybe(name, **about)
        if fact is None:
            raise missing(self.file, line, " ".join([name, *(value for value in about.values() if value)]))
        return fact

    def agreed(self, name: str, key: str, **about: str | None) -> tuple[str, int] | None:
        """The value on which all facts of this name agree, and the line of the first. Raises ``ZY-NET-033``."""
        found = self.all(name, **about)
        for fact in found[1:]:
            if fact.values[key] != found[0].values[key]:
                raise self.disagree(fact, found[0].line)
        return (found[0].values[key], found[0].line) if found else None

    def disagree(self, fact: Fact, line: int) -> ZyError:
        return contradiction(self.file, fact.line, f"it does not agree with line {line}")

    def converted(self, fact: Fact, convert: Callable[[str], _T], *keys: str) -> _T:
        """Values of a fact, joined by ``/``, as another type. Raises ``ZY-NET-034`` when they are none."""
        text = "/".join(fact.values[key] for key in keys if key in fact.values)
        try:
            return convert(text)
        except ValueError as error:
            raise self.wrong(fact, f"`{text}` is no value here: {error}") from error

    def wrong(self, fact: Fact, what: str) -> ZyError:
        """A value that cannot be, ``ZY-NET-034``."""
        fix = "mend the template or the plan that the value comes from"
        return ZyError("ZY-NET-034", what, place=Place(file=self.file, line=fact.line), fix=fix)

    def unused(self, companions: frozenset[str]) -> list[ZyError]:
        """Facts, but for companions, that nothing has asked for: a list that no neighbour uses, an unknown VRF."""
        return [
            contradiction(self.file, fact.line, f"nothing uses what it says ({fact.name})")
            for fact in self._facts
            if id(fact) not in self._used and fact.name not in companions
        ]
