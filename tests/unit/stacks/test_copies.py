"""Copies of states: kept once per content, found again, and refused when they were altered."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from province.errors import ZyError
from stacks.copies import KEPT, Copies

T0 = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
STATE = {"resources": [{"urn": "a"}]}


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(tmp_path)


def test_a_copy_comes_back_as_it_was_and_is_ours_alone(copies: Copies) -> None:
    made = copies.keep("province", STATE, T0)
    assert made is not None
    assert made.deployment() == STATE
    assert made.made == T0
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_nothing_and_nothing_new_is_not_kept(copies: Copies) -> None:
    assert copies.keep("province", {}, T0) is None
    copies.keep("province", STATE, T0)
    assert copies.keep("province", STATE, T0 + timedelta(hours=1)) is None
    assert len(copies.of("province")) == 1


def test_the_newest_are_kept_and_the_newest_is_found(copies: Copies) -> None:
    for number in range(KEPT + 3):
        copies.keep("province", {"resources": [number]}, T0 + timedelta(minutes=number))
    known = copies.of("province")
    assert len(known) == KEPT
    assert copies.find("province", None).deployment() == {"resources": [KEPT + 2]}
    assert copies.find("province", known[0].name).deployment() == {"resources": [3]}


def test_an_altered_copy_is_refused(copies: Copies) -> None:
    made = copies.keep("province", STATE, T0)
    assert made is not None
    made.path.write_bytes(made.path.read_bytes().replace(b'"a"', b'"b"'))
    with pytest.raises(ZyError) as raised:
        made.deployment()
    assert raised.value.code == "ZY-CLD-078"


@pytest.mark.parametrize(("stack", "name"), [("region-gd", None), ("province", "20200101T000000000000Z-0")])
def test_a_copy_that_is_not_there_is_named(copies: Copies, stack: str, name: str | None) -> None:
    copies.keep("province", STATE, T0)
    with pytest.raises(ZyError) as raised:
        copies.find(stack, name)
    assert raised.value.code == "ZY-CLD-079"
