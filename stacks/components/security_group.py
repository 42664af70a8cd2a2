"""A security group, and its rules once everybody whom they name exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.plan.rule import ANYWHERE, Rule, SecurityGroup


@dataclass(frozen=True, slots=True)
class SecurityGroupProps:
    group: SecurityGroup


class SecurityGroupComponent(pulumi.ComponentResource):
    """Gives ``group_id``. Call :meth:`open` for its rules."""

    def __init__(self, name: str, props: SecurityGroupProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:SecurityGroup", name, {}, opts)
        self._name = name
        self._group = props.group
        self.group_id: pulumi.Output[str] = openstack.networking.SecGroup(
            name,
            name=props.group.name,
            description=props.group.description,
            # Neutron gives each new group rules that let everything out
            delete_default_rules=props.group.closed,
            tags=props.group.labels.as_tags(),
            opts=pulumi.ResourceOptions(parent=self),
        ).id
        self.register_outputs({"group": self.group_id})

    def open(
        self, groups: Mapping[str, pulumi.Output[str]], addresses: Mapping[str, pulumi.Output[str]]
    ) -> list[pulumi.Resource]:
        """Make the rules. ``groups`` and ``addresses`` hold the ids of those whom the rules name."""
        return [self._rule(rule, groups, addresses) for rule in self._group.rules]

    def _rule(
        self, rule: Rule, groups: Mapping[str, pulumi.Output[str]], addresses: Mapping[str, pulumi.Output[str]]
    ) -> pulumi.Resource:
        peer = rule.peer
        return openstack.networking.SecGroupRule(
            f"{self._name}-{rule.key}",
            security_group_id=self.group_id,
            direction=str(rule.direction),
            ethertype=rule.ethertype,
            protocol="tcp",
            port_range_min=rule.port,
            port_range_max=rule.port,
            remote_ip_prefix=ANYWHERE[rule.ethertype] if peer.anyone else None,
            remote_group_id=groups[peer.group] if peer.group else None,
            remote_address_group_id=addresses[peer.addresses] if peer.addresses else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
