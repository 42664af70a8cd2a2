"""Every error code that the code raises has a page, every page a code, and every code a test that sees it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"ZY-[A-Z]{3,4}-\d{3}")
ROOMS = ("province", "stacks", "roles", "network", "policies", "zhengyun", "lab")
SOURCES = [path for room in ROOMS for kind in ("*.py", "*.yml") for path in (ROOT / room).rglob(kind)] + [ROOT / "zy"]


def codes(paths: list[Path]) -> set[str]:
    return {code for path in paths for code in CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "errors").glob("ZY-*.md")}
    assert codes([path for path in SOURCES if path.is_file()]) == pages


def test_every_code_is_seen_by_a_test() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*") if path.suffix in (".py", ".yaml") and path != Path(__file__)]
    seen = {
        code
        for path in tests
        for code in CODE.findall(path.read_bytes().decode("utf-8", errors="ignore").replace("\0", ""))
    }
    assert codes([path for path in SOURCES if path.is_file()]) <= seen
