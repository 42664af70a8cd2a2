"""The lab's own network: one namespace with one bridge, to which every guest's tap is joined.

Nothing of it appears in the machine's own namespace, and nothing in it can be reached from there but by a process
that enters the namespace (``inside``).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

from lab.guest.command import require
from province.errors import Place, ZyError

_NAMESPACES = Path("/run/netns")  # ip-netns(8)
_NAME_LENGTH = 15  # IFNAMSIZ - 1, linux/if.h


def tap_name(guest: str) -> str:
    """The tap of a guest: its name, or a stable short form of a name that is too long for an interface."""
    if len(guest) <= _NAME_LENGTH:
        return guest
    return f"{guest[:8]}-{hashlib.sha256(guest.encode()).hexdigest()[:6]}"


def mac_address(guest: str) -> str:
    """A stable, locally administered address (IEEE 802 §8.4: second bit of the first octet)."""
    digest = hashlib.sha256(guest.encode()).digest()
    return ":".join(f"{octet:02x}" for octet in (0x02, *digest[:5]))


@dataclass(frozen=True, slots=True)
class Network:
    """Namespace and bridge; the bridge holds the addresses that are the guests' gateways."""

    namespace: str
    ipv4: IPv4Interface
    ipv6: IPv6Interface
    bridge: str = "mgmt"

    def exists(self) -> bool:
        return (_NAMESPACES / self.namespace).exists()

    def inside(self, argv: Sequence[str]) -> list[str]:
        """The command that runs ``argv`` in the namespace, with the machine's own files."""
        return ["nsenter", f"--net={_NAMESPACES / self.namespace}", *argv]

    def up(self) -> None:
        """Make namespace and bridge, or complete what is there. Raises ZY-LAB-201 and 207."""
        require({"ip": "iproute2", "nsenter": "util-linux", "ssh": "openssh-client"})
        with self._alone():
            if not self.exists():
                self._ip("netns", "add", self.namespace)
            self._inside("link", "set", "lo", "up")
            if self.bridge not in self._links("bridge"):
                self._inside("link", "add", self.bridge, "type", "bridge")
            self._inside("address", "replace", str(self.ipv4), "dev", self.bridge)
            self._inside("address", "replace", str(self.ipv6), "dev", self.bridge, "nodad")
            self._inside("link", "set", self.bridge, "up")

    def attach(self, guest: str) -> None:
        """Join a guest's tap (``tap_name``) to the bridge, making it when it is missing. Raises ZY-LAB-207."""
        tap = tap_name(guest)
        with self._alone():
            if tap not in self._links("tun"):
                self._inside("tuntap", "add", "dev", tap, "mode", "tap")
            self._inside("link", "set", tap, "master", self.bridge, "up")

    def detach(self, guest: str) -> None:
        """Remove a guest's tap, and the namespace with the last tap: the lab leaves nothing behind."""
        with self._alone():
            if not self.exists():
                return
            taps = self._links("tun")
            if tap_name(guest) in taps:
                self._inside("link", "delete", tap_name(guest))
                taps.discard(tap_name(guest))
            if not taps:
                self._ip("netns", "delete", self.namespace)

    def _links(self, kind: str) -> set[str]:
        """Names of the namespace's links of one kind (ip-link(8): bridge, tun)."""
        listing = self._inside("-json", "link", "show", "type", kind)
        return {link["ifname"] for link in json.loads(listing or "[]") if link}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hosts and routers may come up at the same time: one change to the network at a time."""
        lock = Path("/run/lock") / f"{self.namespace}.lock"
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _inside(self, *arguments: str) -> str:
        return self._ip("-netns", self.namespace, *arguments)

    def _ip(self, *arguments: str) -> str:
        argv = ["ip", *arguments]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ZyError(
                "ZY-LAB-207",
                f"`{' '.join(argv)}` failed: {done.stderr.strip()}",
                place=Place(target=self.namespace),
                fix="run as root; if the namespace is half made, `zy lab down` and `zy lab up` make it afresh",
            )
        return done.stdout
