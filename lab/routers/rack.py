"""Start, stop, judge and reset the lab's routers."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.guest.access import Access, Entry, KeyPair, keypair
from lab.guest.guest import Guest, Parts
from lab.guest.network import Network
from lab.guest.seed import AUTOMATION, Seed
from lab.routers.fabric import end_accounts, fabric_json
from lab.routers.spec import RouterSpec, Topology, validate
from province.errors import Place, ZyError, ZyErrors

Progress = Callable[[str], None]

GUEST = "zy-routers"
_WRITER = "routers"  # our part of the ssh files
_SEED = "/srv/zhengyun/seed"
_FABRIC = "/usr/lib/zhengyun/fabric"
_UP_WITHIN = 120.0  # s; 10 s alone, and a crowded two-core machine may take ten times that
_COMMAND_WITHIN = 90.0  # s, for one command in the guest
_POLL = 0.3  # s


@dataclass(frozen=True, slots=True)
class RouterStatus:
    """One router's state, in a sentence; ``next_command`` mends it and is empty when nothing is wrong."""

    name: str
    well: bool
    sentence: str
    next_command: str = ""


@dataclass(frozen=True, slots=True)
class Rack:
    """All routers of one lab, in one guest below ``home``."""

    home: Path
    network: Network
    parts: Parts
    topology: Topology
    memory_mib: int = 768

    @property
    def access(self) -> Access:
        return Access(self.home, self.network)

    @property
    def guest(self) -> Guest:
        return Guest(GUEST, self.home, self.memory_mib, self.parts, self.network)

    def up(self, progress: Progress) -> None:
        """Start guest and routers, or mend what is wrong with them; wait until a login works on each.

        Startup configurations stay, also when topology or image changed (a new image: routers are bare again).
        Raises ZyErrors: ZY-LAB-301 to 304 (topology); ZyError: 205 and 206 (guest), 207, 209, 305 (command in the
        guest), 306 (a router stays ill).
        """
        validate(self.topology, self.network)
        self.parts.check()
        self.network.up()
        begin = time.monotonic()
        seed = self._seed()
        if self.guest.running() and not self.guest.current(seed):
            progress(f"{GUEST}: its settings changed, restarting")
            self._sync()
            self.guest.stop()
        self.access.publish(_WRITER, self._entries())
        started = self.guest.start(seed)
        self.access.wait_for_login(GUEST, self.guest.running, self.guest.last_words, _UP_WITHIN)
        if started:
            progress(f"{GUEST}: guest up after {time.monotonic() - begin:.1f} s")
        self._fabric("up")
        self._wait_until_well()
        progress(f"{len(self.topology.routers)} routers up after {time.monotonic() - begin:.1f} s")

    def down(self, progress: Progress) -> None:
        """Stop the guest and take its tap away; disks and host keys stay. Raises ZY-LAB-102 and 207."""
        if self.guest.running():
            self._sync()
        self.guest.remove()
        self.access.publish(_WRITER, [])
        progress(f"{GUEST}: down")

    def reset(self, progress: Progress) -> None:
        """Every router back to bare, all cables mended, without restarting the guest. Raises as ``up``.

        A guest that does not run, or does not answer, gets a fresh disk instead.
        """
        begin = time.monotonic()
        if self.guest.running() and self.guest.current(self._seed()) and self.access.answers(GUEST):
            self._fabric("reset")
            self._wait_until_well()
        else:
            self.guest.stop()
            self.guest.wipe()
            self.up(progress)
        progress(f"{len(self.topology.routers)} routers bare after {time.monotonic() - begin:.1f} s")

    def status(self) -> list[RouterStatus]:
        """What each router is, found out now: in the guest, and by a login from outside."""
        names = [router.name for router in self.topology.routers]
        if not self.guest.running():
            return [_ill(name, f"the guest {GUEST} that it lives in does not run", "zy lab up") for name in names]
        if not self.access.answers(GUEST, 10):
            return [_ill(name, f"the guest {GUEST} that it lives in does not answer", "zy lab reset") for name in names]
        troubles = self._troubles()
        logins = self._logins(names)
        return [_judge(name, troubles.get(name, "it is not in the guest"), logins[name]) for name in names]

    def shell(self, name: str) -> list[str]:
        """The command that opens a router's own command line (an end system's: a shell). Raises ZY-LAB-307."""
        if name in {end.name for end in self.topology.ends}:
            return self.access.command(name)
        return self.access.command(self.router(name).name, options=["-t", "-l", "netops"])

    def cable(self, state: str, router: str, port: str) -> None:
        """Cut (``down``) or mend (``up``) the cable in a port. Raises ZY-LAB-305 and 307."""
        self._fabric("cable", state, self.router(router).name, port)

    def power(self, verb: str, router: str) -> None:
        """Cut a router's power (``stop``), give it (``start``), or both (``restart``). Raises ZY-LAB-305 and 307."""
        self._fabric(verb, self.router(router).name)

    def router(self, name: str) -> RouterSpec:
        """The spec of a router. Raises ZY-LAB-307 when there is none of this name."""
        for router in self.topology.routers:
            if router.name == name:
                return router
        raise ZyError(
            "ZY-LAB-307",
            f"the lab has no router {name}",
            place=Place(target=name),
            fix=f"choose one of {', '.join(router.name for router in self.topology.routers)}",
        )

    def wait_until_well(self, name: str, seconds: float = _UP_WITHIN) -> None:
        """Wait until one router answers inside and from outside. Raises ZY-LAB-305, 306 and 307."""
        self._wait_until_well((self.router(name).name,), seconds)

    def _wait_until_well(self, names: Sequence[str] = (), seconds: float = _UP_WITHIN) -> None:
        chosen = list(names) or [router.name for router in self.topology.routers]
        limit = time.monotonic() + seconds
        # One command that waits in the guest: logins by the second would slow what they wait for.
        found = json.loads(self._fabric("wait", f"{seconds:.0f}", *chosen, within=seconds + _COMMAND_WITHIN))
        if ill := {name: text for name, text in found.items() if text}:
            raise _not_up(ill)
        while silent := {name: "no login works" for name, well in self._logins(chosen).items() if not well}:
            if time.monotonic() > limit:
                raise _not_up(silent)
            time.sleep(_POLL)

    def _logins(self, names: Sequence[str]) -> dict[str, bool]:
        """Router → whether a login from outside works."""
        with ThreadPoolExecutor(max(1, len(names))) as pool:
            return dict(zip(names, pool.map(self.access.answers, names), strict=True))

    def _troubles(self) -> dict[str, str]:
        """Router → what the guest finds wrong with it."""
        found: dict[str, str] = json.loads(self._fabric("status"))
        return found

    def _fabric(self, *arguments: str, within: float = _COMMAND_WITHIN) -> str:
        """Run our program in the guest. Raises ZY-LAB-305."""
        command = self.access.command(GUEST, ["sudo", "-n", _FABRIC, *arguments], options=["-o", "BatchMode=yes"])
        try:
            done = subprocess.run(
                command, timeout=within, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
            )
            why = done.stderr.strip()
        except subprocess.TimeoutExpired:
            done, why = None, f"no end after {within:.0f} s"
        if done is None or done.returncode != 0:
            raise ZyError(
                "ZY-LAB-305",
                f"`fabric {shlex.join(arguments)}` failed in {GUEST}: {why}",
                place=Place(target=GUEST),
                fix="mend what it says; `zy lab routers reset` builds everything in the guest afresh",
            )
        return done.stdout

    def _sync(self) -> None:
        """Have what routers saved written to disk before the guest's power is cut; a dead guest has said its last."""
        command = self.access.command(GUEST, ["sync"], options=["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"])
        try:
            subprocess.run(command, timeout=15, check=False, capture_output=True, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return

    def _key(self, name: str) -> KeyPair:
        return keypair(self.guest.folder / "routers" / name / "ssh_host_ed25519_key", name)

    def _seed(self) -> bytes:
        """The guest's identity, the routers' host keys and what the guest is to build."""
        host_key = keypair(self.guest.folder / "host_key", GUEST)
        authorized = self.access.login_key().public
        keys = {
            f"{_SEED}/routers/{router.name}/ssh_host_ed25519_key": (0o600, self._key(router.name).private)
            for router in self.topology.routers
        }
        return Seed(
            name=GUEST,
            ipv4=self.topology.guest4,
            ipv6=self.topology.guest6,
            gateway4=self.network.ipv4.ip,
            gateway6=self.network.ipv6.ip,
            host_key=host_key.private,
            host_key_public=host_key.public,
            authorized_key=authorized,
            files={
                **keys,
                f"{_SEED}/authorized_keys": (0o644, authorized),
                f"{_SEED}/fabric.json": (0o644, fabric_json(self.topology)),
                "/etc/sysusers.d/zy-ends.conf": (0o644, end_accounts(self.topology.ends)),
            },
        ).tar()

    def _entries(self) -> list[Entry]:
        guest4, guest6 = str(self.topology.guest4.ip), str(self.topology.guest6.ip)
        guest_key = keypair(self.guest.folder / "host_key", GUEST).public
        entries = [Entry(GUEST, (guest4, guest6), AUTOMATION, guest_key)]
        entries += [
            Entry(
                router.name,
                (str(router.management4.ip), str(router.management6.ip)),
                AUTOMATION,
                self._key(router.name).public,
            )
            for router in self.topology.routers
        ]
        return entries + [Entry(end.name, (guest4, guest6), end.name, guest_key) for end in self.topology.ends]


def _not_up(ill: dict[str, str]) -> ZyErrors:
    fix = "`zy lab status` shows it again, `zy lab routers reset` makes all routers bare"
    return ZyErrors(
        [
            ZyError("ZY-LAB-306", f"router {name} does not come up: {text}", place=Place(target=name), fix=fix)
            for name, text in sorted(ill.items())
        ]
    )


def _judge(name: str, trouble: str, login: bool) -> RouterStatus:
    if trouble:
        return _ill(name, trouble, "zy lab up")
    if not login:
        return _ill(name, "it seems well from inside, but no login works from outside", "zy lab reset")
    return RouterStatus(name, True, f"{name} is up and a login works.")


def _ill(name: str, trouble: str, next_command: str) -> RouterStatus:
    return RouterStatus(name, False, f"{name}: {trouble}.", next_command)
