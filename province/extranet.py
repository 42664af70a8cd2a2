"""The extranet (政务外网): sites, routers, links, the departments' LANs and VPNs."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated

from pydantic import Field

from province.code import Code, DivisionCode
from province.declared import Declared, Named


class SiteLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


class Platform(StrEnum):
    """Operating systems of routers."""

    FRR = "frr"
    VRP = "vrp"
    """Huawei VRP8 (NE, CE)."""
    COMWARE = "comware"
    """H3C Comware 7 (CR, SR)."""
    IOSXR = "iosxr"
    """Cisco IOS-XR 7."""


Port = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9/.-]{0,31}$")]
"""Interface name, as the router shows it, checked by platform in network/ports; a VLAN of a port is ``PORT.VLAN``."""


class Role(StrEnum):
    """What a router does in the VPN architecture (RFC 4364 section 1.2)."""

    P = "p"
    PE = "pe"
    CE = "ce"


class Site(Named):
    """A place that the extranet reaches."""

    division: DivisionCode
    level: SiteLevel


class Gear(Declared):
    """A model of router (设备型号), as the gear register (设备台账) keeps it."""

    code: Code = Field(description="The key of the map; never written inside the block.")
    vendor: str = Field(min_length=1)
    model: str = Field(min_length=1)
    platform: Platform
    end_of_support: date | None = Field(default=None, description="The vendor mends nothing after this day.")
    notice: str = Field(default="", description="The vendor's notice that says so.")
    srv6: bool = Field(description="Whether it forwards SRv6 (RFC 8986); a P or PE router without cannot be planned.")


class Router(Declared):
    """A router. Provider routers (P, PE) share one IS-IS and one AS; a CE belongs to a department."""

    code: Code
    site: Code
    platform: Platform
    roles: frozenset[Role] = Field(min_length=1)
    department: Code | None = Field(default=None, description="Owner of a CE; provider routers have none.")
    route_reflector: bool = False
    gear: Code | None = Field(default=None, description="Its model, by the section `gear`.")

    @property
    def is_provider(self) -> bool:
        return Role.CE not in self.roles


class LinkEnd(Declared):
    router: Code
    port: Port = Field(description="Interface name, as the router shows it.")


class Link(Declared):
    """A cable or circuit between two routers: inside the core, or from a PE to a CE."""

    code: Code
    a: LinkEnd
    b: LinkEnd
    metric: int = Field(default=10, ge=1, le=16777214, description="IS-IS wide metric (RFC 5305).")

    def end(self, router: str) -> LinkEnd:
        return self.a if self.a.router == router else self.b

    def far(self, router: str) -> LinkEnd:
        return self.b if self.a.router == router else self.a


class Lan(Declared):
    """A department's network at a site, on a port of a CE or (without a CE) of a PE."""

    code: Code
    department: Code
    router: Code
    port: Port


class RouterManagement(Declared):
    """How routers are run (管理平面), on platforms whose configuration holds it; an FRR router is a hardened host."""

    syslog: tuple[IPv4Address | IPv6Address, ...] = Field(default=(), description="Servers that logs go to.")
    ntp: tuple[IPv4Address, ...] = Field(default=(), description="Time servers; VRP's form for IPv6 varies by release.")
    sessions: int = Field(default=10, ge=2, le=15, description="Logins at a time (VTY); the engine itself needs two.")
    idle: int = Field(default=10, ge=1, le=60, description="Minutes until an idle session is ended.")


class Vpn(Named):
    """An L3VPN of the extranet, shared by a group of departments (RFC 4364, over SRv6 by RFC 9252)."""

    departments: frozenset[Code] = Field(min_length=1)
