"""Quotas that shrink: what a project still uses may be more than its new quota, and the services refuse that.

So the province's stack is applied with no quota below what it was (the floor), then everything that uses less is made,
and at last the quotas take their new values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from province.record import JsonObject
from stacks.plan.quota import ComputeQuota, NetworkQuota, Quota, StorageQuota

VARIABLE = "ZY_QUOTA_FLOORS"
"""Environment variable with the file of the floors, for the program of the province's stack."""

_COMPUTE, _NETWORK, _STORAGE = (
    "openstack:compute/quotaSetV2:QuotaSetV2",
    "openstack:networking/quotaV2:QuotaV2",
    "openstack:blockstorage/quoteSetV3:QuoteSetV3",
)


def floors_of(state: JsonObject) -> dict[str, Quota]:
    """Quotas that a state of the province's stack holds, by the project's name; a project half made has none."""
    held: dict[str, dict[str, JsonObject]] = {}
    for resource in state.get("resources") or []:
        if resource["type"] in (_COMPUTE, _NETWORK, _STORAGE):
            held.setdefault(resource["urn"].rsplit("::", 1)[1], {})[resource["type"]] = resource.get("inputs") or {}
    return {name: _quota(parts) for name, parts in held.items() if len(parts) == 3}


def _quota(parts: Mapping[str, JsonObject]) -> Quota:
    compute, network, storage = parts[_COMPUTE], parts[_NETWORK], parts[_STORAGE]
    return Quota(
        ComputeQuota(
            instances=_number(compute, "instances"),
            cores=_number(compute, "cores"),
            ram_mib=_number(compute, "ram"),
            server_groups=_number(compute, "serverGroups"),
            server_group_members=_number(compute, "serverGroupMembers"),
        ),
        NetworkQuota(
            networks=_number(network, "network"),
            subnets=_number(network, "subnet"),
            subnet_pools=_number(network, "subnetpool"),
            routers=_number(network, "router"),
            floating_ips=_number(network, "floatingip"),
            ports=_number(network, "port"),
            security_groups=_number(network, "securityGroup"),
            security_group_rules=_number(network, "securityGroupRule"),
            rbac_policies=_number(network, "rbacPolicy"),
        ),
        StorageQuota(
            volumes=_number(storage, "volumes"),
            gigabytes=_number(storage, "gigabytes"),
            snapshots=_number(storage, "snapshots"),
            backups=_number(storage, "backups"),
            backup_gigabytes=_number(storage, "backupGigabytes"),
        ),
    )


def _number(inputs: JsonObject, key: str) -> int:
    return int(inputs.get(key) or 0)


def write_floors(path: Path, floors: Mapping[str, Quota]) -> None:
    path.write_text(json.dumps({name: asdict(quota) for name, quota in sorted(floors.items())}), encoding="utf-8")


def read_floors(path: Path) -> dict[str, Quota]:
    written: dict[str, dict[str, dict[str, int]]] = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Quota(
            ComputeQuota(**parts["compute"]), NetworkQuota(**parts["network"]), StorageQuota(**parts["storage"])
        )
        for name, parts in written.items()
    }
