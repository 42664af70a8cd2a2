"""The reader of files: YAML 1.2 and nothing more, with positions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from province.document import Document, read_document, scalar
from province.errors import ZyError


def document(folder: Path, text: str) -> Document:
    path = folder / "one.yaml"
    path.write_text(text, encoding="utf-8")
    found = read_document(path, "one.yaml")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),  # YAML 1.1 took it for true
        ("no", "no"),  # Norway
        ("12:30", "12:30"),  # YAML 1.1 took it for 750
        ("0755", 755),
        ("0o17", 15),
        ("0x1f", 31),
        ("-12", -12),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        ("10.99.0.0/24", "10.99.0.0/24"),
        ("fd99::/64", "fd99::/64"),
        ("+86-20-5550-0101", "+86-20-5550-0101"),
        (".inf", ".inf"),
        ("9" * 41, "9" * 41),
    ],
)
def test_plain_scalars_are_of_the_core_schema(text: str, value: Any) -> None:
    found = scalar(text)
    assert (found, type(found)) == (value, type(value))


def test_positions_of_keys_items_and_what_is_not_there(tmp_path: Path) -> None:
    found = document(tmp_path, "a:\n  省: {b: [x, 甲, {c: 1}]}\n")
    places = {path: str(found.place(path)) for path in [("a",), ("a", "省", "b"), ("a", "省", "b", 2, "c"), ("a", "z")]}
    assert list(places.values()) == ["one.yaml:1:1", "one.yaml:2:7", "one.yaml:2:18", "one.yaml:1:1"]


def test_keys_are_texts_as_written(tmp_path: Path) -> None:
    assert document(tmp_path, "no: 1\n440100: 2\n'null': 3\n").plain() == {"no": 1, "440100": 2, "null": 3}


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("a: &x 1\nb: *x\n", "ZY-INV-007", "one.yaml:1:4"),
        ("a: 1\n? *x\n: 1\n", "ZY-INV-007", "one.yaml:2:3"),
        ("? [a, b]\n: 1\n", "ZY-INV-002", "one.yaml:1:3"),
        ("a: " + "[" * 40 + "]" * 40, "ZY-INV-002", "one.yaml:1:35"),
        ("a: {b: 1, b: 2}\n", "ZY-INV-010", "one.yaml:1:11"),
        ("a: \x07\n", "ZY-INV-002", "one.yaml"),
        ("a: 'x\n", "ZY-INV-002", "one.yaml:2:1"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, code: str, where: str) -> None:
    with pytest.raises(ZyError) as raised:
        document(tmp_path, text)
    assert (raised.value.code, str(raised.value.place)) == (code, where)
