"""The lab's extranet as if all its routers were of another platform, and with what the lab itself does not have."""

from __future__ import annotations

from benchmarks._extranet import PORTS
from province.cloud import ServiceClass
from province.extranet import Platform, Role, RouterManagement
from province.province import Province


def relabelled(province: Province, platform: Platform) -> Province:
    """The same wiring, roles and addresses on another platform; ports are named as it names them."""

    def port(name: str) -> str:
        """``eth2`` is port 2, ``lan1`` port 11; a VLAN stays what it is."""
        base, dot, tag = name.partition(".")
        number = int(base[3:]) + (10 if base.startswith("lan") else 0)
        return PORTS[platform].format(number) + dot + tag

    if platform is Platform.FRR:
        return province
    routers = {code: one.model_copy(update={"platform": platform}) for code, one in province.routers.items()}
    lans = {code: one.model_copy(update={"port": port(one.port)}) for code, one in province.lans.items()}
    links = {
        code: one.model_copy(
            update={end: getattr(one, end).model_copy(update={"port": port(getattr(one, end).port)}) for end in "ab"}
        )
        for code, one in province.links.items()
    }
    return province.model_copy(update={"routers": routers, "links": links, "lans": lans})


def special(province: Province) -> Province:
    """With a mere P router, a link of another metric on a VLAN, a CE that has no LAN, and routers that are run."""
    p = province.routers["gd-pe-1"].model_copy(update={"roles": frozenset({Role.P}), "route_reflector": False})
    link = province.links["gd-pe-2-gz-pe-2"]
    tagged = {end: getattr(link, end).model_copy(update={"port": getattr(link, end).port + ".300"}) for end in "ab"}
    lans = {code: lan for code, lan in province.lans.items() if code not in ("gd-zsj", "gz-zsj")}
    run = {"syslog": ["10.99.0.13", "fd99::13"], "ntp": ["10.99.0.14", "10.99.0.15"], "sessions": 5, "idle": 15}
    management = RouterManagement.model_validate(run)
    return province.model_copy(
        update={
            "identity": province.identity.model_copy(update={"router_management": management}),
            "routers": {**province.routers, "gd-pe-1": p},
            "links": {**province.links, link.code: link.model_copy(update={**tagged, "metric": 30})},
            "lans": lans,
        }
    )


Shares = dict[str, tuple[int, int]]
"""Marks and percents of the core, by class."""
SHARES: Shares = {"bulk": (14, 5), "data": (18, 15), "video": (32, 20), "voice": (44, 10)}


def with_classes(province: Province, shares: Shares = SHARES) -> Province:
    """With other classes of service, and one that has a mark and no share."""
    made = {code: service_class(code, mark, percent) for code, (mark, percent) in shares.items()}
    return province.model_copy(update={"service_classes": {**made, "plain": service_class("plain", 10, None)}})


def service_class(code: str, mark: int, percent: int | None) -> ServiceClass:
    fields = {"code": code, "name": code, "name_en": code, "mbit_per_second": 1, "dscp": mark}
    return ServiceClass.model_validate({**fields, "percent_of_core": percent})
