"""The report: everything that was recorded stands on the page, in both languages, and nothing is loaded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from province.load import load
from province.province import Province
from province.record import (
    Action,
    Check,
    Finding,
    Operation,
    Outcome,
    Result,
    RoomName,
    RoomPlan,
    Severity,
    Status,
    Step,
)
from zhengyun.change.journal import ChangeResult, Emergency, Entry, Event, RoomResult, State
from zhengyun.change.planfile import Plan, Purpose, seal
from zhengyun.report.cities import cities, cities_svg
from zhengyun.report.clouds import clouds_svg
from zhengyun.report.evidence import Done, Evidence, Verification
from zhengyun.report.page import document, html, step_times, verdict, write_report
from zhengyun.report.topology import extranet_svg, layout

LAB = Path(__file__).parents[3] / "inventories" / "lab"
NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
NASTY = "<script>alert('&')</script>"


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


@pytest.fixture(scope="module")
def province() -> Province:
    return load(LAB)


@pytest.fixture
def change() -> Done:
    targets = ("gd-pe-1", "gz-pe-2")
    actions = tuple(
        Action(target=t, object="vrf zsj", operation=Operation.CREATE, diff=f"+vrf zsj\n+ {NASTY}", risk="routing")
        for t in targets
    )
    finding = Finding(
        rule="labels", severity=Severity.ADVISORY, object="server web", message=NASTY, fix="label it", clause="8.1.4"
    )
    step = Step(name="routers", targets=targets)
    plan = RoomPlan(room=RoomName.NETWORK, actions=actions, findings=(finding,), waves=((step,),))
    results = (
        Result(target="gd-pe-1", outcome=Outcome.CHANGED, changes=1, seconds=2.5),
        Result(target="gz-pe-2", outcome=Outcome.CHANGED, changes=1, message=NASTY),
    )
    journal = tuple(
        Entry(time=minutes(at), event=event, room=RoomName.NETWORK, step="routers")
        for at, event in ((1, Event.STEP_BEGUN), (2, Event.STEP_BEGUN), (2.5, Event.STEP_ENDED))
    )
    return Done(
        plan=seal(
            Plan(
                purpose=Purpose.APPLY,
                province="gd",
                title="广东省",
                inventory="/inventory",
                inputs={},
                targets={},
                created=NOW,
                operator="alice",
                rooms=(plan,),
            )
        ),
        result=ChangeResult(
            change="20261124-0312-41a7",
            purpose=Purpose.APPLY,
            state=State.DONE,
            began=NOW,
            ended=minutes(3),
            rooms=(RoomResult(room=RoomName.NETWORK, results=results),),
        ),
        entries=journal,
    )


@pytest.fixture
def verification() -> Verification:
    def check(number: int, status: Status) -> Check:
        return Check(
            id=f"vpn-{number}",
            title="VPN reaches over IPv6",
            title_zh="专网可达（IPv6）",
            room=RoomName.NETWORK,
            target="gd-zsj",
            status=status,
            expected="0 % lost",
            actual=f"{number} % lost",
            evidence="ping -6 fd44:3::10",
            clause="8.1.3.1 a",
        )

    checks = (check(0, Status.PASSED), check(1, Status.SKIPPED))
    return Verification(province="gd", began=minutes(4), ended=minutes(5), checks=checks)


@pytest.fixture
def evidence(province: Province, change: Done, verification: Verification) -> Evidence:
    return Evidence(province=province, made=minutes(6), change=change, verification=verification)


class Outside(HTMLParser):
    """Collects what a page would load or follow, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "data", "action")]


def test_page_holds_everything_and_loads_nothing(evidence: Evidence) -> None:
    page = html(evidence)
    reader = Outside()
    reader.feed(page)
    assert reader.loaded == []
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert "url(" not in page
    for words in ("20261124-0312-41a7", "gz-pe-2", "vrf zsj", "专网可达（IPv6）", "VPN reaches over IPv6", "alice"):
        assert words in page
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") >= 3


