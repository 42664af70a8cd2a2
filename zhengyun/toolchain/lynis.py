"""Debian 12's Lynis: unpacked, not installed. It judges the hosts that our roles harden, and is not ours.

Hosts have no way to a mirror: a folder with the program and its files is copied there, runs there, and is removed.
"""

from __future__ import annotations

import shutil

from lab.guest.apt import PrivateApt, mirror
from zhengyun.toolchain.command import run
from zhengyun.toolchain.part import Job

SUITE = "bookworm"
PACKAGE = "lynis"
CONTENTS = (
    *("usr/sbin/lynis", "usr/share/lynis/include", "usr/share/lynis/db"),
    *("etc/lynis/default.prf", "etc/lynis/plugins"),
)
"""What the program looks for in the folder that it is started in."""


def build(job: Job) -> None:
    """Put the program and its files into ``out``. Raises ZY-LAB-201, 202 and 203 as :mod:`lab.guest.apt` does."""
    apt = PrivateApt(job.work / "apt")
    apt.update(mirror().sources(SUITE), job.log)
    archive = apt.download(apt.newest(f"^{PACKAGE}$"), job.work, job.log)
    run(["dpkg-deb", "-x", archive, job.work / "unpacked"], job.log)
    for content in CONTENTS:
        source = job.work / "unpacked" / content
        if source.is_dir():
            shutil.copytree(source, job.out / source.name)
        else:
            shutil.copy2(source, job.out / source.name)
