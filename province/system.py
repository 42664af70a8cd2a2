"""What runs: business systems with their workloads, and the agreements by which they share data."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from province.cloud import MlpsLevel, Zone
from province.code import Code
from province.declared import Declared, Named

Port = Annotated[int, Field(ge=1, le=65535)]


class DataClass(StrEnum):
    """Class of the data that a system holds (数据分级, 数据安全法 article 21)."""

    CORE = "core"
    IMPORTANT = "important"
    GENERAL = "general"

    @property
    def chinese(self) -> str:
        return {DataClass.CORE: "核心数据", DataClass.IMPORTANT: "重要数据", DataClass.GENERAL: "一般数据"}[self]


class Families(StrEnum):
    """Address families of a system's network (双栈或 IPv6 单栈)."""

    DUAL = "dual"
    IPV6 = "ipv6"

    @property
    def versions(self) -> tuple[int, ...]:
        return (6,) if self is Families.IPV6 else (4, 6)


def common(one: Families, other: Families) -> tuple[int, ...]:
    """Versions of IP that two networks can speak with each other: all have 6."""
    return tuple(version for version in one.versions if version in other.versions)


Audience = Literal["internet", "extranet"]


class Workload(Declared):
    """A group of like servers of a system. Rules derive from ``ports`` and who may use them."""

    code: Code
    count: int = Field(ge=1, le=64)
    flavor: str
    ports: frozenset[Port] = frozenset()
    clients: frozenset[Code] = Field(default=frozenset(), description="Workloads of the same system.")
    audience: Audience | None = Field(default=None, description="Who else may connect to the ports.")
    volume_gib: int = Field(default=0, ge=0, description="Data volume of each server; 0: none.")
    boot_volume_gib: int = Field(default=0, ge=0, description="Volume that each server starts from; 0: its own disk.")
    volume_class: Code | None = Field(default=None, description="Class of its volumes; none: the cloud's default.")
    availability_zones: frozenset[Code] = Field(
        default=frozenset(), description="Zones of its region that its servers stand in by turns; none: anywhere."
    )
    config_drive: bool | None = Field(
        default=None,
        description="Whether its servers get their settings on a drive; none: where no metadata service is.",
    )


class System(Named):
    """A business system (业务系统): one tenant project in one zone of one region."""

    department: Code
    region: Code
    zone: Zone
    mlps_level: MlpsLevel
    data_class: DataClass
    image: Code
    service_class: Code | None = Field(default=None, description="Class of service of its network; none: no limit.")
    families: Families = Field(default=Families.DUAL, description="Both, or IPv6 alone: no IPv4 in anything of it.")
    rpo_minutes: int = Field(ge=0, description="Data that may be lost, as time.")
    rto_minutes: int = Field(ge=0, description="Time until the service is back.")
    workloads: dict[Code, Workload] = Field(min_length=1)


class Endpoint(Declared):
    """A workload of a system, as one side of an agreement."""

    system: Code
    workload: Code


class SharingAgreement(Named):
    """An agreement that lets one system use another's data (共享协议); it alone opens a path between them."""

    provider: Endpoint
    consumer: Endpoint
    resource: str = Field(min_length=1, description="Identifier in the resource catalogue (资源目录).")
    ports: frozenset[Port] = Field(min_length=1)
    purpose: str = Field(min_length=1)
    valid_from: date
    valid_until: date

    def holds(self, day: date) -> bool:
        """Whether the agreement is in force on ``day``, both ends included."""
        return self.valid_from <= day <= self.valid_until
