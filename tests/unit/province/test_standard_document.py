"""``docs/reference/naming-standard.md`` says what the code does. ``ZY_GOLDEN=write`` writes its tables anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from province.carrier import CARRIERS
from province.naming import FORMS, Form
from province.standard import LABEL_KEYS

DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "naming-standard.md"


def abnf(one: Form) -> str:
    """One rule of RFC 5234: ``server-of-workload = region "-" system …``."""
    parts = [part for part in re.split(r"({\w+})", one.template) if part]
    words = [part[1:-1] if part.startswith("{") else f'"{part}"' for part in parts]
    return f"{one.kind}-of-{one.of.replace(' ', '-')} = {' '.join(words)}"


def grammar() -> str:
    return "\n".join(["```abnf", *(abnf(one) for one in FORMS), "```"])


def carriers() -> str:
    head = "| object | service | name | description | labels | source of the limits |\n|---|---|---|---|---|---|\n"
    rows = (
        f"| {kind} | {one.service} | {one.name} | {one.description or '–'} | {one.labels} | {one.source} |"
        for kind, one in CARRIERS.items()
    )
    return head + "\n".join(rows)


def labels() -> str:
    return ", ".join(f"`{key}`" for key in LABEL_KEYS)


BLOCKS = {"grammar": grammar, "carriers": carriers, "labels": labels}


@pytest.mark.parametrize("name", BLOCKS)
def test_document_and_code_say_the_same(name: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    block = f"<!-- {name} -->\n{BLOCKS[name]()}\n<!-- end -->"
    if os.environ.get("ZY_GOLDEN") == "write":
        text = re.sub(rf"<!-- {name} -->\n.*?<!-- end -->", lambda _: block, text, flags=re.DOTALL)
        DOCUMENT.write_text(text, encoding="utf-8")
    assert block in text


def test_fields_of_the_grammar_are_explained() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for field in {field for one in FORMS for field in one.fields}:
        assert re.search(rf"^{field} +=", text, flags=re.MULTILINE), field
