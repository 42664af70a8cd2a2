"""What is found before an apply: each thing that stands in its way, and all of them at once."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from openstack.exceptions import SDKException

from province.cloud import Service as Offered
from province.province import Province
from stacks.preflight import EXTENSIONS, OFFERED_EXTENSIONS, preflight
from stacks.situation import SERVICES, Capacity, LiveHost, Situation, _answers, services_of

ALL = frozenset(EXTENSIONS).union(*OFFERED_EXTENSIONS.values())
WELL = Situation(
    failures={},
    clock_seconds=0.0,
    account="operator",
    roles=frozenset({"admin"}),
    extensions=ALL,
    servers=frozenset(),
    classes={},
    capacity=Capacity(vcpus=5, ram_mib=5120, machines=2),
    hosts={f"gz-compute-{number}": LiveHost("", 0) for number in (1, 2)},
)
"""Just enough for the systems of the lab's region ``gz``: two servers of g1.small."""


def found(province: Province, situation: Situation) -> list[tuple[str, str | None]]:
    return [(error.code, error.place.target) for error in preflight(province, "gz", situation)]


def test_nothing_stands_in_the_way_of_a_well_region(province: Province) -> None:
    assert found(province, WELL) == []


@pytest.mark.parametrize(
    ("situation", "code", "target"),
    [
        (replace(WELL, failures={"image": "connection refused"}), "ZY-CLD-070", "gz"),
        (replace(WELL, failures={"dns": "connection refused"}), "ZY-CLD-070", "gz"),
        (replace(WELL, failures={"login": "401"}, roles=frozenset()), "ZY-CLD-070", "gz"),
        (replace(WELL, extensions=ALL - {"address-group"}), "ZY-CLD-071", "gz"),
        (replace(WELL, extensions=ALL - {"address-scope"}), "ZY-CLD-071", "gz"),
        (replace(WELL, extensions=ALL - {"subnet_allocation"}), "ZY-CLD-071", "gz"),
        (replace(WELL, extensions=ALL - {"qos"}), "ZY-CLD-071", "gz"),
        (replace(WELL, extensions=ALL - {"qos-bw-limit-direction"}), "ZY-CLD-071", "gz"),
        (replace(WELL, classes={"gz-zct": "gz-gone"}), "ZY-CLD-083", "tenant-zct"),
        (replace(WELL, classes={"gz-zct": "gz-priority"}), "ZY-CLD-083", "tenant-zct"),
        (replace(WELL, roles=frozenset({"member"})), "ZY-CLD-072", "gz"),
        (replace(WELL, clock_seconds=-31.0), "ZY-CLD-073", "gz"),
        (replace(WELL, capacity=Capacity(1, 5120, 2)), "ZY-CLD-074", "gz"),
        (replace(WELL, capacity=Capacity(5, 2047, 2)), "ZY-CLD-074", "gz"),
        (replace(WELL, capacity=Capacity(5, 5120, 1)), "ZY-CLD-075", "tenant-zct"),
    ],
)
def test_each_obstacle_has_its_code(province: Province, situation: Situation, code: str, target: str) -> None:
    assert found(province, situation) == [(code, target)]


def test_servers_that_are_there_need_no_room(province: Province) -> None:
    full = replace(WELL, capacity=Capacity(0, 0, 2))
    assert found(province, full) == [("ZY-CLD-074", "gz")] * 2
    assert found(province, replace(full, servers=frozenset({"gz-zct-web-1", "gz-zct-web-2"}))) == []


def test_everything_is_said_at_once(province: Province) -> None:
    bad = Situation({"image": "503"}, 90.0, "a", frozenset(), frozenset(), frozenset(), {}, Capacity(0, 0, 0), {})
    codes = {code for code, _ in found(province, bad)}
    assert codes == {f"ZY-CLD-07{digit}" for digit in "012345"}


class Service:
    """An adapter of keystoneauth whose service answers with one status, or which the catalogue does not have."""

    def __init__(self, status: int | None) -> None:
        self.status = status
        self.config = self.session = self

    def get_session_client(self, _: str) -> Service:
        return self

    def get_endpoint(self) -> str | None:
        return "http://127.0.0.1:1/v2.0" if self.status else None

    def get(self, _: str, *, raise_exc: bool, authenticated: bool) -> SimpleNamespace:
        assert not raise_exc
        assert not authenticated
        return SimpleNamespace(status_code=self.status)


def test_a_service_that_wants_a_token_answers() -> None:
    _answers(Service(401), "load-balancer")


@pytest.mark.parametrize(("status", "said"), [(503, "answers 503"), (None, "no such service")])
def test_a_service_that_fails_or_is_missing_does_not(status: int | None, said: str) -> None:
    with pytest.raises(SDKException, match=said):
        _answers(Service(status), "load-balancer")


def test_only_a_class_of_ours_on_a_systems_network_stands_in_the_way(province: Province) -> None:
    fine = {"gz-gone": "gz-gone", "gz-public": "gz-gone", "gd-gdbos": "gd-gone"}
    assert found(province, replace(WELL, classes=fine)) == []
    assert found(province, replace(WELL, classes={"gz-zct": "somebody's"})) == []


def test_a_system_may_go_to_another_class_while_its_own_is_declared(province: Province) -> None:
    zct = province.systems["zct"].model_copy(update={"service_class": "standard"})
    moved = province.model_copy(update={"systems": {**province.systems, "zct": zct}})
    assert found(moved, replace(WELL, classes={"gz-zct": "gz-priority"})) == []
    assert found(moved, replace(WELL, classes={"gz-zct": "gz-gone"})) == [("ZY-CLD-083", "tenant-zct")]


def test_extensions_of_what_a_region_does_not_offer_may_lack(province: Province) -> None:
    gz = province.regions["gz"]
    plain = gz.model_copy(update={"services": gz.services - {Offered.QOS}})
    fewer = province.model_copy(update={"regions": {**province.regions, "gz": plain}})
    assert found(fewer, replace(WELL, extensions=frozenset(EXTENSIONS))) == []


def test_what_a_region_offers_is_asked_too(province: Province) -> None:
    region = province.regions["gz"]
    assert services_of(region.model_copy(update={"services": frozenset()})) == SERVICES
    assert services_of(region).keys() - SERVICES.keys() == {"load-balancer", "dns", "key-manager"}
