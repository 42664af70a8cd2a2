"""The routers' root image: Debian with FRR, which the guest and, through overlays, every router in it run from."""

from __future__ import annotations

from pathlib import Path

from lab.guest import image
from lab.guest.command import Log

_FILES = Path(__file__).with_name("files")
_PACKAGES = ("frr", "frr-pythontools", "tcpdump", "traceroute")
_OWN = "/usr/lib/zhengyun"
_ETC = f"{_OWN}/router-etc"  # copied over a router's /etc at each of its starts
_PLACES = {
    "fabric.py": f"{_OWN}/fabric",
    "router_init.sh": f"{_OWN}/router-init",
    "end_shell.sh": f"{_OWN}/end-shell",
    "zy_config.py": "/usr/sbin/zy-config",
    "zy_tree.py": f"{_OWN}/zy_tree.py",
    "zy_confirm.py": "/usr/sbin/zy-confirm",
    "router_sshd.conf": f"{_ETC}/ssh/sshd_config.d/router.conf",
    "router_sudoers": f"{_ETC}/sudoers.d/zyops",
    "router_daemons": f"{_ETC}/frr/daemons",
    "zy-fabric.service": "/etc/systemd/system/zy-fabric.service",
    "zy-router@.service": "/etc/systemd/system/zy-router@.service",
    "sysusers.conf": "/usr/lib/sysusers.d/zy-routers.conf",
    "guest_sshd.conf": "/etc/ssh/sshd_config.d/ends.conf",
    "end_sudoers": "/etc/sudoers.d/zyend",
    "frr_condition.conf": "/etc/systemd/system/frr.service.d/routers.conf",
}


def recipe() -> image.Recipe:
    """What the image is made of. FRR 10.3 is trixie's; its own service stays off: routers start theirs."""
    files = {place: (_FILES / name).read_text(encoding="utf-8") for name, place in _PLACES.items()}
    return image.Recipe("trixie", _PACKAGES, files, enable=("zy-fabric.service",))


def build(out: Path, log: Log, kernel: Path) -> None:
    """Build ``out/root.ext4``. Needs root; takes about half a minute. Raises ZY-LAB-201, 202 and 203."""
    image.build(out, log, kernel, recipe())
