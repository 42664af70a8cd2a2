"""Targets of the move to IPv6 (IPv6 规模部署): what a notice asks for, by when, and where it says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from ipaddress import IPv6Network

from pydantic import Field

from province.declared import Named

UNIQUE_LOCAL = IPv6Network("fc00::/7")
"""Not routed in the Internet (RFC 4193)."""


class Measure(StrEnum):
    """What a target counts: only what an inventory can know. Traffic and users are for others to measure."""

    CORE = "core"
    SITES = "sites"
    SERVICES = "services"

    @property
    def english(self) -> str:
        return {
            Measure.CORE: "P and PE routers known to forward SRv6",
            Measure.SITES: "sites known to have both families",
            Measure.SERVICES: "services with nothing in the way of IPv6",
        }[self]

    @property
    def chinese(self) -> str:
        return {
            Measure.CORE: "已确认支持 SRv6 的骨干路由器",
            Measure.SITES: "已确认双栈的站点",
            Measure.SERVICES: "IPv6 可用的服务",
        }[self]


class Ipv6Target(Named):
    """One target of a notice. zhengyun brings none: numbers and dates are the state's, and notices change."""

    measure: Measure
    share: int = Field(ge=1, le=100, description="Per cent that must have it.")
    by: date
    source: str = Field(min_length=1, description="The notice that says so: issuer, number, clause.")


@dataclass(frozen=True, slots=True)
class Progress:
    """A target, and how many of how many have it."""

    target: Ipv6Target
    done: int
    of: int

    @property
    def missing(self) -> int:
        """How many more are needed. Of nothing, nothing is missing."""
        return max(0, -(-self.target.share * self.of // 100) - self.done)

    def overdue(self, day: date) -> bool:
        return self.missing > 0 and self.target.by < day
