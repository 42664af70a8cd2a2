"""What a system gets from the optional services of its region: load balancers, DNS names, a container for secrets.

A region offers what its inventory lists (``services``); a workload asks for nothing. With an audience it has a name of
both families, and from two servers on a balancer of each family in front of it. OVN balances on layer 4, inside the
logical network: no machine stands between, the client's address stays, and so the workload's own rules go on to hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from province.cloud import Service
from province.province import Province
from province.standard import Labels, description, server_name, system_labels, system_name
from province.system import System, Workload

FAMILIES = {4: "A", 6: "AAAA"}
"""Address families, and the types of their records (RFC 1035, RFC 3596)."""
BALANCED_FROM = 2
"""From this many servers on, a workload that serves others has a balancer."""


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer of one family: the provider knows no balancer with addresses of both."""

    name: str
    description: str
    labels: Labels
    workload: str
    family: int
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """Addresses of one family under a name: of the balancer, or of the servers where there is none."""

    name: str
    """Absolute, with its last dot."""
    type: str
    description: str
    workload: str
    family: int
    balancer: str


@dataclass(frozen=True, slots=True)
class NameZone:
    """A region's DNS zone. It is the platform's: a system cannot take another's name."""

    name: str
    email: str
    description: str


@dataclass(frozen=True, slots=True)
class BalancerQuota:
    """What a project may have of Octavia's objects."""

    balancers: int
    listeners: int
    pools: int
    members: int


def offers(province: Province, region: str, service: Service) -> bool:
    return service in province.regions[region].services


def name_zone(province: Province, region: str) -> NameZone | None:
    """``gd.lab.gd.example.``; ``None`` where the region has no name service."""
    if not offers(province, region, Service.NAMES):
        return None
    domain = province.identity.domain
    return NameZone(f"{region}.{domain}.", f"hostmaster@{domain}", f"{province.regions[region].name} · 云平台")


def is_balanced(province: Province, system: System, workload: Workload) -> bool:
    return (
        offers(province, system.region, Service.BALANCER)
        and workload.audience is not None
        and workload.count >= BALANCED_FROM
        and bool(workload.ports)
    )


def balancer_name(system: System, workload: str, family: int) -> str:
    """``gd-gdbos-web-ipv4``."""
    return f"{system_name(system)}-{workload}-ipv{family}"


def balancers(province: Province, system: System) -> Iterator[Balancer]:
    """The balancers of a system, by workload and family."""
    for code, workload in sorted(system.workloads.items()):
        if is_balanced(province, system, workload):
            for family in system.families.versions:
                yield Balancer(
                    name=balancer_name(system, code, family),
                    description=description(system),
                    labels=system_labels(province, system),
                    workload=code,
                    family=family,
                    ports=tuple(sorted(workload.ports)),
                )


def records(province: Province, system: System) -> Iterator[Record]:
    """The names of a system: ``web.gdbos.gd.lab.gd.example.`` for each workload with an audience."""
    zone = name_zone(province, system.region)
    if zone is None:
        return
    for code, workload in sorted(system.workloads.items()):
        if workload.audience is not None:
            balanced = is_balanced(province, system, workload)
            for family in system.families.versions:
                yield Record(
                    name=f"{code}.{system.code}.{zone.name}",
                    type=FAMILIES[family],
                    description=description(system),
                    workload=code,
                    family=family,
                    balancer=balancer_name(system, code, family) if balanced else "",
                )


def container_name(province: Province, system: System) -> str:
    """Barbican container that the system's secrets are to be put in: ``gd-gdbos-secrets``; empty where there is none.

    Its values are never ours: they would lie in plans and state.
    """
    return f"{system_name(system)}-secrets" if offers(province, system.region, Service.SECRETS) else ""


def balancer_quota(province: Province, system: System) -> BalancerQuota | None:
    """Exactly what is declared, twice: a balancer is replaced by making the new one first."""
    if not offers(province, system.region, Service.BALANCER):
        return None
    made = list(balancers(province, system))
    listeners = sum(len(each.ports) for each in made)
    members = sum(len(each.ports) * system.workloads[each.workload].count for each in made)
    return BalancerQuota(2 * len(made), 2 * listeners, 2 * listeners, 2 * members)


def member_names(system: System, workload: str) -> tuple[str, ...]:
    """The servers behind a balancer."""
    count = system.workloads[workload].count
    return tuple(server_name(system, workload, number) for number in range(1, count + 1))
