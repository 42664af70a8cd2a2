"""Debian packages without touching the machine's own apt.

The mirror's address is the one that the machine's apt already uses; sources, state and cache are our own.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.guest.command import Log, require, run
from province.errors import ZyError

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_TARGETS = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)"]
# What a site sets to reach its mirror at all; everything else of the machine's apt stays out.
_INHERITED = re.compile(r"^Acquire::(Check-Valid-Until|Check-Date|https?::\S*|Retries) ")


@dataclass(frozen=True, slots=True)
class Mirror:
    """Addresses of the Debian archive and of its security archive, as the machine's apt has them."""

    archive: str
    security: str

    def sources(self, suite: str) -> list[str]:
        """Lines of a sources list for one stable suite, with its updates and security updates."""
        signed = f"[signed-by={KEYRING}]"
        return [
            f"deb {signed} {self.archive} {suite} main",
            f"deb {signed} {self.archive} {suite}-updates main",
            f"deb {signed} {self.security} {suite}-security main",
        ]


def parse_mirror(targets: str) -> Mirror:
    """The mirror out of ``apt-get indextargets``: lines of address, release, component, origin.

    Raises ZY-LAB-203 when apt knows no Debian archive.
    """
    archive = security = None
    for line in targets.splitlines():
        address, release, component, origin = line.split(" ", 3)
        # The origin is known only after an `apt-get update`; until then the address tells.
        debian = origin == "Debian" or address.rstrip("/").endswith(("/debian", "/debian-security"))
        if component != "main" or not debian:
            continue
        if release.endswith("-security"):
            security = security or address
        elif "-" not in release:
            archive = archive or address
    if archive is None:
        raise ZyError(
            "ZY-LAB-203",
            "apt on this machine knows no Debian archive with component main",
            fix="add a Debian mirror to /etc/apt/sources.list.d, run `apt-get update`, try again",
        )
    return Mirror(archive, security or archive.rstrip("/") + "-security/")


def mirror() -> Mirror:
    """The mirror that this machine's apt uses. Raises ZY-LAB-201 and 203."""
    require({"apt-get": "apt"})
    return parse_mirror(subprocess.run(_TARGETS, check=True, capture_output=True, text=True).stdout)


def inherited_options() -> list[str]:
    """The machine's proxy and clock settings of apt, each as one line of an apt.conf."""
    dump = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True).stdout
    return [line for line in dump.splitlines() if _INHERITED.match(line) and not line.endswith('"";')]


@dataclass(frozen=True, slots=True)
class Package:
    """A package as taken from the archive."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PrivateApt:
    """An apt of our own below ``root``; it downloads, and installs nothing."""

    root: Path

    def _options(self) -> list[str]:
        settings = {
            "Dir::State": self.root / "state",
            "Dir::State::status": self.root / "status",
            "Dir::Cache": self.root / "cache",
            "Dir::Etc::sourcelist": self.root / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "APT::Sandbox::User": "root",  # the folder may lie where the user _apt cannot read
        }
        return [option for key, value in settings.items() for option in ("-o", f"{key}={value}")]

    def update(self, sources: list[str], log: Log) -> None:
        """Write the sources list and read the archive's indexes. Raises ZY-LAB-202."""
        for folder in ("state/lists/partial", "cache/archives/partial"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        (self.root / "sources.list").write_text("\n".join(sources) + "\n", encoding="utf-8")
        run("apt update", ["apt-get", *self._options(), "update"], log)

    def newest(self, pattern: str) -> Package:
        """The package with the highest version of those whose name matches. Raises ZY-LAB-203."""
        names = [line.split(" ", 1)[0] for line in self._cache("search", "--names-only", pattern).splitlines()]
        return newest_of(self._cache("madison", *names) if names else "", pattern)

    def _cache(self, *query: str) -> str:
        command = ["apt-cache", *self._options(), *query]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def download(self, package: Package, into: Path, log: Log) -> Path:
        """Download one package file into a folder and return its path. Raises ZY-LAB-202."""
        into.mkdir(parents=True, exist_ok=True)
        wanted = f"{package.name}={package.version}"
        run(f"download {wanted}", ["apt-get", *self._options(), "download", wanted], log, cwd=into)
        return next(into.glob(f"{package.name}_*.deb"))


def newest_of(listing: str, pattern: str) -> Package:
    """The newest in ``apt-cache madison`` lines ("name | version | source"), ordered as dpkg orders versions.

    Raises ZY-LAB-203 when there is none.
    """
    newest: Package | None = None
    for line in listing.splitlines():
        name, version, _ = (field.strip() for field in line.split("|"))
        if newest is None or _later(version, newest.version):
            newest = Package(name, version)
    if newest is None:
        raise ZyError(
            "ZY-LAB-203",
            f"the Debian mirror of this machine has no package {pattern}",
            fix="check that the mirror carries Debian 13 (trixie); try again later or with another mirror",
        )
    return newest


def _later(one: str, other: str) -> bool:
    return subprocess.run(["dpkg", "--compare-versions", one, "gt", other], check=False).returncode == 0
