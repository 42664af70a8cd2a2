"""Debian's security tracker against what is installed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from province.errors import ZyError
from roles.tracker import Package, Tracker, older, read_tracker

CVE = "CVE-2026-0001 openssl 3.0.15-1~deb12u1 <"
OPENSSL = Package("openssl", "3.0.15-1~deb12u1")


def tracker(**here: Any) -> Tracker:
    data = {
        "openssl": {"CVE-2026-0001": {"scope": "remote", "releases": {"bookworm": here, "sid": {"status": "open"}}}}
    }
    return read_tracker(json.dumps(data), "tracker.json", 0)


@pytest.mark.parametrize(
    ("here", "told"),
    [
        (
            {"status": "resolved", "fixed_version": "3.0.16-1~deb12u1", "urgency": "high"},
            [f"{CVE} 3.0.16-1~deb12u1"],
        ),
        ({"status": "resolved", "fixed_version": "3.0.15-1~deb12u1", "urgency": "high"}, []),
        ({"status": "resolved", "fixed_version": "3.0.15-1", "urgency": "high"}, [f"{CVE} 3.0.15-1"]),
        ({"status": "resolved", "fixed_version": "0", "urgency": "unimportant"}, []),
        ({"status": "open", "urgency": "not yet assigned"}, [f"{CVE} no fix yet"]),
        ({"status": "open", "urgency": "unimportant"}, []),
        ({"status": "undetermined", "urgency": "not yet assigned"}, []),
    ],
)  # fmt: skip # a table reads better
def test_hole_is_told_by_what_the_release_says_of_it(here: dict[str, str], told: list[str]) -> None:
    assert [str(hole) for hole in tracker(**here).known([OPENSSL, OPENSSL], "bookworm")] == told


def test_release_and_package_without_an_entry_have_no_holes() -> None:
    known = tracker(status="open", urgency="high").known
    assert known([OPENSSL], "trixie") == []
    assert known([Package("zlib", "1")], "bookworm") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.0~rc1-1", "1.0-1"), ("9.9-1", "1:1.0-1"), ("1.2-1", "1.10-1"), ("1.0-1", "1.0-1+deb12u1"), ("1.0", "1.0a")],
)
def test_versions_compare_as_debian_policy_says(one: str, other: str) -> None:
    assert older(one, other)
    assert not older(other, one)


@pytest.mark.parametrize("text", ["", "<html>", "[]", "{}", '{"openssl": []}', '{"openssl": {"CVE-1": {}}}'])
def test_what_is_not_the_trackers_data_is_refused(text: str) -> None:
    with pytest.raises(ZyError) as caught:
        read_tracker(text, "tracker.json", 0)
    assert caught.value.code == "ZY-HST-028"


@given(st.text())
def test_whatever_the_file_holds_ends_in_a_code(text: str) -> None:
    with pytest.raises(ZyError, match="security tracker"):
        read_tracker(text, "tracker.json", 0)
