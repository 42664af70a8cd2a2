"""Files of hardened images, hashed before anything is uploaded."""

from __future__ import annotations

import hashlib
from pathlib import Path

from province.province import Province
from stacks.image_files import changed_images


def with_image(province: Province, manifest: str, digest: str) -> Province:
    image = province.images["debian-12"].model_copy(update={"manifest": manifest, "sha256": digest, "source": "a.raw"})
    return province.model_copy(update={"images": {"debian-12": image}})


def test_a_file_that_its_manifest_does_not_bind_is_told(province: Province, tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(b"disk")
    right = hashlib.sha256(b"disk").hexdigest()
    assert changed_images(with_image(province, "a.manifest.json", right), tmp_path) == []
    found = changed_images(with_image(province, "a.manifest.json", "0" * 64), tmp_path)
    assert [error.code for error in found] == ["ZY-CLD-089"]


def test_an_image_without_a_manifest_is_not_read(province: Province, tmp_path: Path) -> None:
    assert changed_images(with_image(province, "", "0" * 64), tmp_path) == []
