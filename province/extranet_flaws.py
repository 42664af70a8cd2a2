"""What must hold between the parts of a province's extranet: ports, roles, VPNs, queues."""

from __future__ import annotations

from collections.abc import Iterator

from province.cloud import MOST_OF_CORE
from province.flaw import Flaw
from province.province import Province


def extranet_flaws(province: Province) -> Iterator[Flaw]:
    """In the order of the checks below."""
    for check in (_ports, _routers, _vpns, _queues):
        yield from check(province)


def _ports(province: Province) -> Iterator[Flaw]:
    used: dict[tuple[str, str], str] = {}
    for code, link in province.links.items():
        if link.a.router == link.b.router:
            yield Flaw(
                "ZY-INV-029",
                "both ends are on one router",
                ("links", code, "b"),
                "name the router at the other end",
            )
            continue
        for side, end in (("a", link.a), ("b", link.b)):
            yield from _taken(used, (end.router, end.port), f"links/{code}", ("links", code, side, "port"))
    for code, lan in province.lans.items():
        yield from _taken(used, (lan.router, lan.port), f"lans/{code}", ("lans", code, "port"))


def _taken(
    used: dict[tuple[str, str], str], port: tuple[str, str], user: str, path: tuple[str | int, ...]
) -> Iterator[Flaw]:
    if port in used:
        yield Flaw(
            "ZY-INV-031",
            f"port {port[1]} of {port[0]} is used by {used[port]} already",
            path,
            "use another port",
        )
    used.setdefault(port, user)


def _routers(province: Province) -> Iterator[Flaw]:
    for code, router in province.routers.items():
        if router.is_provider and router.department is not None:
            yield Flaw(
                "ZY-INV-032",
                "a provider router (P, PE) belongs to the operator, not to a department",
                ("routers", code, "department"),
                "remove `department`, or give the router the role ce",
            )
        if not router.is_provider and (router.department is None or len(router.roles) > 1):
            yield Flaw(
                "ZY-INV-032",
                "a CE needs the department that owns it, and has no other role",
                ("routers", code),
                "write `department:` and `roles: [ce]`",
            )


def _vpns(province: Province) -> Iterator[Flaw]:
    member: dict[str, str] = {}
    for code, vpn in province.vpns.items():
        for department in sorted(vpn.departments):
            if department in member:
                yield Flaw(
                    "ZY-INV-033",
                    f"the department {department} is in the VPN {member[department]} already",
                    ("vpns", code, "departments"),
                    "keep it in one; what two departments share needs an agreement",
                )
            member.setdefault(department, code)
    for code, lan in province.lans.items():
        if lan.department in province.departments and lan.department not in member:
            yield Flaw(
                "ZY-INV-034",
                f"the department {lan.department} has a LAN but no VPN",
                ("lans", code, "department"),
                "add the department to a VPN",
            )


def _queues(province: Province) -> Iterator[Flaw]:
    """A share needs a queue of its own, and shares leave a quarter to network control and best effort."""
    taken: dict[str, str] = {}
    shares = {code: one for code, one in sorted(province.service_classes.items()) if one.percent_of_core is not None}
    for code, one in shares.items():
        path = ("service_classes", code, "dscp")
        if one.queue is None:
            said = f"the class {code} has a share of the core, and its mark {one.dscp} leads to no queue of a class"
            fix = "give it a mark of its own (10 … 40, 44 or 46), or take `percent_of_core` out"
            yield Flaw("ZY-INV-060", said, path, fix)
        elif taken.setdefault(one.queue, code) != code:
            said = f"the marks of {taken[one.queue]} and {code} lead to one queue, {one.queue}"
            fix = "give one of them a mark of another queue (tens of RFC 2597: 10, 18, 26, 34; 46), or no share"
            yield Flaw("ZY-INV-060", said, path, fix)
    total = sum(one.percent_of_core or 0 for one in shares.values())
    if total > MOST_OF_CORE:
        said = f"the classes have {total} % of the core together, and may have {MOST_OF_CORE}"
        fix = "lower a share: network control and packets without a class need the rest"
        yield Flaw("ZY-INV-061", said, ("service_classes", max(shares), "percent_of_core"), fix)
