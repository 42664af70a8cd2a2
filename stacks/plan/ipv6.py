"""What stands between the systems' services and clients that have IPv6 alone.

Networks, rules, balancers and records of ours have both families, or IPv6 alone, so a service lacks nothing inside the
cloud.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from province.ipv6 import UNIQUE_LOCAL
from province.province import Province
from province.system import Families, System
from stacks.plan.service import FAMILIES, records


class Lack(StrEnum):
    NAME = "name"
    GLOBAL_ADDRESS = "global-address"

    @property
    def chinese(self) -> str:
        return {
            Lack.NAME: "区域未提供域名服务，AAAA 记录需自行登记",
            Lack.GLOBAL_ADDRESS: "面向互联网，但仅有本地唯一地址",
        }[self]

    @property
    def english(self) -> str:
        return {
            Lack.NAME: "its region offers no names, so no AAAA record is made",
            Lack.GLOBAL_ADDRESS: "it is for the Internet, and has a unique local address",
        }[self]

    @property
    def next(self) -> str:
        return {
            Lack.NAME: "add `names` to the region's services 区域增加域名服务",
            Lack.GLOBAL_ADDRESS: "a proxy or prefix translation (RFC 6296) before it 出口部署反向代理或前缀转换",
        }[self]


@dataclass(frozen=True, slots=True)
class Service:
    """A workload that serves others than its own system."""

    system: str
    workload: str
    audience: str
    prefix: str
    families: Families
    lacks: tuple[Lack, ...]

    @property
    def name(self) -> str:
        return f"{self.system}/{self.workload}"


def services(province: Province) -> list[Service]:
    """Every workload with an audience, in the order of names."""
    return [service for _, system in sorted(province.systems.items()) for service in _services(province, system)]


def _services(province: Province, system: System) -> Iterator[Service]:
    named = {record.workload for record in records(province, system) if record.type == FAMILIES[6]}
    prefix = province.addresses.system(system.code).ipv6
    for code, workload in sorted(system.workloads.items()):
        if workload.audience is not None:
            lacks = [] if code in named else [Lack.NAME]
            if workload.audience == "internet" and prefix.subnet_of(UNIQUE_LOCAL):
                lacks.append(Lack.GLOBAL_ADDRESS)
            yield Service(system.code, code, workload.audience, str(prefix), system.families, tuple(lacks))
