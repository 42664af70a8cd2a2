"""The lab's cloud itself: both regions, kept apart, reset and repaired: a cloud of our own beside the lab's.

ZY_LAB_HOME names the state of a lab that already runs, to try that one instead (its cloud is reset).
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import openstack
import pytest

from lab.openstack import cloud, database, health, ovn
from lab.openstack.passwords import obtain
from lab.openstack.place import Home
from lab.openstack.services import services
from lab.openstack.spec import Spec
from lab.process import send
from zhengyun.places import Places
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.store import Store

REGIONS = ("gd", "gz")
PORT_SHIFT = 500
"""Away from the lab's own ports, and from those of other labs (see zhengyun/laboratory.py)."""


@pytest.fixture(scope="module")
def spec() -> Iterator[Spec]:
    if "ZY_LAB_HOME" in os.environ:
        found = cloud.recall(Path(os.environ["ZY_LAB_HOME"]) / "openstack")
        cloud.up(found, print)
        yield found
        return
    places = Places.here()
    # not below pytest's folder: the services' own users could not get there
    home = places.state / "test-openstack"
    own = Spec(home, Store(places.cache, CATALOGUE).place(["openstack"])["openstack"].path, port_shift=PORT_SHIFT)
    cloud.wipe(own)  # what a test run that was killed has left
    try:
        cloud.up(own, print)
        yield own
    finally:
        cloud.wipe(own)


@pytest.fixture
def connect(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(Home(spec.home).clouds))
    yield lambda region: openstack.connect(cloud=region)
    cloud.reset(spec)


@pytest.mark.parametrize("region", REGIONS)
def test_all_services_are_up(connect: Callable[[str], Any], region: str) -> None:
    seen = connect(region)
    hosts = {f"{region}-compute-1", f"{region}-compute-2"}
    compute = [service for service in seen.compute.services() if service.state == "up"]
    assert {service.host for service in compute if service.binary == "nova-compute"} == hosts
    assert {service.binary for service in compute} == {"nova-compute", "nova-conductor", "nova-scheduler"}
    assert {agent.host for agent in seen.network.agents() if agent.is_alive} == hosts
    assert {s.binary for s in seen.block_storage.services() if s.state == "up"} == {"cinder-scheduler", "cinder-volume"}
    assert list(seen.image.images()) == []


def test_status_has_nothing_to_say(spec: Spec) -> None:
    assert cloud.status(spec) == []


def test_regions_are_apart(connect: Callable[[str], Any], spec: Spec) -> None:
    gd, gz = map(connect, REGIONS)
    network = gd.network.create_network(name="only-in-gd")
    assert gd.network.find_network("only-in-gd") is not None
    assert gz.network.find_network("only-in-gd") is None
    switch = f"neutron-{network.id}"
    assert [switch in _switches(spec, region) for region in REGIONS] == [True, False]


def test_reset_forgets_in_both_regions_and_in_ovn(connect: Callable[[str], Any], spec: Spec) -> None:
    made = {region: connect(region).network.create_network(name="passing") for region in REGIONS}
    project = connect("gd").identity.create_project(name="passing", domain_id="default")
    changed = cloud.reset(spec)
    assert {"neutron_gd.networks", "neutron_gz.networks", "keystone.project"} <= set(changed)
    for region in REGIONS:
        assert connect(region).network.find_network("passing") is None
        assert f"neutron-{made[region].id}" not in _switches(spec, region)
    assert connect("gd").identity.find_project(project.id) is None
    assert cloud.reset(spec) == []
    assert cloud.status(spec) == []


def test_servers_become_active_on_different_hosts(connect: Callable[[str], Any]) -> None:
    gz = connect("gz")
    network = gz.network.create_network(name="net")
    gz.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/24")
    image = gz.create_image("empty", data=b"\0" * 512, disk_format="raw", container_format="bare", wait=True)
    flavor = gz.compute.create_flavor(name="small", ram=512, vcpus=1, disk=1)
    group = gz.compute.create_server_group(name="apart", policy="anti-affinity")
    servers = [
        gz.create_server(f"s{n}", image=image, flavor=flavor, network=network.id, group=group.id, wait=False)
        for n in (1, 2)
    ]
    ready = [gz.compute.wait_for_server(server, wait=120, interval=0.5) for server in servers]
    assert len({server.hypervisor_hostname for server in ready}) == 2
    # Nova's fake driver does not wait for its ports, as real ones do.
    ports = {"network_id": network.id, "device_owner": "compute:az1"}
    _until(lambda: [port.status for port in gz.network.ports(**ports)] == ["ACTIVE"] * 2)


def test_external_network_on_the_provider_network(connect: Callable[[str], Any]) -> None:
    for region in REGIONS:
        external = connect(region).network.create_network(
            name="outside",
            is_router_external=True,
            provider_network_type="vlan",
            provider_physical_network="physnet1",
            provider_segmentation_id=100,
        )
        assert external.provider_physical_network == "physnet1"


