"""Config drives: who gets one, and who should have one and has none."""

from __future__ import annotations

from datetime import date

import pytest

from province.province import Province
from province.record import Status
from stacks.config_drives import prove_drives
from stacks.plan.tenant import TenantPlan, plan_tenant
from stacks.tenant import make_tenant
from tests.unit.stacks.asked import asked

DAY = date(2026, 11, 24)
SERVERS = {"gd-rkk-api-1", "gd-rkk-db-1"}


def planned(province: Province, *, service: bool = True, api: bool | None = None) -> TenantPlan:
    """The system ``rkk`` in a region with a metadata service or without, its ``api`` declaring a drive or not."""
    gd, rkk = province.regions["gd"], province.systems["rkk"]
    workload = rkk.workloads["api"].model_copy(update={"config_drive": api})
    system = rkk.model_copy(update={"workloads": {**rkk.workloads, "api": workload}})
    region = gd.model_copy(update={"metadata_service": service})
    changed = {"regions": {**province.regions, "gd": region}, "systems": {**province.systems, "rkk": system}}
    return plan_tenant(province.model_copy(update=changed), "rkk", DAY)


def drives(plan: TenantPlan) -> dict[str, bool]:
    """Which servers are asked for with a drive; absent in all others, as before there were drives."""
    requests = asked(lambda: make_tenant(plan))
    servers = {name: dict(request.object.items()) for (kind, name), request in requests.items() if kind == "Instance"}
    return {name: inputs["configDrive"] for name, inputs in servers.items() if "configDrive" in inputs}


def test_a_drive_is_for_whoever_has_no_service_to_ask_or_declares_it(province: Province) -> None:
    assert drives(planned(province)) == {}
    assert drives(planned(province, api=True)) == {"gd-rkk-api-1": True}
    assert drives(planned(province, service=False)) == dict.fromkeys(SERVERS, True)


def test_a_server_that_runs_keeps_what_it_has(province: Province) -> None:
    """Else the provider would replace it, with its disk."""
    requests = asked(lambda: make_tenant(planned(province)))
    assert "configDrive" in list(requests["Instance", "gd-rkk-api-1"].ignoreChanges)


@pytest.mark.parametrize(
    ("held", "failed"),
    [
        (SERVERS, {}),
        ({*SERVERS, "other"}, {}),
        ({"gd-rkk-api-1"}, {"cloud.config-drive.gd-rkk-db": "none: gd-rkk-db-1"}),
    ],
)
def test_a_server_without_its_drive_fails(province: Province, held: set[str], failed: dict[str, str]) -> None:
    checks = list(prove_drives(planned(province, service=False), held))
    assert len(checks) == 2
    assert {each.id: each.actual for each in checks if each.status is not Status.PASSED} == failed


def test_no_drive_is_no_check(province: Province) -> None:
    assert list(prove_drives(planned(province), set())) == []
