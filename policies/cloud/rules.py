"""Judgements on resources of a cloud stack. Pure: they see plain properties, and know nothing of Pulumi.

Properties have Pulumi's names (``remoteIpPrefix``). A value that a preview cannot know yet is :data:`UNKNOWN`: it is
there, and nothing is concluded from it; the next preview judges it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from province.cloud import Zone
from province.record import Severity
from province.standard import LABEL_KEYS, parse_metadata, parse_tags

UNKNOWN = "\x00unknown"
"""Stands for a value that is known after apply."""

STANDARD = "GB/T 22239-2019"

PROJECT = "openstack:identity/project:Project"
NETWORK = "openstack:networking/network:Network"
SUBNET = "openstack:networking/subnet:Subnet"
POOL = "openstack:networking/subnetPool:SubnetPool"
ROUTER = "openstack:networking/router:Router"
PORT = "openstack:networking/port:Port"
GROUP = "openstack:networking/secGroup:SecGroup"
RULE = "openstack:networking/secGroupRule:SecGroupRule"
ADDRESSES = "openstack:networking/addressGroupV2:AddressGroupV2"
INTERFACE = "openstack:networking/routerInterface:RouterInterface"
SERVER = "openstack:compute/instance:Instance"
ATTACHED = "openstack:compute/interfaceAttach:InterfaceAttach"
FLAVOR = "openstack:compute/flavor:Flavor"
AGGREGATE = "openstack:compute/aggregateV2:AggregateV2"
VOLUME = "openstack:blockstorage/volume:Volume"
IMAGE = "openstack:images/image:Image"
REFERENCE = "pulumi:pulumi:StackReference"

TAGGED = frozenset({PROJECT, NETWORK, SUBNET, POOL, ROUTER, PORT, GROUP})
METADATA = {
    SERVER: "metadata",
    VOLUME: "metadata",
    IMAGE: "properties",
    FLAVOR: "extraSpecs",
    AGGREGATE: "metadata",
}

ADMIN_PORTS = frozenset(
    # ssh, telnet, RDP, VNC, WinRM
    {22, 23, 3389, 5900, 5985, 5986}
    # SQL Server, Oracle, MySQL, PostgreSQL, DM 达梦, Kingbase 人大金仓, MongoDB
    | {1433, 1521, 3306, 5236, 5432, 54321, 27017}
    # Redis, memcached, Elasticsearch, etcd, Kubernetes, Docker, Consul, Kafka, ZooKeeper
    | {6379, 11211, 9200, 9300, 2379, 2380, 6443, 10250, 2375, 2376, 8500, 9092, 2181}
)
"""Ports of administration and of data stores, by IANA or by their makers: never for everybody."""

_WORLD = {4: 8, 6: 16}
"""A prefix shorter than this is taken for the whole Internet: no one holder has more (RFC 1918: 10/8; RFC 4193: /7 in
registry form, but each site has a /48). Two halves of the Internet are the Internet, too."""

_PORT_PROTOCOLS = frozenset({"", "any", "0", "tcp", "6", "udp", "17", "sctp", "132", "dccp", "33"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as a preview shows it. ``depends``: URNs that each property was made from."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule is called, and what it serves."""

    name: str
    code: str
    description: str
    clause: str
    severity: Severity = Severity.MANDATORY


LABELS = Rule(
    "mandatory-labels",
    "ZY-POL-001",
    "Every resource carries the standard labels, so that someone answers for it (统一标签)",
    "8.1.4.2 g",
)
PORTS = Rule(
    "no-open-admin-ports",
    "ZY-POL-002",
    "No port of administration or of a data store is open to the world (高危端口不得对外开放)",
    "8.1.4.4 b",
)
BRIDGES = Rule(
    "zones-not-bridged",
    "ZY-POL-003",
    "Nothing joins two zones but the exchange (安全域之间不得直接互通)",
    "8.1.3.2 a",
)
RULES = (LABELS, PORTS, BRIDGES)


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: where, what, and how to mend it."""

    rule: Rule
    urn: str
    message: str
    fix: str

    def __str__(self) -> str:
        """One line, in a fixed form: it is read by people in Pulumi's output, and taken apart for reports."""
        return f"{self.rule.code}: {self.message} Fix: {self.fix} ({STANDARD} {self.rule.clause})"


