"""Images: what claims to be hardened is proven by a manifest, or waived with a reason."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from province.errors import ZyErrors
from province.load import load
from province.province import Province
from province.record import JsonObject

LAB = Path(__file__).parents[3] / "inventories" / "lab"
DIGEST = "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58"
"""Of the lab's placeholder."""


def attached(path: Path) -> JsonObject:
    return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def write_evidence(folder: Path, judgement: str = "passed", audited: str = DIGEST, **changes: object) -> None:
    """What `zy image build` leaves beside an image."""
    audit, bill = folder / "debian-12.audit.json", folder / "debian-12.cdx.json"
    audit.write_text(json.dumps({"image_sha256": audited, "controls": [{"id": "hst-a", "judgement": judgement}]}))
    bill.write_text("{}")
    manifest = {
        "format": "zhengyun-image-1",
        "code": "debian-12",
        "system": "debian-12",
        "role": "application",
        "level": 3,
        "built": "2026-11-28T23:00:00Z",
        "commit": "unknown",
        "image": {"file": "debian-12.raw", "sha256": DIGEST},
        "sbom": attached(bill),
        "audit": attached(audit),
        **changes,
    }
    (folder / "debian-12.manifest.json").write_text(json.dumps(manifest))


def declare(inventory: Path, lines: str) -> None:
    """Put these lines in the place of the image's waiver."""
    file = inventory / "province.yaml"
    kept = [line for line in file.read_text().splitlines() if "hardening_waiver" not in line]
    at = next(number for number, line in enumerate(kept) if "hardening_level" in line)
    file.write_text("\n".join([*kept[: at + 1], lines, *kept[at + 1 :]]) + "\n")


MANIFEST = "    manifest: images/debian-12.manifest.json"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(LAB, tmp_path / "inventory"))
    declare(folder, MANIFEST)
    write_evidence(folder / "images")
    return folder


def refused(inventory: Path) -> list[str]:
    with pytest.raises(ZyErrors) as caught:
        load(inventory)
    assert all(error.place.file and error.fix for error in caught.value.errors)
    return [str(error) for error in caught.value.errors]


def test_a_manifest_that_fits_is_taken_and_its_digest_kept(inventory: Path, lab: Province) -> None:
    kept = load(inventory).manifest_of("debian-12")
    assert kept == hashlib.sha256((inventory / "images/debian-12.manifest.json").read_bytes()).hexdigest()
    assert lab.manifest_of("debian-12") == ""


def test_a_claim_without_proof_is_refused_and_so_are_two_proofs(inventory: Path) -> None:
    declare(inventory, "")
    (inventory / "province.yaml").write_text((inventory / "province.yaml").read_text().replace(MANIFEST, ""))
    assert "ZY-INV-062: the image debian-12: it claims hardening for level 3" in refused(inventory)[0]
    declare(inventory, f"{MANIFEST}\n    hardening_waiver: why")
    assert "ZY-INV-062: the image debian-12: it has both" in refused(inventory)[0]


@pytest.mark.parametrize("name", ["debian-12.cdx.json", "debian-12.audit.json"])
def test_one_changed_byte_is_refused(inventory: Path, name: str) -> None:
    file = inventory / "images" / name
    file.write_bytes(file.read_bytes() + b" ")
    assert f"ZY-INV-063: the image debian-12: {name} is not the one" in refused(inventory)[0]
    file.unlink()
    assert f"ZY-INV-063: the image debian-12: {name} is missing" in refused(inventory)[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image": {"file": "debian-12.raw", "sha256": "0" * 64}}, "ZY-INV-063: the image debian-12: its manifest is"),
        ({"level": 2}, "ZY-INV-064: the image debian-12: it was hardened for level 2"),
        ({"judgement": "failed"}, "ZY-INV-064: the image debian-12: its audit found hst-a failed"),
        ({"audited": "0" * 64}, "ZY-INV-064: the image debian-12: its audit is that of another"),
        ({"format": "another"}, "ZY-INV-063: its manifest debian-12.manifest.json cannot be read"),
        ({"sbom": {"file": "../province.yaml", "sha256": DIGEST}}, "ZY-INV-063: its manifest debian-12.manifest.json"),
    ],
)
def test_evidence_that_does_not_fit_is_refused(inventory: Path, changes: dict[str, str], said: str) -> None:
    write_evidence(inventory / "images", **changes)
    assert said in " ".join(refused(inventory))


def test_an_audit_that_is_bound_but_is_none_is_refused(inventory: Path) -> None:
    images = inventory / "images"
    (images / "other.json").write_text("[]")
    write_evidence(images, audit=attached(images / "other.json"))
    assert "ZY-INV-064: the image debian-12: its audit cannot be read" in refused(inventory)[0]


def test_a_manifest_that_is_not_there_is_refused(inventory: Path) -> None:
    (inventory / "images/debian-12.manifest.json").unlink()
    assert "cannot be read: No such file" in refused(inventory)[0]
