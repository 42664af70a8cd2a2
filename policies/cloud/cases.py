"""Cases of the cloud's rules: resources that must pass and resources that must fail, for ``zy policy test``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.cloud import assets, rules, shadows
from policies.cloud.pack import BROKEN, ResourceRule, StackRule, violations
from policies.cloud.rules import Resource
from province.standard import Labels

LABELS = Labels("440000", "zsj", "gdbos", "public", "3", "important", "zsj-ops", "zsj-sec")
COMPUTE_QUOTA = "openstack:compute/quotaSetV2:QuotaSetV2"


@dataclass(frozen=True, slots=True)
class Cases:
    """Stacks, as lists of their resources."""

    passes: Sequence[Sequence[Resource]]
    fails: Sequence[Sequence[Resource]]


def misjudged(pack: Iterable[ResourceRule | StackRule], cases: Mapping[str, Cases]) -> list[str]:
    """Cases that a rule judges wrongly, in words; a rule without cases is told as well."""
    wrong: list[str] = []
    for one in pack:
        mine = cases.get(one.rule.name, Cases((), ()))
        for kind, stacks in (("pass", mine.passes), ("fail", mine.fails)):
            wrong += [f"{one.rule.name}: it has no case that must {kind}"] * (not stacks)
            for number, stack in enumerate(stacks, 1):
                found = list(violations(one, stack))
                broken = any(violation.rule.code == BROKEN for violation in found)
                if broken or bool(found) != (kind == "fail"):
                    said = found[0].message if broken else f"{len(found)} violations"
                    wrong.append(f"{one.rule.name}: case {number} that must {kind}: {said}")
    return wrong


def _resource(name: str, kind: str, properties: Mapping[str, Any], **depends: str) -> Resource:
    return Resource(f"urn:{name}", kind, name, properties, {key: (f"urn:{urn}",) for key, urn in depends.items()})


def _network(name: str = "net", **labels: str) -> Resource:
    return _resource(name, rules.NETWORK, {"tags": replace(LABELS, **labels).as_tags()})


def _subnet(version: int, network: str = "net") -> Resource:
    return _resource(f"{network}-{version}", rules.SUBNET, {"ipVersion": version}, networkId=network)


def _opened(port: int, prefix: str) -> Resource:
    properties = {"direction": "ingress", "protocol": "tcp", "portRangeMin": port, "portRangeMax": port}
    return _resource("rule", rules.RULE, {**properties, "remoteIpPrefix": prefix})


def _allowed(name: str, port: int, group: str = "g", **changes: Any) -> Resource:
    """A rule of one security group that lets everybody in to one port, with changes."""
    properties = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "securityGroupId": group}
    return _resource(name, rules.RULE, {**properties, "portRangeMin": port, "portRangeMax": port, **changes})


def _router(name: str, zone: str) -> Resource:
    return _resource(name, rules.ROUTER, {"tags": replace(LABELS, zone=zone).as_tags()})


def _leg(router: str, network: str) -> Resource:
    return _resource(f"{router}-{network}", rules.INTERFACE, {}, routerId=router, subnetId=f"{network}-4")


def _bridge(zone: str) -> list[Resource]:
    """A router of the public zone with a leg in a network of ``zone``."""
    return [_network(zone=zone), _subnet(4), _router("r", "public"), _leg("r", "net")]


CASES: Mapping[str, Cases] = {
    rules.LABELS.name: Cases(
        passes=([_network()], [_resource("r", rules.RULE, {})]),
        fails=([_resource("n", rules.NETWORK, {"tags": []})], [_network(zone="dmz")]),
    ),
    rules.PORTS.name: Cases(
        passes=([_opened(443, "0.0.0.0/0")], [_opened(22, "10.0.0.0/8")]),
        fails=([_opened(22, "0.0.0.0/0")], [_opened(3306, "::/0")]),
    ),
    rules.BRIDGES.name: Cases(passes=(_bridge("public"),), fails=(_bridge("dedicated"), _bridge("internet"))),
    assets.VALID_LABELS.name: Cases(
        passes=([_network()], [_network(data_class="core")]),
        fails=(
            [_network(division="4400")],
            [_network(mlps="5")],
            [_network(data_class="secret")],
            [_network(department="Zsj")],
            [_network(supervising="zsj-ops")],
        ),
    ),
    assets.FINITE_QUOTAS.name: Cases(
        passes=([_resource("q", COMPUTE_QUOTA, {"cores": 8, "instances": 0})], [_resource("q", rules.RULE, {"x": -1})]),
        fails=tuple([_resource("q", kind, {"cores": -1})] for kind in sorted(assets.QUOTAS)),
    ),
    shadows.NO_SHADOWS.name: Cases(
        passes=(
            [_allowed("a", 443), _allowed("b", 8443)],
            [_allowed("a", 443), _allowed("b", 443, group="other")],
            [_allowed("a", 443, remoteGroupId="g1"), _allowed("b", 443, remoteGroupId="g2")],
            [_allowed("a", 443, remoteIpPrefix="10.1.0.0/16"), _allowed("b", 443, remoteIpPrefix="10.2.0.0/16")],
            [_allowed("a", 443), _allowed("b", 443, ethertype="IPv6", remoteIpPrefix="::/0")],
            [_allowed("a", 443), _allowed("b", 443, direction="egress")],
            [_allowed("a", 53, protocol="tcp"), _allowed("b", 53, protocol="udp")],
        ),
        fails=(
            [_allowed("a", 443), _allowed("b", 443)],
            [_allowed("a", 443, remoteIpPrefix="10.0.0.0/8"), _allowed("b", 443, remoteIpPrefix="10.2.0.0/16")],
            [_allowed("b", 443, remoteIpPrefix="10.2.0.0/16"), _allowed("a", 443)],
            [_allowed("a", 443), _allowed("b", 443, remoteGroupId="g1")],
            [_allowed("a", 443, protocol=""), _allowed("b", 443)],
            [_allowed("a", 80, portRangeMax=443), _allowed("b", 443)],
        ),
    ),
    assets.DUAL_STACK.name: Cases(
        passes=([_network(), _subnet(4), _subnet(6)], [_network()], [_network(), _subnet(6)]),
        fails=([_network(), _subnet(4)], [_network(), _subnet(4), _network("b"), _subnet(6, "b")]),
    ),
}
