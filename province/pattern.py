"""Patterns (模板): one block written once for every city, county or township of a table.

``tables`` hold rows under their keys. A pattern runs over them (``each``) and declares ordinary blocks, in whose keys
and texts ``{city}`` is the key of a row and ``{city.name}`` a field of it::

    tables:
      cities:
        gz: {name: 广州市, division: "4401", counties: {"03": {name: 荔湾区, towns: 22}}}
    patterns:
      township:
        each: {city: cities, county: city.counties, town: county.towns}
        declare:
          sites:
            "{city}{county}{town}": {name: "{county.name}{town}", division: "{city.division}{county}", level: township}

A collection is a map (rows), a list (keys) or a number (keys 001, 002 …; townships are numbered by three digits in
GB/T 10114). A text that is one placeholder alone keeps the type of its value. ``{every: …, item: …}`` makes a list.
The result never depends on the order of rows. Everything here is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import Field

from province.declared import Declared

LIMIT = 50_000
"""Blocks that the patterns of an inventory may declare: a misplaced digit must not fill the memory."""

Path = tuple[str | int, ...]


class Pattern(Declared):
    """Blocks that are declared for each row, or each combination of rows."""

    each: dict[str, str] = Field(min_length=1, description="Variable → table, or field of a variable before it.")
    declare: dict[str, dict[str, Any]] = Field(min_length=1, description="Sections, as elsewhere, with placeholders.")


@dataclass(frozen=True, slots=True)
class Block:
    """A block that a pattern has declared; ``origin`` is where its template stands."""

    section: str
    code: str
    content: Any
    origin: Path


@dataclass(frozen=True, slots=True)
class Row:
    """What a variable stands for."""

    key: str
    fields: Mapping[str, Any]


class PatternError(Exception):
    """A pattern cannot be filled in; ``path`` is within the inventory."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


Tables = Mapping[str, Mapping[str, Any]]
_Bound = Mapping[str, Row]


def expand(patterns: Mapping[str, Pattern], tables: Tables) -> Iterator[Block]:
    """All blocks that the patterns declare. Raises :class:`PatternError`."""
    made = 0
    for name, pattern in patterns.items():
        for bound in _rows(pattern.each, tables, ("patterns", name, "each")):
            for section, templates in pattern.declare.items():
                for code, content in templates.items():
                    origin = ("patterns", name, "declare", section, code)
                    made += 1
                    if made > LIMIT:
                        raise PatternError(f"the patterns declare more than {LIMIT:,} blocks", ("patterns", name))
                    key = str(_filled(code, bound, tables, origin))
                    yield Block(section, key, _filled(content, bound, tables, origin), origin)


def _rows(each: Mapping[str, str], tables: Tables, path: Path, bound: _Bound | None = None) -> Iterator[_Bound]:
    bound = bound or {}
    variable = next((name for name in each if name not in bound), None)
    if variable is None:
        yield bound
        return
    for row in _collection(each[variable], tables, bound, (*path, variable)):
        yield from _rows(each, tables, path, {**bound, variable: row})


def _collection(name: str, tables: Tables, bound: _Bound, path: Path) -> Iterator[Row]:
    if not isinstance(name, str):
        raise PatternError("a table, or a field of a variable, is wanted here", path)
    if "." in name:
        found = _field(name, bound, path)
    elif name in tables:
        found = tables[name]
    else:
        raise PatternError(f"there is no table {name!r}", path)
    if isinstance(found, Mapping):
        for key, fields in found.items():
            if not isinstance(fields, Mapping):
                raise PatternError(f"the row {key} of {name} is not a map of fields", path)
            yield Row(str(key), fields)
    elif isinstance(found, list):
        yield from (Row(str(key), {}) for key in found)
    elif isinstance(found, int) and not isinstance(found, bool) and found <= LIMIT:
        yield from (Row(f"{number:03}", {}) for number in range(1, found + 1))
    else:
        raise PatternError(f"{name} is neither a map, a list nor a number up to {LIMIT:,}", path)


def _filled(template: Any, bound: _Bound, tables: Tables, path: Path) -> Any:
    if isinstance(template, str):
        return _text(template, bound, path)
    if isinstance(template, Mapping):
        if set(template) == {"every", "item"} and isinstance(template["every"], Mapping):
            rows = _rows(template["every"], tables, path, bound)
            return [_filled(template["item"], row, tables, path) for row in rows]
        return {
            str(_text(key, bound, (*path, key))): _filled(value, bound, tables, (*path, key))
            for key, value in template.items()
        }
    if isinstance(template, list):
        return [_filled(item, bound, tables, (*path, index)) for index, item in enumerate(template)]
    return template


def _text(template: str, bound: _Bound, path: Path) -> Any:
    parts = _parts(template)
    if len(parts) == 1:
        return _field(parts[0][1:-1], bound, path) if _is_placeholder(parts[0]) else template
    return "".join(str(_field(part[1:-1], bound, path)) if _is_placeholder(part) else part for part in parts)


def _field(name: str, bound: _Bound, path: Path) -> Any:
    variable, dot, field = name.partition(".")
    if variable not in bound:
        known = ", ".join(bound) or "none"
        raise PatternError(f"{{{name}}}: there is no variable {variable!r}; `each` gives {known}", path)
    row = bound[variable]
    if not dot:
        return row.key
    if field not in row.fields:
        raise PatternError(f"{{{name}}}: the row {row.key} has no field {field!r}", path)
    return row.fields[field]


def _is_placeholder(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[str, ...]:
    """Literal texts and placeholders, in turn."""
    return tuple(part for part in re.split(r"({[a-z_]+(?:\.[a-z0-9_]+)?})", template) if part) or ("",)
