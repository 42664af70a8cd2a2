"""A region's address scopes and subnet pools. A scope carries neither description nor tags: its name tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from stacks.plan.pool import AddressScope, SubnetPool

PoolIds = Mapping[int, pulumi.Output[str]]
"""Ids of the subnet pools of one range, by family."""


@dataclass(frozen=True, slots=True)
class PoolsProps:
    scopes: tuple[AddressScope, ...]


class PoolsComponent(pulumi.ComponentResource):
    """Gives ``pools``: ids by range and family."""

    def __init__(self, name: str, props: PoolsProps, opts: pulumi.ResourceOptions) -> None:
        super().__init__("zhengyun:cloud:Pools", name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self.pools: dict[str, dict[int, pulumi.Output[str]]] = {}
        for scope in props.scopes:
            self._scope(scope)
        self.register_outputs({})

    def _scope(self, spec: AddressScope) -> None:
        scope = openstack.networking.AddressScope(
            spec.name,
            name=spec.name,
            ip_version=spec.family,
            # a shared pool needs a scope that those can see who take from it
            shared=any(pool.shared for pool in spec.pools),
            opts=self._child,
        )
        for pool in spec.pools:
            self.pools.setdefault(pool.range.value, {})[spec.family] = self._pool(pool, spec.family, scope.id)

    def _pool(self, spec: SubnetPool, family: int, scope: pulumi.Output[str]) -> pulumi.Output[str]:
        return openstack.networking.SubnetPool(
            spec.name,
            name=spec.name,
            description=spec.description,
            ip_version=family,
            address_scope_id=scope,
            prefixes=[spec.prefix],
            default_prefixlen=spec.length,
            min_prefixlen=spec.length,
            max_prefixlen=spec.length,
            shared=spec.shared,
            tags=spec.labels.as_tags(),
            opts=self._child,
        ).id
