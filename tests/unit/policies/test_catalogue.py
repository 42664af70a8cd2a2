"""The control catalogue: no clause is missing, none claims a check that does not exist, mistakes are located."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # has no types
from ruamel.yaml import YAML

from policies.catalogue import HERE, SCHEMA_NAME, Index, json_schema, load
from province.clause import CLAUSES
from province.errors import ZyError, ZyErrors
from province.province import Province
from tests.unit.policies.known import known_ids

STANDARDS_PAGE = """
8.1.2.1 abcde 8.1.2.2 ab 8.1.2.3 -
8.1.3.1 abcd 8.1.3.2 abcde 8.1.3.3 abcd 8.1.3.4 ab 8.1.3.5 abcd 8.1.3.6 -
8.1.4.1 abcd 8.1.4.2 abcdefg 8.1.4.3 abcd 8.1.4.4 abcdef 8.1.4.5 - 8.1.4.6 - 8.1.4.7 ab 8.1.4.8 ab 8.1.4.9 abc
8.1.4.10 ab 8.1.4.11 ab
8.1.5.1 ab 8.1.5.2 ab 8.1.5.3 ab 8.1.5.4 abcdef
8.2.1.1 - 8.2.2.1 abcde 8.2.3.1 ab 8.2.3.2 abcd 8.2.3.3 ab
8.2.4.1 - 8.2.4.2 ab 8.2.4.3 abc 8.2.4.4 abc 8.2.4.5 abcd 8.2.4.6 abcd 8.2.4.7 ab 8.2.5.1 abcd
"""
"""Clauses as the standard has them, written a second time on purpose: 8 + 20 + 34 + 12 + 37 = 111."""


def on_the_page() -> list[str]:
    words = STANDARDS_PAGE.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return [control if letter == "-" else f"{control} {letter}" for control, letters in pairs for letter in letters]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE, tmp_path / "controls"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def broken(folder: Path) -> list[ZyError]:
    with pytest.raises(ZyErrors) as caught:
        load(folder)
    return caught.value.errors


def test_every_clause_of_the_standard_is_there() -> None:
    assert list(CLAUSES) == on_the_page()
    assert list(load().controls) == on_the_page()
    assert len(CLAUSES) == 111


def test_every_control_has_both_languages() -> None:
    for control in load().controls.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in control.title)
        assert control.title_en.isascii()


def test_no_control_claims_a_check_that_does_not_exist(lab: Province, tmp_path: Path) -> None:
    index = Index.of(tuple({pattern for control in load().controls.values() for pattern in control.checks}))
    alive = {pattern for id_ in known_ids(lab, tmp_path) for pattern in index.claiming(id_)}
    assert {pattern for control in load().controls.values() for pattern in control.checks} - alive == set()


def test_a_claimed_check_that_does_not_exist_is_seen(lab: Province, tmp_path: Path) -> None:
    index = Index.of(("hst-audit-on", "hst-firewall-wishes*"))
    alive = {pattern for id_ in known_ids(lab, tmp_path) for pattern in index.claiming(id_)}
    assert alive == {"hst-audit-on"}


def test_patterns_match_whole_ids_or_beginnings() -> None:
    index = Index.of(("hst-time", "cloud.path.*", "cloud.*"))
    assert sorted(index.claiming("cloud.path.a.ipv4")) == ["cloud.*", "cloud.path.*"]
    assert index.claiming("hst-time") == ["hst-time"]
    assert index.claiming("hst-time-2") == []


def test_schema_file_is_up_to_date_and_holds() -> None:
    schema = json.loads((HERE / SCHEMA_NAME).read_text(encoding="utf-8"))
    assert schema == json_schema()
    validator = Draft202012Validator(schema)
    for path in HERE.glob("*.yaml"):
        assert list(validator.iter_errors(YAML(typ="safe").load(path.read_text(encoding="utf-8")))) == []
    assert list(validator.iter_errors({"8.1.2.1 z": {}}))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("  rooms: [network, process]", "  room: [network, process]", 7),
        ("attested_by: operator", "attested_by: nobody", 8),
        ("8.1.2.1 a:", "8.1.2.9 a:", 4),
        ("8.1.2.1 a:", "8.1.3.1 a:", None),
        ("checks: [cloud.zones.*,", "checks: ['cloud.*.zones',", 20),
        ("  unmeasured: 互联网出口和局域网线路的冗余\n", "", 29),
    ],
)
def test_mistakes_are_located(folder: Path, old: str, new: str, line: int | None) -> None:
    edit(folder, "8.1.2-communication-network.yaml", old, new)
    errors = broken(folder)
    assert {error.code for error in errors} == {"ZY-POL-021"}
    assert line is None or line in [error.place.line for error in errors]


def test_a_missing_clause_is_an_error(folder: Path) -> None:
    (folder / "8.2-cloud.yaml").unlink()
    assert "37 clauses are missing" in broken(folder)[0].message


def test_unknown_clause_is_explained() -> None:
    with pytest.raises(ZyError) as caught:
        load().get("8.1.3.2 z")
    assert (caught.value.code, "8.1.3.2 a" in caught.value.fix) == ("ZY-POL-022", True)
