"""A region's government domain, and the three administrators' groups and roles (三员)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from province.administrator import Duty
from stacks.plan.province import Administrators, RegionAccounts

BUILT_IN = {Duty.AUDIT: "reader"}
"""Keystone's own roles that a duty holds on everything in the domain."""


@dataclass(frozen=True, slots=True)
class AccountsProps:
    accounts: RegionAccounts
    built_in_roles: Mapping[str, str]
    """Ids of Keystone's own roles, by name."""


class AccountsComponent(pulumi.ComponentResource):
    """Gives ``domain_id``, and ``groups`` by duty."""

    def __init__(self, name: str, props: AccountsProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Accounts", name, {}, opts)
        self._name = name
        self._props = props
        self._child = pulumi.ResourceOptions(parent=self)
        accounts = props.accounts
        domain = openstack.identity.Project(
            name,
            name=accounts.domain,
            description=accounts.description,
            is_domain=True,
            tags=accounts.labels.as_tags(),
            opts=self._child,
        )
        self.domain_id: pulumi.Output[str] = domain.id
        self.groups = {each.duty: self._group(each) for each in accounts.administrators}
        self.register_outputs({"domain": self.domain_id})

    def _group(self, administrators: Administrators) -> pulumi.Output[str]:
        name = f"{self._name}-{administrators.duty}"
        group = openstack.identity.GroupV3(
            name,
            name=administrators.group,
            description=administrators.description,
            domain_id=self.domain_id,
            opts=self._child,
        )
        role = openstack.identity.Role(name, name=administrators.role, opts=self._child)
        self._grant(f"{name}-duty", group.id, role.id)
        built_in = BUILT_IN.get(administrators.duty)
        if built_in:
            self._grant(f"{name}-{built_in}", group.id, self._props.built_in_roles[built_in])
        return group.id

    def _grant(self, name: str, group: pulumi.Output[str], role: pulumi.Input[str]) -> None:
        """The role holds in every project of the domain, present and future."""
        openstack.identity.InheritRoleAssignment(
            name, domain_id=self.domain_id, group_id=group, role_id=role, opts=self._child
        )
