"""Debian 12's Prometheus and Alertmanager: unpacked, not installed, for the tests of our alarms.

Installed, they would listen on every address from the next start of the machine on. They need nothing but libc.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from lab.guest.apt import PrivateApt, mirror
from zhengyun.toolchain.command import run
from zhengyun.toolchain.part import Job

SUITE = "bookworm"
PACKAGES = ("prometheus", "prometheus-alertmanager")
PROGRAMS = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
TEMPLATES = "prometheus/alertmanager"
"""Alertmanager does not start without them."""


def find() -> Path | None:
    """The folder of all programs, where Debian's packages are installed on this machine."""
    found = {Path(path).parent for program in PROGRAMS if (path := shutil.which(program))}
    complete = all(shutil.which(program) for program in PROGRAMS) and len(found) == 1
    return found.pop() if complete else None


def build(job: Job) -> None:
    """Put the programs into ``out``, and into ``out/share`` what they look for in ``/usr/share``.

    Raises ZY-LAB-201, 202 and 203 as :mod:`lab.guest.apt` does.
    """
    apt = PrivateApt(job.work / "apt")
    apt.update(mirror().sources(SUITE), job.log)
    for name in PACKAGES:
        archive = apt.download(apt.newest(f"^{name}$"), job.work, job.log)
        run(["dpkg-deb", "-x", archive, job.work / "unpacked"], job.log)
    for program in PROGRAMS:
        shutil.copy2(job.work / "unpacked/usr/bin" / program, job.out / program)
    shutil.copytree(job.work / "unpacked/usr/share" / TEMPLATES, job.out / "share" / TEMPLATES)
