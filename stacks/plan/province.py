"""The province's stack: who may use each region's cloud, how much of it, and what servers are made of.

Everything is made per region, through that region's own identity service, so that it works alike where regions share
one Keystone (as in the lab) and where each city has its own. Names carry the region, so they never collide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from province.administrator import Duty
from province.cloud import Region, Service, Zone
from province.province import Province
from province.standard import (
    PLATFORM,
    PREFIX,
    Labels,
    description,
    region_labels,
    system_labels,
    system_name,
)
from stacks.plan.quota import Quota, platform_quota, raised, system_quota
from stacks.plan.service import BalancerQuota, balancer_quota, offers

HARDENING = f"{PREFIX}hardening-level"
DIGEST = f"{PREFIX}sha256"
MANIFEST = f"{PREFIX}manifest-sha256"


@dataclass(frozen=True, slots=True)
class Administrators:
    """One duty: a group of people and the role that it holds.

    The role named here is ours. Keystone's own roles take effect at once: system administrators are ``member`` of the
    platform's project, audit administrators ``reader`` of everything; security administrators act through our role
    alone, which each service's policy file must name.
    """

    duty: Duty
    group: str
    role: str
    description: str


@dataclass(frozen=True, slots=True)
class Project:
    """A Keystone project: a system's, or the platform's own."""

    code: str
    name: str
    description: str
    labels: Labels
    quota: Quota
    balancers: BalancerQuota | None = None
    """``None`` where the region has no load balancers."""


@dataclass(frozen=True, slots=True)
class FlavorSpec:
    code: str
    vcpus: int
    ram_mib: int
    disk_gib: int


@dataclass(frozen=True, slots=True)
class ImageSpec:
    code: str
    name: str
    file: str
    sha256: str
    hardening_level: int
    labels: Labels
    manifest: str = ""
    """SHA-256 of the manifest that bears its hardening out; empty for an image whose hardening is waived."""

    def properties(self) -> dict[str, str]:
        """What Glance keeps with it: labels, its digest, what it was hardened for, and the manifest that says so."""
        proof = {MANIFEST: self.manifest} if self.manifest else {}
        return {**self.labels.as_metadata(), HARDENING: str(self.hardening_level), DIGEST: self.sha256, **proof}


@dataclass(frozen=True, slots=True)
class VolumeTypeSpec:
    """A volume type of Cinder with its limits."""

    code: str
    name: str
    description: str
    iops: int
    bytes_per_second: int
    labels: Labels


@dataclass(frozen=True, slots=True)
class RegionAccounts:
    """What the province's stack makes in one region."""

    region: str
    cloud: str
    """Entry of clouds.yaml of the account that makes it."""
    domain: str
    description: str
    labels: Labels
    administrators: tuple[Administrators, ...]
    projects: tuple[Project, ...]
    flavors: tuple[FlavorSpec, ...]
    images: tuple[ImageSpec, ...]
    volume_types: tuple[VolumeTypeSpec, ...]


@dataclass(frozen=True, slots=True)
class ProvincePlan:
    regions: tuple[RegionAccounts, ...]

    def quotas(self) -> dict[str, Quota]:
        """By the project's name."""
        return {project.name: project.quota for accounts in self.regions for project in accounts.projects}

    def with_floors(self, floors: Mapping[str, Quota]) -> ProvincePlan:
        """The same with no quota below its floor, by the project's name."""
        return ProvincePlan(tuple(_with_floors(accounts, floors) for accounts in self.regions))


def plan_province(province: Province) -> ProvincePlan:
    return ProvincePlan(tuple(_accounts(province, region) for _, region in sorted(province.regions.items())))


def _with_floors(accounts: RegionAccounts, floors: Mapping[str, Quota]) -> RegionAccounts:
    projects = (
        replace(project, quota=raised(project.quota, floors.get(project.name, project.quota)))
        for project in accounts.projects
    )
    return replace(accounts, projects=tuple(projects))


def domain_name(region: str) -> str:
    """Keystone domain of a region's government users and projects: ``gz-government``."""
    return f"{region}-government"


def platform_name(region: str) -> str:
    """Project that the platform's own things of a region belong to: ``gz-platform``."""
    return f"{region}-{PLATFORM}"


def volume_type_name(region: str, code: str) -> str:
    """Volume type of a class: ``gz-fast``."""
    return f"{region}-{code}"


def image_path(inventory: Path, image: ImageSpec) -> Path:
    """Where the file lies; ``source`` in the inventory is relative to its folder."""
    return inventory / image.file


def _accounts(province: Province, region: Region) -> RegionAccounts:
    labels = region_labels(province, region.code, Zone.MANAGEMENT)
    return RegionAccounts(
        region=region.code,
        cloud=region.cloud,
        domain=domain_name(region.code),
        description=f"{region.name} · {region.division}",
        labels=labels,
        administrators=tuple(_administrators(region, duty) for duty in Duty),
        projects=_projects(province, region, labels),
        flavors=tuple(FlavorSpec(f.code, f.vcpus, f.ram_mib, f.disk_gib) for _, f in sorted(province.flavors.items())),
        images=tuple(
            ImageSpec(
                i.code,
                f"{region.code}-{i.code}",
                i.source,
                i.sha256,
                i.hardening_level,
                labels,
                province.manifest_of(i.code),
            )
            for _, i in sorted(province.images.items())
        ),
        volume_types=tuple(
            VolumeTypeSpec(
                code=each.code,
                name=volume_type_name(region.code, each.code),
                description=f"{each.name} · {each.iops} IOPS · {each.mib_per_second} MiB/s",
                iops=each.iops,
                bytes_per_second=each.mib_per_second * 1024 * 1024,
                labels=labels,
            )
            for _, each in sorted(province.volume_classes.items())
        ),
    )


def _administrators(region: Region, duty: Duty) -> Administrators:
    name = f"{region.code}-{duty}-admin"
    return Administrators(duty, group=f"{name}s", role=name, description=f"{region.name} · {duty.chinese}")


def _projects(province: Province, region: Region, labels: Labels) -> tuple[Project, ...]:
    platform = Project(
        code=PLATFORM,
        name=platform_name(region.code),
        description=f"{region.name} · 云平台",
        labels=labels,
        quota=platform_quota(province, region.code),
        balancers=BalancerQuota(0, 0, 0, 0) if offers(province, region.code, Service.BALANCER) else None,
    )
    systems = (
        Project(
            code=system.code,
            name=system_name(system),
            description=description(system),
            labels=system_labels(province, system),
            quota=system_quota(province, system),
            balancers=balancer_quota(province, system),
        )
        for system in sorted(province.systems_in(region.code), key=lambda system: system.code)
    )
    return (platform, *systems)
