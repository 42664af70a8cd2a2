"""A tenant's stack: one business system's network, rules, servers and volumes, in its zone of its region."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from province.errors import Place, ZyError
from province.province import Province
from province.standard import Labels, description, server_name, system_labels, system_name
from province.system import Families, System, Workload
from stacks.plan.agreement import in_exchange
from stacks.plan.availability_zone import zone_of
from stacks.plan.province import domain_name, volume_type_name
from stacks.plan.region import EXTRANET, Network, dual_network
from stacks.plan.rule import Direction, Peer, SecurityGroup, rules
from stacks.plan.service import Balancer, Record, balancers, container_name, records

INTERNET = "internet"
ANTI_AFFINITY_FROM = 2
"""From this many servers on, a workload's servers stand on different machines (GB/T 22239-2019 8.1.4.9 c)."""


@dataclass(frozen=True, slots=True)
class ServerSpec:
    name: str
    volume_gib: int
    """0: no data volume."""
    boot_gib: int
    """Size of the volume that it starts from; 0: it starts from its own disk."""
    volume_type: str
    """Of its volumes; empty: the cloud's default."""
    exchange: bool
    """Whether it has a leg in the exchange zone."""
    availability_zone: str
    """Of a new server: one that runs stays where it is. Empty: any."""


@dataclass(frozen=True, slots=True)
class WorkloadSpec:
    code: str
    flavor: str
    labels: Labels
    spread: bool
    """Whether its servers stand on different machines."""
    config_drive: bool
    """Whether a new server gets its settings on a drive: one that runs keeps what it has."""
    group: SecurityGroup
    servers: tuple[ServerSpec, ...]


@dataclass(frozen=True, slots=True)
class TenantPlan:
    system: str
    region: str
    cloud: str
    domain: str
    project: str
    zone: str
    image: str
    network: Network
    service_class: str
    """Of its network; empty: none."""
    workloads: tuple[WorkloadSpec, ...]
    balancers: tuple[Balancer, ...]
    records: tuple[Record, ...]
    secrets: str
    """Name of the container of its secrets; empty where the region keeps none."""


def plan_tenant(province: Province, code: str, today: date) -> TenantPlan:
    """Raises ``ZY-CLD-001`` (see :func:`stacks.plan.agreement.in_force`), ``ZY-CLD-050``, ``ZY-CLD-051``."""
    system = province.systems[code]
    _check_image(province, system)
    labels = system_labels(province, system)
    parties = in_exchange(province, system.region, today)
    return TenantPlan(
        system=code,
        region=system.region,
        cloud=province.regions[system.region].cloud,
        domain=domain_name(system.region),
        project=system_name(system),
        zone=system.zone.value,
        image=system.image,
        network=_network(province, system, labels),
        service_class=system.service_class or "",
        workloads=tuple(
            _workload(province, system, workload, labels, (code, name) in parties)
            for name, workload in sorted(system.workloads.items())
        ),
        balancers=tuple(balancers(province, system)),
        records=tuple(records(province, system)),
        secrets=container_name(province, system),
    )


def _network(province: Province, system: System, labels: Labels) -> Network:
    """The IPv4 prefix of a system of IPv6 alone stays its own: it may want both families some day."""
    both = dual_network(system_name(system), description(system), labels, province.addresses.system(system.code))
    return both if 4 in system.families.versions else replace(both, ipv4="", gateway4="")


def _check_image(province: Province, system: System) -> None:
    """A system starts only from an image that was hardened for its level and is meant for its zone."""
    image, place = province.images[system.image], Place(target=f"systems/{system.code}")
    if image.hardening_level < system.mlps_level:
        raise ZyError(
            "ZY-CLD-050",
            f"the image {image.code} is hardened for level {image.hardening_level},"
            f" and the system {system.code} has level {system.mlps_level}",
            place=place,
            fix="use an image that is hardened for that level (等保: 镜像加固级别不得低于系统级别)",
        )
    if system.zone not in image.zones:
        raise ZyError(
            "ZY-CLD-051",
            f"the image {image.code} is not for systems in the zone {system.zone}",
            place=place,
            fix=f"use another image, or add the zone to the image's `zones`: {', '.join(sorted(image.zones))}",
        )


def group_name(system: System, workload: str) -> str:
    """Security group of a workload: ``gd-gdbos-web``."""
    return f"{system_name(system)}-{workload}"


def has_drive(province: Province, system: System, workload: Workload) -> bool:
    """As declared; else where servers have no metadata service to ask: its address is of IPv4."""
    if workload.config_drive is not None:
        return workload.config_drive
    return not province.regions[system.region].metadata_service or system.families is Families.IPV6


def _workload(province: Province, system: System, workload: Workload, labels: Labels, exchange: bool) -> WorkloadSpec:
    return WorkloadSpec(
        code=workload.code,
        flavor=workload.flavor,
        labels=labels,
        spread=workload.count >= ANTI_AFFINITY_FROM,
        config_drive=has_drive(province, system, workload),
        group=SecurityGroup(
            group_name(system, workload.code),
            description(system),
            labels,
            tuple(rules(Direction.INGRESS, workload.ports, _peers(workload), system.families.versions)),
        ),
        servers=tuple(
            ServerSpec(
                server_name(system, workload.code, number),
                workload.volume_gib,
                workload.boot_volume_gib,
                volume_type_name(system.region, workload.volume_class) if workload.volume_class else "",
                exchange,
                zone_of(system.region, workload, number),
            )
            for number in range(1, workload.count + 1)
        ),
    )


def _peers(workload: Workload) -> dict[str, Peer]:
    """Who may connect to a workload, under the names that its rules carry."""
    peers = {_client_key(client): Peer(group=client) for client in sorted(workload.clients)}
    if workload.audience == INTERNET:
        peers[INTERNET] = Peer(anyone=True)
    elif workload.audience == "extranet":
        peers[EXTRANET] = Peer(addresses=EXTRANET)
    return peers


def _client_key(client: str) -> str:
    """A workload may be called like an audience."""
    return f"client-{client}" if client in (INTERNET, EXTRANET) else client
