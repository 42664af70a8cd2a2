"""The bill of materials of an image: CycloneDX 1.6 as JSON (ECMA-424). Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from province.record import JsonObject

QUERY = r"dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n'"
"""The command whose answer ``packages`` reads."""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One installed Debian package."""

    name: str
    version: str
    architecture: str

    @property
    def purl(self) -> str:
        """Package URL (purl-spec, type deb): all but colons percent-encoded."""
        version = quote(self.version, safe=":")
        return f"pkg:deb/debian/{quote(self.name, safe='')}@{version}?arch={self.architecture}&distro=debian-12"


def packages(answer: str) -> tuple[Package, ...]:
    """The installed packages of a ``QUERY``'s answer, by name."""
    rows = (line.split("\t") for line in answer.splitlines())
    return tuple(sorted(Package(*row[1:]) for row in rows if len(row) == 4 and row[0] == "installed"))


def bill(name: str, sha256: str, installed: Iterable[Package], at: datetime, version: str) -> JsonObject:
    """The bill of the image of this name and digest; ``version`` is that of the program that made it."""
    image: JsonObject = {
        "type": "operating-system",
        "bom-ref": f"image:{sha256}",
        "name": name,
        "version": sha256[:12],
        "hashes": [{"alg": "SHA-256", "content": sha256}],
    }
    components = [
        {"type": "library", "bom-ref": one.purl, "name": one.name, "version": one.version, "purl": one.purl}
        for one in installed
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'sha256:{sha256}')}",
        "version": 1,
        "metadata": {
            "timestamp": at.isoformat(timespec="seconds"),
            "tools": {"components": [{"type": "application", "name": "zhengyun", "version": version}]},
            "component": image,
        },
        "components": components,
        "dependencies": [{"ref": image["bom-ref"], "dependsOn": [one["bom-ref"] for one in components]}],
    }
