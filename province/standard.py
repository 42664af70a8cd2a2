"""One standard for names, labels, descriptions and codes (政务数据标准化: 统一命名、描述、标签、分类、编码).

Every created thing carries the same labels, in whatever form its service has: tags, metadata, properties
(:mod:`province.carrier`). Forms of names are in :mod:`province.naming`. All of it, for readers:
``docs/reference/naming-standard.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from province.adopted import AdoptedProject
from province.cloud import Zone
from province.naming import Kind, form
from province.organisation import Department
from province.province import Province
from province.system import DataClass, SharingAgreement, System

PREFIX = "zy:"
"""Namespace of our labels, so that others' tags are never taken for ours."""

PLATFORM = "platform"
"""The ``system`` label of what belongs to the platform itself."""

DATA_CENTRE = f"{PREFIX}data-centre"
"""Beside the labels of a host aggregate: name of the data centre that its hosts stand in."""

SEPARATOR = " · "
"""Between the parts of a description."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that everything carries (统一标签). All values are codes: short, ASCII, fit for every service."""

    division: str
    department: str
    system: str
    zone: str
    mlps: str
    data_class: str
    responsible: str
    supervising: str

    def as_metadata(self) -> dict[str, str]:
        """For services with key-value metadata (Nova, Cinder, Glance)."""
        return {f"{PREFIX}{key.replace('_', '-')}": value for key, value in asdict(self).items()}

    def as_tags(self) -> list[str]:
        """For services with plain tags (Neutron, Keystone): ``zy:zone=exchange``. Sorted."""
        return sorted(f"{key}={value}" for key, value in self.as_metadata().items())


LABEL_KEYS = tuple(f"{PREFIX}{name.replace('_', '-')}" for name in Labels.__slots__)


def parse_metadata(metadata: Mapping[str, str]) -> Labels | None:
    """Labels read back from metadata; ``None`` when any is missing."""
    if not all(key in metadata for key in LABEL_KEYS):
        return None
    return Labels(**{key.removeprefix(PREFIX).replace("-", "_"): metadata[key] for key in LABEL_KEYS})


def parse_tags(tags: list[str]) -> Labels | None:
    """Labels read back from tags; ``None`` when any is missing."""
    return parse_metadata(dict(tag.split("=", 1) for tag in tags if tag.startswith(PREFIX) and "=" in tag))


def platform_labels(province: Province, division: str, zone: Zone, mlps_level: int) -> Labels:
    """Labels of a thing that the operator of the platform answers for."""
    operator = province.departments[province.identity.operator]
    return _labels(operator, division, PLATFORM, zone, mlps_level, "general")


def region_labels(province: Province, region: str, zone: Zone) -> Labels:
    """Labels of a region's own things in one zone."""
    declared = province.regions[region]
    return platform_labels(province, declared.division, zone, declared.mlps_level)


def system_labels(province: Province, system: System) -> Labels:
    """Labels of everything that belongs to a business system."""
    department = province.departments[system.department]
    division = province.regions[system.region].division
    return _labels(department, division, system.code, system.zone, system.mlps_level, system.data_class)


def adopted_labels(province: Province, project: AdoptedProject) -> Labels | None:
    """Labels of everything in an adopted project; ``None`` while nobody is said to own it."""
    owner = project.owner
    if owner is None:
        return None
    department, division = province.departments[owner.department], province.regions[project.region].division
    return _labels(department, division, project.code, owner.zone, owner.mlps_level, owner.data_class)


def _labels(department: Department, division: str, system: str, zone: Zone, mlps_level: int, data_class: str) -> Labels:
    return Labels(
        division=division,
        department=department.code,
        system=system,
        zone=zone.value,
        mlps=str(mlps_level),
        data_class=str(data_class),
        responsible=department.responsible.id,
        supervising=department.supervising.id,
    )


def zone_name(region: str, zone: Zone) -> str:
    """Name of a zone's network and its parts: ``gz-exchange``."""
    return form(Kind.NETWORK, "zone").format(region=region, zone=zone.value)


def system_name(system: System) -> str:
    """Name of a system's project and network: ``gz-gdbos``."""
    return form(Kind.PROJECT, "system").format(region=system.region, system=system.code)


def server_name(system: System, workload: str, number: int) -> str:
    """Name of the ``number``-th server (from 1) of a workload: ``gz-gdbos-web-1``."""
    values = {"region": system.region, "system": system.code, "workload": workload}
    return form(Kind.SERVER, "workload").format(**values, number=str(number))


def description(system: System) -> str:
    """Description of a system's things, as people read it (统一描述)."""
    return str(Description(system.name, system.zone, system.mlps_level, system.data_class))


def agreement_description(agreement: SharingAgreement) -> str:
    """Description of what a sharing agreement opens: with its resource and the days that it holds."""
    days = f"{agreement.valid_from}–{agreement.valid_until}"
    return SEPARATOR.join((agreement.name, agreement.resource, days))


@dataclass(frozen=True, slots=True)
class Description:
    """Name, zone, MLPS level and data class of a system, in Chinese. The name may hold anything."""

    name: str
    zone: Zone
    mlps_level: int
    data_class: DataClass

    def __str__(self) -> str:
        return SEPARATOR.join(
            (self.name, self.zone.chinese, f"等保{self.mlps_level}级", self.data_class.chinese),
        )


def parse_description(text: str) -> Description | None:
    """What a system's description says; ``None`` for a text of another form."""
    parts = text.rsplit(SEPARATOR, 3)
    level = re.fullmatch(r"等保([1-4])级", parts[2]) if len(parts) == 4 else None
    if level is None or parts[1] not in _ZONES or parts[3] not in _DATA_CLASSES:
        return None
    return Description(parts[0], _ZONES[parts[1]], int(level[1]), _DATA_CLASSES[parts[3]])


_ZONES = {zone.chinese: zone for zone in Zone}
_DATA_CLASSES = {data_class.chinese: data_class for data_class in DataClass}


@dataclass(frozen=True, slots=True)
class ObjectCode:
    """Code of one object in asset registers (统一编码): unlike a name, it can be read without the inventory.

    ``440100:gxt:zct:server:gz-zct-web-1``. No part can hold a colon, so the parts are never in doubt.
    """

    division: str
    department: str
    system: str
    kind: Kind
    name: str

    def __str__(self) -> str:
        return ":".join((self.division, self.department, self.system, self.kind.value, self.name))


def object_code(labels: Labels, kind: Kind, name: str) -> ObjectCode:
    """Code of an object with these labels."""
    return ObjectCode(labels.division, labels.department, labels.system, kind, name)


def parse_object_code(text: str) -> ObjectCode | None:
    """The parts of a code; ``None`` for a text of another form."""
    parts = text.split(":")
    if len(parts) != 5 or parts[3] not in set(Kind) or not re.fullmatch(r"[1-9]\d{5}", parts[0]) or not all(parts):
        return None
    return ObjectCode(parts[0], parts[1], parts[2], Kind(parts[3]), parts[4])
