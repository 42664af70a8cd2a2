"""Properties of the plans that golden files show but do not state."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import pytest

from province.cloud import VolumeClass, Zone
from province.errors import ZyError
from province.province import Province
from stacks.plan.province import plan_province
from stacks.plan.quota import with_room
from stacks.plan.region import plan_region
from stacks.plan.rule import Direction
from stacks.plan.stack import Kind, StackId, limited, parse, waves
from stacks.plan.tenant import plan_tenant

DAY = date(2026, 11, 24)
AFTER = date(2031, 1, 1)


def changed(province: Province, section: str, code: str, **fields: Any) -> Province:
    """The province with some fields of one block changed."""
    blocks = dict(getattr(province, section))
    blocks[code] = blocks[code].model_copy(update=fields)
    return province.model_copy(update={section: blocks})


def numbers(plan: Any) -> list[int]:
    if isinstance(plan, dict):
        return [number for value in plan.values() for number in numbers(value)]
    return [plan] if isinstance(plan, int) else []


def test_waves_are_province_then_regions_then_tenants(province: Province) -> None:
    names = [[str(stack) for stack in wave] for wave in waves(province)]
    assert names == [["province"], ["region-gd", "region-gz"], ["tenant-gdbos", "tenant-rkk", "tenant-zct"]]


def test_limit_keeps_the_order_and_ignores_targets_of_other_rooms(province: Province) -> None:
    assert limited(province, ["tenant-zct", "province", "gd-pe-1"]) == (
        (StackId(Kind.PROVINCE),),
        (StackId(Kind.TENANT, "zct"),),
    )
    assert limited(province, []) == waves(province)


def test_unknown_stack_is_refused(province: Province) -> None:
    with pytest.raises(ZyError) as raised:
        parse("tenant-nobody", province)
    assert raised.value.code == "ZY-CLD-002"
    assert "tenant-gdbos" in raised.value.fix


def test_no_quota_is_unlimited_and_each_holds_what_is_declared(province: Province) -> None:
    for region in plan_province(province).regions:
        for project in region.projects:
            assert all(number >= 0 for number in numbers(asdict(project.quota)))
    quota = {p.code: p.quota for region in plan_province(province).regions for p in region.projects}
    assert quota["gdbos"].compute.instances == with_room(4)
    assert quota["gdbos"].compute.cores == with_room(5)
    assert quota["rkk"].storage.gigabytes == with_room(2)
    assert quota["zct"].storage.volumes == 0


def test_tenants_may_not_make_routers(province: Province) -> None:
    for region in plan_province(province).regions:
        assert {p.quota.network.routers for p in region.projects if p.code != "platform"} == {0}


def test_only_the_exchange_has_no_router_and_no_gateway(province: Province) -> None:
    for zone in plan_region(province, "gd", DAY).zones:
        exchange = zone.zone == "exchange"
        assert zone.routed is not exchange
        assert (zone.network.gateway4 == "") is exchange
        assert (zone.network.gateway6 == "") is exchange
        assert zone.network.external is (zone.zone == "internet")


def test_agreement_opens_its_ports_and_nothing_else(province: Province) -> None:
    exchange = plan_region(province, "gd", DAY).exchange
    assert [(port.server, port.project) for port in exchange.ports] == [
        ("gd-gdbos-app-1", "gdbos"),
        ("gd-rkk-api-1", "rkk"),
    ]
    assert all(group.closed for group in exchange.groups)
    rules = [rule for group in exchange.groups for rule in group.rules]
    assert {(rule.direction, rule.port, rule.ethertype) for rule in rules} == {
        (Direction.INGRESS, 8443, "IPv4"),
        (Direction.INGRESS, 8443, "IPv6"),
        (Direction.EGRESS, 8443, "IPv4"),
        (Direction.EGRESS, 8443, "IPv6"),
    }
    assert all(rule.peer.addresses and not rule.peer.anyone for rule in rules)


def test_agreement_that_has_ended_opens_nothing(province: Province) -> None:
    exchange = plan_region(province, "gd", AFTER).exchange
    assert (exchange.ports, exchange.groups, exchange.addresses, exchange.shared_with) == ((), (), (), ())
    tenant = plan_tenant(province, "gdbos", AFTER)
    assert not any(server.exchange for workload in tenant.workloads for server in workload.servers)


def test_agreement_between_regions_is_not_supported_and_says_so(province: Province) -> None:
    agreement = province.agreements["rkk-gdbos"]
    consumer = agreement.consumer.model_copy(update={"system": "zct", "workload": "web"})
    moved = changed(province, "agreements", "rkk-gdbos", consumer=consumer).with_slots(province._slots)
    with pytest.raises(ZyError) as raised:
        plan_region(moved, "gd", DAY)
    assert raised.value.code == "ZY-CLD-001"
    assert raised.value.place.target == "agreements/rkk-gdbos"
    plan_region(moved, "gd", AFTER)


def test_two_agreements_of_a_server_share_one_leg(province: Province) -> None:
    first = province.agreements["rkk-gdbos"]
    consumer = first.consumer.model_copy(update={"workload": "web"})
    second = first.model_copy(update={"code": "rkk-web", "consumer": consumer})
    both = province.model_copy(update={"agreements": {"rkk-gdbos": first, "rkk-web": second}})
    ports = {p.server: p.groups for p in plan_region(both.with_slots(province._slots), "gd", DAY).exchange.ports}
    assert ports["gd-rkk-api-1"] == ("gd-rkk-gdbos-provider", "gd-rkk-web-provider")
    assert ports["gd-gdbos-web-2"] == ("gd-rkk-web-consumer",)


def test_rules_of_a_workload_follow_clients_and_audience(province: Province) -> None:
    groups = {w.code: w.group for w in plan_tenant(province, "gdbos", DAY).workloads}
    assert {(r.port, r.peer.group) for r in groups["db"].rules} == {(5432, "app")}
    assert {(r.port, r.peer.addresses) for r in groups["web"].rules} == {(443, "extranet")}
    web = plan_tenant(province, "zct", DAY).workloads[0].group
    assert {(r.port, r.peer.anyone, r.ethertype) for r in web.rules} == {(443, True, "IPv4"), (443, True, "IPv6")}


def test_workload_without_clients_or_audience_is_closed(province: Province) -> None:
    api = next(w for w in plan_tenant(province, "rkk", DAY).workloads if w.code == "api")
    assert api.group.rules == ()


def test_only_several_servers_are_spread(province: Province) -> None:
    spread = {w.code: w.spread for w in plan_tenant(province, "gdbos", DAY).workloads}
    assert spread == {"web": True, "app": False, "db": False}


def test_a_removed_system_renames_nothing_of_the_others(province: Province) -> None:
    systems = {code: system for code, system in province.systems.items() if code != "gdbos"}
    fewer = province.model_copy(update={"systems": systems, "agreements": {}}).with_slots(province._slots)
    assert plan_tenant(fewer, "zct", DAY) == plan_tenant(province, "zct", DAY)
    before = {zone.zone: zone for zone in plan_region(province, "gd", DAY).zones}
    assert {zone.zone: zone for zone in plan_region(fewer, "gd", DAY).zones} == before


def test_client_that_is_called_like_an_audience_keeps_its_rules(province: Province) -> None:
    system = province.systems["gdbos"]
    web = system.workloads["web"].model_copy(update={"clients": frozenset({"extranet"})})
    workloads = {**system.workloads, "web": web, "extranet": system.workloads["app"]}
    odd = changed(province, "systems", "gdbos", workloads=workloads).with_slots(province._slots)
    group = next(w.group for w in plan_tenant(odd, "gdbos", DAY).workloads if w.code == "web")
    assert len({rule.key for rule in group.rules}) == len(group.rules) == 4


def test_an_image_below_the_systems_level_is_refused(province: Province) -> None:
    weak = changed(province, "images", "debian-12", hardening_level=2).with_slots(province._slots)
    with pytest.raises(ZyError, match="ZY-CLD-050") as raised:
        plan_tenant(weak, "gdbos", DAY)
    assert raised.value.place.target == "systems/gdbos"
    plan_tenant(weak, "zct", DAY)


def test_an_image_of_other_zones_is_refused(province: Province) -> None:
    inner = changed(province, "images", "debian-12", zones=frozenset({Zone.PUBLIC})).with_slots(province._slots)
    with pytest.raises(ZyError, match="ZY-CLD-051"):
        plan_tenant(inner, "zct", DAY)
    plan_tenant(inner, "gdbos", DAY)


def test_volume_classes_become_types_of_each_region_and_reach_the_servers(province: Province) -> None:
    fast = VolumeClass(code="fast", name="高速", name_en="Fast", iops=5000, mib_per_second=200)
    system = province.systems["rkk"]
    db = system.workloads["db"].model_copy(update={"volume_class": "fast", "boot_volume_gib": 3})
    classed = changed(province, "systems", "rkk", workloads={**system.workloads, "db": db}).model_copy(
        update={"volume_classes": {"fast": fast}}
    )
    classed = classed.with_slots(province._slots)
    regions = {each.region: each for each in plan_province(classed).regions}
    assert {each.volume_types[0].name for each in regions.values()} == {"gd-fast", "gz-fast"}
    assert regions["gd"].volume_types[0].bytes_per_second == 200 * 1024 * 1024
    servers = next(w for w in plan_tenant(classed, "rkk", DAY).workloads if w.code == "db").servers
    assert {(s.volume_type, s.volume_gib, s.boot_gib) for s in servers} == {("gd-fast", 2, 3)}
    storage = next(p for p in regions["gd"].projects if p.code == "rkk").quota.storage
    assert (storage.volumes, storage.gigabytes) == (with_room(2), with_room(5))


def test_images_carry_digest_and_hardening_beside_their_labels(province: Province) -> None:
    image = plan_province(province).regions[0].images[0]
    assert image.properties() == {
        **image.labels.as_metadata(),
        "zy:sha256": province.images["debian-12"].sha256,
        "zy:hardening-level": "3",
    }
