"""A cloud whose services fail in the middle of an apply: clear errors, and a resume that makes nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from province.record import Outcome, Status
from stacks.tools import Tools
from tests.faults.fault_proxy import Fault, Faults, fault_proxy
from tests.lab.cloud_of_the_test_province import LAB, Cloud, needs_cloud, province_on_the_cloud
from tests.lab.conftest import tools

__all__ = ["tools"]  # a fixture

KEYSTONE, NEUTRON, NOVA = 15000, 19696, 18774


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    with fault_proxy([KEYSTONE, NEUTRON, NOVA]) as found:
        yield found


@pytest.fixture(scope="module")
def cloud(faults: Faults, tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The test province behind the proxy."""
    home = tmp_path_factory.mktemp("faulty")
    clouds = home / "clouds.yaml"
    clouds.write_bytes(faults.rewritten((LAB / "clouds.yaml").read_bytes()))
    with province_on_the_cloud("faulty-cloud", tools, clouds) as made:
        yield made
        faults.armed = []


FAULTS = (
    (Fault("POST", r"/v3/projects$", 500, after=2), "ZY-CLD-021"),
    (Fault("POST", r"/v2.0/networks$", 503, after=2, done=True), "ZY-CLD-021"),
    (Fault("POST", r"/v2.0/subnets$", 0, after=2), "ZY-CLD-020"),
    (Fault("POST", r"/v2.0/security-group-rules$", 409), "ZY-CLD-025"),
    (Fault("POST", r"/v2.0/ports$", 403), "ZY-CLD-022"),
    # twice: the client logs in again and repeats the call
    (Fault("PUT", r"/add_router_interface$", 401, times=2), "ZY-CLD-022"),
    (Fault("POST", r"/v2.0/ports$", 500, after=5, done=True), "ZY-CLD-021"),
    (Fault("POST", r"/v2.1/servers$", 500, done=True), "ZY-CLD-021"),
)


@needs_cloud
def test_an_apply_that_fails_again_and_again_ends_as_one_that_never_failed(cloud: Cloud, faults: Faults) -> None:
    assert cloud.ours() == []
    faults.armed = [fault for fault, _ in FAULTS]
    codes = set()
    for _ in range(len(FAULTS) + 1):
        last = cloud.apply(cloud.room.plan([]))[-1]
        if last.outcome is not Outcome.FAILED:
            break
        codes.add(last.message.split(":")[0])
    assert last.outcome is not Outcome.FAILED, "each fault strikes once, so each attempt gets further"
    assert [fault for fault, _ in FAULTS if not fault.struck] == []
    assert codes <= {code for _, code in FAULTS}
    assert [thing for thing, count in Counter(cloud.ours()).items() if count > 1] == []
    assert cloud.room.plan([]).actions == ()
    assert [check.id for check in cloud.room.verify([]) if check.status is not Status.PASSED] == []


@needs_cloud
def test_a_cloud_that_is_away_is_named_before_anything_is_done(cloud: Cloud, faults: Faults) -> None:
    faults.armed = [Fault("POST", r"/v3/auth/tokens$", 0, times=1000)]
    with pytest.raises(Exception, match="ZY-CLD-070"):
        cloud.room.plan([])
    faults.armed = []
