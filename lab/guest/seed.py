"""A guest's identity: a small tar that the image's init reads from the second disk before systemd starts.

It holds what tells one guest from another: name, addresses, host key, the key that may log in, and files that
the caller adds. A seed with other content is unpacked again at the next boot; an equal one never is.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

AUTOMATION = "zyops"  # the account of automation in every guest: sudo without password, login by key alone
AUTOMATION_ID = 1000
INIT = "/usr/sbin/zhengyun-init"
_NETWORK = """\
[Match]
Name=vec0

[Network]
IPv6AcceptRA=no
LinkLocalAddressing=ipv6

[Address]
Address={ipv4}

[Address]
Address={ipv6}
DuplicateAddressDetection=none

[Route]
Gateway={gateway4}

[Route]
Gateway={gateway6}
"""


@dataclass(frozen=True, slots=True)
class Seed:
    """One guest's identity. ``host_key`` and ``host_key_public`` are its sshd's, ``authorized_key`` is the lab's.

    ``files``: further files of the caller, path → (mode, content), owned by root.
    """

    name: str
    ipv4: IPv4Interface
    ipv6: IPv6Interface
    gateway4: IPv4Address
    gateway6: IPv6Address
    host_key: str
    host_key_public: str
    authorized_key: str
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def tar(self) -> bytes:
        """The tar archive, the same bytes for the same seed."""
        network = _NETWORK.format(ipv4=self.ipv4, ipv6=self.ipv6, gateway4=self.gateway4, gateway6=self.gateway6)
        root_files = {
            "/etc/hostname": (0o644, f"{self.name}\n"),
            "/etc/hosts": (0o644, f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {self.name}\n"),
            "/etc/ssh/ssh_host_ed25519_key": (0o600, self.host_key),
            "/etc/ssh/ssh_host_ed25519_key.pub": (0o644, self.host_key_public),
            "/etc/systemd/network/10-management.network": (0o644, network),
            **self.files,
        }
        home = f"/home/{AUTOMATION}/.ssh"
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, (mode, text) in sorted(root_files.items()):
                _add(tar, path, mode, text.encode(), owner=0)
            _add(tar, home, 0o700, None, owner=AUTOMATION_ID)
            _add(tar, f"{home}/authorized_keys", 0o600, self.authorized_key.encode(), owner=AUTOMATION_ID)
        return buffer.getvalue()


def _add(tar: tarfile.TarFile, path: str, mode: int, content: bytes | None, *, owner: int) -> None:
    """One file, or one folder when there is no content."""
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.mode, entry.uid, entry.gid = mode, owner, owner
    if content is None:
        entry.type = tarfile.DIRTYPE
        tar.addfile(entry)
    else:
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
