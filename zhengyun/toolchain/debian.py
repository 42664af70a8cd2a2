"""The Debian packages that the lab and the builds need, installed without starting any of their services."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zhengyun.toolchain.command import run
from zhengyun.toolchain.part import Job

PACKAGES = (
    # lab cloud: what OpenStack runs on
    *("ovn-central", "ovn-host", "openvswitch-switch", "mariadb-server", "rabbitmq-server", "memcached", "qemu-utils"),
    *("bind9", "bind9-utils"),
    # lab kernel: build tools of Linux
    *("bc", "binutils", "bison", "flex", "gcc", "g++", "kmod", "make", "xz-utils"),
    # lab guests: images, network, access
    *("debian-archive-keyring", "e2fsprogs", "iproute2", "mmdebstrap", "openssh-client", "rsync", "util-linux"),
    # zy test: Pulumi's state in a real PostgreSQL, reports in a real browser with Chinese fonts
    *("chromium", "fonts-noto-cjk", "postgresql", "shellcheck"),
)
STATUS = Path("/var/lib/dpkg/status")
POLICY = Path("/usr/sbin/policy-rc.d")
_DENY = "#!/bin/sh\nexit 101\n"  # "action forbidden by policy", invoke-rc.d(8)


def missing() -> list[str]:
    """Those of the packages that are not installed."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *PACKAGES]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:  # not a Debian: nothing is installed
        return list(PACKAGES)
    installed = {line.split(" ", 1)[1] for line in answer.splitlines() if line.startswith("installed ")}
    return [package for package in PACKAGES if package not in installed]


def find() -> Path | None:
    """Dpkg's own record, where all packages are installed."""
    return None if missing() else STATUS


def build(job: Job) -> None:
    """Install the missing packages. What was installed is listed in ``out/installed``."""
    names = missing()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-y", "-o", "DPkg::Lock::Timeout=300"]
    with services_denied(POLICY):
        run([*apt, "update"], job.log, environment=environment)
        run([*apt, "install", "--no-install-recommends", *names], job.log, environment=environment)
    (job.out / "installed").write_text("\n".join(names) + "\n", encoding="utf-8")


@contextmanager
def services_denied(policy: Path) -> Iterator[None]:
    """Keep packages from starting services while they are installed; afterwards all is as it was.

    What was there is kept beside it, so that a run after a kill still restores the original.
    """
    kept = policy.with_name(policy.name + ".before-zhengyun")
    ours = policy.exists() and policy.read_text(encoding="utf-8", errors="replace") == _DENY
    if policy.exists() and not ours and not kept.exists():
        policy.rename(kept)
    if not ours:
        policy.write_text(_DENY, encoding="utf-8")
        policy.chmod(0o755)
    try:
        yield
    finally:
        if kept.exists():
            kept.replace(policy)
        elif not ours:
            policy.unlink()
