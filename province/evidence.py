"""Reads the evidence of images from an inventory's folder; judges nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from province.digest import sha256_of
from province.errors import Place, ZyError
from province.manifest import Evidence, ImageAudit, Manifest


def read_evidence(path: Path) -> Evidence:
    """The manifest at ``path`` and what lies beside it. Raises ZY-INV-063 when there is no manifest to read."""
    try:
        text = path.read_bytes()
        manifest = Manifest.model_validate_json(text)
    except (OSError, ValidationError) as error:
        why = f"{error.strerror}" if isinstance(error, OSError) else str(error.errors(include_url=False)[0]["msg"])
        raise ZyError(
            "ZY-INV-063",
            f"its manifest {path.name} cannot be read: {why}",
            place=Place(file=str(path)),
            fix="put the files of `zy image build` there, unchanged",
        ) from error
    beside = {one.file: path.parent / one.file for one in (manifest.sbom, manifest.audit)}
    digests = {name: sha256_of(file) for name, file in beside.items() if file.is_file()}
    audit = _audit(beside[manifest.audit.file]) if manifest.audit.file in digests else None
    return Evidence(hashlib.sha256(text).hexdigest(), manifest, digests, audit)


def _audit(path: Path) -> ImageAudit | None:
    try:
        return ImageAudit.model_validate_json(path.read_bytes())
    except ValidationError:
        return None
