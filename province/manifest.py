"""What an image's manifest says, and whether it bears out what the inventory claims of the image. Pure.

`zy image build` writes the manifest; it binds an image, its bill of materials and its audit by their digests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from province.cloud import Image
from province.code import Code
from province.host import HostRole, HostSystem

FORMAT: Literal["zhengyun-image-1"] = "zhengyun-image-1"
FAILED = "failed"
"""The judgement of an audit that no image may bear."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Attached(_Written):
    """A file beside the manifest."""

    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    sha256: Sha256


class Manifest(_Written):
    """What was built, from what, when, and what it was hardened for."""

    format: Literal["zhengyun-image-1"]
    code: Code
    system: HostSystem
    role: HostRole
    level: int = Field(ge=0, le=4, description="Level of GB/T 22239-2019 whose controls the audit found.")
    built: AwareDatetime
    commit: str = Field(description="Of this program, whose role hardened the image; `unknown` outside of git.")
    image: Attached
    sbom: Attached
    audit: Attached


class AuditedControl(BaseModel):
    """A control in the audit's file; what else stands there is for people."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    judgement: str


class ImageAudit(BaseModel):
    """The audit's file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    image_sha256: Sha256
    controls: tuple[AuditedControl, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lies in the inventory. ``digests``: file beside the manifest → its SHA-256; absent files are missing."""

    sha256: str
    """Of the manifest itself."""
    manifest: Manifest
    digests: Mapping[str, str]
    audit: ImageAudit | None
    """None where its file is missing or cannot be read."""


@dataclass(frozen=True, slots=True)
class ManifestFlaw:
    code: str
    message: str
    fix: str


_AGAIN = "build the image with `zy image build`, and copy all of its files unchanged"


def claim_flaw(image: Image) -> ManifestFlaw | None:
    """A claim of hardening needs a manifest or a written waiver (GB/T 22239-2019 8.2.4.4 a), and not both."""
    if image.manifest and image.hardening_waiver:
        words = "it has both a manifest and a waiver; which of them counts is not clear"
        return ManifestFlaw("ZY-INV-062", words, "remove `hardening_waiver`, or `manifest`")
    if image.hardening_level and not image.manifest and not image.hardening_waiver:
        words = f"it claims hardening for level {image.hardening_level}, and nothing bears that out"
        fix = "name the `manifest` that `zy image build` wrote, or say why there is none in `hardening_waiver`"
        return ManifestFlaw("ZY-INV-062", words, fix)
    return None


def evidence_flaws(image: Image, evidence: Evidence) -> Iterator[ManifestFlaw]:
    """What of the evidence does not belong to the image (063), or does not suffice for its level (064)."""
    manifest = evidence.manifest
    if manifest.image.sha256 != image.sha256:
        yield ManifestFlaw("ZY-INV-063", "its manifest is that of another image: `sha256` differs", _AGAIN)
    for attached in (manifest.sbom, manifest.audit):
        found = evidence.digests.get(attached.file)
        if found != attached.sha256:
            words = "is missing" if found is None else "is not the one that the manifest binds: its digest differs"
            yield ManifestFlaw("ZY-INV-063", f"{attached.file} {words}", _AGAIN)
    yield from _level_flaws(image, evidence)


def _level_flaws(image: Image, evidence: Evidence) -> Iterator[ManifestFlaw]:
    level, audit = evidence.manifest.level, evidence.audit
    if level < image.hardening_level:
        words = f"it was hardened for level {level}, and `hardening_level` says {image.hardening_level}"
        yield ManifestFlaw("ZY-INV-064", words, "declare the level that it was hardened for, or build it again")
    if audit is None:
        yield ManifestFlaw("ZY-INV-064", "its audit cannot be read", _AGAIN)
        return
    if audit.image_sha256 != evidence.manifest.image.sha256:
        yield ManifestFlaw("ZY-INV-064", "its audit is that of another image", _AGAIN)
    failed = sorted(one.id for one in audit.controls if one.judgement == FAILED)
    if failed:
        words = f"its audit found {', '.join(failed)} failed"
        yield ManifestFlaw("ZY-INV-064", words, "mend what failed and build the image again")
