"""The province as a whole: what an inventory declares, once loaded and checked."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, PrivateAttr

from province.addressing import Addresses, Pools
from province.administrator import Administrator
from province.adopted import AdoptedProject
from province.cloud import Flavor, Image, Region, ServiceClass, VolumeClass
from province.code import Code, DivisionCode
from province.conformity import EVERYTHING, Attestation, Waiver
from province.declared import Declared, Named
from province.emergency import EmergencyPlan
from province.extranet import Gear, Lan, Link, Router, RouterManagement, Site, Vpn
from province.host import Host
from province.ipv6 import Ipv6Target
from province.organisation import Department, Subject
from province.rule import Rule
from province.system import SharingAgreement, System
from province.window import Freeze, Window


class Target(StrEnum):
    """Where the clouds, hosts and routers are: the lab on this machine, or the real ones."""

    LAB = "lab"
    PRODUCTION = "production"


class Identity(Named):
    """The province itself."""

    division: DivisionCode
    target: Target
    operator: Code = Field(description="Department that runs the platform (云平台管理单位).")
    domain: str = Field(pattern=r"^[a-z0-9.-]+$", description="DNS domain under which everything is named.")
    asn: Annotated[int, Field(ge=1, le=4294967295, description="AS number of the extranet.")]
    pools: Pools
    router_management: RouterManagement | None = Field(
        default=None, description="How routers are run; without it nothing of it is touched."
    )


class Province(Declared):
    """Everything that one inventory declares. Maps are keyed by code; their order means nothing."""

    identity: Identity = Field(alias="province")
    flavors: dict[str, Flavor]
    images: dict[Code, Image]
    volume_classes: dict[Code, VolumeClass] = Field(default_factory=dict)
    service_classes: dict[Code, ServiceClass] = Field(default_factory=dict)
    departments: dict[Code, Department]
    regions: dict[Code, Region]
    systems: dict[Code, System] = Field(default_factory=dict)
    agreements: dict[Code, SharingAgreement] = Field(default_factory=dict)
    adopted: dict[Code, AdoptedProject] = Field(default_factory=dict)
    sites: dict[Code, Site] = Field(default_factory=dict)
    gear: dict[Code, Gear] = Field(default_factory=dict)
    routers: dict[Code, Router] = Field(default_factory=dict)
    links: dict[Code, Link] = Field(default_factory=dict)
    lans: dict[Code, Lan] = Field(default_factory=dict)
    vpns: dict[Code, Vpn] = Field(default_factory=dict)
    hosts: dict[Code, Host] = Field(default_factory=dict)
    administrators: dict[Code, Administrator] = Field(default_factory=dict)
    waivers: dict[Code, Waiver] = Field(default_factory=dict)
    attestations: dict[Code, Attestation] = Field(default_factory=dict)
    rules: dict[Code, Rule] = Field(default_factory=dict)
    emergencies: dict[Code, EmergencyPlan] = Field(default_factory=dict)
    windows: dict[Code, Window] = Field(default_factory=dict)
    freezes: dict[Code, Freeze] = Field(default_factory=dict)
    ipv6_targets: dict[Code, Ipv6Target] = Field(default_factory=dict)
    _slots: dict[str, dict[str, int]] = PrivateAttr(default_factory=dict)
    _manifests: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def addresses(self) -> Addresses:
        """Address of everything; asking for one that was never allocated raises ``ZY-INV-030``."""
        return Addresses(self.identity.pools, self._slots)

    def with_slots(self, slots: dict[str, dict[str, int]]) -> Province:
        """The same province with the slots of its lock file."""
        copy = self.model_copy()
        copy._slots = slots
        return copy

    def manifest_of(self, image: str) -> str:
        """SHA-256 of the manifest of an image, as it lay in the inventory; empty where it has none."""
        return self._manifests.get(image, "")

    def with_manifests(self, digests: dict[str, str]) -> Province:
        """The same province with the digests of its images' manifests."""
        copy = self.model_copy()
        copy._manifests = digests
        return copy

    def wanted(self) -> dict[str, list[str]]:
        """Keys that need a slot, by pool or number space."""
        providers = [code for code, router in self.routers.items() if router.is_provider]
        return {
            "host-management": list(self.hosts),
            "router-management": list(self.routers),
            "loopback": list(self.routers),
            "locator": providers,
            "link": list(self.links),
            "lan": list(self.lans),
            "zone": [f"{code}/{zone}" for code, region in self.regions.items() for zone in region.zones],
            "system": list(self.systems),
            "vpn": list(self.vpns),
            "ce-as": [code for code, router in self.routers.items() if not router.is_provider],
        }

    def vpn_of(self, department: str) -> Vpn | None:
        """The VPN that a department's sites are joined by; a department is in one VPN at most."""
        return next((vpn for vpn in self.vpns.values() if department in vpn.departments), None)

    def links_of(self, router: str) -> list[Link]:
        return [link for link in self.links.values() if router in (link.a.router, link.b.router)]

    def lans_of(self, router: str) -> list[Lan]:
        return [lan for lan in self.lans.values() if lan.router == router]

    def targets(self) -> frozenset[str]:
        """Everything that a record can be about: stacks, hosts, routers."""
        stacks = [
            EVERYTHING,
            *(f"region-{code}" for code in self.regions),
            *(f"tenant-{code}" for code in self.systems),
            *(f"adopted-{code}" for code in self.adopted),
        ]
        return frozenset([*stacks, *self.hosts, *self.routers])

    def subjects(self) -> dict[str, Subject]:
        """Responsible and supervising subjects of all departments, by id."""
        both = (subject for one in self.departments.values() for subject in (one.responsible, one.supervising))
        return {subject.id: subject for subject in both}

    def systems_in(self, region: str) -> list[System]:
        return [system for system in self.systems.values() if system.region == region]
