"""Address scopes and subnet pools: the whole plan of both families, and networks that keep the pool they have."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_network
from typing import Any

import pulumi

from province.addressing import SHAPES
from province.province import Province
from stacks.components.network import NetworkComponent, NetworkProps
from stacks.components.pools import PoolsComponent, PoolsProps
from stacks.plan.pool import Range, address_scopes
from stacks.plan.province import plan_province
from stacks.plan.region import plan_region
from stacks.plan.tenant import plan_tenant
from tests.unit.stacks.asked import Engine, Monitor

DAY = date(2026, 11, 24)


def test_each_family_has_a_scope_with_the_ranges_of_the_plan(province: Province) -> None:
    scopes = address_scopes(province, "gd")
    assert [(scope.name, scope.family, [pool.name for pool in scope.pools]) for scope in scopes] == [
        ("gd-ipv4", 4, ["gd-zone-ipv4", "gd-system-ipv4"]),
        ("gd-ipv6", 6, ["gd-zone-ipv6", "gd-system-ipv6"]),
    ]
    prefixes = [pool.prefix for scope in scopes for pool in scope.pools]
    assert prefixes == ["10.32.0.0/12", "10.48.0.0/12", "fd44:4::/48", "fd44:5::/48"]


def test_every_network_of_a_region_fits_a_pool_of_its_range(province: Province) -> None:
    pools = {(pool.range, scope.family): pool for scope in address_scopes(province, "gd") for pool in scope.pools}
    networks = [(Range.ZONE, zone.network) for zone in plan_region(province, "gd", DAY).zones]
    networks += [(Range.SYSTEM, plan_tenant(province, code, DAY).network) for code in ("gdbos", "rkk")]
    for range_, network in networks:
        for family, text in ((4, network.ipv4), (6, network.ipv6)):
            prefix, pool = ip_network(text), pools[range_, family]
            assert prefix.prefixlen == pool.length
            assert prefix[0] in ip_network(pool.prefix)


def test_lengths_are_those_of_the_plan_and_only_the_systems_pools_are_shared(province: Province) -> None:
    for scope in address_scopes(province, "gz"):
        for pool in scope.pools:
            shape = SHAPES[pool.range.value]
            assert pool.length == (shape.length4 if scope.family == 4 else shape.length6)
            assert pool.shared is (pool.range is Range.SYSTEM)


def test_the_platform_has_quota_for_its_pools_and_tenants_have_none(province: Province) -> None:
    for region in plan_province(province).regions:
        made = sum(len(scope.pools) for scope in address_scopes(province, region.region))
        for project in region.projects:
            quota = project.quota.network.subnet_pools
            assert quota >= made if project.code == "platform" else quota == 0


def test_the_platform_has_quota_for_what_it_shares(province: Province) -> None:
    """Neutron counts each shared scope, pool and policy, and an external network, as a policy of RBAC."""
    for region in plan_province(province).regions:
        platform = next(project for project in region.projects if project.code == "platform")
        plan = plan_region(province, region.region, DAY)
        shared = sum(1 + sum(pool.shared for pool in scope.pools) for scope in plan.scopes)
        external = sum(zone.network.external for zone in plan.zones)
        with_systems = shared + external + len(plan.classes) + len(plan.exchange.shared_with)
        assert platform.quota.network.rbac_policies > with_systems


def test_subnets_are_asked_of_their_pools_and_keep_the_pool_that_they_have(province: Province) -> None:
    """Else the provider would make each subnet of an older province anew, with all that stands on it."""
    requests = made(province)
    for family in ("ipv4", "ipv6"):
        subnet = requests["Subnet", f"gd-public-{family}"]
        assert subnet.object["subnetpoolId"] == f"gd-zone-{family}-id"
        assert list(subnet.ignoreChanges) == ["subnetpoolId"]


def made(province: Province) -> dict[tuple[str, str], Any]:
    """What a network of the region ``gd`` with its pools asks of Pulumi, by type and name."""
    monitor, plan = Monitor(Engine({})), plan_region(province, "gd", DAY)

    def program() -> None:
        opts = pulumi.ResourceOptions()
        pools = PoolsComponent("gd-pools", PoolsProps(plan.scopes), opts).pools
        NetworkComponent("gd-public", NetworkProps(plan.zones[1].network, pools[Range.ZONE], None), opts)

    runtime: Any = pulumi.runtime
    runtime.set_mocks(monitor.mocks, preview=False, monitor=monitor)
    runtime.test(program)()
    return monitor.requests
