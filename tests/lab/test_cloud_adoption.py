"""A city's cloud that we did not build, on the lab's cloud ``gd``: read, held as it is, mended step by step, let go."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from policies.cloud.adopted import judge_adopted
from province.adopted import AdoptedObject, AdoptedOwner, AdoptedProject, as_file
from province.cloud import Zone
from province.errors import ZyError
from province.load import load
from province.record import Operation, Outcome, RoomPlan, Severity
from province.system import DataClass
from stacks.plan.adopted import RULE
from stacks.tools import Tools
from tests.lab.cloud_of_the_test_province import Cloud, needs_cloud, province_on_the_cloud

pytestmark = needs_cloud

NAME = "老城 财政"
CODE = "old"
FLAVOR = "old.tiny"


@dataclass(frozen=True, slots=True)
class City:
    """The city's project, as its people see it: with the rights of a project's administrator."""

    cloud: Any
    id: str

    def facts(self) -> dict[str, Any]:
        """Everything that its objects are, by id. Neutron gives lists in any order."""
        found: list[Any] = [
            self.cloud.identity.get_project(self.id),
            *self.networks(),
            *self.cloud.network.subnets(project_id=self.id),
            *self.cloud.network.routers(project_id=self.id),
            *self.cloud.network.ports(project_id=self.id),
            *self.cloud.network.ips(project_id=self.id),
            *self.cloud.network.security_groups(project_id=self.id),
            *self.cloud.compute.servers(),
            *self.cloud.compute.server_groups(),
            *self.cloud.block_storage.volumes(),
        ]
        return {one.id: _in_order(one.to_dict()) for one in found}

    def networks(self) -> list[Any]:
        return list(self.cloud.network.networks(project_id=self.id))

    def servers(self) -> list[str]:
        return sorted(server.name for server in self.cloud.compute.servers())

    def openings(self) -> list[tuple[int | None, str | None]]:
        """Port and source of what its own group lets in."""
        (group,) = self.cloud.network.security_groups(project_id=self.id, name="allow-all")
        rules = self.cloud.network.security_group_rules(security_group_id=group.id, direction="ingress")
        return sorted((rule.port_range_min, rule.remote_ip_prefix) for rule in rules)


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_order(each) for key, each in value.items()}
    return sorted(map(_in_order, value), key=str) if isinstance(value, list) else value


def _build(connection: Any) -> City:
    """With odd names, without names, without labels, wide open: as such clouds are."""
    domain = connection.identity.find_domain("Default")
    project = connection.identity.create_project(name=NAME, domain_id=domain.id, description="临时")
    admin = connection.identity.find_role("admin")
    connection.identity.assign_project_role_to_user(project, connection.current_user_id, admin)
    cloud: Any = connection.connect_as_project(project)
    flavor = connection.compute.create_flavor(name=FLAVOR, ram=128, vcpus=1, disk=1)
    _servers(cloud, flavor, *_networks(cloud))
    return City(cloud, project.id)


def _networks(cloud: Any) -> tuple[Any, Any]:
    inside = cloud.network.create_network(name="net 1")
    cloud.network.set_tags(inside, ["prod"])
    pool = [{"start": "192.168.77.100", "end": "192.168.77.200"}]
    subnet = cloud.network.create_subnet(
        network_id=inside.id, ip_version=4, cidr="192.168.77.0/24", allocation_pools=pool
    )
    outside = cloud.network.create_network(name="外网", is_router_external=True)
    cloud.network.create_subnet(network_id=outside.id, ip_version=4, cidr="198.51.100.0/24", name="ext")
    router = cloud.network.create_router(name="R_1", external_gateway_info={"network_id": outside.id})
    cloud.network.add_interface_to_router(router, subnet_id=subnet.id)
    group = cloud.network.create_security_group(name="allow-all", description="temp!!")
    cloud.network.create_security_group_rule(
        security_group_id=group.id,
        direction="ingress",
        ethertype="IPv4",
        protocol="tcp",
        port_range_min=22,
        port_range_max=22,
        remote_ip_prefix="0.0.0.0/0",
    )
    port = cloud.network.create_port(
        network_id=inside.id,
        name="fixed",
        fixed_ips=[{"subnet_id": subnet.id, "ip_address": "192.168.77.50"}],
        security_groups=[group.id],
        allowed_address_pairs=[{"ip_address": "192.168.77.99"}],
    )
    cloud.network.create_ip(floating_network_id=outside.id, port_id=port.id)
    return inside, port


def _servers(cloud: Any, flavor: Any, network: Any, port: Any) -> None:
    image = cloud.image.create_image(
        "old image", disk_format="raw", container_format="bare", data=bytes(512), wait=True
    )
    boot = cloud.block_storage.create_volume(size=1, name="boot", image_id=image.id)
    data = cloud.block_storage.create_volume(size=1, name="", metadata={"who": "li"})
    for volume in (boot, data):
        cloud.block_storage.wait_for_status(volume, "available", failures=["error"], interval=1, wait=120)
    group = cloud.compute.create_server_group(name="grp", policy="anti-affinity")
    web = cloud.compute.create_server(
        name="web server",
        flavor_id=flavor.id,
        image_id=image.id,
        networks=[{"uuid": network.id}],
        security_groups=[{"name": "allow-all"}],
        metadata={"owner": "wang"},
        user_data=base64.b64encode(b"#!/bin/sh\n").decode(),
        config_drive=True,
        scheduler_hints={"group": group.id},
    )
    disk = {"boot_index": 0, "uuid": boot.id, "source_type": "volume", "destination_type": "volume"}
    db = cloud.compute.create_server(
        name="db", flavor_id=flavor.id, networks=[{"port": port.id}], block_device_mapping=[disk]
    )
    for server in (web, db):
        cloud.compute.wait_for_server(server, interval=1, wait=300)
    cloud.compute.create_volume_attachment(db, volume_id=data.id)
    cloud.block_storage.wait_for_status(data, "in-use", failures=["error"], interval=1, wait=120)
    cloud.dns.create_zone(name="old.example.", email="a@example.com")


def _clear(connection: Any) -> None:
    """What this run, or a killed one, has left of the city."""
    for project in connection.identity.projects(name=NAME):
        cloud: Any = connection.connect_as_project(project)
        for server in list(cloud.compute.servers()):
            cloud.compute.delete_server(server)
            cloud.compute.wait_for_delete(server, interval=1, wait=300)
        for group in cloud.compute.server_groups():
            cloud.compute.delete_server_group(group)
        for zone in cloud.dns.zones():
            cloud.dns.delete_zone(zone)
        _clear_network(cloud.network, project.id)
        for volume in list(cloud.block_storage.volumes()):
            cloud.block_storage.wait_for_status(volume, "available", failures=[], interval=1, wait=120)
            cloud.block_storage.delete_volume(volume)
        for image in list(cloud.image.images(owner=project.id)):
            cloud.image.delete_image(image)
        connection.identity.delete_project(project)
    for flavor in connection.compute.flavors():
        if flavor.name == FLAVOR:
            connection.compute.delete_flavor(flavor)


def _clear_network(network: Any, project: str) -> None:
    for address in network.ips(project_id=project):
        network.delete_ip(address)
    for router in network.routers(project_id=project):
        for port in list(network.ports(device_id=router.id, device_owner="network:router_interface")):
            network.remove_interface_from_router(router, port_id=port.id)
        network.delete_router(router)
    for port in list(network.ports(project_id=project)):
        network.delete_port(port)
    for each in network.networks(project_id=project):
        network.delete_network(each)
    for group in network.security_groups(project_id=project):
        network.delete_security_group(group)


@dataclass(frozen=True, slots=True)
class Adopted:
    """The test province with the city's project in it."""

    cloud: Cloud
    city: City
    project: AdoptedProject
    """As it was read."""

    def declare(self, project: AdoptedProject | None) -> Cloud:
        """The room of an inventory that adopts the project so, or not at all."""
        room = self.cloud.room
        path = room.places.inventory / "adopted.yaml"
        path.write_text(_file(project) if project else "# nothing\n", encoding="utf-8")
        return replace(self.cloud, room=replace(room, province=load(room.places.inventory)))

    def plan(self, project: AdoptedProject | None) -> RoomPlan:
        return self.declare(project).room.plan([f"adopted-{CODE}"])

    def bring_up(self, project: AdoptedProject | None) -> RoomPlan:
        """Its plan, carried out; the next plan is empty."""
        cloud = self.declare(project)
        plan = cloud.room.plan([f"adopted-{CODE}"])
        assert [result.message for result in cloud.apply(plan) if result.outcome is Outcome.FAILED] == []
        again = cloud.room.plan([f"adopted-{CODE}"])
        assert (again.actions, again.waves) == ((), ())
        return plan


