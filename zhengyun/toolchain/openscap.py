"""Debian 12's OpenSCAP with the SCAP Security Guide: unpacked, not installed. They judge hosts, and are not ours.

Hosts have no way to a mirror: a folder with the program, the libraries that a host lacks, and the rules is copied
there, runs there, and is removed. The nearest rules that Debian 12 has are those for Debian 11. As they stand they
apply to nothing else, so the platform of the whole benchmark is taken out; rules keep their own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from lab.guest.apt import inherited_options, mirror
from zhengyun.toolchain.command import run
from zhengyun.toolchain.part import Job

SUITE = "bookworm"
PACKAGES = ("openscap-scanner", "ssg-debian")
PROGRAM = "usr/bin/oscap"
DICTIONARY = "usr/share/openscap/cpe"
CONTENT = "usr/share/xml/scap/ssg/content/ssg-debian11-ds.xml"
_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib")
_OF_THE_HOST = re.compile(r"(ld-linux|libc|libm|libpthread|libdl|librt|libresolv|libnss_\w+|libutil|libanl)[.-]")
"""The C library fits the host's own loader alone."""
_PLATFORM = re.compile(r'^\s*<xccdf-1\.2:platform idref="cpe:/o:debian:debian_linux:\d+"/>\n', re.MULTILINE)


def build(job: Job) -> None:
    """Put program, libraries, dictionary and rules into ``out``. Raises CommandFailed, and ZY-LAB-203 by the mirror."""
    root = job.work / "root"
    options = [f"--aptopt={line}" for line in inherited_options()]
    include = f"--include={','.join(PACKAGES)}"
    sources = mirror().sources(SUITE)
    run(["mmdebstrap", "--variant=extract", "--mode=root", *options, include, SUITE, root, *sources], job.log)
    shutil.copy2(root / PROGRAM, job.out / "oscap")
    (job.out / "lib").mkdir()
    for library in _needed(root, job.work / "links"):
        shutil.copy2(library, job.out / "lib" / library.name)
    shutil.copytree(root / DICTIONARY, job.out / "cpe")
    rules = (root / CONTENT).read_text(encoding="utf-8")
    (job.out / "rules.xml").write_text(without_platform(rules), encoding="utf-8")


def without_platform(rules: str) -> str:
    """The data stream for any system. Raises ValueError where it names none: it is another than we know."""
    text, found = _PLATFORM.subn("", rules)
    if found != 1:
        raise ValueError(f"{CONTENT} names {found} platforms for its benchmark, and one was expected")
    return text


def _needed(root: Path, links: Path) -> list[Path]:
    """Libraries of the tree that the program loads, but for the C library; under the names that it asks for."""
    links.mkdir()
    for folder in _LIBRARIES:
        for path in (root / folder).glob("*.so*"):
            if not _OF_THE_HOST.match(path.name) and not (links / path.name).is_symlink():
                (links / path.name).symlink_to(path)
    environment = os.environ | {"LD_LIBRARY_PATH": str(links)}
    told = subprocess.run(["ldd", str(root / PROGRAM)], env=environment, check=True, capture_output=True, text=True)
    return loaded(told.stdout.splitlines(), links)


def loaded(lines: Iterable[str], links: Path) -> list[Path]:
    """What ldd found in this folder. Raises ValueError where it did not find one at all."""
    words = [line.split() for line in lines if "=>" in line]
    missing = [word[0] for word in words if word[2:4] == ["not", "found"]]
    if missing:
        raise ValueError(f"no package brings {', '.join(missing)}")
    return sorted(Path(word[2]) for word in words if Path(word[2]).parent == links)
