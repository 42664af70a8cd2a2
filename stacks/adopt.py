"""Adopt what a killed or failed run was creating: it may be in the cloud, and is in the state only as an intention.

Pulumi writes down each creation before it starts, and we write down those that failed: a service that answers 500 may
have done its work. Later we ask the cloud for an object of that name in that project: if it is there, it becomes the
resource of the state (the next refresh reads its properties), so nothing is made twice; if not, the intention is
dropped and the resource is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openstack
from openstack.exceptions import ResourceFailure
from pulumi.automation import Deployment

from province.record import Beat
from stacks.events import shown
from stacks.operation import Operation

_Inputs = Mapping[str, Any]
_Find = Callable[[Any, _Inputs], Any]
"""Gets an openstacksdk connection; its types do not know which version of an API is behind it."""


def adopt_pending(operation: Operation, clouds: Path, beat: Beat) -> None:
    """Settle all operations that a run has left open; of the cloud, it removes only what never came to be."""
    state = operation.state()
    begun = operation.unfinished()
    if not begun and not state.get("pending_operations"):
        return
    resources = state.setdefault("resources", [])
    held = {_identity(resource, resource.get("id")) for resource in resources}
    for resource in begun:
        found = _find(resource, resources, clouds)
        if found and _identity(resource, found) not in held:
            beat(f"{operation.id}: adopting {shown(resource['urn'])}, which the cloud has made already")
            resources.append({**resource, "id": found, "outputs": dict(resource.get("inputs") or {})})
        else:
            beat(f"{operation.id}: {shown(resource['urn'])} was under way when the run ended; doing it again")
    state["pending_operations"] = []
    stack, _ = operation.workspace.stack(operation.id)
    stack.import_stack(Deployment(version=3, deployment=state))
    operation.notes.unlink(missing_ok=True)


def _identity(resource: Mapping[str, Any], id_: str | None) -> tuple[Any, ...]:
    """Ids are unique in one cloud only; flavors have the same in each."""
    return resource["type"], resource.get("provider"), id_


def _find(resource: Mapping[str, Any], resources: list[dict[str, Any]], clouds: Path) -> str | None:
    find = _FINDERS.get(resource["type"])
    if find is None:
        return None  # made the same by making it again: quotas, grants, members
    urn = resource["provider"].rsplit("::", 1)[0]
    provider = next(each for each in resources if each["urn"] == urn)
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)])
    with openstack.connection.Connection(config=config.get_one(cloud=provider["inputs"]["cloud"])) as cloud:
        found = find(cloud, resource.get("inputs") or {})
    return str(found) if found else None


def _first(objects: Any) -> str | None:
    found = next(iter(objects), None)
    return found.id if found else None


def _domain_or_project(cloud: Any, inputs: _Inputs) -> str | None:
    if inputs.get("isDomain"):
        return _first(cloud.identity.domains(name=inputs["name"]))
    return _first(cloud.identity.projects(name=inputs["name"], domain_id=inputs["domainId"]))


def _subnet(cloud: Any, inputs: _Inputs) -> str | None:
    return _first(cloud.network.subnets(name=inputs["name"], network_id=inputs["networkId"]))


def _port(cloud: Any, inputs: _Inputs) -> str | None:
    return _first(cloud.network.ports(name=inputs["name"], network_id=inputs["networkId"]))


def _own(kind: str) -> _Find:
    """Finder of a network object by its name, in the project of the account."""

    def find(cloud: Any, inputs: _Inputs) -> str | None:
        objects = getattr(cloud.network, kind)(name=inputs["name"], project_id=cloud.current_project_id)
        return _first(objects)

    return find


def _rule(cloud: Any, inputs: _Inputs) -> str | None:
    rules = cloud.network.security_group_rules(
        security_group_id=inputs["securityGroupId"], direction=inputs["direction"], ether_type=inputs["ethertype"]
    )
    wanted = (
        inputs.get("portRangeMin"),
        inputs.get("remoteGroupId"),
        inputs.get("remoteAddressGroupId"),
        inputs.get("remoteIpPrefix"),
    )
    return _first(
        rule
        for rule in rules
        if (rule.port_range_min, rule.remote_group_id, rule.remote_address_group_id, rule.remote_ip_prefix) == wanted
    )


def _limit(cloud: Any, inputs: _Inputs) -> str | None:
    """The provider names a rule of a QoS policy by the policy, too."""
    rules = cloud.network.qos_bandwidth_limit_rules(inputs["qosPolicyId"])
    found = _first(rule for rule in rules if rule.direction == inputs["direction"])
    return f"{inputs['qosPolicyId']}/{found}" if found else None


def _mark(cloud: Any, inputs: _Inputs) -> str | None:
    """A policy has one mark at most."""
    found = _first(cloud.network.qos_dscp_marking_rules(inputs["qosPolicyId"]))
    return f"{inputs['qosPolicyId']}/{found}" if found else None


def _interface(cloud: Any, inputs: _Inputs) -> str | None:
    """The provider names an interface by its port."""
    port = cloud.network.find_port(inputs["portId"], ignore_missing=True)
    return port.id if port and port.device_id == inputs["routerId"] else None


def _share(cloud: Any, inputs: _Inputs) -> str | None:
    return _first(cloud.network.rbac_policies(object_id=inputs["objectId"], target_project_id=inputs["targetTenant"]))


def _server(cloud: Any, inputs: _Inputs) -> str | None:
    """A server that is still being built is waited for: until then it has no properties to read.

    One that Nova gave up before it ever ran is of no use: it is removed, and made again.
    """
    found = next(iter(cloud.compute.servers(name=f"^{inputs['name']}$")), None)
    if found is None:
        return None
    try:
        return str(cloud.compute.wait_for_server(found, interval=1, wait=300).id)
    except ResourceFailure:
        if cloud.compute.get_server(found).launched_at is not None:
            raise
    cloud.compute.delete_server(found)
    cloud.compute.wait_for_delete(found, interval=1, wait=300)
    return None


def _server_group(cloud: Any, inputs: _Inputs) -> str | None:
    return _first(group for group in cloud.compute.server_groups() if group.name == inputs["name"])


def _volume(cloud: Any, inputs: _Inputs) -> str | None:
    return _first(cloud.block_storage.volumes(details=False, name=inputs["name"]))


def _attached_volume(cloud: Any, inputs: _Inputs) -> str | None:
    attached = cloud.compute.volume_attachments(inputs["instanceId"])
    found = any(each.volume_id == inputs["volumeId"] for each in attached)
    return f"{inputs['instanceId']}/{inputs['volumeId']}" if found else None


def _attached_port(cloud: Any, inputs: _Inputs) -> str | None:
    attached = cloud.compute.server_interfaces(inputs["instanceId"])
    found = any(each.port_id == inputs["portId"] for each in attached)
    return f"{inputs['instanceId']}/{inputs['portId']}" if found else None


def _image(cloud: Any, inputs: _Inputs) -> str | None:
    """An image whose upload was cut off is of no use: it is removed, and uploaded again."""
    for image in cloud.image.images(name=inputs["name"]):
        if image.status == "active":
            return str(image.id)
        cloud.image.delete_image(image)
    return None


def _balancing(kind: str) -> _Find:
    """Finder of an object of Octavia by its name, in the project of the account."""

    def find(cloud: Any, inputs: _Inputs) -> str | None:
        objects = getattr(cloud.load_balancer, kind)(name=inputs["name"], project_id=cloud.current_project_id)
        return _first(objects)

    return find


def _limits(cloud: Any, inputs: _Inputs) -> str | None:
    """The SDK knows no QoS specifications."""
    answer = cloud.block_storage.get("/qos-specs").json()
    return next((str(each["id"]) for each in answer["qos_specs"] if each["name"] == inputs["name"]), None)


def _name(cloud: Any, inputs: _Inputs) -> str | None:
    """The provider names a record by its zone, too."""
    records = cloud.dns.recordsets(inputs["zoneId"], name=inputs["name"], type=inputs["type"])
    found = _first(records)
    return f"{inputs['zoneId']}/{found}" if found else None


def _container(cloud: Any, inputs: _Inputs) -> str | None:
    named = (each for each in cloud.key_manager.containers() if each.name == inputs["name"])
    return next((str(each.container_id) for each in named), None)


_FINDERS: Mapping[str, _Find] = {
    "openstack:identity/project:Project": _domain_or_project,
    "openstack:identity/groupV3:GroupV3": lambda cloud, i: _first(
        cloud.identity.groups(name=i["name"], domain_id=i["domainId"])
    ),
    "openstack:identity/role:Role": lambda cloud, i: _first(cloud.identity.roles(name=i["name"])),
    "openstack:compute/flavor:Flavor": lambda cloud, i: _first(
        flavor for flavor in cloud.compute.flavors(is_public=None) if flavor.id == i["flavorId"]
    ),
    "openstack:compute/aggregateV2:AggregateV2": lambda cloud, i: _first(
        each for each in cloud.compute.aggregates() if each.name == i["name"]
    ),
    "openstack:images/image:Image": _image,
    "openstack:networking/network:Network": _own("networks"),
    "openstack:networking/subnet:Subnet": _subnet,
    "openstack:networking/addressScope:AddressScope": _own("address_scopes"),
    "openstack:networking/subnetPool:SubnetPool": _own("subnet_pools"),
    "openstack:networking/qosPolicy:QosPolicy": _own("qos_policies"),
    "openstack:networking/qosBandwidthLimitRule:QosBandwidthLimitRule": _limit,
    "openstack:networking/qosDscpMarkingRule:QosDscpMarkingRule": _mark,
    "openstack:networking/router:Router": _own("routers"),
    "openstack:networking/routerInterface:RouterInterface": _interface,
    "openstack:networking/port:Port": _port,
    "openstack:networking/secGroup:SecGroup": _own("security_groups"),
    "openstack:networking/secGroupRule:SecGroupRule": _rule,
    "openstack:networking/addressGroupV2:AddressGroupV2": _own("address_groups"),
    "openstack:networking/rbacPolicyV2:RbacPolicyV2": _share,
    "openstack:compute/serverGroup:ServerGroup": _server_group,
    "openstack:compute/instance:Instance": _server,
    "openstack:compute/volumeAttach:VolumeAttach": _attached_volume,
    "openstack:compute/interfaceAttach:InterfaceAttach": _attached_port,
    "openstack:blockstorage/volume:Volume": _volume,
    "openstack:blockstorage/volumeTypeV3:VolumeTypeV3": lambda cloud, i: _first(
        each for each in cloud.block_storage.types() if each.name == i["name"]
    ),
    "openstack:blockstorage/qosV3:QosV3": _limits,
    "openstack:loadbalancer/loadBalancer:LoadBalancer": _balancing("load_balancers"),
    "openstack:loadbalancer/listener:Listener": _balancing("listeners"),
    "openstack:loadbalancer/pool:Pool": _balancing("pools"),
    "openstack:dns/zone:Zone": lambda cloud, i: _first(cloud.dns.zones(name=i["name"])),
    "openstack:dns/recordSet:RecordSet": _name,
    "openstack:keymanager/containerV1:ContainerV1": _container,
}
"""How each kind is found again. Names are unique in their project by the naming standard."""