def _file(project: AdoptedProject) -> str:
    """As people leave the file: with an owner, enforced."""
    text = as_file(project)
    if project.owner:
        o = project.owner
        line = f"department: {o.department}, zone: {o.zone}, mlps_level: {o.mlps_level}, data_class: {o.data_class}"
        text = text.replace("    enforced: false", f"    owner: {{{line}}}\n    enforced: false")
    return text.replace("enforced: false", f"enforced: {str(project.enforced).lower()}")


OWNER = AdoptedOwner(department="aaa", zone=Zone.PUBLIC, mlps_level=3, data_class=DataClass.GENERAL)


def _kinds(project: AdoptedProject) -> Counter[str]:
    return Counter(one.kind.rsplit(":", 1)[-1] for one in project.objects)


@pytest.fixture(scope="module")
def adopted(tools: Tools) -> Iterator[Adopted]:
    with province_on_the_cloud("adoption", tools) as cloud:
        _clear(cloud.connection)
        city = _build(cloud.connection)
        try:
            (read,) = cloud.room.adopt("ta", [NAME], print)
            assert (read.left, read.unread) == ({"DNS zone": 1, "image": 1}, ())
            made = Adopted(cloud, city, read.project.model_copy(update={"code": CODE}))
            yield made
            made.bring_up(None)
        finally:
            _clear(cloud.connection)


