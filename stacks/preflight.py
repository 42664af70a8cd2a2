"""What would make an apply fail, found before it begins: all of it at once, each with its mend. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from province.cloud import Region, Service
from province.errors import Place, ZyError
from province.province import Province
from province.standard import server_name, system_name
from stacks.account import ADMIN
from stacks.plan.availability_zone import aggregates
from stacks.plan.service_class import qos_policies
from stacks.plan.stack import Kind, StackId
from stacks.plan.tenant import ANTI_AFFINITY_FROM
from stacks.situation import Capacity, Situation, services_of

CLOCK_SECONDS = 30.0
"""Clocks further apart make tokens and certificates fail at odd times, and audit records useless as evidence
(GB/T 22239-2019 8.1.4.3 b). NTP keeps far below."""

EXTENSIONS = {
    "address-group": "rules name groups of addresses",
    "security-groups-remote-address-group": "rules name groups of addresses",
    "address-scope": "no address is given twice",
    "external-net": "the internet zone is an external network",
    "quotas": "projects are limited",
    "rbac-policies": "the exchange network is shared with the parties of agreements",
    "router": "zones have routers",
    "security-group": "everything is denied by default",
    "standard-attr-tag": "labels are tags",
    "subnet_allocation": "networks come from pools of the address plan",
}
"""Neutron's API extensions that the stacks use, and for what."""

OFFERED_EXTENSIONS: Mapping[Service, Mapping[str, str]] = {
    Service.QOS: {
        "qos": "networks have a class of service",
        "qos-bw-limit-direction": "a class of service limits both directions",
    }
}
"""The same for what a region may offer besides."""


def extensions_of(region: Region) -> dict[str, str]:
    """Every extension that the stacks of a region use, and for what."""
    needed = dict(EXTENSIONS)
    for service in sorted(region.services):
        needed |= OFFERED_EXTENSIONS.get(service, {})
    return needed


def preflight(province: Province, code: str, situation: Situation) -> list[ZyError]:
    """Everything that stands in the way of an apply in one region; empty when nothing does.

    Codes: ``ZY-CLD-070`` a service does not answer, ``-071`` an extension is missing, ``-072`` the account's role,
    ``-073`` clocks, ``-074`` no room, ``-075`` too few machines,
    ``-083`` a class of service that cannot go by itself, ``-085`` a host of an availability zone is unknown,
    ``-086`` it is in another zone, ``-087`` it would change its zone under servers.
    """
    region = province.regions[code]
    return list(_problems(province, region, situation))


def _problems(province: Province, region: Region, situation: Situation) -> Iterator[ZyError]:
    yield from _silent(region, situation)
    if "login" in situation.failures:
        return
    if ADMIN not in situation.roles:
        yield _error(
            "ZY-CLD-072",
            region.code,
            f"the account {situation.account} holds {', '.join(sorted(situation.roles)) or 'no role'}, not {ADMIN}",
            f"use an account that may make domains and projects in the entry {region.cloud} of clouds.yaml",
        )
    if abs(situation.clock_seconds) > CLOCK_SECONDS:
        yield _error(
            "ZY-CLD-073",
            region.code,
            f"its clock and this machine's are {abs(situation.clock_seconds):.0f} s apart",
            "see that both follow NTP (`chronyc tracking`)",
        )
    if "network" not in situation.failures:
        yield from _missing(region, situation)
        yield from _in_use(province, region, situation)
    if "compute" not in situation.failures:
        yield from _zones(province, region, situation)
    if situation.capacity is not None and "compute" not in situation.failures:
        yield from _crowded(province, region, situation, situation.capacity)


def _silent(region: Region, situation: Situation) -> Iterator[ZyError]:
    versions = services_of(region)
    for what, why in situation.failures.items():
        name = "nobody can log in" if what == "login" else f"{what} (version {versions[what]}) does not answer"
        yield _error(
            "ZY-CLD-070",
            region.code,
            f"{name}: {why}",
            f"see that it runs and that the entry {region.cloud} of clouds.yaml is right (in the lab: `zy lab status`)",
        )


