"""The lab's kernel: User Mode Linux from Debian's newest ``linux-source``.

Debian's ready-made UML lacks nftables, SRv6 and VRF. Kernels from 6.16 on have UML's seccomp mode, several times
faster than ptrace; trixie-backports has one, trixie itself (6.12) is the fallback.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

from lab.guest.apt import KEYRING, Package, PrivateApt, mirror
from lab.guest.command import Log, require, run
from province.errors import Place, ZyError

CONFIG = Path(__file__).with_name("uml.config")
_SUITE = "trixie"
_SOURCES = r"^linux-source-[0-9.]+$"
_SECCOMP_SINCE = (6, 16)  # https://docs.kernel.org/virt/uml/user_mode_linux_howto_v2.html
_TOOLS = {
    "apt-get": "apt",
    "bc": "bc",
    "bison": "bison",
    "depmod": "kmod",
    "dpkg-deb": "dpkg",
    "flex": "flex",
    "gcc": "gcc",
    "make": "make",
    "strip": "binutils",
    "xz": "xz-utils",
}


def source(work: Path, log: Log) -> tuple[PrivateApt, Package]:
    """The newest kernel source that the mirror has now. Raises ZY-LAB-201, 202 and 203."""
    apt = PrivateApt(work / "apt")
    archive = mirror().archive
    signed = f"deb [signed-by={KEYRING}] {archive}"
    apt.update([f"{signed} {_SUITE} main", f"{signed} {_SUITE}-backports main"], log)
    return apt, apt.newest(_SOURCES)


def build(out: Path, log: Log, work: Path) -> None:
    """Build ``out/linux``, ``out/modules/<release>`` and ``out/version.json``.

    ``work`` is scratch space (3 GB), the caller's to delete. Takes about 14 CPU minutes and needs no root.
    Raises ZY-LAB-201 (tools), 202 (a step failed), 203 (no source), 210 (the source lacks an option of ours).
    """
    require(_TOOLS)
    apt, package = source(work, log)
    archive = apt.download(package, work, log)
    run("unpack package", ["dpkg-deb", "-x", str(archive), str(work / "package")], log)
    tarball = work / "package/usr/src" / f"{package.name}.tar.xz"
    run("unpack source", ["tar", "-xf", str(tarball), "-C", str(work)], log)
    tree, objects = work / package.name, work / "objects"
    objects.mkdir(exist_ok=True)
    make = ["make", "-C", str(tree), "ARCH=um", f"O={objects}"]
    _configure(make, objects / ".config", log)
    run("compile", [*make, f"-j{os.cpu_count() or 1}", "linux", "modules"], log)
    run("install modules", [*make, f"INSTALL_MOD_PATH={work / 'installed'}", "modules_install"], log)
    run("strip", ["strip", "-g", "-o", str(out / "linux"), str(objects / "linux")], log)
    (release,) = (work / "installed/lib/modules").iterdir()
    (release / "build").unlink(missing_ok=True)  # a link into the scratch space
    shutil.copytree(release, out / "modules" / release.name, symlinks=True)
    version = {
        "package": package.name,
        "version": package.version,
        "release": release.name,
        "config": hashlib.sha256(CONFIG.read_bytes()).hexdigest(),
    }
    (out / "version.json").write_text(json.dumps(version, indent=2) + "\n", encoding="utf-8")


def _configure(make: list[str], config: Path, log: Log) -> None:
    """Default configuration plus our fragment; every line of ours must have survived."""
    run("default configuration", [*make, "x86_64_defconfig"], log)
    fragment = CONFIG.read_text(encoding="utf-8")
    with config.open("a", encoding="utf-8") as file:
        file.write(fragment)
    run("resolve configuration", [*make, "olddefconfig"], log)
    if lost := lost_options(fragment, config.read_text(encoding="utf-8")):
        raise ZyError(
            "ZY-LAB-210",
            f"this kernel source does not take: {', '.join(lost)}",
            place=Place(file=CONFIG.name),
            fix="the option was renamed or needs another one: look it up in the source's Kconfig, mend uml.config",
        )


def lost_options(fragment: str, config: str) -> list[str]:
    """Lines of the fragment that the resolved configuration does not hold."""
    resolved = set(config.splitlines())
    option = re.compile(r"(CONFIG_\w+=.+|# CONFIG_\w+ is not set)")
    return [line for line in fragment.splitlines() if option.fullmatch(line) and line not in resolved]


def seccomp(modules: Path) -> bool:
    """Whether the kernel whose modules these are can run guests in seccomp mode."""
    (release,) = modules.iterdir()
    major, minor = release.name.split(".")[:2]
    return (int(major), int(re.match(r"\d+", minor)[0])) >= _SECCOMP_SINCE  # type: ignore[index]  # a release has a minor