def judge_labels(resource: Resource) -> Iterator[Violation]:
    """All labels are there, and none is empty."""
    fix = "make it with a component of stacks/, or give it the labels of province.standard"
    missing = _missing_labels(resource)
    if missing:
        yield Violation(LABELS, resource.urn, f"{resource.name} lacks {', '.join(missing)}.", fix)
    elif _zone(resource) not in {None, *Zone}:
        yield Violation(LABELS, resource.urn, f"{resource.name} has the unknown zone {_zone(resource)}.", fix)


def judge_ports(resource: Resource) -> Iterator[Violation]:
    """No rule lets the world in to an administration port; no address group hides the world."""
    if resource.type == ADDRESSES:
        wide = sorted(prefix for prefix in _texts(resource.properties.get("addresses")) if _is_world(prefix))
        if wide:
            yield Violation(
                PORTS,
                resource.urn,
                f"the address group {resource.name} holds {', '.join(wide)}: the whole Internet.",
                "list the prefixes that are meant",
            )
    elif resource.type == RULE and resource.properties.get("direction") == "ingress" and _from_world(resource):
        low, high = _port_range(resource)
        opened = sorted(port for port in ADMIN_PORTS if low <= port <= high)
        if opened and str(resource.properties.get("protocol") or "").lower() in _PORT_PROTOCOLS:
            shown = ", ".join(map(str, opened[:5])) + (" …" if len(opened) > 5 else "")
            yield Violation(
                PORTS,
                resource.urn,
                f"{resource.name} opens {shown} to everybody ({_family(resource)}).",
                "name the clients: a security group, or an address group of the extranet or the bastions",
            )


def judge_bridges(resources: Iterable[Resource]) -> Iterator[Violation]:
    """No router has legs in two zones; no server either, but for a leg in the exchange zone."""
    stack = _Stack(resources)
    for router, zones in stack.routers().items():
        if len(zones) > 1:
            yield Violation(
                BRIDGES,
                stack.blame(router),
                f"the router {stack.shown(router)} joins the zones {' and '.join(sorted(zones))}.",
                "give each zone a router of its own; data crosses zones in the exchange, by an agreement",
            )
    for server, zones in stack.servers().items():
        inside = zones - {Zone.EXCHANGE.value}
        if len(inside) > 1:
            yield Violation(
                BRIDGES,
                stack.blame(server),
                f"the server {stack.shown(server)} has legs in the zones {' and '.join(sorted(inside))}.",
                "keep it in one zone; data crosses zones in the exchange, by an agreement",
            )


def _missing_labels(resource: Resource) -> list[str]:
    if resource.type in TAGGED:
        held = dict(tag.split("=", 1) for tag in _texts(resource.properties.get("tags")) if "=" in tag)
    elif resource.type in METADATA:
        held = dict(resource.properties.get(METADATA[resource.type]) or {})
    else:
        return []
    return [key for key in LABEL_KEYS if not held.get(key)]


def _zone(resource: Resource) -> str | None:
    """The zone that a resource's labels name."""
    if resource.type in TAGGED:
        labels = parse_tags(_texts(resource.properties.get("tags")))
    else:
        labels = parse_metadata(resource.properties.get(METADATA.get(resource.type, "")) or {})
    return labels.zone if labels else None


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else []


def _from_world(rule: Resource) -> bool:
    prefix = rule.properties.get("remoteIpPrefix")
    if prefix:
        return _is_world(prefix)
    return not rule.properties.get("remoteGroupId") and not rule.properties.get("remoteAddressGroupId")


def _is_world(prefix: str) -> bool:
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return False  # not known yet; or the provider refuses it
    return network.prefixlen < _WORLD[network.version]


def _port_range(rule: Resource) -> tuple[int, int]:
    """No range, or one from 0, means all ports."""
    ends = [rule.properties.get(key) for key in ("portRangeMin", "portRangeMax")]
    low, high = (int(end) if isinstance(end, int | float) else 0 for end in ends)
    return (0, 65535) if not high else (low, high)


