"""The cloud for real: Pulumi, our provider and policies, on the lab's running cloud ``gd``.

The province of ``inventory/`` has one small region of its own, beside whatever else the cloud holds. The tests are
skipped where no cloud runs.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openstack.exceptions import HttpException

from province.errors import ZyErrors
from province.load import load
from province.record import Operation, Outcome, Severity, Status
from stacks.plan.stack import Kind, StackId, waves
from stacks.room import QUOTAS, CloudRoom
from stacks.tools import Tools
from tests.lab.cloud_of_the_test_province import DAY, LAB, Cloud, needs_cloud, province_on_the_cloud
from tests.lab.killed_apply import apply_until


@pytest.fixture(scope="module")
def cloud(tools: Tools) -> Iterator[Cloud]:
    with province_on_the_cloud("cloud", tools, shape=_widen) as made:
        yield made


@pytest.fixture(scope="module")
def failed_before(request: pytest.FixtureRequest) -> list[int]:
    """How many tests had failed whenever the cloud was as declared."""
    return [request.session.testsfailed]


@pytest.fixture
def up(cloud: Cloud, request: pytest.FixtureRequest, failed_before: list[int]) -> Cloud:
    """Applied as declared: each test that passes leaves it so, and after one that has failed it is applied again."""
    failed = request.session.testsfailed
    if failed != failed_before[-1] or not cloud.room.workspace.exists(StackId(Kind.TENANT, "asks")):
        cloud.bring_up()
        failed_before.append(failed)
    return cloud


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What a whole apply tells of its progress."""
    return []


def _widen(inventory: Path, connection: Any) -> None:
    """One more system, of IPv6 alone; and the region in two availability zones.

    Not in zones where others' servers stand on the hosts: Nova then puts these into none.
    """
    (inventory / "single-stack.yaml").write_text(SINGLE_STACK, encoding="utf-8")
    if not any(connection.compute.servers(all_projects=True)):
        text = (inventory / "province.yaml").read_text(encoding="utf-8")
        text = text.replace("\nsystems:\n", f"{ZONES}\nsystems:\n", 1)
        text = text.replace("web: {count: 2, ", "web: {count: 2, availability_zones: [east, west], ")
        (inventory / "province.yaml").write_text(text, encoding="utf-8")


ZONES = """\
    availability_zones:
      east: {name: 东区, name_en: East, hosts: [gd-compute-1]}
      west: {name: 西区, name_en: West, hosts: [gd-compute-2]}
"""
SINGLE_STACK = """\
systems:
  six:
    name: 单栈系统
    name_en: System of IPv6 alone
    department: aaa
    region: ta
    zone: public
    mlps_level: 3
    data_class: general
    image: blank
    families: ipv6
    rpo_minutes: 60
    rto_minutes: 60
    workloads:
      web: {count: 2, flavor: t1.tiny, ports: [443], audience: extranet}
agreements:
  gives-six:
    name: 单栈供数协议
    name_en: Agreement on giving over IPv6
    provider: {system: gives, workload: api}
    consumer: {system: six, workload: web}
    resource: TEST-0002
    ports: [8443]
    purpose: 试验
    valid_from: 2026-01-01
    valid_until: 2090-12-31
"""


@needs_cloud
def test_first_apply_makes_all_and_the_second_plan_is_empty(cloud: Cloud, told: list[str]) -> None:
    plan = cloud.room.plan([])
    assert {action.operation for action in plan.actions} == {Operation.CREATE}
    assert [finding for finding in plan.findings if finding.severity is Severity.MANDATORY] == []
    assert cloud.ours() == []
    results = cloud.apply(plan, told.append)
    assert [(result.target, result.outcome, result.message) for result in results] == [
        (name, Outcome.CHANGED, "") for name in ("province", "region-ta", "tenant-asks", "tenant-gives", "tenant-six")
    ]
    second = cloud.room.plan([])
    assert (second.actions, second.waves) == ((), ())
    assert cloud.room.live([]) == second.live != plan.live
    # Nova loses members of an anti-affinity group that come at once
    made = cloud.room.workspace.state(StackId(Kind.TENANT, "asks"))["resources"]
    servers = {each["urn"].split("::")[-1]: each for each in made if each["type"].endswith(":Instance")}
    assert servers["ta-asks-web-1"]["urn"] in servers["ta-asks-web-2"]["dependencies"]
    # files that Pulumi's library would write in place, so that a kill leaves them empty and the state unreadable
    assert list(cloud.room.places.backend.rglob("*.attrs")) == []


