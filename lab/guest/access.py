"""The one way into all guests: ``<home>/ssh_config``, with keys and known hosts beside it.

Host keys are made here, before a guest's first boot, so that the very first login already checks them.
Hosts and routers each publish their own entries; publishing one never loses the others'. The files are assembled
rather than joined by ``Include``, which paramiko (and so netmiko) does not read.
"""

from __future__ import annotations

import fcntl
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.guest.network import Network
from province.errors import Place, ZyError

_RELAY = Path(__file__).with_name("relay.py")
_POLL = 0.3  # s between two attempts to log in
_ATTEMPT = 15.0  # s for one attempt
_HEADER = "# Written by the lab: `zy lab up` writes it again.\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One guest to log in to. ``addresses``: the first is connected to, all are known hosts."""

    name: str
    addresses: tuple[str, ...]
    user: str
    host_key_public: str


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An ed25519 key pair in OpenSSH's format."""

    private: str
    public: str


def keypair(path: Path, comment: str) -> KeyPair:
    """The key pair at ``path`` (and ``path``.pub), made when it is missing."""
    public = path.with_name(f"{path.name}.pub")
    if not public.exists():  # written last: an interrupted pair is made again
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return KeyPair(path.read_text(encoding="ascii"), public.read_text(encoding="ascii"))


@dataclass(frozen=True, slots=True)
class Access:
    """Files of one lab below ``home``: ``ssh_config``, ``known_hosts``, ``key`` and what they are made of."""

    home: Path
    network: Network

    @property
    def ssh_config(self) -> Path:
        return self.home / "ssh_config"

    @property
    def known_hosts(self) -> Path:
        return self.home / "known_hosts"

    @property
    def key(self) -> Path:
        return self.home / "key"

    def login_key(self) -> KeyPair:
        """The lab's key that may log in to every guest."""
        with self._alone():
            return keypair(self.key, "zhengyun-lab")

    def publish(self, writer: str, entries: Iterable[Entry]) -> None:
        """Replace one writer's entries in both files; no entries withdraw it."""
        known = sorted(entries, key=lambda entry: entry.name)
        with self._alone():
            for folder, text in (
                ("ssh_config.d", "\n".join(self.render(entry) for entry in known)),
                ("known_hosts.d", "".join(known_host(entry) for entry in known)),
            ):
                part = self.home / folder / writer
                part.parent.mkdir(exist_ok=True, mode=0o700)
                _replace(part, text)
                parts = (path for path in sorted(part.parent.iterdir()) if path.suffix != ".new")
                whole = "".join(path.read_text(encoding="utf-8") for path in parts)
                _replace(self.home / folder.removesuffix(".d"), _HEADER + whole)

    def published(self, writer: str) -> tuple[str, ...]:
        """Names that a writer published last."""
        part = self.home / "ssh_config.d" / writer
        lines = part.read_text(encoding="utf-8").splitlines() if part.exists() else []
        return tuple(line.split()[1] for line in lines if line.startswith("Host "))

    def render(self, entry: Entry) -> str:
        """One ``Host`` block of ssh_config(5)."""
        relay = self.network.inside([sys.executable, "-I", "-S", str(_RELAY), "%h", "%p"])
        options = {
            "HostName": entry.addresses[0],
            "User": entry.user,
            "IdentityFile": f'"{self.key}"',
            "IdentitiesOnly": "yes",
            "PreferredAuthentications": "publickey",
            "UserKnownHostsFile": f'"{self.known_hosts}"',
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "UpdateHostKeys": "no",
            "ProxyCommand": shlex.join(relay),
            "ProxyUseFdpass": "yes",
            # A guest that died leaves no session hanging, nor a control master that others wait for.
            "ServerAliveInterval": "5",
            "ServerAliveCountMax": "3",
            "LogLevel": "ERROR",
        }
        return "".join([f"Host {entry.name}\n", *(f"    {key} {value}\n" for key, value in options.items())])

    def command(self, name: str, argv: Sequence[str] = (), *, options: Sequence[str] = ()) -> list[str]:
        """The ssh command for a guest; ``argv`` is quoted for the guest's shell."""
        remote = [shlex.join(argv)] if argv else []
        return ["ssh", "-F", str(self.ssh_config), *options, name, *remote]

    def answers(self, name: str, seconds: float = _ATTEMPT) -> bool:
        """Whether a login works now."""
        command = self.command(name, ["true"], options=["-o", "BatchMode=yes", "-o", "ControlPath=none"])
        try:
            done = subprocess.run(
                command,
                timeout=seconds,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def wait_for_login(
        self, name: str, running: Callable[[], bool], last_words: Callable[[], str], seconds: float = 120
    ) -> None:
        """Wait until a login works. Raises ZY-LAB-205 when time is over, 206 when the guest died meanwhile."""
        limit = time.monotonic() + seconds
        while not self.answers(name, min(_ATTEMPT, max(1.0, limit - time.monotonic()))):
            if not running():
                raise ZyError(
                    "ZY-LAB-206",
                    f"{name} ended while it booted; its last words:\n{last_words()}",
                    place=Place(target=name),
                    fix="mend what the console says; `zy lab reset` gives the guest a fresh disk",
                )
            if time.monotonic() > limit:
                raise ZyError(
                    "ZY-LAB-205",
                    f"{name} runs, but no login worked within {seconds:.0f} s",
                    place=Place(target=name),
                    fix=f"see why with `ssh -v -F {self.ssh_config} {name}`; `zy lab reset` gives it a fresh disk",
                )
            time.sleep(_POLL)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.home / "access.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def known_host(entry: Entry) -> str:
    """One line of known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    kind, key = entry.host_key_public.split()[:2]
    return f"{','.join((entry.name, *entry.addresses))} {kind} {key}\n"


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
