"""An address group: prefixes of both families that rules name as one."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack


@dataclass(frozen=True, slots=True)
class AddressGroupProps:
    name: str
    description: str
    prefixes: pulumi.Input[list[str]]


class AddressGroupComponent(pulumi.ComponentResource):
    """Gives ``group_id``."""

    def __init__(self, name: str, props: AddressGroupProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:AddressGroup", name, {}, opts)
        self.group_id: pulumi.Output[str] = openstack.networking.AddressGroupV2(
            name,
            name=props.name,
            description=props.description,
            addresses=props.prefixes,
            opts=pulumi.ResourceOptions(parent=self),
        ).id
        self.register_outputs({"group": self.group_id})
