"""What a region's servers can be made of: images and volume types, as they are and as they are meant to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack

from province.record import Check
from province.standard import parse_metadata
from stacks.check import compared
from stacks.plan.province import DIGEST, HARDENING, MANIFEST, ImageSpec, RegionAccounts, VolumeTypeSpec
from stacks.plan.stack import PROVINCE

INTEGRITY = "8.2.4.4 b"
RESOURCES = "8.1.4.2 g"


@dataclass(frozen=True, slots=True)
class LiveImage:
    status: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LiveVolumeType:
    labels: Mapping[str, str]
    limits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stock:
    """By name."""

    images: Mapping[str, LiveImage]
    volume_types: Mapping[str, LiveVolumeType]


def take_stock(clouds: Path, cloud: str) -> Stock:
    """Ask Glance and Cinder as the operator. Raises what ``openstacksdk`` and its HTTP client raise."""
    config = openstack.config.OpenStackConfig(config_files=[str(clouds)]).get_one(cloud=cloud)
    with openstack.connection.Connection(config=config) as connection:
        return Stock(dict(_images(connection)), dict(_volume_types(connection)))


def _images(connection: Any) -> Iterator[tuple[str, LiveImage]]:
    for image in connection.image.images():
        yield image.name, LiveImage(image.status, {key: str(value) for key, value in (image.properties or {}).items()})


def _volume_types(connection: Any) -> Iterator[tuple[str, LiveVolumeType]]:
    """The SDK knows no QoS specifications, so Cinder is asked for them directly."""
    specs = {each["id"]: each["specs"] for each in connection.block_storage.get("/qos-specs").json()["qos_specs"]}
    for each in connection.block_storage.get("/types?is_public=None").json()["volume_types"]:
        limits = specs.get(each.get("qos_specs_id"), {})
        yield each["name"], LiveVolumeType(each.get("extra_specs") or {}, limits)


def prove_stock(plan: RegionAccounts, stock: Stock) -> Iterator[Check]:
    """A check for each image and volume type of the plan. Pure."""
    for image in plan.images:
        yield _image(image, stock.images.get(image.name))
    for volume_type in plan.volume_types:
        yield _volume_type(volume_type, stock.volume_types.get(volume_type.name))


def _image(spec: ImageSpec, live: LiveImage | None) -> Check:
    seen = "absent"
    if live is not None:
        hardened, digest = (live.properties.get(key, "?") for key in (HARDENING, DIGEST))
        seen = f"{live.status}, level {hardened}, sha256 {digest}{_manifest(live.properties.get(MANIFEST, ''))}"
    return compared(
        f"cloud.image.{spec.name}",
        f"The image {spec.name} is the one that was declared and hardened",
        f"镜像 {spec.name} 与声明的摘要和加固级别一致",
        str(PROVINCE),
        (f"active, level {spec.hardening_level}, sha256 {spec.sha256}{_manifest(spec.manifest)}", seen),
        "Glance GET /v2/images",
        INTEGRITY,
    )


def _manifest(digest: str) -> str:
    return f", manifest {digest}" if digest else ""


def _volume_type(spec: VolumeTypeSpec, live: LiveVolumeType | None) -> Check:
    seen = "absent"
    if live is not None:
        labels = "right" if parse_metadata(live.labels) == spec.labels else "wrong"
        shown = (live.limits.get(key, "?") for key in ("total_iops_sec", "total_bytes_sec"))
        seen = f"labels {labels}, limits {' and '.join(shown)}"
    return compared(
        f"cloud.volume-type.{spec.name}",
        f"The volume type {spec.name} has its limits and labels",
        f"存储类型 {spec.name} 的限速与标签正确",
        str(PROVINCE),
        (f"labels right, limits {spec.iops} and {spec.bytes_per_second}", seen),
        "Cinder GET /types, /qos-specs",
        RESOURCES,
    )
