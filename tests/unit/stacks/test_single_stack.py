"""Systems of IPv6 alone: no IPv4 in anything that is made, and none in what is tried and looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest

from province.province import Province
from province.record import Status
from province.system import Families, common
from stacks.paths import expected_paths
from stacks.plan.ipv6 import services
from stacks.plan.region import plan_region
from stacks.plan.tenant import plan_tenant
from stacks.region import make_region
from stacks.single_stack import prove_single_stack
from stacks.tenant import make_tenant
from stacks.trace import TracePort
from tests.unit.stacks.asked import asked

DAY = date(2026, 11, 24)


@pytest.fixture
def single(province: Province) -> Province:
    """The consumer of the lab's agreement has IPv6 alone."""
    gdbos = province.systems["gdbos"].model_copy(update={"families": Families.IPV6})
    return province.model_copy(update={"systems": {**province.systems, "gdbos": gdbos}})


def told(request: Any) -> str:
    return str(dict(request.object.items()))


def test_nothing_of_it_has_ipv4(single: Province) -> None:
    requests = asked(lambda: make_tenant(plan_tenant(single, "gdbos", DAY)))
    own = {key: request for key, request in requests.items() if key[0] != "StackReference"}
    assert ("Subnet", "gd-gdbos-ipv6") in own
    for (kind, name), request in own.items():
        assert "ipv4" not in name.lower(), (kind, name)
        assert "IPv4" not in told(request), (kind, name)
        if kind == "Port":
            assert len(request.object["fixedIps"]) == 1, name
    names = {name for kind, name in own if kind in ("RecordSet", "LoadBalancer")}
    assert names == {"gd-gdbos-names-web-aaaa", "gd-gdbos-web-ipv6"}


def test_others_have_both_families_as_before(single: Province, province: Province) -> None:
    assert plan_tenant(single, "rkk", DAY) == plan_tenant(province, "rkk", DAY)
    requests = asked(lambda: make_tenant(plan_tenant(province, "gdbos", DAY)))
    assert {name for kind, name in requests if kind == "Subnet"} == {"gd-gdbos-ipv4", "gd-gdbos-ipv6"}
    assert all(len(each.object["fixedIps"]) == 2 for (kind, _), each in requests.items() if kind == "Port")


def test_its_leg_in_the_exchange_has_ipv6_alone(single: Province) -> None:
    plan = plan_region(single, "gd", DAY)
    assert {port.server: port.versions for port in plan.exchange.ports} == {
        "gd-gdbos-app-1": (6,),
        "gd-rkk-api-1": (4, 6),
    }
    assert {rule.ethertype for group in plan.exchange.groups for rule in group.rules} == {"IPv6"}
    requests = asked(lambda: make_region(plan))
    legs = {name: len(request.object["fixedIps"]) for (kind, name), request in requests.items() if kind == "Port"}
    assert (legs["gd-gdbos-app-1-exchange"], legs["gd-rkk-api-1-exchange"]) == (1, 2)


def test_it_gets_its_settings_on_a_drive(single: Province) -> None:
    assert {each.config_drive for each in plan_tenant(single, "gdbos", DAY).workloads} == {True}
    assert {each.config_drive for each in plan_tenant(single, "rkk", DAY).workloads} == {False}


def test_paths_are_tried_over_what_both_ends_have(single: Province) -> None:
    assert common(Families.IPV6, Families.DUAL) == common(Families.DUAL, Families.IPV6) == (6,)
    assert common(Families.DUAL, Families.DUAL) == (4, 6)
    for path in expected_paths(single, DAY):
        with_it = "gdbos" in path.id or path.source.startswith("gd-gdbos") or path.target.startswith("gd-gdbos")
        assert path.family == 6 or not with_it, path.id
    tried = {path.id for path in expected_paths(single, DAY)}
    assert "cloud.agreement.rkk-gdbos.open.ipv6" in tried
    assert "cloud.path.rkk.api-db-5432.ipv4" in tried


def test_its_services_have_nothing_in_the_way_of_ipv6(single: Province) -> None:
    found = {service.name: service for service in services(single)}
    assert (found["gdbos/web"].lacks, found["gdbos/web"].families) == ((), Families.IPV6)
    assert ip_network(found["gdbos/web"].prefix).version == 6


def port(ipv4: str = "") -> TracePort:
    return TracePort("id", "network", "mac", ipv4, "2001:db8::1")


@pytest.mark.parametrize(
    ("families", "ports", "seen"),
    [
        ({6}, {}, None),
        ({6}, {"gd-gdbos-app-1": port(), "gd-rkk-api-1": port("192.0.2.1")}, None),
        ({4, 6}, {}, "IPv4 and IPv6"),
        (set(), {}, "no subnet"),
        ({6}, {"gd-gdbos-web-1": port("192.0.2.1")}, "IPv6; IPv4 at gd-gdbos-web-1"),
        ({6}, {"gd-gdbos-app-1-exchange": port("192.0.2.1")}, "IPv6; IPv4 at gd-gdbos-app-1-exchange"),
        ({6}, {"gd-gdbos-gateway": port("192.0.2.1")}, "IPv6; IPv4 at gd-gdbos-gateway"),
    ],
)
def test_ipv4_that_somebody_has_added_fails(
    single: Province, families: set[int], ports: dict[str, TracePort], seen: str | None
) -> None:
    (check,) = prove_single_stack(plan_tenant(single, "gdbos", DAY), {"gd-gdbos": families}, ports)
    assert check.id == "cloud.ipv6-only.gd-gdbos"
    assert (check.status is Status.PASSED, check.actual) == (seen is None, seen or "IPv6")


def test_a_system_of_both_families_is_not_asked(province: Province) -> None:
    plan = plan_tenant(province, "gdbos", DAY)
    assert list(prove_single_stack(plan, {}, {})) == []
    assert list(prove_single_stack(replace(plan, network=replace(plan.network, ipv4="")), {}, {}))
