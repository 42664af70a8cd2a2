"""Start, stop, judge and reset the lab's hosts, all at once."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from lab.guest.access import Access, Entry, keypair
from lab.guest.guest import Guest, Parts
from lab.guest.network import Network
from lab.guest.seed import AUTOMATION, Seed
from lab.hosts.spec import HostSpec, validate
from province.errors import Place, ZyError, ZyErrors

Progress = Callable[[str], None]
_Item = TypeVar("_Item")

_WRITER = "hosts"  # our part of the ssh files
_LOGIN_WITHIN = 120.0  # s; 4 s alone, and a crowded two-core machine may take ten times that
_POWEROFF_WITHIN = 20.0  # s; afterwards the power is cut
_POLL = 0.1  # s


class State(StrEnum):
    """What a host is seen to be."""

    UP = "up"
    SILENT = "silent"
    STOPPED = "stopped"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class HostStatus:
    """One host's state, in a sentence; ``next_command`` mends it and is empty when nothing is wrong."""

    name: str
    state: State
    sentence: str
    next_command: str = ""


@dataclass(frozen=True, slots=True)
class Fleet:
    """All hosts of one lab. Each method treats its hosts side by side; one failure never stops another."""

    home: Path
    network: Network
    parts: Parts
    specs: tuple[HostSpec, ...]

    @property
    def access(self) -> Access:
        return Access(self.home, self.network)

    def up(self, progress: Progress) -> None:
        """Start what does not run, restart what runs with other settings, wait for every login.

        Hosts that are no longer among the specs are taken away.
        Raises ZyErrors: ZY-LAB-204 (specs), 205 and 206 (no login), 209 (parts); ZyError 207 (network).
        """
        validate(self.specs, self.network)
        self.parts.check()
        self.network.up()
        self._take_away(set(self.access.published(_WRITER)) - {spec.name for spec in self.specs}, progress)
        _each(self.specs, lambda spec: self._end_outdated(spec, progress))  # while its old address is published
        self.access.publish(_WRITER, [self._entry(spec) for spec in self.specs])
        _each(self.specs, lambda spec: self._up(spec, progress))

    def down(self, progress: Progress) -> None:
        """Power all hosts off and take their taps away; disks and host keys stay. Raises ZyErrors of 102."""
        self._take_away({*self.access.published(_WRITER), *(spec.name for spec in self.specs)}, progress)
        self.access.publish(_WRITER, [])

    def reset(self, progress: Progress, names: Iterable[str] = ()) -> None:
        """Give the named hosts (all by default) fresh disks and start them; host keys stay. Raises as ``up``."""
        chosen = [self.spec(name) for name in names] or list(self.specs)
        _each(chosen, lambda spec: self._wipe(spec, progress))
        self.up(progress)

    def status(self) -> list[HostStatus]:
        """What each host is, found out now."""
        with ThreadPoolExecutor(max(1, len(self.specs))) as pool:
            return list(pool.map(self._status, self.specs))

    def shell(self, name: str) -> list[str]:
        """The command that opens a shell on a host. Raises ZY-LAB-208."""
        return self.access.command(self.spec(name).name)

    def spec(self, name: str) -> HostSpec:
        """The spec of a host. Raises ZY-LAB-208 when there is none of this name."""
        for spec in self.specs:
            if spec.name == name:
                return spec
        raise ZyError(
            "ZY-LAB-208",
            f"the lab has no host {name}",
            place=Place(target=name),
            fix=f"choose one of {', '.join(spec.name for spec in self.specs) or 'none: the lab has no hosts'}",
        )

    def guest(self, spec: HostSpec) -> Guest:
        """The guest that a host is."""
        return Guest(spec.name, self.home, spec.memory_mib, self.parts, self.network)

    def seed(self, spec: HostSpec) -> bytes:
        """The identity that a host boots with."""
        host_key = keypair(self.guest(spec).folder / "host_key", spec.name)
        return Seed(
            name=spec.name,
            ipv4=spec.ipv4,
            ipv6=spec.ipv6,
            gateway4=self.network.ipv4.ip,
            gateway6=self.network.ipv6.ip,
            host_key=host_key.private,
            host_key_public=host_key.public,
            authorized_key=self.access.login_key().public,
        ).tar()

    def _entry(self, spec: HostSpec) -> Entry:
        host_key = keypair(self.guest(spec).folder / "host_key", spec.name)
        return Entry(spec.name, (str(spec.ipv4.ip), str(spec.ipv6.ip)), AUTOMATION, host_key.public)

    def _end_outdated(self, spec: HostSpec, progress: Progress) -> None:
        guest = self.guest(spec)
        if guest.running() and not guest.current(self.seed(spec)):
            progress(f"{spec.name}: its settings changed, restarting")
            self._power_off(guest)

    def _up(self, spec: HostSpec, progress: Progress) -> None:
        begin = time.monotonic()
        guest = self.guest(spec)
        started = guest.start(self.seed(spec))
        self.access.wait_for_login(spec.name, guest.running, guest.last_words, _LOGIN_WITHIN)
        after = f"up after {time.monotonic() - begin:.1f} s" if started else "already up"
        progress(f"{spec.name}: {after}")

    def _wipe(self, spec: HostSpec, progress: Progress) -> None:
        guest = self.guest(spec)
        guest.stop()
        guest.wipe()
        progress(f"{spec.name}: disk removed")

    def _take_away(self, names: set[str], progress: Progress) -> None:
        guests = [Guest(name, self.home, 0, self.parts, self.network) for name in sorted(names)]

        def remove(guest: Guest) -> None:
            if guest.running():
                self._power_off(guest)
                progress(f"{guest.name}: down")
            guest.remove()

        _each(guests, remove)

    def _power_off(self, guest: Guest) -> None:
        """Ask the guest to power off, so that nothing unwritten is lost; cut its power when it does not."""
        ask = self.access.command(guest.name, ["sudo", "-n", "systemctl", "poweroff"], options=["-o", "BatchMode=yes"])
        limit = time.monotonic() + _POWEROFF_WITHIN
        quiet = subprocess.DEVNULL
        with subprocess.Popen(ask, stdin=quiet, stdout=quiet, stderr=quiet) as asking:
            # Not waiting for ssh: a guest may go down without closing the connection.
            while guest.running() and not _refused(asking) and time.monotonic() < limit:
                time.sleep(_POLL)
            asking.kill()
        guest.stop()

    def _status(self, spec: HostSpec) -> HostStatus:
        guest = self.guest(spec)
        if not guest.running():
            return HostStatus(spec.name, State.STOPPED, f"{spec.name} does not run.", "zy lab up")
        if not self.access.answers(spec.name, 5):
            # Not "reset", which costs the disk: `up` waits for a host that boots, and names reset if that is in vain.
            sentence = f"{spec.name} runs, but no login works: it boots, or something in it is broken."
            return HostStatus(spec.name, State.SILENT, sentence, "zy lab up")
        if not guest.current(self.seed(spec)):
            sentence = f"{spec.name} is up, but with other settings, kernel or image than asked for now."
            return HostStatus(spec.name, State.OUTDATED, sentence, "zy lab up")
        return HostStatus(spec.name, State.UP, f"{spec.name} is up and a login works.")


def _refused(asking: subprocess.Popen[bytes]) -> bool:
    """Whether the request itself failed (255 is ssh's own end, which a guest going down also causes)."""
    return asking.poll() not in (None, 0, 255)


def _each(items: Sequence[_Item], act: Callable[[_Item], None]) -> None:
    """Do one thing to all items side by side. Raises ZyErrors of all that failed, after all have ended."""
    with ThreadPoolExecutor(max(1, len(items))) as pool:
        futures = [pool.submit(act, item) for item in items]
    failures = [future.exception() for future in futures]
    if errors := [failure for failure in failures if isinstance(failure, ZyError)]:
        raise ZyErrors(errors)
    for future in futures:
        future.result()  # what is no error for the reader is a mistake of ours, and must be seen
