"""Classes of service of a region: QoS policies as they are and as they are meant to be, and the networks under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack

from province.record import Check
from stacks.check import compared
from stacks.plan.region import RegionPlan
from stacks.plan.service_class import DIRECTIONS, QosPolicy, policy_name
from stacks.plan.stack import Kind, StackId
from stacks.plan.tenant import TenantPlan

BANDWIDTH = "8.1.2.1 b"
NONE = "no policy"


@dataclass(frozen=True, slots=True)
class LivePolicy:
    limits: Mapping[str, int]
    """kbit/s, by direction."""
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LiveClasses:
    """Policies by name; the policy's name of each network, by its name (empty: it has none)."""

    policies: Mapping[str, LivePolicy]
    networks: Mapping[str, str]


def qos_policies(connection: Any) -> Iterator[Any]:
    """All of a cloud, whoever owns them; none where Neutron lacks the extension. Gets an openstacksdk connection."""
    if connection.network.find_extension("qos"):
        yield from connection.network.qos_policies()


def survey_classes(clouds: Path, cloud: str) -> LiveClasses:
    """Ask Neutron as the operator. Raises what ``openstacksdk`` and its HTTP client raise."""
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=cloud)
    with openstack.connection.Connection(config=config) as connection:
        policies = {policy.id: policy for policy in qos_policies(connection)}
        names = {id_: policy.name for id_, policy in policies.items()}
        networks: dict[str, str] = {}
        for network in connection.network.networks():
            networks[network.name] = names.get(network.qos_policy_id, network.qos_policy_id or "")
        return LiveClasses({policy.name: _live(policy) for policy in policies.values()}, networks)


def _live(policy: Any) -> LivePolicy:
    return LivePolicy(
        limits={each["direction"]: each["max_kbps"] for each in policy.rules if each["type"] == "bandwidth_limit"},
        marks=tuple(each["dscp_mark"] for each in policy.rules if each["type"] == "dscp_marking"),
    )


def prove_classes(plan: RegionPlan, tenants: Iterable[TenantPlan], live: LiveClasses) -> Iterator[Check]:
    """A check for each class of the region, and for the network of each of its systems. Pure."""
    stack = str(StackId(Kind.REGION, plan.region))
    for policy in plan.classes:
        yield _policy(policy, stack, live.policies.get(policy.name))
    for tenant in tenants:
        yield _network(tenant, live)


def _policy(spec: QosPolicy, stack: str, live: LivePolicy | None) -> Check:
    seen = "absent"
    if live is not None:
        limits = " and ".join(f"{way} {live.limits.get(way, '?')} kbit/s" for way in DIRECTIONS)
        seen = f"{limits}; DSCP {', '.join(map(str, live.marks)) or '?'}"
    wanted = " and ".join(f"{way} {spec.kbit_per_second} kbit/s" for way in DIRECTIONS)
    return compared(
        f"cloud.service-class.{spec.name}",
        f"The class of service {spec.name} has its limits and its mark",
        f"服务等级 {spec.name} 的限速与 DSCP 标记正确",
        stack,
        (f"{wanted}; DSCP {spec.dscp}", seen),
        "Neutron GET /v2.0/qos/policies",
        BANDWIDTH,
    )


def _network(tenant: TenantPlan, live: LiveClasses) -> Check:
    name = tenant.network.name
    wanted = policy_name(tenant.region, tenant.service_class) if tenant.service_class else NONE
    return compared(
        f"cloud.service-class.network.{name}",
        f"The network {name} is in its class of service",
        f"网络 {name} 的服务等级与声明一致",
        str(StackId(Kind.TENANT, tenant.system)),
        (wanted, live.networks[name] or NONE if name in live.networks else "absent"),
        "Neutron GET /v2.0/networks: qos_policy_id",
        BANDWIDTH,
    )
