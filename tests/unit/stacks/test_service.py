"""What systems get from the optional services of their region, and how it is proven."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from province.cloud import Service
from province.province import Province
from province.record import Check, Status
from stacks.holdings import Holdings, LiveBalancer, LiveRecord
from stacks.plan.province import plan_province
from stacks.plan.region import plan_region
from stacks.plan.tenant import TenantPlan, plan_tenant
from stacks.proof import prove
from stacks.trace import TracePort

DAY = date(2026, 11, 24)


def offering(province: Province, *services: Service) -> Province:
    """The province with regions that offer exactly these."""
    regions = {
        code: region.model_copy(update={"services": frozenset(services)}) for code, region in province.regions.items()
    }
    return province.model_copy(update={"regions": regions}).with_slots(province._slots)


def with_web(province: Province, **fields: Any) -> Province:
    """The province with some fields of GDBOS's web changed."""
    system = province.systems["gdbos"]
    workloads = {**system.workloads, "web": system.workloads["web"].model_copy(update=fields)}
    systems = {**province.systems, "gdbos": system.model_copy(update={"workloads": workloads})}
    return province.model_copy(update={"systems": systems}).with_slots(province._slots)


def test_a_region_that_offers_nothing_gets_nothing(province: Province) -> None:
    bare = offering(province)
    plan = plan_tenant(bare, "gdbos", DAY)
    assert (plan.balancers, plan.records, plan.secrets) == ((), (), "")
    assert plan_region(bare, "gd", DAY).names is None
    assert {p.balancers for region in plan_province(bare).regions for p in region.projects} == {None}


def test_balancers_stand_before_several_servers_with_an_audience_only(province: Province) -> None:
    plan = plan_tenant(province, "gdbos", DAY)
    assert [(each.workload, each.family, each.ports) for each in plan.balancers] == [
        ("web", 4, (443,)),
        ("web", 6, (443,)),
    ]
    assert plan_tenant(province, "rkk", DAY).balancers == ()
    others: tuple[dict[str, Any], ...] = ({"count": 1}, {"audience": None}, {"ports": frozenset()})
    for fields in others:
        assert plan_tenant(with_web(province, **fields), "gdbos", DAY).balancers == (), fields


def test_names_have_both_families_and_lead_to_the_balancer_or_to_the_servers(province: Province) -> None:
    records = plan_tenant(province, "gdbos", DAY).records
    assert [(each.name, each.type, each.balancer) for each in records] == [
        ("web.gdbos.gd.lab.gd.example.", "A", "gd-gdbos-web-ipv4"),
        ("web.gdbos.gd.lab.gd.example.", "AAAA", "gd-gdbos-web-ipv6"),
    ]
    assert {each.balancer for each in plan_tenant(with_web(province, count=1), "gdbos", DAY).records} == {""}
    assert {each.balancer for each in plan_tenant(offering(province, Service.NAMES), "gdbos", DAY).records} == {""}


def test_quota_of_balancers_is_never_unlimited_and_none_is_the_platforms(province: Province) -> None:
    quota = {p.code: p.balancers for region in plan_province(province).regions for p in region.projects}
    gdbos, rkk, platform = quota["gdbos"], quota["rkk"], quota["platform"]
    assert gdbos is not None
    assert rkk is not None
    assert platform is not None
    assert (gdbos.balancers, gdbos.listeners, gdbos.pools, gdbos.members) == (4, 4, 4, 8)
    assert {rkk.balancers, platform.balancers, platform.members} == {0}


def test_ports_of_balancers_are_in_the_networks_quota(province: Province) -> None:
    def ports(each: Province) -> int:
        projects = (p for region in plan_province(each).regions for p in region.projects)
        return next(p.quota.network.ports for p in projects if p.code == "gdbos")

    assert ports(province) > ports(offering(province))


# Proof

PORTS = {
    f"gd-gdbos-web-{n}": TracePort(id=f"p{n}", network="n", mac="m", ipv4=f"10.0.0.{n}", ipv6=f"fd00::{n}")
    for n in (1, 2)
}


@pytest.fixture
def plan(province: Province) -> TenantPlan:
    return plan_tenant(province, "gdbos", DAY)


@pytest.fixture
def held(plan: TenantPlan) -> Holdings:
    """A cloud that holds what the plan says."""
    tags = frozenset(plan.balancers[0].labels.as_tags())
    return Holdings(
        balancers={
            "gd-gdbos-web-ipv4": LiveBalancer(
                "ACTIVE", "10.0.0.9", "v4", tags, {443: frozenset({"10.0.0.1", "10.0.0.2"})}
            ),
            "gd-gdbos-web-ipv6": LiveBalancer(
                "ACTIVE", "fd00::9", "v6", tags, {443: frozenset({"fd00::1", "fd00::2"})}
            ),
        },
        records={
            ("web.gdbos.gd.lab.gd.example.", "A"): LiveRecord("ACTIVE", frozenset({"10.0.0.9"})),
            ("web.gdbos.gd.lab.gd.example.", "AAAA"): LiveRecord("ACTIVE", frozenset({"fd00::9"})),
        },
        containers=frozenset({"gd-gdbos-secrets"}),
    )


def failed(checks: Iterable[Check]) -> list[str]:
    return [check.id for check in checks if check.status is not Status.PASSED]


def test_a_cloud_as_planned_passes(plan: TenantPlan, held: Holdings) -> None:
    checks = list(prove(plan, PORTS, held))
    assert len(checks) == 5
    assert failed(checks) == []


def test_an_empty_cloud_fails_everything(plan: TenantPlan) -> None:
    assert len(failed(prove(plan, {}, Holdings({}, {}, frozenset())))) == 5


@pytest.mark.parametrize(
    "fault",
    [
        {"members": {443: frozenset({"10.0.0.1"})}},
        {"members": {}},
        {"members": {443: frozenset({"10.0.0.1", "10.0.0.2"}), 22: frozenset({"10.0.0.1"})}},
        {"status": "ERROR"},
        {"tags": frozenset({"zy:zone=internet"})},
    ],
    ids=["a server is missing", "no listener", "another port", "broken", "labels"],
)
def test_a_balancer_that_differs_fails(plan: TenantPlan, held: Holdings, fault: dict[str, Any]) -> None:
    changed = {**held.balancers, "gd-gdbos-web-ipv4": replace(held.balancers["gd-gdbos-web-ipv4"], **fault)}
    assert failed(prove(plan, PORTS, replace(held, balancers=changed))) == ["cloud.balancer.gd-gdbos-web-ipv4"]


def test_a_name_that_leads_elsewhere_fails(plan: TenantPlan, held: Holdings) -> None:
    key = ("web.gdbos.gd.lab.gd.example.", "AAAA")
    changed = {**held.records, key: LiveRecord("ACTIVE", frozenset({"2001:db8::1"}))}
    wrong = failed(prove(plan, PORTS, replace(held, records=changed)))
    assert wrong == ["cloud.name.web.gdbos.gd.lab.gd.example.aaaa"]