def _family(rule: Resource) -> str:
    return str(rule.properties.get("ethertype") or "IPv4 and IPv6")


class _Stack:
    """Who is connected to what, by dependencies (known in every preview) and by ids (known after the first apply)."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_urn = {resource.urn: resource for resource in resources}
        self._zone_of_id = dict(self._elsewhere())

    def routers(self) -> dict[str, set[str]]:
        """Zones of each router: of its own label, of its external network, and of its legs."""
        zones: dict[str, set[str]] = {}
        for resource in self._of(ROUTER):
            found = {_zone(resource), self._zone_behind(resource, "externalNetworkId")}
            zones.setdefault(resource.urn, set()).update(zone for zone in found if zone)
        for resource in self._of(INTERFACE):
            router = self._key(resource, "routerId", ROUTER)
            legs = {self._zone_behind(resource, "portId"), self._zone_behind(resource, "subnetId")}
            legs.add(self._zone_of_id.get(str(resource.properties.get("routerId"))))
            zones.setdefault(router, set()).update(zone for zone in legs if zone)
        return zones

    def servers(self) -> dict[str, set[str]]:
        """Zones of each server's legs."""
        zones: dict[str, set[str]] = {}
        for resource in self._of(SERVER):
            legs = {self._zone_of(self._by_urn[urn]) for urn in self._sources(resource, "networks")}
            zones.setdefault(resource.urn, set()).update(zone for zone in legs if zone)
        for resource in self._of(ATTACHED):
            server = self._key(resource, "instanceId", SERVER)
            legs = {self._zone_behind(resource, "portId"), self._zone_behind(resource, "networkId")}
            zones.setdefault(server, set()).update(zone for zone in legs if zone)
        return zones

    def blame(self, key: str) -> str:
        """The resource that a violation is shown at: the thing itself, or what refers to it."""
        if key in self._by_urn:
            return key
        return next(
            (
                r.urn
                for r in self._by_urn.values()
                if key in (r.properties.get("routerId"), r.properties.get("instanceId"))
            ),
            "",
        )

    def shown(self, key: str) -> str:
        return self._by_urn[key].name if key in self._by_urn else key

    def _of(self, kind: str) -> list[Resource]:
        return [resource for resource in self._by_urn.values() if resource.type == kind]

    def _sources(self, resource: Resource, name: str) -> list[str]:
        return [urn for urn in resource.depends.get(name, ()) if urn in self._by_urn]

    def _key(self, resource: Resource, name: str, kind: str) -> str:
        """What a reference points at: a resource of this stack, else an id."""
        here = [urn for urn in self._sources(resource, name) if self._by_urn[urn].type == kind]
        return here[0] if here else str(resource.properties.get(name))

    def _zone_behind(self, resource: Resource, name: str) -> str | None:
        """Zone of the network that a property leads to."""
        known = self._zone_of_id.get(str(resource.properties.get(name)))
        found = [self._zone_of(self._by_urn[urn]) for urn in self._sources(resource, name)]
        return known or next((zone for zone in found if zone), None)

    def _zone_of(self, resource: Resource) -> str | None:
        """A port or subnet is where its network is, whatever its own labels say."""
        if resource.type in (PORT, SUBNET):
            return self._zone_behind(resource, "networkId") or _zone(resource)
        return _zone(resource) if resource.type == NETWORK else None

    def _elsewhere(self) -> Iterator[tuple[str, str]]:
        """Ids of a region's stack, as its outputs tell them: of networks, routers and exchange ports."""
        for reference in self._of(REFERENCE):
            outputs = reference.properties.get("outputs")
            outputs = outputs if isinstance(outputs, Mapping) else {}
            for zone, parts in (outputs.get("zones") or {}).items():
                yield from ((part, zone) for part in parts.values() if isinstance(part, str) and part != UNKNOWN)
            for port in (outputs.get("exchange") or {}).values():
                if isinstance(port, str) and port != UNKNOWN:
                    yield port, Zone.EXCHANGE.value
