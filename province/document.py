"""One YAML file of an inventory: parsed strictly, with the position of every key and value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # its stubs are not worth a dependency for one call

from province.errors import Place, ZyError

SIZE_LIMIT = 1024 * 1024
"""Bytes. Thousands of routers, written in patterns, are far below; more is a mistake, or an attack on the parser."""
DEPTH_LIMIT = 32
"""Blocks within blocks; the model needs nine."""

KeyPath = tuple[str | int, ...]
Mark = tuple[int, int]
"""Line and column, from 1."""

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, thirty times as fast, unless PyYAML was built without it."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """Where the entries of a block stand, and the marks of the blocks below."""

    at: dict[str | int, Mark]
    below: dict[str | int, _Marks]


class Document:
    """A parsed file. ``shown`` is the file's name as messages show it."""

    def __init__(self, shown: str, root: dict[str, Any], marks: _Marks) -> None:
        self.shown = shown
        self._root = root
        self._marks = marks

    def place(self, path: KeyPath) -> Place:
        """Position of the value at ``path``, or of the nearest block above it that exists."""
        marks: _Marks | None = self._marks
        line, column = 1, 1
        for key in path:
            if marks is None or key not in marks.at:
                break
            line, column = marks.at[key]
            marks = marks.below.get(key)
        return Place(file=self.shown, line=line, column=column)

    def plain(self) -> dict[str, Any]:
        """The content as plain dictionaries and lists."""
        return self._root


def read_document(path: Path, shown: str) -> Document | None:
    """Parse ``path``; ``None`` for a file of comments only. Raises :class:`ZyError` ``ZY-INV-002`` to ``-010``."""
    text = _text(path, shown)
    try:
        root, marks = _Builder(shown, yaml.parse(text, Loader=_PARSER)).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text, shown) from error
    except yaml.YAMLError as error:
        raise ZyError(
            "ZY-INV-002",
            f"not valid YAML: {_first_line(error)}",
            place=Place(file=shown),
            fix="mend the value that the message names",
        ) from error
    if root is None:
        return None
    if not isinstance(root, dict):
        raise ZyError(
            "ZY-INV-009",
            "the top of the file is not a map of sections",
            place=Place(file=shown, line=1, column=1),
            fix="start with a section such as `departments:`, its entries indented below",
        )
    return Document(shown, root, marks)


def _text(path: Path, shown: str) -> str:
    size = path.stat().st_size
    if size > SIZE_LIMIT:
        raise ZyError(
            "ZY-INV-005",
            f"the file has {size:,} bytes; the limit is {SIZE_LIMIT:,}",
            place=Place(file=shown),
            fix="split it into several files; all files of the folder are read together",
        )
    data = path.read_bytes()
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise ZyError(
            "ZY-INV-004",
            "the file starts with a byte order mark (BOM)",
            place=Place(file=shown, line=1, column=1),
            fix="save it as UTF-8 without BOM (UTF-8 无 BOM)",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ZyError(
            "ZY-INV-006",
            "the file is not UTF-8 (perhaps GBK)",
            place=Place(file=shown, line=line, column=1),
            fix="convert it: iconv -f GBK -t UTF-8",
        ) from error


class _Builder:
    """Makes plain values and their marks of the parser's events.

    Aliases, tags and many documents make one file mean more than a reader sees: none is needed, so each is refused.
    """

    def __init__(self, shown: str, events: Iterator[Any]) -> None:
        self._shown = shown
        self._events = events

    def document(self) -> tuple[Any, _Marks]:
        root, marks, seen = None, _Marks({}, {}), False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise self._refused(
                        "ZY-INV-008",
                        "the file holds more than one YAML document",
                        event,
                        "remove the `---` line, or split the file",
                    )
                seen = True
                root, below = self._value(next(self._events), 0)
                marks = below or marks
        return root, marks

    def _value(self, event: Any, depth: int) -> tuple[Any, _Marks | None]:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self._refused("ZY-INV-007", "anchors and aliases are not allowed", event, "write the value out")
        if event.tag is not None:
            raise self._refused("ZY-INV-007", f"the tag {event.tag} is not allowed", event, "remove the tag")
        if isinstance(event, yaml.ScalarEvent):
            return (scalar(event.value) if event.implicit[0] else event.value), None
        if depth == DEPTH_LIMIT:
            words = f"blocks stand more than {DEPTH_LIMIT} deep in each other"
            raise self._refused("ZY-INV-002", f"not valid YAML here: {words}", event, "look at the indentation above")
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(depth)
        return self._list(depth)

    def _map(self, depth: int) -> tuple[dict[str, Any], _Marks]:
        content: dict[str, Any] = {}
        marks = _Marks({}, {})
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, content)
            marks.at[key] = _mark(event)
            content[key], below = self._value(next(self._events), depth + 1)
            if below is not None:
                marks.below[key] = below
        return content, marks

    def _key(self, event: Any, content: dict[str, Any]) -> str:
        """Keys are text as it is written: a department may be called ``no``."""
        if not isinstance(event, yaml.ScalarEvent):
            self._value(event, 0)  # an alias or a tag is the greater mistake
            raise self._refused("ZY-INV-002", "not valid YAML here: a key is not a word", event, "write a plain key")
        self._value(event, 0)
        key = str(event.value)
        if key in content:
            words = f"{key} is declared twice in one map"
            raise self._refused("ZY-INV-010", words, event, "keep one of the two, or give one another code")
        return key

    def _list(self, depth: int) -> tuple[list[Any], _Marks]:
        content: list[Any] = []
        marks = _Marks({}, {})
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            index = len(content)
            marks.at[index] = _mark(event)
            value, below = self._value(event, depth + 1)
            content.append(value)
            if below is not None:
                marks.below[index] = below
        return content, marks

    def _refused(self, code: str, message: str, event: Any, fix: str) -> ZyError:
        line, column = _mark(event)
        return ZyError(code, message, place=Place(file=self._shown, line=line, column=column), fix=fix)


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


_PLAIN: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"|~|null|Null|NULL"), lambda _: None),
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)


def scalar(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2.2, section 10.3.2: ``yes``, ``12:30`` and dates stay texts.

    Infinity and not-a-number stay texts, too: no field wants them.
    """
    if len(text) > 40 or (text and text[0] not in "~-+.0123456789nNtTfF"):
        return text
    return next((made(text) for pattern, made in _PLAIN if pattern.fullmatch(text)), text)


def _syntax(error: Any, text: str, shown: str) -> ZyError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    place = Place(file=shown, line=line + 1, column=column + 1)
    if line < len(lines) and "\t" in lines[line]:
        return ZyError("ZY-INV-003", "a tab stands where YAML wants spaces", place=place, fix="indent with two spaces")
    return ZyError(
        "ZY-INV-002", f"not valid YAML: {error.problem or 'syntax error'}", place=place, fix="mend this line"
    )


def _first_line(text: object) -> str:
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[0] if lines else "unreadable"