def _missing(region: Region, situation: Situation) -> Iterator[ZyError]:
    needed = extensions_of(region)
    for alias in sorted(needed.keys() - situation.extensions):
        yield _error(
            "ZY-CLD-071",
            region.code,
            f"Neutron lacks the API extension {alias} ({needed[alias]})",
            "enable it in neutron.conf (service_plugins) or in ML2's extension_drivers",
        )


def _in_use(province: Province, region: Region, situation: Situation) -> Iterator[ZyError]:
    """Classes that networks have and would keep.

    The provider takes a network from one class to another, and never to none; and Neutron refuses to delete the policy
    of a dropped class while a network has it. Systems that are dropped too are taken down first.
    """
    declared = {policy.name for policy in qos_policies(province, region.code)}
    for system in sorted(province.systems_in(region.code), key=lambda system: system.code):
        policy = situation.classes.get(system_name(system), "")
        if policy.startswith(f"{region.code}-") and (system.service_class is None or policy not in declared):
            yield _error(
                "ZY-CLD-083",
                str(StackId(Kind.TENANT, system.code)),
                f"its network has the class of service {policy}, which the inventory has taken away",
                f"take it off by hand: `openstack network unset --qos-policy {system_name(system)}`",
            )


def _zones(province: Province, region: Region, situation: Situation) -> Iterator[ZyError]:
    """Hosts that Nova would refuse to take into their availability zone, or to let go from one that is ours."""
    stack = str(StackId(Kind.REGION, region.code))
    wanted = {host: each.name for each in aggregates(province, region.code) for host in each.hosts}
    for host in sorted(wanted.keys() - situation.hosts.keys()):
        fix = "use a name that `openstack compute service list` shows, or start nova-compute there"
        yield _error("ZY-CLD-085", stack, f"there is no compute host {host} (availability zone {wanted[host]})", fix)
    for host, live in sorted(situation.hosts.items()):
        zone = wanted.get(host, "")
        ours = live.ours and live.zone.startswith(f"{region.code}-")
        if zone == live.zone or not (zone or ours):
            continue
        if zone and live.zone:
            fix = f"take it out of {live.zone} first, in a change of its own"
            yield _error("ZY-CLD-086", stack, f"the host {host} of {zone} is in the zone {live.zone} already", fix)
        elif live.servers:
            way = f"join the availability zone {zone}" if zone else f"leave the availability zone {live.zone}"
            yield _error(
                "ZY-CLD-087",
                stack,
                f"the host {host} would {way}, and {live.servers} servers stand on it",
                f"move them away (`openstack server list --all-projects --host {host}`), or leave the host as it is",
            )


def _crowded(province: Province, region: Region, situation: Situation, capacity: Capacity) -> Iterator[ZyError]:
    """Servers that are still to be made, against what the machines may take."""
    vcpus = ram_mib = 0
    for system in province.systems_in(region.code):
        for code, workload in system.workloads.items():
            names = {server_name(system, code, number) for number in range(1, workload.count + 1)}
            flavor = province.flavors[workload.flavor]
            vcpus += len(names - situation.servers) * flavor.vcpus
            ram_mib += len(names - situation.servers) * flavor.ram_mib
            if workload.count >= ANTI_AFFINITY_FROM and workload.count > capacity.machines:
                yield _error(
                    "ZY-CLD-075",
                    str(StackId(Kind.TENANT, system.code)),
                    f"{workload.count} servers of {code} are to stand on as many machines; {capacity.machines} are up",
                    "start more compute hosts, or declare fewer servers",
                )
    wanted = (("vCPUs", vcpus, capacity.vcpus), ("MiB of memory", ram_mib, capacity.ram_mib))
    for unit, needed, free in wanted:
        if needed > free:
            yield _error(
                "ZY-CLD-074",
                region.code,
                f"new servers need {needed} {unit}; the region has {free} free",
                "add compute hosts, declare less, or place a system in another region",
            )


def _error(code: str, target: str, message: str, fix: str) -> ZyError:
    return ZyError(code, message, place=Place(target=target), fix=fix)
