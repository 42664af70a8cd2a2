"""The asset register (资产台账): everything that a region's cloud holds, read back into one table.

What our stacks made carries the standard's labels and is known to Pulumi's state. Whatever else is there, nobody has
declared: it is listed as such, so that it gets an owner or goes (GB/T 22239-2019 8.1.4.2 c, 8.1.4.2 g).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import openstack

from province.standard import Labels, parse_metadata, parse_tags
from stacks.service_classes import qos_policies

_MADE_BY_NEUTRON = ("network:", "neutron:")
"""Owners of ports that belong to a router, a DHCP agent or a load balancer: those are the assets."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One object of a cloud."""

    region: str
    service: str
    kind: str
    id: str
    name: str
    project: str
    """Name of the project that owns it; empty for what belongs to the whole cloud."""
    detail: str
    """What an asset register wants to see at a glance: size, address, state."""
    labels: Labels | None
    """``None`` when any of the standard's labels is missing."""
    declared: bool
    """Whether one of our stacks made it."""

    def row(self) -> dict[str, str]:
        """One line of the table under :data:`COLUMNS`, all values as text."""
        labels = asdict(self.labels) if self.labels else dict.fromkeys(Labels.__slots__, "")
        facts = {name: getattr(self, name) for name in _FACTS}
        return {**facts, **labels, "declared": "yes" if self.declared else "no"}


