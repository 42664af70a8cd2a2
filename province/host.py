"""Hosts that the province runs itself, outside of the tenants' projects."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from province.code import Code
from province.declared import Declared

Reason = Annotated[str, StringConstraints(min_length=1)]


class HostRole(StrEnum):
    """What a host is for; it chooses what hardening applies."""

    BASTION = "bastion"
    LOG = "log"
    APPLICATION = "application"
    COMPUTE = "compute"
    DATABASE = "database"
    EXCHANGE = "exchange"

    @property
    def chinese(self) -> str:
        return {
            HostRole.BASTION: "堡垒机",
            HostRole.LOG: "日志监控主机",
            HostRole.APPLICATION: "应用主机",
            HostRole.COMPUTE: "计算节点",
            HostRole.DATABASE: "数据库主机",
            HostRole.EXCHANGE: "数据交换节点",
        }[self]


class HostSystem(StrEnum):
    """The operating system of a host; it chooses the names of packages, services and files."""

    DEBIAN_12 = "debian-12"
    UBUNTU_22_04 = "ubuntu-22.04"
    UBUNTU_24_04 = "ubuntu-24.04"
    OPENEULER_22_03 = "openeuler-22.03"
    KYLIN_V10 = "kylin-v10"


class Host(Declared):
    """A managed host (主机)."""

    code: Code
    region: Code
    role: HostRole
    department: Code
    system: HostSystem = HostSystem.DEBIAN_12
    memory_mib: int = Field(default=256, ge=128)
    waivers: dict[str, Reason] = Field(
        default_factory=dict,
        description="Controls that this host does not follow (豁免), by id, each with its written reason.",
    )
