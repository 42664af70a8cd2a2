"""The container of a system's secrets in Barbican. What is put in it never passes through us."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack


@dataclass(frozen=True, slots=True)
class SecretsProps:
    name: str


class SecretsComponent(pulumi.ComponentResource):
    def __init__(self, name: str, props: SecretsProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Secrets", name, {}, opts)
        openstack.keymanager.ContainerV1(
            name,
            name=props.name,
            type="generic",
            # what its owner puts in is not ours to take out
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["secretRefs"]),
        )
        self.register_outputs({})
