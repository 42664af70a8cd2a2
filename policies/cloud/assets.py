"""Judgements on what a cloud's resources are and hold: valid labels, finite quotas, both address families. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policies.cloud.rules import (
    METADATA,
    NETWORK,
    SUBNET,
    TAGGED,
    UNKNOWN,
    Resource,
    Rule,
    Violation,
)
from province.code import is_code
from province.standard import Labels, parse_metadata, parse_tags
from province.system import DataClass

QUOTAS = frozenset(
    {
        "openstack:compute/quotaSetV2:QuotaSetV2",
        "openstack:networking/quotaV2:QuotaV2",
        "openstack:blockstorage/quoteSetV3:QuoteSetV3",
    }
)
_UNLIMITED = -1
"""What OpenStack takes for no limit (Nova, Neutron and Cinder alike)."""

VALID_LABELS = Rule(
    "labels-valid",
    "ZY-POL-010",
    "Labels hold what the standard allows, and two subjects that differ (标签取值符合标准)",
    "8.1.4.2 g",
)
FINITE_QUOTAS = Rule(
    "quotas-finite",
    "ZY-POL-011",
    "Every quota of a project has a limit, so that none can starve the others (配额有限)",
    "8.2.5.1 a",
)
DUAL_STACK = Rule(
    "ipv6-present",
    "ZY-POL-012",
    "Every network with IPv4 has IPv6 as well (网络支持 IPv6)",
    "8.1.2.1 c",
)


def judge_valid_labels(resource: Resource) -> Iterator[Violation]:
    """Each label has a value that the standard knows. Labels that are missing are another rule's."""
    labels = _labels(resource)
    if labels is None or UNKNOWN in labels.as_metadata().values():
        return
    wrong = [f"{name} {value!r}" for name, value, right in _values(labels) if not right]
    if labels.responsible == labels.supervising:
        wrong.append(f"{labels.responsible!r} as both subjects")
    if wrong:
        yield Violation(
            VALID_LABELS,
            resource.urn,
            f"{resource.name} is labelled {', '.join(wrong)}.",
            "give it the labels of province.standard, or mend the inventory",
        )


def judge_quotas(resource: Resource) -> Iterator[Violation]:
    """No quota is unlimited."""
    if resource.type in QUOTAS:
        endless = sorted(name for name, value in resource.properties.items() if value == _UNLIMITED)
        if endless:
            yield Violation(
                FINITE_QUOTAS,
                resource.urn,
                f"{resource.name} does not limit {', '.join(endless)}.",
                "give a number; stacks.plan.quota works one out from the workloads",
            )


def judge_dual_stack(resources: Iterable[Resource]) -> Iterator[Violation]:
    """A network whose subnets are made here has one of each family."""
    families: dict[str, set[int]] = {}
    networks = {}
    for resource in resources:
        if resource.type == NETWORK:
            networks[resource.urn] = resource
        elif resource.type == SUBNET and resource.properties.get("ipVersion") in (4, 6, None):
            for urn in resource.depends.get("networkId", ()):
                families.setdefault(urn, set()).add(int(resource.properties.get("ipVersion") or 4))
    for urn, resource in networks.items():
        if families.get(urn) == {4}:
            yield Violation(
                DUAL_STACK,
                urn,
                f"the network {resource.name} has IPv4 and no IPv6.",
                "make it with the component Network, which gives it both",
            )


def _labels(resource: Resource) -> Labels | None:
    if resource.type in TAGGED:
        tags = resource.properties.get("tags")
        return parse_tags([tag for tag in tags if isinstance(tag, str)]) if isinstance(tags, list | tuple) else None
    held = resource.properties.get(METADATA.get(resource.type, ""))
    return parse_metadata(held) if isinstance(held, dict) else None


def _values(labels: Labels) -> Iterator[tuple[str, str, bool]]:
    yield "division", labels.division, re.fullmatch(r"[1-9]\d{5}", labels.division) is not None
    yield "mlps", labels.mlps, labels.mlps in {"1", "2", "3", "4"}
    yield "data-class", labels.data_class, labels.data_class in set(DataClass)
    for name in ("department", "system", "responsible", "supervising"):
        value = getattr(labels, name)
        yield name, value, is_code(value)