def test_an_emergency_stands_on_the_page(evidence: Evidence, change: Done) -> None:
    assert "紧急变更" not in html(evidence)
    assert document(evidence)["change"]["emergency"] is None
    emergency = Emergency(operator="bob", time=NOW, reason=f"光缆中断 {NASTY}", held="gd-pe-1 (freeze long)")
    urgent = replace(evidence, change=replace(change, emergency=emergency))
    page = html(urgent)
    for words in (
        "紧急变更",
        "did not wait for its windows",
        "光缆中断",
        "bob, 2026-11-24 11:12:00",
        "gd-pe-1 (freeze long)",
    ):
        assert words in page
    assert "<script>" not in page
    assert document(urgent)["change"]["emergency"]["reason"] == emergency.reason


def test_times_are_those_of_china(evidence: Evidence) -> None:
    assert "2026-11-24 11:12:00" in html(evidence)


def test_both_languages_stand_beside_each_other(evidence: Evidence) -> None:
    page = html(evidence)
    assert page.count('class="zh') == page.count('class="en')
    assert page.index("政务云变更与核验报告") < page.index("change and verification")


def test_report_of_nothing_says_so(province: Province) -> None:
    empty = Evidence(province=province, made=NOW, change=None, verification=None)
    assert verdict(empty) == "unproven"
    assert "尚无已完成的变更" in html(empty)
    assert document(empty)["change"] is None


def test_verdict(evidence: Evidence, change: Done, verification: Verification) -> None:
    assert verdict(evidence) == "good"
    early = verification.model_copy(update={"began": minutes(1)})
    assert verdict(replace(evidence, verification=early)) == "unproven"
    failed = verification.checks[0].model_copy(update={"status": Status.FAILED})
    assert verdict(replace(evidence, verification=verification.model_copy(update={"checks": (failed,)}))) == "bad"
    broken = replace(change, result=change.result.model_copy(update={"state": State.FAILED}))
    assert verdict(replace(evidence, change=broken)) == "bad"


def test_repeated_step_counts_from_its_last_beginning(change: Done) -> None:
    (step,) = step_times(change)
    assert (step.name, step.seconds) == ("routers", 30.0)


def test_files(evidence: Evidence, tmp_path: Path) -> None:
    page, data = write_report(evidence, tmp_path / "report")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    found = json.loads(data.read_text(encoding="utf-8"))
    assert found["verdict"] == "good"
    assert found["change"]["summary"]["changes"] == 2
    assert found["verification"]["summary"] == {"passed": 1, "failed": 0, "skipped": 1}
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["report.html", "report.json"]


def test_pictures_are_sound_and_show_every_code(province: Province) -> None:
    clouds, extranet = clouds_svg(province), extranet_svg(province)
    for picture in (clouds, extranet):
        ElementTree.fromstring(picture)
    assert all(code in clouds for code in province.systems)
    assert all(name in clouds for name in ("互联网区", "数据交换区"))
    assert all(code in extranet for code in (*province.routers, *province.lans))
    assert extranet_svg(province) == extranet


def test_no_two_routers_stand_on_each_other(province: Province) -> None:
    places = layout(province)
    assert len(set(places.values())) == len(province.routers)
    assert places["gd-pe-1"][1] < places["gz-pe-1"][1] < places["gz-ce-zsj"][1]


def test_large_extranet_is_drawn_by_city(province: Province) -> None:
    found, joined = cities(province)
    assert [(city.key, city.routers, city.sites, city.uplinks) for city in found] == [("", 2, 1, 2), ("4401", 4, 3, 2)]
    assert joined == {("", "4401"): 2}
    picture = cities_svg(province)
    ElementTree.fromstring(picture)
    assert "广州核心机房" in picture
    assert "single" not in picture


def test_a_city_that_one_link_joins_is_marked(province: Province) -> None:
    links = {code: link for code, link in province.links.items() if code != "gd-pe-2-gz-pe-2"}
    picture = cities_svg(province.model_copy(update={"links": links}))
    assert picture.count("single") == 2, "the city and its link"


def test_page_of_a_large_province_shows_cities(evidence: Evidence) -> None:
    router = evidence.province.routers["gz-ce-zsj"]
    many = {f"ce-{n}": router.model_copy(update={"code": f"ce-{n}"}) for n in range(100)}
    large = evidence.province.model_copy(update={"routers": {**evidence.province.routers, **many}})
    page = html(replace(evidence, province=large))
    assert "按地市汇总" in page
    assert "ce-50" not in page
    assert "按地市汇总" not in html(evidence)
