"""The way in to a simulated fleet: one key, one ssh_config that names every device, one file of known hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from lab.routers.simulator.fleet import Fleet


@dataclass(frozen=True, slots=True)
class Access:
    """The files of one fleet in a folder."""

    folder: Path

    @property
    def ssh_config(self) -> Path:
        return self.folder / "ssh_config"

    def make_key(self) -> str:
        """A new key for the operator; its fingerprint, for :attr:`Fleet.fingerprints`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(self.folder / "key")
        (self.folder / "key").chmod(0o600)
        return key.get_fingerprint()

    def write(self, fleet: Fleet, devices: Mapping[str, str], port: int) -> None:
        """Name the devices (address by name) as they are reached at a port."""
        public = fleet.host_key.export_public_key().decode().strip()
        known = self.folder / "known_hosts"
        known.write_text("".join(f"[{address}]:{port} {public}\n" for address in devices.values()), encoding="utf-8")
        rows = [f"Host {name}\n  HostName {address}\n  Port {port}" for name, address in devices.items()]
        rows.append(
            f'Host *\n  User {fleet.user}\n  IdentityFile "{self.folder / "key"}"\n  UserKnownHostsFile "{known}"'
        )
        self.ssh_config.write_text("\n".join(rows) + "\n", encoding="utf-8")
