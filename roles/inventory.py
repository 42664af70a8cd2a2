"""The province's hosts as an Ansible inventory. Pure.

The variables ``zy_*`` say who a host is; the roles' defaults turn them into settings.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from province.cloud import Zone
from province.host import Host, HostRole
from province.province import Province, Target
from province.record import JsonObject
from province.standard import region_labels
from roles.people import administrators_of


def ansible_inventory(province: Province, ssh_config: Path | None, day: date) -> JsonObject:
    """All hosts in the form of ``--list``, grouped by role, region and department, order-independent.

    ``day`` is the day of the run: administrators whose time has ended before it are left out. With ``ssh_config`` every
    connection reads that file alone; without, the operator's own ssh settings.
    """
    groups: dict[str, JsonObject] = {}
    for code, host in sorted(province.hosts.items()):
        for name in groups_of(host):
            groups.setdefault(name, {"hosts": []})["hosts"].append(code)
    everywhere: JsonObject = {"ansible_python_interpreter": "/usr/bin/python3"}
    if ssh_config is not None:
        everywhere["ansible_ssh_common_args"] = f"-F {ssh_config}"
    return {
        "_meta": {
            "hostvars": {code: host_variables(province, host, day) for code, host in sorted(province.hosts.items())}
        },
        "all": {"children": sorted(groups), "vars": everywhere},
        **dict(sorted(groups.items())),
    }


def groups_of(host: Host) -> list[str]:
    """Ansible wants identifiers as group names, so hyphens become underscores."""
    named = {"role": host.role.value, "region": host.region, "department": host.department}
    return [f"{kind}_{code.replace('-', '_')}" for kind, code in named.items()]


def host_variables(province: Province, host: Host, day: date) -> JsonObject:
    address = province.addresses.host(host.code)
    return {
        "zy_host_role": host.role.value,
        "zy_system": host.system.value,
        "zy_waivers": dict(sorted(host.waivers.items())),
        "zy_region": host.region,
        "zy_management_ipv4": str(address.ipv4.ip),
        "zy_management_ipv6": str(address.ipv6.ip),
        "zy_management_prefixes": management_prefixes(province, host),
        "zy_service_prefixes": _pool(province, "host-management") + _pool(province, "router-management"),
        "zy_ntp_servers": ntp_servers(province, host),
        "zy_log_servers": log_servers(province, host),
        "zy_log_clients": sorted(code for code, other in province.hosts.items() if other.role is not HostRole.LOG),
        "zy_labels": region_labels(province, host.region, Zone.MANAGEMENT).as_metadata(),
        **administrator_variables(province, host, day),
    }


def administrator_variables(province: Province, host: Host, day: date) -> JsonObject:
    """The host's administrators; nothing where the inventory names nobody, so that the role's own defaults hold."""
    if not province.administrators:
        return {}
    people = administrators_of(province, host, day)
    return {
        "zy_administrators": [
            {
                "name": one.code,
                "duty": one.duty.value,
                "comment": f"{one.duty.value.capitalize()} administrator ({one.department})",
                "keys": list(one.keys),
                "until": one.until.isoformat() if one.until else "",
            }
            for one in people
        ],
        "zy_second_factor": [one.code for one in people if one.second_factor],
    }


def management_prefixes(province: Province, host: Host) -> list[str]:
    """Where ssh may come from: a bastion serves the management network, every other host the bastions alone.

    The lab has no operators' network: its own management network stands for it, on every host.
    """
    bastions = [code for code, other in province.hosts.items() if other.role is HostRole.BASTION]
    if host.role is HostRole.BASTION or province.identity.target is Target.LAB or not bastions:
        return _pool(province, "host-management")
    addresses = [province.addresses.host(code) for code in sorted(bastions)]
    return [f"{a.ipv4.ip}/32" for a in addresses] + [f"{a.ipv6.ip}/128" for a in addresses]


def ntp_servers(province: Province, host: Host) -> list[str]:
    """The log hosts of the region, else those of the province; none for a log host, which is the source itself."""
    return sorted(server["address"] for server in log_servers(province, host))


def log_servers(province: Province, host: Host) -> list[dict[str, str]]:
    """Name and address of the log hosts that take this host's records, by the same choice; a log host keeps its own."""
    if host.role is HostRole.LOG:
        return []
    logs = [other for other in province.hosts.values() if other.role is HostRole.LOG]
    near = [other for other in logs if other.region == host.region] or logs
    address = province.addresses.host
    return [{"name": code, "address": str(address(code).ipv4.ip)} for code in sorted(other.code for other in near)]


def log_clients(province: Province, host: Host) -> list[str]:
    """Addresses of the hosts that send their records to this log host; none for another."""
    own = str(province.addresses.host(host.code).ipv4.ip)
    return sorted(
        str(province.addresses.host(code).ipv4.ip)
        for code, other in province.hosts.items()
        if own in [server["address"] for server in log_servers(province, other)]
    )


def _pool(province: Province, name: str) -> list[str]:
    return [str(prefix) for prefix in province.addresses.pool(name) if prefix is not None]
