"""The move to IPv6: states of sites, what routers need IPv4 for, and steps that never cut off who hangs on two."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from network.ipv6 import Need, State, routers, sites, steps
from network.waves import ways_out
from province.extranet import Gear, Platform, RouterManagement, Site
from province.load import load
from province.province import Province

GUANGDONG = Path(__file__).parents[3] / "inventories" / "guangdong"


@pytest.fixture(scope="module")
def guangdong() -> Province:
    return load(GUANGDONG)


def _gear(code: str, srv6: bool) -> Gear:
    return Gear(code=code, vendor="Lab", model=code, platform=Platform.FRR, srv6=srv6)


def _with(province: Province, **gear: str) -> Province:
    """The province with routers of ``old`` and ``new`` gear; underscores stand for hyphens."""
    named = {code.replace("_", "-"): model for code, model in gear.items()}
    changed = {code: province.routers[code].model_copy(update={"gear": model}) for code, model in named.items()}
    models = {"old": _gear("old", False), "new": _gear("new", True)}
    return province.model_copy(update={"gear": models, "routers": {**province.routers, **changed}})


def _states(province: Province) -> dict[str, State]:
    return {site.site: site.state for site in sites(province)}


def test_nothing_is_claimed_of_gear_that_is_not_registered(province: Province) -> None:
    assert _states(province) == {
        "gd-core": State.UNREGISTERED,
        "gz-core": State.UNREGISTERED,
        "gz-gat": State.DUAL_STACK,
        "gz-zsj": State.DUAL_STACK,
    }
    assert {router.srv6 for router in routers(province)} == {None}
    assert {router.needs for router in routers(province)} == {()}
    assert steps(province) == []


def test_a_site_is_as_far_as_its_last_router(province: Province) -> None:
    half = _with(province, gd_pe_1="new", gz_pe_1="new", gz_pe_2="old", gz_ce_zsj="old")
    assert _states(half) == {
        "gd-core": State.UNREGISTERED,
        "gz-core": State.OLD_GEAR,
        "gz-gat": State.WAITING,
        "gz-zsj": State.DUAL_STACK,
    }
    assert _states(_with(half, gd_pe_2="new", gz_pe_2="new"))["gd-core"] is State.SRV6


def test_a_site_without_a_router_is_not_reached(province: Province) -> None:
    far = Site(code="far", name="远", name_en="Far", division="440100", level=province.sites["gz-core"].level)
    states = _states(province.model_copy(update={"sites": {**province.sites, "far": far}}))
    assert (states.pop("far"), states) == (State.NO_ROUTER, _states(province))
    assert State.NO_ROUTER.next
    assert not State.SRV6.next


def test_what_a_router_has(province: Province) -> None:
    known = {router.router: router for router in routers(_with(province, gz_pe_2="old", gd_pe_1="new"))}
    assert (known["gz-pe-2"].srv6, known["gz-pe-2"].needs) == (False, (Need.SEGMENTS,))
    assert (known["gd-pe-1"].srv6, known["gd-pe-1"].needs) == (True, ())
    assert (known["gz-pe-1"].locator, known["gz-pe-1"].interfaces) == ("fd45:0:3::/48", 4)
    assert (known["gz-pe-1"].vpns, known["gz-ce-zsj"].vpns) == (("vpn102",), ())
    assert known["gz-ce-zsj"].locator is None, "a CE needs none"


def _managed(province: Province, *syslog: IPv4Address | IPv6Address, ntp: bool = False) -> tuple[Need, ...]:
    """Needs of a CE that is made a Comware one. Those of FRR are hosts: none of it is theirs."""
    management = RouterManagement(syslog=syslog, ntp=(IPv4Address("10.0.0.1"),) if ntp else ())
    identity = province.identity.model_copy(update={"router_management": management})
    router = province.routers["gz-ce-gat"].model_copy(update={"platform": Platform.COMWARE})
    link = province.links["gz-pe-2-ce-gat"]
    ends = {"b": link.b.model_copy(update={"port": "GigabitEthernet1/0/1"})}
    lan = province.lans["gz-gat"].model_copy(update={"port": "GigabitEthernet1/0/2"})
    made = province.model_copy(
        update={
            "identity": identity,
            "routers": {**province.routers, "gz-ce-gat": router},
            "links": {**province.links, link.code: link.model_copy(update=ends)},
            "lans": {**province.lans, "gz-gat": lan},
        }
    )
    known = {router.router: router.needs for router in routers(made)}
    mine = known.pop("gz-ce-gat")
    assert set(known.values()) == {()}
    return mine


def test_management_by_ipv4_alone_is_a_need(province: Province) -> None:
    four, six = IPv4Address("10.0.0.2"), IPv6Address("fd00::2")
    assert _managed(province) == ()
    assert _managed(province, ntp=True) == (Need.TIME,)
    assert _managed(province, four) == (Need.LOGS,)
    assert _managed(province, four, six) == ()
    assert all(need.english and need.chinese for need in Need)


def test_steps_go_from_the_core_out_and_never_take_both_of_two(province: Province) -> None:
    old = _with(province, **{code.replace("-", "_"): "old" for code in province.routers})
    found = steps(old)
    assert [(step.number, step.routers) for step in found] == [
        (1, ("gd-pe-1",)),
        (2, ("gd-pe-2",)),
        (3, ("gz-pe-1",)),
        (4, ("gz-pe-2",)),
    ]
    for step in found:
        assert not [group for group in ways_out(old) if group <= set(step.routers)]


def test_a_step_says_how_it_is_proven(province: Province) -> None:
    (step,) = steps(_with(province, gz_pe_1="old"))
    assert step.commands == (
        "zy network check --without gz-pe-1",
        "zy network check",
        "zy plan --limit router=gz-pe-1 -o plan.json",
        "zy apply plan.json",
        "zy verify --limit router=gz-pe-1",
    )


def test_a_large_core_is_replaced_in_many_small_steps(guangdong: Province) -> None:
    core = [code for code, router in guangdong.routers.items() if router.is_provider]
    old = _with(guangdong, **{code.replace("-", "_"): "old" for code in core})
    found = steps(old)
    assert sorted(router for step in found for router in step.routers) == sorted(core)
    assert (len(found[0].routers), max(len(step.routers) for step in found)) == (1, 20)
    groups = ways_out(old)
    assert not [group for step in found for group in groups if group <= set(step.routers)]
    assert all(step.routers for step in found)
