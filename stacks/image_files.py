"""Whether the files of hardened images are still what their manifests bind, asked before anything is uploaded."""

from __future__ import annotations

from pathlib import Path

from province.digest import sha256_of
from province.errors import Place, ZyError
from province.province import Province
from stacks.plan.stack import PROVINCE


def changed_images(province: Province, inventory: Path) -> list[ZyError]:
    """A ZY-CLD-089 for each image with a manifest whose file has another digest (GB/T 22239-2019 8.2.4.4 b).

    Reads every such file whole; placeholders and adopted images, which have no manifest, are not read.
    """
    proven = [image for _, image in sorted(province.images.items()) if image.manifest]
    return [
        ZyError(
            "ZY-CLD-089",
            f"the file of the image {image.code} is not the one that was hardened: its SHA-256 differs",
            place=Place(target=str(PROVINCE)),
            fix="copy the file from `zy image build` again; if nobody knows who changed it, build it again",
        )
        for image in proven
        if sha256_of(inventory / image.source) != image.sha256
    ]
