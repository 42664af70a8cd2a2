"""Configurations of the lab's routers on every platform, letter by letter, and of what the lab does not have.

``ZY_GOLDEN=write`` writes them anew: read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from network.intent import intents
from network.render import render
from province.extranet import Platform
from province.load import load
from tests.unit.network.relabel import relabelled, special, with_classes

HERE = Path(__file__).parent
LAB = load(HERE.parents[2] / "inventories" / "lab")
FEATURES = {
    "reflector": (LAB, "gd-pe-1"),
    "reflector-of-two-vpns": (LAB, "gd-pe-2"),
    "pe": (LAB, "gz-pe-1"),
    "ce": (LAB, "gz-ce-zsj"),
    "p": (special(LAB), "gd-pe-1"),
    "metric-and-vlan": (special(LAB), "gz-pe-2"),
    "ce-without-lan": (special(LAB), "gz-ce-zsj"),
    "pe-of-ce-without-lan": (special(LAB), "gz-pe-1"),
    "pe-of-four-classes": (with_classes(LAB), "gz-pe-1"),
}
PLATFORMS = (Platform.VRP, Platform.COMWARE, Platform.IOSXR)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("feature", FEATURES)
def test_configuration_is_as_agreed(platform: Platform, feature: str) -> None:
    province, router = FEATURES[feature]
    path = HERE / platform / f"{feature}.conf"
    rendered = render(intents(relabelled(province, platform))[router])
    if os.environ.get("ZY_GOLDEN") == "write":
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_golden_file_is_left_over(platform: Platform) -> None:
    assert {path.stem for path in (HERE / platform).glob("*.conf")} == set(FEATURES)
