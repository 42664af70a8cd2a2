"""Debian's security tracker against what is installed: which known holes have a mended version. Pure.

The data is the tracker's own JSON (https://security-tracker.debian.org/tracker/data/json): source package → CVE →
``releases`` → code name → ``status`` (open, resolved, undetermined), ``urgency`` and, once resolved, ``fixed_version``,
which is 0 where the release was never affected. Versions compare as Debian Policy §5.6.12 says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from debian_inspector.version import Version  # type: ignore[import-untyped] # has no types

from province.errors import Place, ZyError
from province.host import HostSystem

RELEASES = {HostSystem.DEBIAN_12: "bookworm"}
"""Code names by system. Others have trackers of their own, in other forms."""


@dataclass(frozen=True, slots=True)
class Package:
    """A source package of which something is installed; ``version`` is the source's."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known hole in what is installed. ``fixed``: the version that mends it, or empty while there is none."""

    cve: str
    package: Package
    fixed: str
    urgency: str

    def __str__(self) -> str:
        return f"{self.cve} {self.package.name} {self.package.version} < {self.fixed or 'no fix yet'}"


@dataclass(frozen=True, slots=True)
class Tracker:
    """The tracker's data, and how old the file is, in days."""

    holes: Mapping[str, Mapping[str, Mapping[str, object]]]
    days: int

    def known(self, packages: Iterable[Package], release: str) -> list[Vulnerability]:
        """What is known to be open in these packages, with what does not matter (``unimportant``) left out."""
        found = {hole for package in packages for hole in self._of(package, release)}
        return sorted(found, key=lambda hole: (not hole.fixed, hole.package.name, hole.cve))

    def _of(self, package: Package, release: str) -> Iterator[Vulnerability]:
        for cve, hole in self.holes.get(package.name, {}).items():
            releases = hole.get("releases", {})
            here = releases.get(release) if isinstance(releases, Mapping) else None
            if not here or here.get("urgency") == "unimportant":
                continue
            fixed = str(here.get("fixed_version", ""))
            if fixed == "0" or (fixed and not older(package.version, fixed)):
                continue
            if fixed or here.get("status") == "open":
                yield Vulnerability(cve, package, fixed, str(here.get("urgency", "")))


def older(one: str, other: str) -> bool:
    """Whether a Debian version comes before another."""
    return bool(Version.from_string(one) < Version.from_string(other))


def read_tracker(text: str, source: str, days: int) -> Tracker:
    """Raises ZY-HST-028 where ``text`` is not the tracker's data. ``source`` names the file, ``days`` its age."""
    try:
        holes = json.loads(text)
        whole = any("releases" in hole for holes_of_one in holes.values() for hole in holes_of_one.values())
    except (ValueError, AttributeError, TypeError):
        whole = False
    if not whole:
        raise ZyError(
            "ZY-HST-028",
            "this is not the data of Debian's security tracker",
            place=Place(file=source),
            fix="carry https://security-tracker.debian.org/tracker/data/json there anew, whole; or remove the file",
        )
    return Tracker(holes, days)