@needs_cloud
def test_all_checks_pass_and_open_and_closed_paths_are_among_them(up: Cloud) -> None:
    checks = up.room.verify([])
    assert [(check.id, check.actual) for check in checks if check.status is not Status.PASSED] == []
    drives = [check.id for check in checks if check.id.startswith("cloud.config-drive.")]
    assert drives == [f"cloud.config-drive.ta-{name}" for name in ("asks-app", "asks-web", "gives-api", "six-web")]
    traced = {check.id: check.expected for check in checks if "ovn-trace" in check.evidence}
    for family in ("ipv4", "ipv6"):
        assert traced[f"cloud.agreement.gives-asks.open.{family}"] == "delivered"
        assert traced[f"cloud.agreement.gives-asks.other-port.{family}"] == "dropped"
        assert traced[f"cloud.isolation.asks-gives.{family}"] == "dropped"
    assert traced["cloud.agreement.gives-six.open.ipv6"] == "delivered"
    assert not any("six" in id_ and "outsider" not in id_ and id_.endswith(".ipv4") for id_ in traced)
    names = {check.id for check in checks if check.target == "tenant-six" and "ovn-trace" not in check.evidence}
    assert names == {
        *(f"cloud.server.ta-six-web-{number}" for number in (1, 2)),
        "cloud.spread.ta-six-web",
        "cloud.service-class.network.ta-six",
        "cloud.config-drive.ta-six-web",
        "cloud.ipv6-only.ta-six",
        "cloud.balancer.ta-six-web-ipv6",
        "cloud.name.web.six.ta.test.example.aaaa",
        "cloud.secrets.ta-six-secrets",
    }


@needs_cloud
def test_servers_stand_in_their_zones_and_a_zone_changed_by_hand_is_planned_back(up: Cloud) -> None:
    if not up.room.province.regions["ta"].availability_zones:
        pytest.skip("others' servers stand on the hosts, so Nova puts them into no zone")
    compute = up.connection.compute
    held = {each.name: each.availability_zone for each in compute.servers(all_projects=True)}
    assert [held[f"ta-asks-web-{number}"] for number in (1, 2)] == ["ta-east", "ta-west"]
    expected = {each.id: each.expected for each in up.room.verify([])}
    assert expected["cloud.places.ta-asks-web"] == "evenly over ta-east, ta-west"
    aggregate = next(each for each in compute.aggregates() if each.name == "ta-east")
    compute.set_aggregate_metadata(aggregate, {"zy:data-centre": "?"})
    failed = [(each.id, each.actual) for each in up.room.verify([]) if each.status is not Status.PASSED]
    assert failed == [("cloud.availability-zone.ta-east", "zone ta-east: gd-compute-1; labels right; ?")]
    (action,) = up.room.plan([]).actions
    assert (action.target, action.object, action.operation) == ("region-ta", "Aggregate ta-east", Operation.UPDATE)
    up.bring_up()
    assert [each.id for each in up.room.verify([]) if each.status is not Status.PASSED] == []


