"""The asset register: labels in every form, what nobody declared, and a table that a spreadsheet reads safely."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import pytest

from province.cloud import Zone
from province.province import Province
from province.standard import Labels, region_labels
from stacks.register import COLUMNS, Asset, as_csv, labels_of, once


@pytest.fixture
def labels(province: Province) -> Labels:
    return region_labels(province, "gz", Zone.EXCHANGE)


def asset(labels: Labels | None, name: str = "gz-exchange") -> Asset:
    return Asset("gz", "network", "network", "1", name, "gz-platform", "ACTIVE", labels, declared=labels is not None)


@pytest.mark.parametrize("form", ["metadata", "extra_specs", "properties"])
def test_labels_are_found_in_every_form(labels: Labels, form: str) -> None:
    assert labels_of(SimpleNamespace(**{form: labels.as_metadata()})) == labels


def test_labels_are_found_in_tags(labels: Labels) -> None:
    assert labels_of(SimpleNamespace(metadata={}, tags=[*labels.as_tags(), "other"])) == labels


def test_one_label_short_is_unlabelled(labels: Labels) -> None:
    assert labels_of(SimpleNamespace(tags=labels.as_tags()[1:])) is None
    assert labels_of(SimpleNamespace()) is None


def test_the_table_can_be_read_back(labels: Labels) -> None:
    rows = list(csv.DictReader(StringIO(as_csv([asset(labels), asset(None, 'odd, "name"')]))))
    assert [row["name"] for row in rows] == ["gz-exchange", 'odd, "name"']
    assert (rows[0]["zone"], rows[0]["declared"]) == ("exchange", "yes")
    assert (rows[1]["zone"], rows[1]["declared"]) == ("", "no")
    assert tuple(rows[0]) == COLUMNS


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"])
def test_no_name_is_a_formula(name: str) -> None:
    (row,) = csv.DictReader(StringIO(as_csv([asset(None, name)])))
    assert row["name"] == f"'{name}"


def test_an_empty_cloud_has_a_header() -> None:
    assert as_csv([]) == ",".join(COLUMNS) + "\r\n"


def test_what_regions_share_is_listed_once_at_home(labels: Labels) -> None:
    """``labels`` are those of gz, whose division is 440100."""
    divisions = {"gd": "440000", "gz": "440100"}
    volume = replace(asset(labels), kind="volume")
    assert once([replace(volume, region="gd"), volume], divisions) == [volume]
    assert once([volume, replace(volume, region="gd")], divisions) == [volume]
    stray = replace(asset(None), kind="project")
    assert once([replace(stray, region="gd"), stray], divisions) == [replace(stray, region="gd")]
    flavor = replace(asset(labels), kind="flavor")
    assert len(once([replace(flavor, region="gd"), flavor], divisions)) == 2
