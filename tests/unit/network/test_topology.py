from __future__ import annotations

from collections.abc import Callable

import pytest

from network.intent import intents
from network.topology import check, refusals, unable, waiting
from province.errors import ZyErrors
from province.extranet import Gear, Lan, LinkEnd, Platform, Role, Router
from province.province import Province


def _routers(province: Province, **changed: Router) -> Province:
    return province.model_copy(update={"routers": {**province.routers, **changed}})


def _without_links(province: Province, *codes: str) -> Province:
    return province.model_copy(update={"links": {k: v for k, v in province.links.items() if k not in codes}})


def _pe_cut_off(province: Province) -> Province:
    return _without_links(province, "gd-pe-1-gz-pe-1", "gz-pe-1-gz-pe-2")


def _ce_without_link(province: Province) -> Province:
    return _without_links(province, "gz-pe-1-ce-zsj")


def _ce_on_a_p(province: Province) -> Province:
    p = province.routers["gz-pe-1"].model_copy(update={"roles": frozenset({Role.P})})
    return _routers(province, **{"gz-pe-1": p})


def _lan_of_another(province: Province) -> Province:
    lan = Lan(code="gz-zsj", department="zsj", router="gz-ce-gat", port="lan1")
    return province.model_copy(update={"lans": {**province.lans, "gz-zsj": lan}})


def _no_reflector(province: Province) -> Province:
    plain = {k: r.model_copy(update={"route_reflector": False}) for k, r in province.routers.items()}
    return province.model_copy(update={"routers": plain})


def _lan_on_mgmt(province: Province) -> Province:
    lan = province.lans["gd-zsj"].model_copy(update={"port": "mgmt"})
    return province.model_copy(update={"lans": {**province.lans, "gd-zsj": lan}})


def _ce_to_ce(province: Province) -> Province:
    link = province.links["gz-pe-1-ce-zsj"].model_copy(update={"a": LinkEnd(router="gz-ce-gat", port="eth2")})
    return province.model_copy(update={"links": {**province.links, "gz-pe-1-ce-zsj": link}})


def _huawei_with_ports_of_linux(province: Province) -> Province:
    return _routers(province, **{"gz-pe-1": province.routers["gz-pe-1"].model_copy(update={"platform": Platform.VRP})})


def _vlan_too_high(province: Province) -> Province:
    lan = province.lans["gd-zsj"].model_copy(update={"port": "lan0.4095"})
    return province.model_copy(update={"lans": {**province.lans, "gd-zsj": lan}})


def _of_gear(province: Province, router: str, **of: object) -> Province:
    gear = Gear.model_validate({"code": "g", "vendor": "Lab", "model": "1", "platform": "frr", "srv6": False} | of)
    mine = province.routers[router].model_copy(update={"gear": "g"})
    return _routers(province.model_copy(update={"gear": {"g": gear}}), **{router: mine})


def _gear_of_another_platform(province: Province) -> Province:
    return _of_gear(province, "gz-ce-zsj", platform="vrp", srv6=True)


def test_the_lab_is_sound(province: Province) -> None:
    assert check(province) == []


def test_a_ce_needs_no_srv6(province: Province) -> None:
    with_old = _of_gear(province, "gz-ce-zsj")
    assert (check(with_old), unable(with_old), waiting(with_old)) == ([], frozenset(), frozenset())


def test_old_gear_in_the_core_refuses_its_router_and_no_other(province: Province) -> None:
    with_old = _of_gear(province, "gz-pe-1")
    assert check(with_old) == []
    assert unable(with_old) == {"gz-pe-1"}
    (refused,) = refusals(with_old, ("gd-pe-1", "gz-pe-1"))
    assert (refused.code, refused.place.target) == ("ZY-NET-008", "routers/gz-pe-1")
    assert refusals(with_old, ("gd-pe-1",)) == []
    able = with_old.model_copy(update={"gear": {"g": with_old.gear["g"].model_copy(update={"srv6": True})}})
    assert unable(able) == frozenset()


def test_a_ce_waits_only_when_all_its_ways_are_old(province: Province) -> None:
    with_old = _of_gear(province, "gz-pe-1")
    assert waiting(with_old) == {"gz-pe-1", "gz-ce-zsj"}
    second = province.links["gz-pe-1-ce-zsj"].model_copy(
        update={
            "code": "second",
            "a": LinkEnd(router="gz-pe-2", port="eth9"),
            "b": LinkEnd(router="gz-ce-zsj", port="eth9"),
        }
    )
    assert waiting(with_old.model_copy(update={"links": {**with_old.links, "second": second}})) == {"gz-pe-1"}


@pytest.mark.parametrize(
    ("break_it", "code", "where"),
    [
        (_pe_cut_off, "ZY-NET-001", "routers/gz-pe-1"),
        (_ce_without_link, "ZY-NET-002", "routers/gz-ce-zsj"),
        (_ce_on_a_p, "ZY-NET-003", "links/gz-pe-1-ce-zsj"),
        (_ce_to_ce, "ZY-NET-003", "links/gz-pe-1-ce-zsj"),
        (_lan_of_another, "ZY-NET-004", "lans/gz-zsj"),
        (_no_reflector, "ZY-NET-005", "routers/gd-pe-1"),
        (_pe_cut_off, "ZY-NET-006", "vpns/zsj"),
        (_lan_on_mgmt, "ZY-NET-007", "lans/gd-zsj"),
        (_huawei_with_ports_of_linux, "ZY-NET-030", "links/gz-pe-1-ce-zsj"),
        (_vlan_too_high, "ZY-NET-030", "lans/gd-zsj"),
        (_gear_of_another_platform, "ZY-NET-008", "routers/gz-ce-zsj"),
    ],
)
def test_each_flaw_is_found(
    province: Province, break_it: Callable[[Province], Province], code: str, where: str
) -> None:
    broken = break_it(province)
    assert (code, where) in [(flaw.code, str(flaw.place)) for flaw in check(broken)]
    with pytest.raises(ZyErrors):
        intents(broken)


def test_a_ce_is_no_way_through(province: Province) -> None:
    """With the core cut, a CE on both halves must not count as a path between them (ZY-NET-001 stays)."""
    cut = _without_links(province, "gd-pe-1-gz-pe-1", "gd-pe-2-gz-pe-2")
    bridge = province.links["gz-pe-1-ce-zsj"].model_copy(
        update={
            "code": "second",
            "a": LinkEnd(router="gd-pe-1", port="eth9"),
            "b": LinkEnd(router="gz-ce-zsj", port="eth9"),
        }
    )
    both = cut.model_copy(update={"links": {**cut.links, "second": bridge}})
    assert {flaw.place.target for flaw in check(both) if flaw.code == "ZY-NET-001"} == {
        "routers/gz-pe-1",
        "routers/gz-pe-2",
    }