@needs_cloud
def test_servers_that_run_stay_where_they_are_and_their_hosts_in_their_zones(up: Cloud, tmp_path: Path) -> None:
    folder = shutil.copytree(up.room.places.inventory, tmp_path / "inventory")
    text = (folder / "province.yaml").read_text(encoding="utf-8")
    if "availability_zones: [east, west]" not in text:
        pytest.skip("others' servers stand on the hosts, so Nova puts them into no zone")

    def room(text: str) -> CloudRoom:
        (folder / "province.yaml").write_text(text, encoding="utf-8")
        return replace(up.room, province=load(folder), places=replace(up.room.places, inventory=folder))

    driveless = room(text.replace("metadata_service: false", "metadata_service: true"))
    assert driveless.plan([]).actions == (), "or all servers would be replaced, with their disks"
    elsewhere = room(text.replace("app: {count: 1, ", "app: {count: 1, availability_zones: [west], "))
    assert elsewhere.plan([]).actions == (), "or the server would be"
    live = {each.name: each.availability_zone for each in up.connection.compute.servers(all_projects=True)}
    stays = live["ta-asks-app-1"] == "ta-west"
    assert [each.id for each in elsewhere.verify([]) if each.status is not Status.PASSED] == (
        [] if stays else ["cloud.places.ta-asks-app"]
    )
    gone = text.replace("availability_zones: [east, west], ", "").replace("hosts: [gd-compute-2]", "hosts: [gd-none]")
    with pytest.raises(ZyErrors) as refused:
        room(gone).plan([])
    assert sorted(error.code for error in refused.value.errors) == ["ZY-CLD-085", "ZY-CLD-087"]


@needs_cloud
def test_neutron_refuses_subnets_beside_the_address_plan(up: Cloud) -> None:
    network = up.connection.network
    pools = {pool.id: pool for pool in network.subnet_pools() if pool.name.startswith("ta-")}
    held = {each.name: pools[each.subnet_pool_id].name for each in network.subnets() if each.name.startswith("ta-")}
    families = [f"-ipv{family}" for family in (4, 6)]
    zones = {f"ta-{zone}{end}": f"ta-zone{end}" for zone in ("public", "dedicated", "exchange") for end in families}
    systems = {f"ta-{system}{end}": f"ta-system{end}" for system in ("asks", "gives") for end in families}
    assert held == {**zones, **systems, "ta-six-ipv6": "ta-system-ipv6"}
    taken = next(network.subnets(name="ta-asks-ipv4")).cidr
    pool = next(pool for pool in pools.values() if pool.name == "ta-system-ipv4")
    stranger = network.create_network(name="ta-stranger")
    try:
        for cidr, why in (
            ("10.44.0.0/24", "Cannot allocate requested subnet from the available set of prefixes"),
            (taken, "Cannot allocate requested subnet from the available set of prefixes"),
            ("10.159.0.0/25", "maximum allowed prefix is 24"),
        ):
            with pytest.raises(HttpException, match=why):
                network.create_subnet(network_id=stranger.id, ip_version=4, subnet_pool_id=pool.id, cidr=cidr)
        with pytest.raises(HttpException, match="must have unique prefixes"):
            network.create_subnet_pool(
                name="ta-stranger", prefixes=["10.159.0.0/16"], address_scope_id=pool.address_scope_id
            )
    finally:
        network.delete_network(stranger)


@needs_cloud
def test_limit_changed_by_hand_fails_its_check_and_is_planned_back(up: Cloud) -> None:
    network = up.connection.network
    policy = next(network.qos_policies(name="ta-priority"))
    limits = {rule.direction: rule for rule in network.qos_bandwidth_limit_rules(policy)}
    assert {way: rule.max_kbps for way, rule in limits.items()} == {"egress": 200_000, "ingress": 200_000}
    port = next(network.ports(name="ta-asks-app-1")).id
    assert _qos_at(port) == {("inport", "rate=200000", "dscp=26"), ("outport", "rate=200000", "")}
    network.update_qos_bandwidth_limit_rule(limits["ingress"], policy, max_kbps=1000)
    failed = [(each.id, each.actual) for each in up.room.verify([]) if each.status is not Status.PASSED]
    assert [id_ for id_, _ in failed] == ["cloud.service-class.ta-priority"]
    assert "ingress 1000 kbit/s" in failed[0][1]
    (action,) = up.room.plan([]).actions
    assert (action.target, action.operation) == ("region-ta", Operation.UPDATE)
    assert action.object == "QosBandwidthLimitRule ta-priority-ingress"
    up.bring_up()
    assert [each.id for each in up.room.verify([]) if each.status is not Status.PASSED] == []
    assert up.room.plan([]).actions == ()


