"""Build a hardened image, with its bill of materials, its audit and the manifest that binds them."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from province.digest import sha256_of
from province.errors import Place, ZyError
from province.host import HostSystem
from province.manifest import FORMAT, Attached, Manifest
from province.record import JsonObject
from roles.judgement import Judged, Judgement
from zhengyun.image.bill import bill
from zhengyun.image.disk import copy_in_use
from zhengyun.image.workshop import Say, Workshop

LEVEL = 3
"""The catalogue's controls are those of level 3 of GB/T 22239-2019."""


def build(workshop: Workshop, out: Path, say: Say) -> Manifest:
    """Build the image into the folder ``out``, which appears when everything of it is there.

    Raises ZY-HST-010 and 040 to 043, and what the lab raises.
    """
    if out.exists():
        raise ZyError(
            "ZY-HST-040",
            "there is something already, and an image is never mixed with another's files",
            place=Place(file=str(out)),
            fix="name a folder that does not exist yet",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as partial:
        folder = Path(partial) / "image"
        folder.mkdir()
        manifest = _built(workshop, folder, say)
        folder.rename(out)
    return manifest


def _built(workshop: Workshop, folder: Path, say: Say) -> Manifest:
    code, raw = workshop.name, folder / f"{workshop.name}.raw"
    try:
        workshop.up(say)
        workshop.harden(say)
        say("audit")
        judged, at = workshop.audit(), datetime.now(UTC)
        check_audit(code, judged)
        installed = workshop.packages()
        say("forget")
        workshop.forget()
    finally:
        workshop.down(say)
    copy_in_use(workshop.disk, raw, say)
    raw.chmod(0o644)
    digest, commit = sha256_of(raw), _commit()
    (folder / f"{code}.sha256").write_text(f"{digest}  {raw.name}\n", encoding="ascii")
    image = Attached(file=raw.name, sha256=digest)
    sbom = _write(folder / f"{code}.cdx.json", bill(code, digest, installed, at, commit))
    audit = _write(folder / f"{code}.audit.json", audit_document(image, judged, at))
    manifest = Manifest(
        format=FORMAT,
        code=code,
        system=HostSystem.DEBIAN_12,
        role=workshop.role,
        level=LEVEL,
        built=at,
        commit=commit,
        image=image,
        sbom=sbom,
        audit=audit,
    )
    _write(folder / f"{code}.manifest.json", manifest.model_dump(mode="json"))
    return manifest


def check_audit(code: str, judged: Sequence[Judged]) -> None:
    """Raises ZY-HST-042 when a control failed, or none passed: such an image has no level."""
    failed = [one for one in judged if one.judgement is Judgement.FAILED]
    if failed or not any(one.judgement is Judgement.PASSED for one in judged):
        words = "; ".join(f"{one.control.id}: {one.actual}" for one in failed) or "no control passed"
        raise ZyError(
            "ZY-HST-042",
            f"the image reaches no level, and nothing is written: {words}",
            place=Place(target=code),
            fix="mend the role or the host image, and build again",
        )


def audit_document(image: Attached, judged: Sequence[Judged], at: datetime) -> JsonObject:
    """The audit's file: every control's verdict, and the image that it belongs to."""
    return {
        "image": image.file,
        "image_sha256": image.sha256,
        "measured": at.isoformat(timespec="seconds"),
        "summary": {each.value: sum(1 for one in judged if one.judgement is each) for each in Judgement},
        "controls": [one.document() for one in judged],
    }


def _write(path: Path, document: JsonObject) -> Attached:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return Attached(file=path.name, sha256=sha256_of(path))


def _commit() -> str:
    """Commit of this checkout, with ``-dirty`` where files differ from it; ``unknown`` where there is none."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "unknown"
