"""Availability zones: host aggregates, servers in them by turns, and those that stand elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from policies import metric
from province.cloud import AvailabilityZone
from province.province import Province
from province.record import Check, Status
from stacks import adopt, register, situation
from stacks.availability_zones import LiveAggregate, live_aggregates, prove_places, prove_zones
from stacks.failure import explain
from stacks.plan.region import RegionPlan, plan_region
from stacks.plan.tenant import TenantPlan, plan_tenant
from stacks.preflight import preflight
from stacks.region import make_region
from stacks.situation import LiveHost
from stacks.tenant import make_tenant
from tests.unit.stacks.asked import asked
from tests.unit.stacks.test_preflight import WELL

DAY = date(2026, 11, 24)
CINDER = "openstack:blockstorage/getAvailabilityZonesV3:getAvailabilityZonesV3"


def zoned(province: Province) -> Province:
    """Its region ``gz`` in two zones, the second in a data centre of its own, and the servers of ``zct`` in both."""
    gz, zct = province.regions["gz"], province.systems["zct"]
    other = gz.data_centre.model_copy(update={"name": "南沙数据中心", "pue": 1.19, "capacity_vcpus": 500})
    zones = {
        "east": AvailabilityZone(code="east", name="东区", name_en="East", hosts=frozenset({"gz-compute-1"})),
        "west": AvailabilityZone(
            code="west", name="西区", name_en="West", data_centre=other, hosts=frozenset({"gz-compute-2"})
        ),
    }
    web = zct.workloads["web"].model_copy(
        update={"availability_zones": frozenset(zones), "count": 3, "volume_gib": 1, "boot_volume_gib": 1}
    )
    return province.model_copy(
        update={
            "regions": {**province.regions, "gz": gz.model_copy(update={"availability_zones": zones})},
            "systems": {**province.systems, "zct": zct.model_copy(update={"workloads": {"web": web}})},
        }
    )


@pytest.fixture
def region(province: Province) -> RegionPlan:
    return plan_region(zoned(province), "gz", DAY)


@pytest.fixture
def tenant(province: Province) -> TenantPlan:
    return plan_tenant(zoned(province), "zct", DAY)


def test_each_zone_is_an_aggregate_of_its_name_with_its_data_centre(region: RegionPlan) -> None:
    assert [(each.name, each.hosts, each.data_centre) for each in region.aggregates] == [
        ("gz-east", ("gz-compute-1",), "广州数据中心"),
        ("gz-west", ("gz-compute-2",), "南沙数据中心"),
    ]
    requests = asked(lambda: make_region(region))
    made = requests["AggregateV2", "gz-west"].object
    assert (made["name"], made["zone"], list(made["hosts"])) == ("gz-west", "gz-west", ["gz-compute-2"])
    assert made["metadata"]["zy:data-centre"] == "南沙数据中心"
    assert made["metadata"]["zy:system"] == "platform"


def test_a_region_without_zones_asks_for_nothing_new(province: Province) -> None:
    requests = asked(lambda: make_region(plan_region(province, "gz", DAY)))
    assert not any(kind in ("AggregateV2", "AvailabilityZones") for kind, _ in requests)
    asked_for = asked(lambda: make_tenant(plan_tenant(province, "rkk", DAY)))
    for kind, name in asked_for:
        assert "availabilityZone" not in asked_for[kind, name].object
        assert name != "gd-rkk-operator"


def test_servers_take_turns_and_volumes_follow_only_where_cinder_has_the_zone(tenant: TenantPlan) -> None:
    requests = asked(lambda: make_tenant(tenant), {CINDER: {"names": ["gz-west", "nova"], "id": "1"}})

    def zones(kind: str, end: str = "") -> list[str]:
        found = (requests[kind, f"gz-zct-web-{number}{end}"].object for number in (1, 2, 3))
        return [dict(each.items()).get("availabilityZone", "") for each in found]

    assert zones("Instance") == ["gz-east", "gz-west", "gz-east"]
    assert zones("Volume", "-data") == zones("Volume", "-boot") == ["", "gz-west", ""]


def test_what_runs_already_stays_where_it_is(tenant: TenantPlan) -> None:
    """Else the provider would replace a server, with its disk, when its zone is declared."""
    requests = asked(lambda: make_tenant(tenant), {CINDER: {"names": [], "id": "1"}})
    for kind, name in (
        ("Instance", "gz-zct-web-1"),
        ("Volume", "gz-zct-web-1-data"),
        ("Volume", "gz-zct-web-1-boot"),
    ):
        assert "availabilityZone" in list(requests[kind, name].ignoreChanges)


def test_energy_and_capacity_are_of_all_data_centres(province: Province) -> None:
    gz = zoned(province).regions["gz"]
    assert [centre.name for centre in gz.data_centres] == ["广州数据中心", "南沙数据中心"]
    assert (metric._pue(gz), metric._capacity(gz)) == (1.3, 2500)


# Live


def live(region: RegionPlan) -> dict[str, LiveAggregate]:
    return {
        each.name: LiveAggregate(each.name, frozenset(each.hosts), each.labels, each.data_centre)
        for each in region.aggregates
    }


def wrong(checks: Any) -> list[tuple[str, str]]:
    found: list[Check] = list(checks)
    return [(check.id, check.actual) for check in found if check.status is not Status.PASSED]


def test_zones_as_declared_pass_and_others_fail(region: RegionPlan) -> None:
    fine = live(region)
    assert wrong(prove_zones(region, fine)) == []
    assert wrong(prove_zones(region, {})) == [
        ("cloud.availability-zone.gz-east", "absent"),
        ("cloud.availability-zone.gz-west", "absent"),
    ]
    for change, seen in (
        ({"hosts": frozenset()}, "zone gz-east: no host; labels right; 广州数据中心"),
        ({"zone": ""}, "zone none: gz-compute-1; labels right; 广州数据中心"),
        ({"labels": None}, "zone gz-east: gz-compute-1; labels wrong; 广州数据中心"),
        ({"data_centre": "?"}, "zone gz-east: gz-compute-1; labels right; ?"),
    ):
        changed: dict[str, Any] = change
        bad = {**fine, "gz-east": replace(fine["gz-east"], **changed)}
        assert wrong(prove_zones(region, bad)) == [("cloud.availability-zone.gz-east", seen)]


@pytest.mark.parametrize(
    ("zones", "seen"),
    [
        (("gz-east", "gz-west", "gz-east"), None),
        (("gz-west", "gz-west", "gz-east"), None),
        (("gz-east", "gz-east", "gz-east"), "3 in gz-east"),
        (("gz-east", "gz-west", "nova"), "1 in gz-east, 1 in gz-west, 1 in nova"),
        (("gz-east", "gz-west", ""), "1 in none, 1 in gz-east, 1 in gz-west"),
        (("gz-east", "gz-west"), "1 in absent, 1 in gz-east, 1 in gz-west"),
    ],
)
def test_servers_that_are_not_spread_fail(tenant: TenantPlan, zones: tuple[str, ...], seen: str | None) -> None:
    found = {f"gz-zct-web-{number}": zone for number, zone in enumerate(zones, 1)}
    assert wrong(prove_places(tenant, found)) == ([("cloud.places.gz-zct-web", seen)] if seen else [])


def test_a_workload_of_no_zone_is_not_asked_for_its_place(province: Province) -> None:
    assert list(prove_places(plan_tenant(province, "zct", DAY), {})) == []


class Nova:
    """Nova with one zone of ours, one aggregate without a zone, and a server on the second of three hosts."""

    def __init__(self, metadata: dict[str, str]) -> None:
        self.compute = self
        self._metadata = metadata

    def aggregates(self) -> list[Any]:
        ours = {**self._metadata, "availability_zone": "gz-east"}
        return [
            SimpleNamespace(id=1, name="gz-east", availability_zone="gz-east", hosts=["a"], metadata=ours),
            SimpleNamespace(id=2, name="ssd", availability_zone=None, hosts=["a", "b"], metadata={"ssd": "true"}),
            SimpleNamespace(id=3, name="old", availability_zone="old", hosts=["c"], metadata=None),
        ]

    def services(self, *, binary: str) -> list[Any]:
        assert binary == "nova-compute"
        return [SimpleNamespace(host=host) for host in "abc"]


def test_aggregates_and_hosts_are_read(region: RegionPlan) -> None:
    nova = Nova(dict(region.aggregates[0].metadata))
    found = live_aggregates(nova)
    assert found["gz-east"] == LiveAggregate("gz-east", frozenset({"a"}), region.aggregates[0].labels, "广州数据中心")
    assert found["ssd"] == LiveAggregate("", frozenset({"a", "b"}), None, "?")
    servers = [SimpleNamespace(compute_host="b"), SimpleNamespace(compute_host=None)]
    assert situation._hosts(nova, servers) == {
        "a": LiveHost("gz-east", 0, ours=True),
        "b": LiveHost("", 1),
        "c": LiveHost("old", 0),
    }
    kind = "openstack:compute/aggregateV2:AggregateV2"
    assert adopt._FINDERS[kind](nova, {"name": "ssd"}) == 2
    assert adopt._FINDERS[kind](nova, {"name": "gz-west"}) is None


def test_an_aggregate_nobody_declared_is_said_to_be_so_though_its_number_is_ours_elsewhere(region: RegionPlan) -> None:
    nova = Nova(dict(region.aggregates[0].metadata))
    kind = next(each for each in register._KINDS if each.kind == "host-aggregate")
    found = [register._asset("gz", kind, each, {}, frozenset({"1", "2"})) for each in kind.list(nova)]
    assert [(each.id, each.name, each.detail, each.declared) for each in found] == [
        ("1", "gz-east", "zone gz-east, 1 hosts", True),
        ("2", "ssd", "zone none, 2 hosts", False),
        ("3", "old", "zone old, 1 hosts", False),
    ]
    assert len(register.once([found[0], replace(found[0], region="gd")], {"gz": "440100", "gd": "440000"})) == 2


# Before an apply

FREE = LiveHost("", 0)
IN_EAST = LiveHost("gz-east", 7, ours=True)


@pytest.mark.parametrize(
    ("hosts", "codes"),
    [
        ({"gz-compute-1": FREE, "gz-compute-2": FREE, "gz-compute-3": LiveHost("", 9)}, []),
        ({"gz-compute-1": IN_EAST, "gz-compute-2": FREE}, []),
        ({"gz-compute-1": IN_EAST, "gz-compute-2": FREE, "other": LiveHost("gz-old", 1)}, []),
        ({"gz-compute-1": FREE}, ["ZY-CLD-085"]),
        ({"gz-compute-1": FREE, "gz-compute-2": LiveHost("gz-east", 0, ours=True)}, ["ZY-CLD-086"]),
        ({"gz-compute-1": FREE, "gz-compute-2": LiveHost("theirs", 0)}, ["ZY-CLD-086"]),
        ({"gz-compute-1": LiveHost("", 1), "gz-compute-2": FREE}, ["ZY-CLD-087"]),
        ({"gz-compute-1": FREE, "gz-compute-2": FREE, "other": LiveHost("gz-old", 1, ours=True)}, ["ZY-CLD-087"]),
        ({"gz-compute-1": FREE, "gz-compute-2": FREE, "other": LiveHost("gz-old", 0, ours=True)}, []),
    ],
)
def test_hosts_that_nova_would_refuse_are_found_before(
    province: Province, hosts: dict[str, LiveHost], codes: list[str]
) -> None:
    well = replace(WELL, hosts=hosts, capacity=None)
    found = [(error.code, error.place.target) for error in preflight(zoned(province), "gz", well)]
    assert found == [(code, "region-gz") for code in codes]


def test_refusal_of_nova_in_mid_apply_is_explained() -> None:
    said = (
        "Error adding host gz-compute-1 to OpenStack aggregate: Expected HTTP response code [200] when accessing [POST"
        " http://127.0.0.1/os-aggregates/1/action], but got 409 instead: Cannot add host to aggregate 1. Reason: "
        "The host cannot be added to the aggregate as the availability zone of the host would change from 'None' to "
        "'gz-east' but the host already has 1 instance(s)."
    )
    assert explain("region-gz", [said]).code == "ZY-CLD-087"
