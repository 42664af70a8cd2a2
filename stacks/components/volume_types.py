"""A region's volume types, one for each class, with the limits that its hypervisors hold each volume to."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.plan.province import VolumeTypeSpec

CONSUMER = "front-end"
"""Nova's side holds the limits, whatever array stands behind Cinder."""


@dataclass(frozen=True, slots=True)
class VolumeTypesProps:
    types: tuple[VolumeTypeSpec, ...]


class VolumeTypesComponent(pulumi.ComponentResource):
    def __init__(self, name: str, props: VolumeTypesProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:VolumeTypes", name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        for each in props.types:
            self._make(each)
        self.register_outputs({})

    def _make(self, spec: VolumeTypeSpec) -> None:
        made = openstack.blockstorage.VolumeTypeV3(
            spec.name,
            name=spec.name,
            description=spec.description,
            is_public=True,
            extra_specs=spec.labels.as_metadata(),
            opts=self._child,
        )
        limits = openstack.blockstorage.QosV3(
            spec.name,
            name=spec.name,
            consumer=CONSUMER,
            specs={"total_iops_sec": str(spec.iops), "total_bytes_sec": str(spec.bytes_per_second)},
            opts=self._child,
        )
        openstack.blockstorage.QosAssociationV3(spec.name, qos_id=limits.id, volume_type_id=made.id, opts=self._child)
