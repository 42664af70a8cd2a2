"""An adopted project's stack: its objects as they were found, with the standard's labels once it has an owner. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from province.adopted import AdoptedObject
from province.province import Province
from province.standard import PREFIX, Labels, adopted_labels

PROJECT = "openstack:identity/project:Project"
GROUP = "openstack:networking/secGroup:SecGroup"
RULE = "openstack:networking/secGroupRule:SecGroupRule"
LEG = "openstack:networking/routerInterface:RouterInterface"
CLOSED = frozenset({RULE, LEG})
"""Kinds that are really deleted when they are taken out of the inventory: they hold nothing, and open ways."""

_TAGGED = frozenset(
    {
        PROJECT,
        "openstack:networking/network:Network",
        "openstack:networking/subnet:Subnet",
        "openstack:networking/router:Router",
        "openstack:networking/port:Port",
        "openstack:networking/floatingIp:FloatingIp",
        GROUP,
    }
)
_METADATA = frozenset({"openstack:compute/instance:Instance", "openstack:blockstorage/volume:Volume"})


@dataclass(frozen=True, slots=True)
class HeldObject:
    kind: str
    name: str
    id: str | None
    """In the cloud; ``None`` for what is to be made."""
    inputs: Mapping[str, Any]
    kept: bool
    """Whether it stays in the cloud when it leaves the stack."""


@dataclass(frozen=True, slots=True)
class AdoptedPlan:
    code: str
    cloud: str
    objects: tuple[HeldObject, ...]


def plan_adopted(province: Province, code: str) -> AdoptedPlan:
    project = province.adopted[code]
    labels = adopted_labels(province, project)
    return AdoptedPlan(
        code=code,
        cloud=province.regions[project.region].cloud,
        objects=tuple(_held(one, labels) for one in sorted(project.objects, key=lambda o: (o.kind, o.name))),
    )


def _held(one: AdoptedObject, labels: Labels | None) -> HeldObject:
    inputs = dict(one.inputs)
    if labels is not None and one.kind in _TAGGED:
        inputs["tags"] = sorted([*(tag for tag in one.tags if not tag.startswith(PREFIX)), *labels.as_tags()])
    if labels is not None and one.kind in _METADATA:
        theirs = {key: value for key, value in inputs.get("metadata", {}).items() if not key.startswith(PREFIX)}
        inputs["metadata"] = theirs | labels.as_metadata()
    return HeldObject(one.kind, one.name, one.id, inputs, kept=one.kind not in CLOSED)