_FACTS = ("region", "service", "kind", "id", "name", "project", "detail")
_NUMBERED = ("flavor", "host-aggregate")
"""Kinds whose ids are unique in one region only: a flavor's is its code, an aggregate's a number."""
COLUMNS = (*_FACTS, *Labels.__slots__, "declared")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of object is listed. ``list`` gets an openstacksdk connection, whose types know no versions."""

    service: str
    kind: str
    list: Callable[[Any], Iterable[Any]]
    detail: Callable[[Any], str]


def read_register(clouds: Path, entry: str, region: str, declared: Collection[str]) -> list[Asset]:
    """All assets of a region, in a stable order. ``declared`` are the ids that our stacks hold.

    Raises what ``openstacksdk`` and its HTTP client raise.
    """
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=entry)
    connection: Any  # its types do not know which version of an API is behind it
    with openstack.connection.Connection(config=config) as connection:
        projects = {project.id: project.name for project in connection.identity.projects()}
        found = [
            _asset(region, kind, each, projects, frozenset(declared))
            for kind in _KINDS
            if connection.has_service(kind.service)
            for each in kind.list(connection)
        ]
    return sorted(found, key=lambda asset: (asset.service, asset.kind, asset.name, asset.id))


def once(assets: Iterable[Asset], divisions: Mapping[str, str]) -> list[Asset]:
    """Each object once, where regions share an identity, image or volume service and so show the same ones.

    It is listed in the region of its division label (``divisions`` has each region's), else in the first that shows it.
    """
    kept: dict[tuple[str, ...], Asset] = {}
    for asset in assets:
        key = (asset.kind, asset.id, asset.region if asset.kind in _NUMBERED else "")
        at_home = asset.labels is not None and asset.labels.division == divisions[asset.region]
        if key not in kept or at_home:
            kept[key] = asset
    return list(kept.values())


def as_csv(assets: Iterable[Asset]) -> str:
    """A table with a header, as spreadsheets read it (RFC 4180)."""
    stream = StringIO()
    writer = csv.DictWriter(stream, fieldnames=COLUMNS)
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in asset.row().items()} for asset in assets)
    return stream.getvalue()


def _harmless(value: str) -> str:
    """Names in a cloud are their owners' words: a leading sign would be a formula to a spreadsheet (OWASP)."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _asset(region: str, kind: _Kind, found: Any, projects: Mapping[str, str], declared: frozenset[str]) -> Asset:
    project = getattr(found, "project_id", None) or getattr(found, "owner_id", None) or ""
    labels = labels_of(found)
    # an aggregate's number may be that of another region's, so ours are those with labels
    declared_here = str(found.id) in declared and (kind.kind != "host-aggregate" or labels is not None)
    return Asset(
        region=region,
        service=kind.service,
        kind=kind.kind,
        id=str(found.id),
        name=found.name or "",
        project=projects.get(project, project),
        detail=kind.detail(found),
        labels=labels,
        declared=declared_here,
    )


def labels_of(found: Any) -> Labels | None:
    """The standard's labels of an object, in the form that its service has: metadata, extra specs, properties, tags."""
    for form in ("metadata", "extra_specs", "properties"):
        labels = parse_metadata(getattr(found, form, None) or {})
        if labels:
            return labels
    return parse_tags(list(getattr(found, "tags", None) or ()))


def _ports(cloud: Any) -> Iterator[Any]:
    return (port for port in cloud.network.ports() if not (port.device_owner or "").startswith(_MADE_BY_NEUTRON))


def _volume_types(cloud: Any) -> Iterator[Any]:
    """All but the one that Cinder makes for itself (``cinder.volume.volume_types.DEFAULT_VOLUME_TYPE``)."""
    return (each for each in cloud.block_storage.types() if each.name != "__DEFAULT__")


def _addresses(port: Any) -> str:
    return " ".join(each["ip_address"] for each in port.fixed_ips)


_KINDS = (
    _Kind("identity", "domain", lambda c: c.identity.domains(), lambda o: o.description or ""),
    _Kind("identity", "project", lambda c: c.identity.projects(), lambda o: o.description or ""),
    _Kind("image", "image", lambda c: c.image.images(), lambda o: f"{o.status}, {o.size or 0} bytes"),
    _Kind(
        "compute",
        "flavor",
        lambda c: c.compute.flavors(is_public=None, get_extra_specs=True),
        lambda o: f"{o.vcpus} vCPU, {o.ram} MiB, {o.disk} GiB",
    ),
    _Kind(
        "compute",
        "host-aggregate",
        lambda c: c.compute.aggregates(),
        lambda o: f"zone {o.availability_zone or 'none'}, {len(o.hosts or ())} hosts",
    ),
    _Kind(
        "compute",
        "server",
        lambda c: c.compute.servers(all_projects=True),
        lambda o: f"{o.status}, {o.flavor.original_name or o.flavor.name}",
    ),
    _Kind(
        "block-storage",
        "volume",
        lambda c: c.block_storage.volumes(all_projects=True),
        lambda o: f"{o.status}, {o.size} GiB",
    ),
    _Kind("network", "network", lambda c: c.network.networks(), lambda o: o.status),
    _Kind("network", "subnet", lambda c: c.network.subnets(), lambda o: o.cidr),
    _Kind("network", "address-scope", lambda c: c.network.address_scopes(), lambda o: f"IPv{o.ip_version}"),
    _Kind("network", "subnet-pool", lambda c: c.network.subnet_pools(), lambda o: " ".join(o.prefixes)),
    _Kind("network", "qos-policy", qos_policies, lambda o: f"{len(o.rules)} rules"),
    _Kind("network", "router", lambda c: c.network.routers(), lambda o: o.status),
    _Kind("network", "port", _ports, _addresses),
    _Kind("network", "floating-ip", lambda c: c.network.ips(), lambda o: o.floating_ip_address),
    _Kind(
        "network",
        "security-group",
        lambda c: (group for group in c.network.security_groups() if group.name != "default"),
        lambda o: f"{len(o.security_group_rules)} rules",
    ),
    _Kind("network", "address-group", lambda c: c.network.address_groups(), lambda o: " ".join(o.addresses)),
    _Kind("block-storage", "volume-type", _volume_types, lambda o: o.description or ""),
    _Kind(
        "load-balancer",
        "load-balancer",
        lambda c: c.load_balancer.load_balancers(),
        lambda o: f"{o.operating_status}, {o.vip_address}",
    ),
    _Kind("dns", "zone", lambda c: c.dns.zones(all_projects=True), lambda o: f"{o.status}, serial {o.serial}"),
)
"""A project's ``default`` security group comes with the project and is not listed. Barbican shows a project's secrets
to that project only, so no register of the whole cloud can list them."""
