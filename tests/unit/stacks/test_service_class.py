"""Classes of service: policies where a region offers them, and what is there against what was declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from province.cloud import Service
from province.province import Province
from province.record import Status
from stacks import adopt
from stacks.plan.region import RegionPlan, plan_region
from stacks.plan.service_class import qos_policies
from stacks.plan.tenant import TenantPlan, plan_tenant
from stacks.service_classes import LiveClasses, LivePolicy, _live, prove_classes
from stacks.service_classes import qos_policies as live_policies
from stacks.situation import _classes

DAY = date(2026, 11, 24)


def without(province: Province, service: Service) -> Province:
    gd = province.regions["gd"]
    fewer = gd.model_copy(update={"services": gd.services - {service}})
    return province.model_copy(update={"regions": {**province.regions, "gd": fewer}})


def test_each_class_is_a_policy_of_each_region_that_offers_them(province: Province) -> None:
    assert [(each.name, each.kbit_per_second, each.dscp) for each in qos_policies(province, "gz")] == [
        ("gz-priority", 200_000, 26),
        ("gz-standard", 100_000, 0),
    ]
    assert qos_policies(without(province, Service.QOS), "gd") == ()
    assert len(qos_policies(without(province, Service.NAMES), "gd")) == 2


def test_a_system_of_a_class_is_planned_with_it(province: Province) -> None:
    assert [plan_tenant(province, code, DAY).service_class for code in ("gdbos", "rkk")] == ["priority", ""]


@pytest.fixture
def plan(province: Province) -> RegionPlan:
    return plan_region(province, "gd", DAY)


@pytest.fixture
def tenants(province: Province) -> list[TenantPlan]:
    return [plan_tenant(province, code, DAY) for code in ("gdbos", "rkk")]


@pytest.fixture
def live(plan: RegionPlan) -> LiveClasses:
    policies = {
        each.name: LivePolicy(
            {"egress": each.kbit_per_second, "ingress": each.kbit_per_second},
            (each.dscp,),
        )
        for each in plan.classes
    }
    return LiveClasses(policies, {"gd-gdbos": "gd-priority", "gd-rkk": "", "gd-public": ""})


def failed(plan: RegionPlan, tenants: list[TenantPlan], live: LiveClasses) -> list[tuple[str, str]]:
    checks = prove_classes(plan, tenants, live)
    return [(check.id, check.actual) for check in checks if check.status is not Status.PASSED]


def test_what_was_declared_passes_and_an_empty_cloud_fails(
    plan: RegionPlan, tenants: list[TenantPlan], live: LiveClasses
) -> None:
    assert failed(plan, tenants, live) == []
    assert failed(plan, tenants, LiveClasses({}, {})) == [
        ("cloud.service-class.gd-priority", "absent"),
        ("cloud.service-class.gd-standard", "absent"),
        ("cloud.service-class.network.gd-gdbos", "absent"),
        ("cloud.service-class.network.gd-rkk", "absent"),
    ]


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"limits": {"egress": 7, "ingress": 1}}, "egress 7 kbit/s and ingress 1 kbit/s; DSCP 26"),
        ({"limits": {"egress": 7}}, "egress 7 kbit/s and ingress ? kbit/s; DSCP 26"),
        ({"marks": (46,)}, "egress 200000 kbit/s and ingress 200000 kbit/s; DSCP 46"),
        ({"marks": ()}, "egress 200000 kbit/s and ingress 200000 kbit/s; DSCP ?"),
    ],
)
def test_a_policy_that_says_something_else_fails(
    plan: RegionPlan, tenants: list[TenantPlan], live: LiveClasses, change: dict[str, Any], seen: str
) -> None:
    policies = {**live.policies, "gd-priority": replace(live.policies["gd-priority"], **change)}
    found = failed(plan, tenants, replace(live, policies=policies))
    assert found == [("cloud.service-class.gd-priority", seen)]


def test_a_network_in_no_class_or_another_fails(plan: RegionPlan, tenants: list[TenantPlan], live: LiveClasses) -> None:
    wrong = replace(live, networks={"gd-gdbos": "", "gd-rkk": "gd-priority"})
    assert failed(plan, tenants, wrong) == [
        ("cloud.service-class.network.gd-gdbos", "no policy"),
        ("cloud.service-class.network.gd-rkk", "gd-priority"),
    ]


POLICY = SimpleNamespace(
    id="p",
    name="ta-gold",
    rules=[
        {"type": "bandwidth_limit", "direction": "egress", "max_kbps": 5},
        {"type": "bandwidth_limit", "direction": "ingress", "max_kbps": 6},
        {"type": "dscp_marking", "dscp_mark": 10},
        {"type": "minimum_bandwidth", "direction": "egress", "min_kbps": 1},
    ],
)


def test_a_policy_is_read_by_the_kinds_of_its_rules() -> None:
    assert _live(POLICY) == LivePolicy({"egress": 5, "ingress": 6}, (10,))


class Neutron:
    """Neutron with one policy of three rules, with the extension or without."""

    def __init__(self, extension: bool = True) -> None:
        self.network = self
        self._extension = extension

    def find_extension(self, alias: str) -> SimpleNamespace | None:
        return SimpleNamespace(alias=alias) if self._extension and alias == "qos" else None

    def qos_policies(self) -> Iterator[Any]:
        assert self._extension
        yield POLICY

    def networks(self) -> Iterator[Any]:
        yield SimpleNamespace(name="in", qos_policy_id="p")
        yield SimpleNamespace(name="out", qos_policy_id=None)

    def qos_bandwidth_limit_rules(self, policy: str) -> Iterator[Any]:
        assert policy == "p"
        yield from (SimpleNamespace(id=f"{way}-id", direction=way) for way in ("egress", "ingress"))

    def qos_dscp_marking_rules(self, policy: str) -> Iterator[Any]:
        yield from [SimpleNamespace(id="mark")] if policy == "p" else []


def test_a_cloud_without_the_extension_has_no_policies() -> None:
    assert list(live_policies(Neutron())) == [POLICY]
    assert list(live_policies(Neutron(extension=False))) == []
    assert _classes(Neutron()) == {"in": "ta-gold"}
    assert _classes(Neutron(extension=False)) == {}


def test_rules_of_a_policy_are_found_again_under_the_names_of_the_provider() -> None:
    assert adopt._limit(Neutron(), {"qosPolicyId": "p", "direction": "ingress"}) == "p/ingress-id"
    assert adopt._limit(Neutron(), {"qosPolicyId": "p", "direction": "any"}) is None
    assert adopt._mark(Neutron(), {"qosPolicyId": "p"}) == "p/mark"
    assert adopt._mark(Neutron(), {"qosPolicyId": "q"}) is None
