"""Root images: Debian packages alone, put into a read-only ext4 file without any mount.

An image holds no secret and no identity. A guest gets its own from its seed (``lab.guest.seed``): the image's
``init`` unpacks it before systemd starts, once per seed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.guest.apt import inherited_options, mirror
from lab.guest.command import Log, require, run
from lab.guest.seed import AUTOMATION, AUTOMATION_ID, INIT

_TOOLS = {"mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs"}
_BASE = (
    *("systemd", "systemd-sysv", "dbus", "udev", "kmod", "procps", "passwd", "adduser", "netbase", "sudo"),
    *("iproute2", "iputils-ping", "openssh-server", "python3-minimal", "python3", "less", "logrotate"),
)
_HOST = (
    *("python3-apt", "acl", "nftables", "auditd", "audispd-plugins", "rsyslog", "rsyslog-gnutls", "chrony"),
    *("libpam-pwquality", "libpam-modules", "libpam-google-authenticator", "apparmor", "apparmor-utils", "aide"),
    *("clamav", "cracklib-runtime"),
    *("cron", "ca-certificates", "openssl", "tzdata"),
)
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")
# Debian's seed of host keys and of identity, and what differs at each build.
_REMOVED = (
    *("etc/ssh/ssh_host_*_key*", "etc/hostname", "etc/resolv.conf", "etc/machine-id", "var/lib/dbus/machine-id"),
    *("var/lib/apt/lists/*", "var/cache/apt/*.bin", "var/cache/ldconfig/aux-cache", "var/log/*.log", "var/log/apt"),
)
# Nothing waits for "online" or asks on a console; the rest costs each boot a second and finds nothing to do.
_MASKED = (
    *("systemd-networkd-wait-online.service", "getty@tty1.service", "serial-getty@tty0.service"),
    *("systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "e2scrub_reap.service"),
)
_INIT_SCRIPT = """\
#!/bin/sh
# Give this guest its identity before anything starts: a tar on the second disk, unpacked once per content.
set -eu
read -r digest _ <<END
$(sha256sum /dev/ubdb)
END
if [ "$(cat /var/lib/zhengyun/seed 2>/dev/null)" != "$digest" ]; then
    tar -xpf /dev/ubdb -C / --numeric-owner --no-overwrite-dir
    mkdir -p /var/lib/zhengyun
    echo "$digest" >/var/lib/zhengyun/seed
    sync
fi
exec /lib/systemd/systemd
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an image is made of. ``files``: path → content (a script is executable); ``enable``: systemd units."""

    suite: str
    packages: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    enable: tuple[str, ...] = ()
    size: str = "2G"  # of the disk that a guest sees; empty blocks take no space here


HOST = Recipe("bookworm", _HOST)


def build_host(out: Path, log: Log, kernel: Path) -> None:
    """Build the image of the lab's hosts. Raises as ``build`` does."""
    build(out, log, kernel, HOST)


def build(out: Path, log: Log, kernel: Path, recipe: Recipe) -> None:
    """Build ``out/root.ext4`` and ``out/version.json`` (packages and versions); ``kernel`` brings the modules.

    Needs root, and no mounts. Takes about a minute. Raises ZY-LAB-201, 202 and 203.
    """
    require(_TOOLS)
    root = out / "root"
    run(f"install {recipe.suite}", _mmdebstrap(recipe, root), log)
    _configure(root, recipe)
    shutil.copytree(kernel / "modules", root / "usr/lib/modules", symlinks=True, dirs_exist_ok=True)
    if recipe.enable:
        run("enable units", ["systemctl", f"--root={root}", "enable", *recipe.enable], log)
    query = ["dpkg-query", f"--root={root}", "-W", "-f", "${Package} ${Version}\n"]
    packages = subprocess.run(query, check=True, capture_output=True, text=True).stdout.splitlines()
    version = {"suite": recipe.suite, "packages": dict(line.split(" ", 1) for line in packages)}
    (out / "version.json").write_text(json.dumps(version, indent=2) + "\n", encoding="utf-8")
    # A small journal keeps a guest's files whole when its process is killed.
    form = ["mke2fs", "-q", "-t", "ext4", "-J", "size=16", "-m", "0", "-E", "root_owner=0:0"]
    run("make filesystem", [*form, "-d", str(root), str(out / "root.ext4"), recipe.size], log)
    (out / "root.ext4").chmod(0o444)
    shutil.rmtree(root)


def _mmdebstrap(recipe: Recipe, root: Path) -> list[str]:
    """The command that fills ``root`` with the recipe's packages."""
    account = f"useradd --uid {AUTOMATION_ID} --create-home --shell /bin/bash {AUTOMATION}"
    options = [f"--aptopt={line}" for line in (*inherited_options(), 'Acquire::Retries "3";')]
    options += [f"--dpkgopt=path-exclude={path}" for path in _LEFT_OUT]
    options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright"]
    options += [f'--customize-hook=chroot "$1" {account}']
    options += [f"--customize-hook=rm -rf {' '.join(f'$1/{path}' for path in _REMOVED)}"]
    options += [f"--include={','.join((*_BASE, *recipe.packages))}"]
    sources = mirror().sources(recipe.suite)
    return ["mmdebstrap", "--variant=minbase", "--mode=root", *options, recipe.suite, str(root), *sources]


def _configure(root: Path, recipe: Recipe) -> None:
    """What every guest has beyond its packages, then the recipe's own files."""
    files = {
        INIT: _INIT_SCRIPT,
        "/etc/fstab": "",
        "/etc/machine-id": "",  # empty, not absent: systemd makes an id but does not preset all units again
        f"/etc/sudoers.d/{AUTOMATION}": f"{AUTOMATION} ALL=(ALL:ALL) NOPASSWD: ALL\n",
        "/etc/apt/sources.list": "",
    }
    for name, text in {**files, **recipe.files}.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    (root / f"etc/sudoers.d/{AUTOMATION}").chmod(0o440)
    units = root / "etc/systemd/system"
    for masked in _MASKED:
        (units / masked).symlink_to("/dev/null")
    wanted = units / "multi-user.target.wants/systemd-networkd.service"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.symlink_to("/lib/systemd/system/systemd-networkd.service")
