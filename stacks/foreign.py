"""What others made in a region's cloud: projects that no stack of ours holds, with their objects. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack

from stacks.plan.adopted import GROUP, LEG, PROJECT, RULE
from stacks.service_classes import qos_policies

_OWN_ACCOUNTS = frozenset({"service"})
"""Projects of OpenStack's own services (the name that every installation guide gives)."""


@dataclass(frozen=True, slots=True)
class ForeignObject:
    kind: str
    """Pulumi's type."""
    id: str
    """As the provider imports it: an attachment's is made of two."""
    name: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignProject:
    id: str
    name: str
    objects: tuple[ForeignObject, ...]
    """The project itself first."""
    left: Mapping[str, int]
    """How many objects of kinds that are not adopted it has, by kind."""


def find_foreign(clouds: Path, entry: str, known: Collection[str]) -> list[ForeignProject]:
    """Foreign projects that hold something in this region, by name. ``known`` are the ids that our stacks hold.

    The operator's own project is one of them. Raises what ``openstacksdk`` and its HTTP client raise.
    """
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=entry)
    cloud: Any  # its types do not know which version of an API is behind it
    with openstack.connection.Connection(config=config) as cloud:
        projects = [
            project
            for project in cloud.identity.projects()
            if project.id not in known and project.name not in _OWN_ACCOUNTS
        ]
        objects = _by_project(cloud, _ADOPTED, known)
        left = _by_project(cloud, _LEFT, known)
    return [
        ForeignProject(
            id=project.id,
            name=project.name,
            objects=(_project(project), *objects.get(project.id, ())),
            left=Counter(one.kind for one in left.get(project.id, ())),
        )
        for project in sorted(projects, key=lambda project: project.name)
        if project.id in left or any(_is_something(one) for one in objects.get(project.id, ()))
    ]


def _is_something(one: ForeignObject) -> bool:
    """Every project has a security group with rules, even an empty one."""
    return one.kind != RULE and (one.kind, one.name) != (GROUP, "default")


def _project(project: Any) -> ForeignObject:
    return ForeignObject(PROJECT, project.id, project.name, tuple(project.tags or ()))


_Listed = Iterable[tuple[str, ForeignObject]]
"""Objects with the id of the project that owns them."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind is listed. ``list`` gets an openstacksdk connection, whose types know no versions."""

    service: str
    list: Callable[[Any], _Listed]


def _by_project(cloud: Any, kinds: Iterable[_Kind], known: Collection[str]) -> dict[str, list[ForeignObject]]:
    found: dict[str, list[ForeignObject]] = {}
    for kind in kinds:
        if cloud.has_service(kind.service):
            for project, one in kind.list(cloud):
                if one.id not in known:
                    found.setdefault(project, []).append(one)
    return found


def _plain(service: str, kind: str, listed: Callable[[Any], Iterable[Any]]) -> _Kind:
    def objects(cloud: Any) -> _Listed:
        for live in listed(cloud):
            yield (
                live.project_id,
                ForeignObject(kind, live.id, live.name or "", tuple(getattr(live, "tags", None) or ())),
            )

    return _Kind(service, objects)


def _servers(cloud: Any) -> Any:
    return cloud.compute.servers(all_projects=True)


def _server_groups(cloud: Any) -> Any:
    return cloud.compute.server_groups(all_projects=True)


def _volumes(cloud: Any) -> Any:
    return cloud.block_storage.volumes(all_projects=True)


def _ports(cloud: Any) -> Iterator[Any]:
    """All but those that Neutron, Octavia or Nova made by themselves: they come and go with what they belong to."""
    for port in cloud.network.ports():
        owner = port.device_owner or ""
        if not owner or (owner.startswith("compute:") and port.name):
            yield port


def _legs(cloud: Any) -> _Listed:
    for port in cloud.network.ports(device_owner="network:router_interface"):
        yield port.project_id, ForeignObject(LEG, port.id, "", ())


def _rules(cloud: Any) -> _Listed:
    for rule in cloud.network.security_group_rules():
        yield rule.project_id, ForeignObject(RULE, rule.id, "", ())


def _attachments(cloud: Any) -> _Listed:
    for server in _servers(cloud):
        for volume in server.attached_volumes or ():
            id_ = f"{server.id}/{volume['id']}"
            yield server.project_id, ForeignObject("openstack:compute/volumeAttach:VolumeAttach", id_, "", ())


def _images(cloud: Any) -> _Listed:
    for image in cloud.image.images():
        yield image.owner_id or "", ForeignObject("image", image.id, image.name or "", ())


_ADOPTED = (
    _plain("network", "openstack:networking/network:Network", lambda c: c.network.networks()),
    _plain("network", "openstack:networking/subnet:Subnet", lambda c: c.network.subnets()),
    _plain("network", "openstack:networking/router:Router", lambda c: c.network.routers()),
    _Kind("network", _legs),
    _plain("network", "openstack:networking/port:Port", _ports),
    _plain("network", "openstack:networking/floatingIp:FloatingIp", lambda c: c.network.ips()),
    _plain("network", GROUP, lambda c: c.network.security_groups()),
    _Kind("network", _rules),
    _plain("compute", "openstack:compute/serverGroup:ServerGroup", _server_groups),
    _plain("compute", "openstack:compute/instance:Instance", _servers),
    _plain("block-storage", "openstack:blockstorage/volume:Volume", _volumes),
    _Kind("compute", _attachments),
)
_LEFT = (
    _plain("network", "address scope", lambda c: c.network.address_scopes()),
    _plain("network", "subnet pool", lambda c: c.network.subnet_pools()),
    _plain("network", "QoS policy", qos_policies),
    _plain("load-balancer", "load balancer", lambda c: c.load_balancer.load_balancers()),
    _plain("dns", "DNS zone", lambda c: c.dns.zones(all_projects=True)),
    _Kind("image", _images),
)
