"""The three rules of the cloud, each on a good stack and on mutations of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from policies.cloud.rules import (
    ADDRESSES,
    ATTACHED,
    IMAGE,
    INTERFACE,
    NETWORK,
    PORT,
    REFERENCE,
    ROUTER,
    RULE,
    SERVER,
    SUBNET,
    UNKNOWN,
    VOLUME,
    Resource,
    judge_bridges,
    judge_labels,
    judge_ports,
)
from province.standard import LABEL_KEYS, Labels

LABELS = Labels("440000", "zsj", "gdbos", "public", "3", "important", "zsj-ops", "zsj-sec")


def tags(zone: str) -> list[str]:
    return replace(LABELS, zone=zone).as_tags()


def resource(name: str, kind: str, properties: Mapping[str, Any], **depends: str) -> Resource:
    return Resource(f"urn:{name}", kind, name, properties, {key: (f"urn:{urn}",) for key, urn in depends.items()})


# Labels


@pytest.mark.parametrize("key", LABEL_KEYS)
def test_each_label_is_mandatory_on_what_has_tags(key: str) -> None:
    good = resource("n", NETWORK, {"tags": LABELS.as_tags()})
    assert not list(judge_labels(good))
    bad = replace(good, properties={"tags": [tag for tag in LABELS.as_tags() if not tag.startswith(f"{key}=")]})
    assert [key in violation.message for violation in judge_labels(bad)] == [True]


@pytest.mark.parametrize(("kind", "name"), [(SERVER, "metadata"), (VOLUME, "metadata"), (IMAGE, "properties")])
def test_labels_are_mandatory_on_what_has_metadata(kind: str, name: str) -> None:
    assert not list(judge_labels(resource("s", kind, {name: LABELS.as_metadata()})))
    assert list(judge_labels(resource("s", kind, {name: {**LABELS.as_metadata(), "zy:responsible": ""}})))
    assert list(judge_labels(resource("s", kind, {})))


def test_unknown_zone_is_no_label() -> None:
    assert list(judge_labels(resource("n", NETWORK, {"tags": tags("dmz")})))


def test_what_cannot_carry_labels_needs_none() -> None:
    assert not list(judge_labels(resource("r", RULE, {})))


# Ports


def rule(**changes: Any) -> Resource:
    """A rule that opens ssh to everybody, with changes."""
    properties = {
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "portRangeMin": 22,
        "portRangeMax": 22,
        "remoteIpPrefix": "0.0.0.0/0",
    }
    return resource("r", RULE, {key: value for key, value in (properties | changes).items() if value is not None})


OPEN: tuple[dict[str, Any], ...] = (
    {},
    {"remoteIpPrefix": "::/0", "ethertype": "IPv6"},
    {"remoteIpPrefix": None},
    {"remoteIpPrefix": ""},
    {"remoteIpPrefix": "128.0.0.0/1"},
    {"remoteIpPrefix": "2000::/3", "ethertype": "IPv6"},
    {"portRangeMin": 20, "portRangeMax": 30},
    {"portRangeMin": 3000, "portRangeMax": 4000},
    {"portRangeMin": None, "portRangeMax": None},
    {"portRangeMin": 0, "portRangeMax": 0},
    {"portRangeMin": None, "portRangeMax": None, "protocol": None},
    {"protocol": "6"},
    {"protocol": "UDP", "portRangeMin": 11211, "portRangeMax": 11211},
    {"portRangeMin": 5432, "portRangeMax": 5432},
    {"portRangeMin": 2379.0, "portRangeMax": 2379.0},
)
CLOSED: tuple[dict[str, Any], ...] = (
    {"portRangeMin": 443, "portRangeMax": 443},
    {"direction": "egress"},
    {"protocol": "icmp", "portRangeMin": None, "portRangeMax": None},
    {"remoteIpPrefix": "10.64.0.0/12"},
    {"remoteIpPrefix": "fd44:3::/48", "ethertype": "IPv6"},
    {"remoteIpPrefix": None, "remoteGroupId": "g"},
    {"remoteIpPrefix": None, "remoteAddressGroupId": UNKNOWN},
    {"remoteIpPrefix": UNKNOWN},
)


@pytest.mark.parametrize("changes", OPEN, ids=str)
def test_admin_port_open_to_the_world_is_found(changes: dict[str, Any]) -> None:
    assert len(list(judge_ports(rule(**changes)))) == 1


@pytest.mark.parametrize("changes", CLOSED, ids=str)
def test_what_is_not_open_to_the_world_is_let_be(changes: dict[str, Any]) -> None:
    assert not list(judge_ports(rule(**changes)))


def test_the_world_cannot_hide_in_an_address_group() -> None:
    assert not list(judge_ports(resource("a", ADDRESSES, {"addresses": ["10.64.0.0/12", "fd44:3::/48"]})))
    assert list(judge_ports(resource("a", ADDRESSES, {"addresses": ["10.64.0.0/12", "::/0"]})))


# Zones


def network(name: str, zone: str) -> list[Resource]:
    return [
        resource(name, NETWORK, {"tags": tags(zone)}),
        resource(f"{name}-sub", SUBNET, {"tags": tags(zone)}, networkId=name),
        resource(f"{name}-port", PORT, {"tags": tags(zone)}, networkId=name),
    ]


def two_zones() -> list[Resource]:
    """Two zones, each with a network and a router with a leg in it."""
    stack: list[Resource] = []
    for zone in ("public", "dedicated"):
        stack += network(zone, zone)
        stack.append(resource(f"{zone}-router", ROUTER, {"tags": tags(zone)}))
        stack.append(
            resource(f"{zone}-leg", INTERFACE, {"routerId": UNKNOWN}, routerId=f"{zone}-router", portId=f"{zone}-port")
        )
    return stack


def test_a_router_for_each_zone_is_right() -> None:
    assert not list(judge_bridges(two_zones()))


def test_router_with_a_leg_by_port_in_another_zone_is_found() -> None:
    leg = resource("bridge", INTERFACE, {}, routerId="public-router", portId="dedicated-port")
    (violation,) = judge_bridges([*two_zones(), leg])
    assert violation.urn == "urn:public-router"
    assert "dedicated and public" in violation.message


def test_router_with_a_leg_by_subnet_in_another_zone_is_found() -> None:
    leg = resource("bridge", INTERFACE, {}, routerId="public-router", subnetId="dedicated-sub")
    assert len(list(judge_bridges([*two_zones(), leg]))) == 1


def test_router_between_a_zone_and_the_exchange_is_found() -> None:
    leg = resource("bridge", INTERFACE, {}, routerId="public-router", subnetId="exchange-sub")
    assert len(list(judge_bridges([*two_zones(), *network("exchange", "exchange"), leg]))) == 1


def test_router_with_an_external_network_of_another_zone_is_found() -> None:
    router = resource("r", ROUTER, {"tags": tags("public")}, externalNetworkId="internet")
    assert len(list(judge_bridges([*network("internet", "internet"), router]))) == 1


def test_a_port_cannot_lie_about_its_zone() -> None:
    port = resource("liar", PORT, {"tags": tags("public")}, networkId="dedicated")
    leg = resource("bridge", INTERFACE, {}, routerId="public-router", portId="liar")
    assert len(list(judge_bridges([*two_zones(), port, leg]))) == 1


REGION = {"zones": {"public": {"network": "n1", "router": "r1"}, "dedicated": {"network": "n2", "router": "r2"}}}


@pytest.mark.parametrize(("router", "found"), [("r1", 0), ("r2", 1), (UNKNOWN, 0)])
def test_router_of_another_stack_is_known_by_that_stacks_outputs(router: str, found: int) -> None:
    stack = [
        resource("region", REFERENCE, {"outputs": REGION}),
        *network("mine", "public"),
        resource("leg", INTERFACE, {"routerId": router}, portId="mine-port"),
    ]
    violations = list(judge_bridges(stack))
    assert len(violations) == found
    assert all(violation.urn == "urn:leg" for violation in violations)


def server_with(*ports: str) -> list[Resource]:
    legs = {"networks": tuple(f"urn:{port}" for port in ports)}
    return [Resource("urn:server", SERVER, "server", {"metadata": LABELS.as_metadata()}, legs)]


def test_server_with_legs_in_two_zones_is_found() -> None:
    assert not list(judge_bridges([*two_zones(), *server_with("public-port")]))
    (violation,) = judge_bridges([*two_zones(), *server_with("public-port", "dedicated-port")])
    assert "dedicated and public" in violation.message


def test_server_may_have_a_leg_in_the_exchange() -> None:
    region = resource("region", REFERENCE, {"outputs": REGION | {"exchange": {"server": "p9"}}})
    leg = resource("leg", ATTACHED, {"portId": "p9"}, instanceId="server")
    assert not list(judge_bridges([region, *two_zones(), *server_with("public-port"), leg]))


def test_leg_attached_later_counts_too() -> None:
    leg = resource("leg", ATTACHED, {"portId": UNKNOWN}, instanceId="server", portId="dedicated-port")
    assert len(list(judge_bridges([*two_zones(), *server_with("public-port"), leg]))) == 1


def test_violation_has_the_form_that_reports_take_apart() -> None:
    (violation,) = judge_ports(rule())
    assert str(violation).startswith("ZY-POL-002: r opens 22 to everybody (IPv4). Fix: ")
    assert str(violation).endswith("(GB/T 22239-2019 8.1.4.4 b)")
