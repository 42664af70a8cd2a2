"""The full-size example: whole, of real divisions, within the limits of files, and steady when a county is added."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from network.topology import check
from policies.window import Calendar
from province.document import SIZE_LIMIT
from province.extranet import SiteLevel
from province.load import LOCK_NAME, load, unallocated
from province.province import Province
from province.selector import targets
from province.window import CHINA

GUANGDONG = Path(__file__).parents[3] / "inventories" / "guangdong"


@pytest.fixture(scope="module")
def guangdong() -> Province:
    return load(GUANGDONG)


def test_it_is_of_a_provinces_size(guangdong: Province) -> None:
    levels = Counter(site.level for site in guangdong.sites.values())
    assert (levels[SiteLevel.CITY], levels[SiteLevel.COUNTY], levels[SiteLevel.TOWNSHIP]) == (21, 122, 1610)
    assert len(guangdong.routers) == 2024
    assert len(guangdong.systems) == 198
    assert unallocated(guangdong, GUANGDONG) == {}


def test_divisions_are_guangdongs_and_counties_are_their_citys(guangdong: Province) -> None:
    for code, site in guangdong.sites.items():
        assert site.division.startswith("44"), code
    cities = {site.division[:4] for site in guangdong.sites.values() if site.level is SiteLevel.CITY}
    counties = [site.division for site in guangdong.sites.values() if site.level is SiteLevel.COUNTY]
    assert {division[:4] for division in counties} == cities - {"4419", "4420"}, "Dongguan and Zhongshan have none"
    assert len(set(counties)) == 122
    assert all(re.fullmatch(r"44\d\d(0[2-9]|1[0-9]|2[1-9]|3[0-3]|8[1-5])", division) for division in counties)


def test_files_are_short_and_within_the_limit() -> None:
    declared = [path for path in GUANGDONG.glob("*.yaml") if path.name != LOCK_NAME]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in declared) < 600
    assert all(path.stat().st_size < SIZE_LIMIT // 4 for path in GUANGDONG.glob("*.yaml"))


def test_the_extranet_can_be_configured_and_every_router_has_a_region(guangdong: Province) -> None:
    assert check(guangdong) == []
    routers = [target for target in targets(guangdong) if "router" in target.marks]
    assert all(target.marks["region"] for target in routers)


def test_its_windows_hold_the_core_the_townships_and_in_a_freeze_everything(guangdong: Province) -> None:
    calendar, everything = Calendar.of(guangdong), [(one.room, one.name) for one in targets(guangdong)]
    saturday, frozen = datetime(2027, 2, 6, 2, tzinfo=CHINA), datetime(2027, 3, 6, 2, tzinfo=CHINA)
    held = {window.code: set(one.targets) for one in calendar.standings(everything, saturday) for window in one.reasons}
    townships = {code for code, router in guangdong.routers.items() if not router.is_provider}
    assert (held["core-night"], held["township-evening"]) == ({"gd-pe-1", "gd-pe-2"}, townships)
    assert sum(len(one.targets) for one in calendar.standings(everything, frozen) if not one.open) == len(everything)


def test_an_added_county_changes_nothing_else(guangdong: Province, tmp_path: Path) -> None:
    inventory = Path(shutil.copytree(GUANGDONG, tmp_path / "inventory"))
    places = (inventory / "places.yaml").read_text(encoding="utf-8")
    added = places.replace(
        '"03": {name: 荔湾区', '"01": {name: 新区, name_en: New, towns: 1}\n        "03": {name: 荔湾区'
    )
    (inventory / "places.yaml").write_text(added, encoding="utf-8")
    after = load(inventory)
    assert set(after.routers) - set(guangdong.routers) == {"gz01-pe-1", "gz01-pe-2", "gz01-ce-001"}
    for section in ("routers", "links", "lans", "sites", "systems", "regions"):
        before = getattr(guangdong, section)
        assert {code: getattr(after, section)[code] for code in before} == before
    assert unallocated(after, inventory)["lan"] == ["gz01-001"]
    assert after.addresses.loopback("zs-ce-001") == guangdong.addresses.loopback("zs-ce-001")