def test_a_zone_is_served_for_all_regions_and_forgotten_by_reset(connect: Callable[[str], Any], spec: Spec) -> None:
    gd = connect("gd")
    zone = gd.dns.create_zone(name="passing.example.", email="hostmaster@passing.example")
    _until(lambda: gd.dns.get_zone(zone).status == "ACTIVE")
    record = gd.dns.create_recordset(zone, name="www.passing.example.", type="AAAA", records=["2001:db8::5"])
    _until(lambda: gd.dns.get_recordset(record, zone).status == "ACTIVE")
    assert ip_address("2001:db8::5").packed in _answer(spec, "www.passing.example")
    assert connect("gz").dns.find_zone("passing.example.") is not None
    cloud.reset(spec)
    assert _answer(spec, "www.passing.example")[3] & 15 == 5, "REFUSED (RFC 1035, 4.1.1)"
    assert cloud.status(spec) == []


def test_records_made_at_once_are_all_served(connect: Callable[[str], Any]) -> None:
    """Two threads of designate-central can lose a zone's serial, and with it a record: it would stay PENDING."""
    gd = connect("gd")
    zone = gd.dns.create_zone(name="crowd.example.", email="hostmaster@crowd.example")

    def make(number: int) -> None:
        gd.dns.create_recordset(zone, name=f"h{number}.crowd.example.", type="A", records=[f"192.0.2.{number}"])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(make, range(60)))
    _until(lambda: {record.status for record in gd.dns.recordsets(zone)} == {"ACTIVE"})


def test_balancers_of_a_region_lie_in_its_own_ovn(connect: Callable[[str], Any], spec: Spec) -> None:
    gz = connect("gz")
    network = gz.network.create_network(name="balanced")
    subnet = gz.network.create_subnet(network_id=network.id, ip_version=4, cidr="10.9.0.0/24")
    balancer = gz.load_balancer.create_load_balancer(name="passing", vip_subnet_id=subnet.id)
    gz.load_balancer.wait_for_load_balancer(balancer.id, interval=0.5, wait=60)
    listener = gz.load_balancer.create_listener(
        name="passing", load_balancer_id=balancer.id, protocol="TCP", protocol_port=443
    )
    gz.load_balancer.wait_for_load_balancer(balancer.id, interval=0.5, wait=60)
    assert listener.id in _balancers(spec, "gz")
    assert listener.id not in _balancers(spec, "gd")
    cloud.reset(spec)
    assert listener.id not in _balancers(spec, "gz")
    assert connect("gz").load_balancer.find_load_balancer("passing") is None


def test_a_secret_comes_back_and_is_not_in_the_database(connect: Callable[[str], Any], spec: Spec) -> None:
    keys = connect("gd").key_manager
    secret = keys.create_secret(name="passing", payload="zy-payload", payload_content_type="text/plain")
    answer = keys.get(f"{secret.secret_ref}/payload", headers={"Accept": "text/plain"})
    assert answer.text == "zy-payload"
    rows = database.sql(Home(spec.home), "select cypher_text from barbican.encrypted_data")
    assert len(rows) == 1
    assert "zy-payload" not in str(rows)


@pytest.mark.parametrize(
    "name",
    [
        *("gd-neutron", "gz-nova-gz-compute-1", "keystone", "rabbitmq", "mariadb", "gz-ovsdb"),
        *("barbican", "named", "designate-central", "gz-octavia", "gd-octavia-agent"),
    ],
)
def test_up_repairs_what_was_killed(spec: Spec, name: str) -> None:
    process = Home(spec.home).process(name)
    killed = process.identity()
    assert killed is not None
    send(killed, signal.SIGKILL)
    _until(lambda: not process.alive())
    said = cloud.status(spec)
    assert any(problem.service == name and "not running" in problem.what for problem in said), said
    cloud.up(spec, print)
    assert process.alive()
    assert process.identity() != killed
    assert cloud.status(spec) == []


def test_up_that_was_killed_is_continued(spec: Spec) -> None:
    """`up` is killed while it starts a service; the next one finds that service's process, or starts it."""
    process = Home(spec.home).process("gz-placement")
    process.stop(grace=0)
    argv = [sys.executable, "-m", "lab.openstack", "up", "--home", str(spec.home)]
    env = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL) as command:
        _until(process.alive)
        command.kill()
    started = process.identity()
    cloud.up(spec, print)
    assert process.identity() == started, "the process was adopted"
    assert cloud.status(spec) == []
    assert not health.dead(services(spec, obtain(Home(spec.home))))


def _switches(spec: Spec, region: str) -> str:
    remote = ovn.remotes(spec.home)[region]
    return subprocess.run(["ovn-nbctl", f"--db={remote}", "ls-list"], check=True, capture_output=True, text=True).stdout


def _balancers(spec: Spec, region: str) -> str:
    remote = ovn.remotes(spec.home)[region]
    command = ["ovn-nbctl", f"--db={remote}", "--columns=external_ids", "list", "Load_Balancer"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _answer(spec: Spec, name: str) -> bytes:
    """What the lab's name server answers when asked for AAAA (RFC 1035, 4.1; type 28: RFC 3596)."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">6H", 1, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 28, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(question, ("127.0.0.1", spec.ports.named))
        return client.recv(4096)


def _until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.5)  # between two looks, each of which is work for what we wait for
