"""The address plan, told to Neutron: address scopes and subnet pools of a region.

A region has an address scope for each family, in which no address is given twice, and in it a subnet pool for each
range of the plan that clouds take networks from. Each network of ours asks its pool for exactly the prefix that the
plan gives it; what is outside the plan, overlaps, or is cut otherwise, Neutron then refuses by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from province.addressing import SHAPES
from province.cloud import Zone
from province.naming import Kind, form
from province.province import Province
from province.standard import Labels, region_labels

FAMILIES = (4, 6)


class Range(StrEnum):
    """Pools of the address plan from which a cloud's networks come, under the plan's names."""

    ZONE = "zone"
    SYSTEM = "system"

    @property
    def chinese(self) -> str:
        return {Range.ZONE: "安全域地址池", Range.SYSTEM: "业务系统地址池"}[self]


@dataclass(frozen=True, slots=True)
class SubnetPool:
    """A range of the plan in one family."""

    range: Range
    name: str
    description: str
    labels: Labels
    prefix: str
    length: int
    """Of every prefix that is cut from it: no longer, no shorter (:data:`province.addressing.SHAPES`)."""
    shared: bool
    """Whether other projects may take subnets: tenants do from the systems' range, nobody from the zones'."""


@dataclass(frozen=True, slots=True)
class AddressScope:
    """One family's pools of a region."""

    name: str
    family: int
    pools: tuple[SubnetPool, ...]


def address_scopes(province: Province, region: str) -> tuple[AddressScope, ...]:
    """``gd-ipv4`` with ``gd-zone-ipv4`` and ``gd-system-ipv4``, and the same for IPv6."""
    return tuple(
        AddressScope(
            name=form(Kind.ADDRESS_SCOPE, "region").format(region=region, family=family_key(family)),
            family=family,
            pools=tuple(_pool(province, region, each, family) for each in Range),
        )
        for family in FAMILIES
    )


def family_key(family: int) -> str:
    """The family as names and outputs have it: ``ipv4``."""
    return f"ipv{family}"


def _pool(province: Province, region: str, range_: Range, family: int) -> SubnetPool:
    prefixes, shape = province.addresses.pool(range_.value), SHAPES[range_.value]
    values = {"region": region, "range": range_.value, "family": family_key(family)}
    return SubnetPool(
        range=range_,
        name=form(Kind.SUBNET_POOL, "region").format(**values),
        description=f"{province.regions[region].name} · {range_.chinese}",
        labels=region_labels(province, region, Zone.MANAGEMENT),
        prefix=str(prefixes[FAMILIES.index(family)]),
        length=shape.length4 if family == 4 else shape.length6,
        shared=range_ is Range.SYSTEM,
    )
