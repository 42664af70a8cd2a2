"""What the lab's cloud consists of: regions, hosts, ports. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SharedPorts:
    """Loopback TCP ports of what all regions share."""

    keystone: int
    glance: int
    cinder: int
    barbican: int
    designate: int
    designate_mdns: int
    named: int
    rndc: int
    memcached: int
    rabbitmq: int
    rabbitmq_distribution: int
    epmd: int


@dataclass(frozen=True, slots=True)
class RegionPorts:
    """Loopback TCP ports of one region's own services."""

    placement: int
    neutron: int
    nova: int
    octavia: int


@dataclass(frozen=True, slots=True)
class Region:
    """One region: own Neutron, OVN, Octavia, Nova and Placement; name as in the catalogue and in clouds.yaml."""

    name: str
    hosts: tuple[str, ...]
    ports: RegionPorts


@dataclass(frozen=True, slots=True)
class Spec:
    """One lab. ``home`` holds all of its state, ``part`` is the built part, only read."""

    home: Path
    part: Path
    region_names: tuple[str, ...] = ("gd", "gz")
    hosts_per_region: int = 2  # fewer than two, and no anti-affinity can be satisfied
    port_shift: int = 0  # added to every port, so that a second lab can run beside the first

    @property
    def ports(self) -> SharedPorts:
        shift = self.port_shift
        return SharedPorts(
            keystone=15000 + shift,
            glance=19292 + shift,
            cinder=18776 + shift,
            barbican=19311 + shift,
            designate=19001 + shift,
            designate_mdns=15354 + shift,
            named=15353 + shift,
            rndc=15955 + shift,
            memcached=11299 + shift,
            rabbitmq=15673 + shift,
            rabbitmq_distribution=25673 + shift,
            epmd=14369 + shift,
        )

    @property
    def regions(self) -> tuple[Region, ...]:
        return tuple(self._region(index, name) for index, name in enumerate(self.region_names))

    def _region(self, index: int, name: str) -> Region:
        shift = self.port_shift + index * 10000
        return Region(
            name=name,
            hosts=tuple(f"{name}-compute-{number}" for number in range(1, self.hosts_per_region + 1)),
            ports=RegionPorts(
                placement=18778 + shift, neutron=19696 + shift, nova=18774 + shift, octavia=19877 + shift
            ),
        )

    @property
    def keystone_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.keystone}/v3"

    @property
    def databases(self) -> tuple[str, ...]:
        """All databases, the shared ones first."""
        own = (name for region in self.region_names for name in region_databases(region))
        return ("keystone", "glance", "cinder", "barbican", "designate", *own)


def region_databases(region: str) -> tuple[str, ...]:
    """A region's own databases. Nova's cell mapping derives ``_cell0`` from the name of its main database."""
    return (
        f"placement_{region}",
        f"neutron_{region}",
        f"nova_{region}",
        f"nova_{region}_api",
        f"nova_{region}_cell0",
        f"octavia_{region}",
    )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One entry of the service catalogue."""

    kind: str  # service type, as clients ask for it
    name: str
    url: str


def catalogue(spec: Spec, region: Region) -> tuple[Endpoint, ...]:
    """The endpoints of one region; shared services appear in every region's catalogue, identity too."""
    shared, own, host = spec.ports, region.ports, "http://127.0.0.1"
    return (
        Endpoint("identity", "keystone", spec.keystone_url),
        Endpoint("image", "glance", f"{host}:{shared.glance}"),
        Endpoint("block-storage", "cinder", f"{host}:{shared.cinder}/v3"),
        Endpoint("volumev3", "cinderv3", f"{host}:{shared.cinder}/v3/%(project_id)s"),
        Endpoint("key-manager", "barbican", f"{host}:{shared.barbican}"),
        Endpoint("dns", "designate", f"{host}:{shared.designate}"),
        Endpoint("placement", "placement", f"{host}:{own.placement}"),
        Endpoint("network", "neutron", f"{host}:{own.neutron}"),
        Endpoint("compute", "nova", f"{host}:{own.nova}/v2.1"),
        Endpoint("load-balancer", "octavia", f"{host}:{own.octavia}"),
    )


SERVICE_USERS = ("placement", "glance", "neutron", "nova", "cinder", "barbican", "designate", "octavia")
