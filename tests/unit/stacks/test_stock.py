"""Images and volume types of a region, against what was declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from province.cloud import VolumeClass
from province.province import Province
from province.record import Status
from stacks.plan.province import RegionAccounts, plan_province
from stacks.stock import LiveImage, LiveVolumeType, Stock, prove_stock


@pytest.fixture
def plan(province: Province) -> RegionAccounts:
    fast = VolumeClass(code="fast", name="高速", name_en="Fast", iops=5000, mib_per_second=1)
    return plan_province(province.model_copy(update={"volume_classes": {"fast": fast}})).regions[0]


@pytest.fixture
def stock(plan: RegionAccounts) -> Stock:
    return Stock(
        images={"gd-debian-12": LiveImage("active", plan.images[0].properties())},
        volume_types={
            "gd-fast": LiveVolumeType(
                plan.volume_types[0].labels.as_metadata(), {"total_iops_sec": "5000", "total_bytes_sec": "1048576"}
            )
        },
    )


def failed(plan: RegionAccounts, stock: Stock) -> list[str]:
    return [check.id for check in prove_stock(plan, stock) if check.status is not Status.PASSED]


def test_what_was_declared_passes_and_an_empty_cloud_fails(plan: RegionAccounts, stock: Stock) -> None:
    assert failed(plan, stock) == []
    assert failed(plan, Stock({}, {})) == ["cloud.image.gd-debian-12", "cloud.volume-type.gd-fast"]


@pytest.mark.parametrize("key", ["zy:hardening-level", "zy:sha256"])
def test_an_image_that_says_something_else_fails(plan: RegionAccounts, stock: Stock, key: str) -> None:
    properties = {**plan.images[0].properties(), key: "0"}
    changed = replace(stock, images={"gd-debian-12": LiveImage("active", properties)})
    assert failed(plan, changed) == ["cloud.image.gd-debian-12"]


def test_an_image_carries_its_manifest_and_one_without_it_fails(province: Province, stock: Stock) -> None:
    proven = plan_province(province.with_manifests({"debian-12": "ab" * 32})).regions[0]
    proven = replace(proven, volume_types=())
    assert proven.images[0].properties()["zy:manifest-sha256"] == "ab" * 32
    assert failed(proven, stock) == ["cloud.image.gd-debian-12"]
    live = LiveImage("active", proven.images[0].properties())
    assert failed(proven, replace(stock, images={"gd-debian-12": live})) == []


def test_an_image_without_a_manifest_keeps_the_properties_that_it_had(plan: RegionAccounts) -> None:
    assert "zy:manifest-sha256" not in plan.images[0].properties()


def test_a_volume_type_without_its_limits_or_labels_fails(plan: RegionAccounts, stock: Stock) -> None:
    live = stock.volume_types["gd-fast"]
    for wrong in (replace(live, limits={}), replace(live, labels={})):
        assert failed(plan, replace(stock, volume_types={"gd-fast": wrong})) == ["cloud.volume-type.gd-fast"]