def test_everything_of_it_is_read_and_judged(adopted: Adopted) -> None:
    assert _kinds(adopted.project) == {
        "Project": 1,
        "Network": 2,
        "Subnet": 2,
        "Router": 1,
        "RouterInterface": 1,
        "Port": 1,
        "FloatingIp": 1,
        "SecGroup": 2,
        "SecGroupRule": 7,
        "ServerGroup": 1,
        "Instance": 2,
        "Volume": 2,
        "VolumeAttach": 2,
    }
    findings = judge_adopted(adopted.project)
    assert {finding.severity for finding in findings} == {Severity.ADVISORY}
    by_rule = Counter(finding.rule for finding in findings)
    assert by_rule == {"mandatory-labels": 13, "ipv6-present": 2, "no-open-admin-ports": 1}


def test_a_project_that_nobody_has_is_told(adopted: Adopted) -> None:
    with pytest.raises(ZyError) as caught:
        adopted.cloud.room.adopt("ta", ["不存在"], print)
    assert caught.value.code == "ZY-CLD-081"


def test_it_is_held_mended_and_let_go(adopted: Adopted) -> None:
    """One story: each step costs four runs of Pulumi."""
    found, owned = adopted.project, adopted.project.model_copy(update={"owner": OWNER})
    assert _refusal(adopted, owned) == ("ZY-CLD-080", "would be changed by being imported")

    before = adopted.city.facts()
    plan = adopted.bring_up(found)
    assert Counter(action.operation for action in plan.actions) == {Operation.IMPORT: len(found.objects)}
    assert adopted.city.facts() == before
    assert {finding.severity for finding in plan.findings} == {Severity.ADVISORY}
    (labels,) = (finding for finding in plan.findings if finding.rule == "mandatory-labels")
    assert "And 12 more like it." in labels.message
    stops = adopted.plan(found.model_copy(update={"enforced": True})).findings
    assert {"mandatory-labels", "no-open-admin-ports"} == {f.rule for f in stops if f.severity is Severity.MANDATORY}
    assert _refusal(adopted, _renumbered(found)) == ("ZY-CLD-080", "would be replaced")

    plan = adopted.bring_up(owned)
    assert {action.operation for action in plan.actions} == {Operation.UPDATE}
    inside = next(network for network in adopted.city.networks() if network.name == "net 1")
    assert {"prod", "zy:department=aaa", f"zy:system={CODE}", "zy:responsible=aaa-ops"} <= set(inside.tags)
    web = next(server for server in adopted.city.cloud.compute.servers() if server.name == "web server")
    assert (web.metadata["owner"], web.metadata["zy:zone"]) == ("wang", "public")

    wide = next(one for one in found.objects if one.kind == RULE and one.inputs.get("remoteIpPrefix") == "0.0.0.0/0")
    mended = _narrowed(owned, wide, "web server")
    plan = adopted.bring_up(mended)
    assert sorted((action.operation, action.object.split()[0]) for action in plan.actions) == [
        (Operation.CREATE, "SecGroupRule"),
        (Operation.DELETE, "SecGroupRule"),
        (Operation.RELEASE, "Instance"),
    ]
    assert adopted.city.openings() == [(22, "10.199.0.0/24")]
    assert adopted.city.servers() == ["db", "web server"]
    assert _refusal(adopted, owned) == ("ZY-CLD-082", wide.id)

    before = adopted.city.facts()
    plan = adopted.bring_up(None)
    assert {action.operation for action in plan.actions} == {Operation.RELEASE}
    assert adopted.city.facts() == before


def _refusal(adopted: Adopted, project: AdoptedProject) -> tuple[str, str]:
    """Code of the error that planning it raises, and those words of the message that say what it is about."""
    with pytest.raises(ZyError) as caught:
        adopted.plan(project)
    known = ("would be changed by being imported", "would be replaced", *(one.id or "" for one in project.objects))
    return caught.value.code, next((words for words in known if words in caught.value.message), caught.value.message)


def _renumbered(project: AdoptedProject) -> AdoptedProject:
    """With another prefix for its inner subnet, which Neutron cannot change."""

    def moved(one: AdoptedObject) -> AdoptedObject:
        if one.inputs.get("cidr") != "192.168.77.0/24":
            return one
        return one.model_copy(update={"inputs": {**one.inputs, "cidr": "192.168.78.0/24"}})

    return project.model_copy(update={"objects": tuple(moved(one) for one in project.objects)})


def _narrowed(project: AdoptedProject, wide: AdoptedObject, released: str) -> AdoptedProject:
    """With a narrower rule for the wide one, and without one server."""
    inputs = {**wide.inputs, "remoteIpPrefix": "10.199.0.0/24"}
    narrow = AdoptedObject(kind=RULE, name="ssh from the bastions", inputs=inputs)
    kept = (one for one in project.objects if one != wide and not one.name.startswith(released))
    return project.model_copy(update={"objects": (*kept, narrow)})