def _qos_at(port: str) -> set[tuple[str, str, str]]:
    """Limits and marks at a port in OVN's own database: direction as the switch sees it, kbit/s, mark."""
    remote = json.loads((LAB / "ovn.json").read_text(encoding="utf-8"))["gd"]
    shape = ["--format=csv", "--data=bare", "--no-headings", "--columns=match,bandwidth,action"]
    command = ["ovn-nbctl", f"--db={remote}", *shape, "list", "QoS"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = csv.reader(listed.splitlines())
    return {(match.split(" ")[0], rate, mark) for match, rate, mark in rows if port in match}


@needs_cloud
def test_class_that_a_system_has_left_is_taken_off_by_hand(up: Cloud, tmp_path: Path) -> None:
    """The provider would leave it on the network, and the plan would be empty."""
    folder = shutil.copytree(up.room.places.inventory, tmp_path / "inventory")
    text = (folder / "province.yaml").read_text(encoding="utf-8")
    (folder / "province.yaml").write_text(text.replace("    service_class: priority\n", ""), encoding="utf-8")
    room = replace(up.room, province=load(folder), places=replace(up.room.places, inventory=folder))
    with pytest.raises(ZyErrors, match="ZY-CLD-083"):
        room.plan([])
    (check,) = [each for each in room.verify(["tenant-asks"]) if each.status is not Status.PASSED]
    assert (check.id, check.actual) == ("cloud.service-class.network.ta-asks", "ta-priority")
    network = next(up.connection.network.networks(name="ta-asks"))
    up.connection.network.update_network(network, qos_policy_id=None)
    assert room.plan([]).actions == ()
    back = up.room.plan([])
    assert [(a.object, a.operation) for a in back.actions] == [("Network ta-asks", Operation.UPDATE)]
    up.apply(back)


@needs_cloud
def test_agreement_that_has_ended_closes_its_path(up: Cloud) -> None:
    later = Cloud(replace(up.room, today=date(2091, 1, 1)), up.connection)
    later.bring_up()
    assert ("port", "ta-gives-api-1-exchange") not in later.ours()
    assert later.room.plan([]).actions == ()
    up.bring_up()
    assert ("port", "ta-gives-api-1-exchange") in up.ours()
    opened = {check.id: check.status for check in up.room.verify(["region-ta"]) if ".open." in check.id}
    paths = ("gives-asks.open.ipv4", "gives-asks.open.ipv6", "gives-six.open.ipv6")
    assert opened == {f"cloud.agreement.{path}": Status.PASSED for path in paths}


@needs_cloud
def test_change_by_hand_is_planned_back_and_refuses_an_older_plan(up: Cloud) -> None:
    network = next(each for each in up.connection.network.networks() if each.name == "ta-asks")
    before = up.room.plan([])
    up.connection.network.set_tags(network, ["zy:zone=internet"])
    now = up.room.plan([])
    (action,) = now.actions
    assert (action.target, action.object, action.operation) == ("tenant-asks", "Network ta-asks", Operation.UPDATE)
    assert "zy:zone=public" in action.diff
    stale = before.model_copy(update={"payload": {"today": DAY.isoformat(), "modes": {"tenant-asks": "up"}}})
    (refused,) = up.room.apply(stale, now.waves[0][0], lambda _line: None)
    assert refused.outcome is Outcome.FAILED
    assert refused.message.startswith("ZY-CLD-010")
    up.apply(now)
    assert up.room.plan([]).actions == ()


@needs_cloud
def test_label_of_a_server_changed_by_hand_fails_its_check(up: Cloud) -> None:
    """The provider does not read a server's metadata back, so a plan cannot see this; verification does."""
    server = next(s for s in up.connection.compute.servers(all_projects=True) if s.name == "ta-asks-app-1")
    up.connection.compute.set_server_metadata(server, **{"zy:zone": "internet"})
    failed = [check for check in up.room.verify(["tenant-asks"]) if check.status is Status.FAILED]
    up.connection.compute.set_server_metadata(server, **{"zy:zone": "public"})
    assert [(check.id, "zy:zone" in check.actual) for check in failed] == [("cloud.server.ta-asks-app-1", True)]


@needs_cloud
def test_cloud_that_does_not_answer_is_a_clear_error_and_a_failed_check(cloud: Cloud, tmp_path: Path) -> None:
    text = cloud.room.places.clouds.read_text(encoding="utf-8")
    port = next(part for part in text.replace("/v3", "").split(":") if part.strip()[:5].isdigit()).strip()[:5]
    dead = tmp_path / "clouds.yaml"
    dead.write_text(text.replace(port, "1"), encoding="utf-8")
    places = replace(cloud.room.places, clouds=dead, state=tmp_path / "state")
    room = replace(cloud.room, places=places)
    (check,) = room.verify([])
    assert (check.id, check.status) == ("cloud.region.ta", Status.FAILED)
    with pytest.raises(Exception, match="ZY-CLD-070"):
        room.plan([])


@needs_cloud
def test_removed_system_is_taken_down_first_and_the_others_are_let_be(up: Cloud, tmp_path: Path) -> None:
    folder = shutil.copytree(up.room.places.inventory, tmp_path / "inventory")
    text = (folder / "province.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("  asks:\n")
    fewer = head + rest[rest.index("  gives:\n") : rest.index("\nagreements:")] + "\n"
    (folder / "province.yaml").write_text(fewer, encoding="utf-8")
    room = replace(up.room, province=load(folder), places=replace(up.room.places, inventory=folder))
    plan = room.plan([])
    assert plan.waves[0][0].name == "tenant-asks"
    assert plan.waves[-1][0].name == QUOTAS, "the agreement's groups must go before the quota that they need"
    assert all(action.operation is Operation.DELETE for action in plan.actions if action.target == "tenant-asks")
    results = Cloud(room, up.connection).apply(plan)
    assert [result.message for result in results if result.outcome is Outcome.FAILED] == []
    assert [thing for thing in up.ours() if thing[1].startswith("ta-asks")] == []
    assert room.plan([]).actions == ()
    server = next(s for s in up.connection.compute.servers(all_projects=True) if s.name == "ta-gives-api-1")
    assert server.status == "ACTIVE"


@needs_cloud
def test_an_apply_killed_at_random_points_is_resumed_to_the_same_cloud(cloud: Cloud, told: list[str]) -> None:
    """``$ZY_KILLS`` says how often (1; a soak takes 20), ``$ZY_SEED`` repeats a run whose seed a failure has told."""
    seed = int(os.environ.get("ZY_SEED") or random.randrange(2**32))
    chance = random.Random(seed)
    lines = len(told or apply_until(cloud, lambda _lines: False))
    for number in range(int(os.environ.get("ZY_KILLS") or 1)):
        cloud.apply(cloud.room.destroy_plan())
        assert cloud.ours() == []
        killed = apply_until(cloud, partial(_are, chance.randrange(1, lines)))
        where = f"seed {seed}, kill {number}: after line {len(killed)} of {lines}, {killed[-1]}"
        print(where)
        results = cloud.apply(cloud.room.plan([]))
        assert [result.message for result in results if result.outcome is Outcome.FAILED] == [], where
        assert [thing for thing, count in Counter(cloud.ours()).items() if count > 1] == [], where
        assert cloud.room.plan([]).actions == (), where
        assert [check.id for check in cloud.room.verify([]) if check.status is not Status.PASSED] == [], where


def _are(count: int, lines: Sequence[str]) -> bool:
    return len(lines) == count


@needs_cloud
def test_destroy_leaves_nothing_of_ours(up: Cloud) -> None:
    before = up.ownerless_groups()
    results = up.apply(up.room.destroy_plan())
    assert [result.message for result in results if result.outcome is Outcome.FAILED] == []
    assert up.ours() == []
    assert up.ownerless_groups() == before
    assert not any(up.room.workspace.exists(stack) for wave in waves(up.room.province) for stack in wave)
