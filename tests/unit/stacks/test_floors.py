"""Quotas that shrink wait for what uses them: floors are read from the state and hold until the last step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from province.province import Province
from stacks.floors import floors_of, read_floors, write_floors
from stacks.plan.province import plan_province
from stacks.plan.quota import Quota, raised

URN = "urn:pulumi:province::zhengyun::zhengyun:cloud:Project${}::gz-zct"
INPUTS = {
    "openstack:compute/quotaSetV2:QuotaSetV2": {"instances": 9, "cores": 8, "ram": 7, "serverGroups": 6},
    "openstack:networking/quotaV2:QuotaV2": {"network": 5, "subnetpool": 6, "securityGroupRule": 4, "rbacPolicy": 3},
    "openstack:blockstorage/quoteSetV3:QuoteSetV3": {"volumes": 2, "backupGigabytes": 1},
}
STATE = {"resources": [{"type": t, "urn": URN.format(t), "inputs": inputs} for t, inputs in INPUTS.items()]}


@pytest.fixture
def quota(province: Province) -> Quota:
    return plan_province(province).quotas()["gz-zct"]


def test_floors_are_what_the_state_holds() -> None:
    floor = floors_of(STATE)["gz-zct"]
    assert (floor.compute.instances, floor.compute.ram_mib, floor.compute.server_group_members) == (9, 7, 0)
    assert (floor.network.networks, floor.network.security_group_rules, floor.network.rbac_policies) == (5, 4, 3)
    assert floor.network.subnet_pools == 6
    assert (floor.storage.volumes, floor.storage.backup_gigabytes) == (2, 1)


@pytest.mark.parametrize("missing", range(3))
def test_a_project_half_made_has_no_floor(missing: int) -> None:
    assert floors_of({"resources": [r for n, r in enumerate(STATE["resources"]) if n != missing]}) == {}
    assert floors_of({}) == {}


def test_a_plan_with_floors_is_nowhere_below_them(province: Province, quota: Quota) -> None:
    floor = replace(quota, compute=replace(quota.compute, instances=quota.compute.instances + 5, cores=0))
    plan = plan_province(province)
    held = plan.with_floors({"gz-zct": floor}).quotas()
    assert held["gz-zct"].compute == replace(quota.compute, instances=quota.compute.instances + 5)
    assert {name: q for name, q in held.items() if name != "gz-zct"} == {
        name: q for name, q in plan.quotas().items() if name != "gz-zct"
    }


def test_a_quota_is_its_own_floor(quota: Quota) -> None:
    assert raised(quota, quota) == quota


def test_floors_can_be_written_and_read(quota: Quota, tmp_path: Path) -> None:
    write_floors(tmp_path / "floors.json", {"gz-zct": quota})
    assert read_floors(tmp_path / "floors.json") == {"gz-zct": quota}
