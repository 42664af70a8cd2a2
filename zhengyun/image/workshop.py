"""The one guest that becomes an image: started, hardened, audited, made to forget, its disk taken."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Interface, IPv6Interface
from pathlib import Path

from lab.guest.guest import Guest, Parts
from lab.guest.network import Network
from lab.guest.whole import WholeGuest
from lab.hosts.fleet import Fleet
from lab.hosts.spec import HostSpec
from province.errors import Place, ZyError
from province.host import Host, HostRole, HostSystem
from province.record import JsonObject, Outcome
from roles.catalogue import load_catalogue
from roles.judgement import Judged
from roles.room import SITE
from roles.runner import Playbooks
from roles.verification import Measurement, Target
from zhengyun.image.bill import QUERY, Package, packages
from zhengyun.image.deferred import DEFERRED, METADATA, PRIVATE
from zhengyun.image.forgetting import DONE, SCRIPT, script

Say = Callable[[str], None]

_IPV4, _IPV6 = "10.99.0.11", "fd99::b"
_OFF_WITHIN = 60.0  # s
_POLL = 0.1  # s


class _WholeFleet(Fleet):
    """A fleet whose guests have whole disks."""

    __slots__ = ()

    def guest(self, spec: HostSpec) -> Guest:
        return WholeGuest(spec.name, self.home, spec.memory_mib, self.parts, self.network)


@dataclass(frozen=True, slots=True)
class Workshop:
    """One guest below ``home``, in a namespace of its own. ``name`` is the image's code."""

    name: str
    role: HostRole
    home: Path
    parts: Parts
    namespace: str

    def up(self, say: Say) -> None:
        """Start the guest. Raises as ``Fleet.up``."""
        self._fleet.up(say)

    def down(self, say: Say) -> None:
        """Take the guest and its network away, whatever state they are in."""
        self._fleet.down(say)

    def harden(self, say: Say) -> None:
        """Apply the role ``baseline`` as to any host. Raises ZY-HST-010 and 041."""

        def heard(event: JsonObject) -> None:
            if event.get("event") == "playbook_on_task_start":
                say(str(event.get("event_data", {}).get("task", "")))

        run = Playbooks(self._inventory(), self.home, self._variables()).run(SITE, [self.name], "--diff", heard)
        result = run.result(self.name)
        if result.outcome is Outcome.FAILED:
            raise ZyError(
                "ZY-HST-041",
                f"the image's guest could not be hardened: {result.message}",
                place=Place(target=self.name),
                fix="mend what the message names, in the role or in the host image, and build again",
            )

    def audit(self) -> list[Judged]:
        """Every control, from inside and by trying logins. What needs a server's place is waived, with its reason."""
        judged = Measurement(load_catalogue(), self._fleet.access.ssh_config).verify([self._target], [])
        # Evidence that is handed out names no folder of this machine.
        return [replace(one, evidence=one.evidence.replace(f"{self.home}/", "")) for one in judged]

    def packages(self) -> tuple[Package, ...]:
        """What is installed, as dpkg knows it."""
        return packages(self._run(["sh", "-c", QUERY]))

    def forget(self) -> None:
        """Power off, and take away identity, ways in and traces in a last boot. Raises ZY-HST-043 when that fails."""
        self._run(["sudo", "sh", "-c", f"umask 077; cat >{SCRIPT}; chmod 700 {SCRIPT}"], script())
        guest = self._guest
        self._run(["sudo", "systemctl", "poweroff"], check=False)
        limit = time.monotonic() + _OFF_WITHIN
        while guest.running() and time.monotonic() < limit:
            time.sleep(_POLL)
        if guest.running():
            raise self._not_forgotten("it did not power off")
        said = guest.last_boot(SCRIPT)
        if DONE not in said:
            raise self._not_forgotten(" ".join(said.partition("Kernel panic")[0].split())[-300:] or "it said nothing")

    @property
    def disk(self) -> Path:
        return self._guest.disk

    @property
    def _fleet(self) -> _WholeFleet:
        network = Network(self.namespace, IPv4Interface("10.99.0.1/24"), IPv6Interface("fd99::1/64"))
        spec = HostSpec(self.name, IPv4Interface(f"{_IPV4}/24"), IPv6Interface(f"{_IPV6}/64"))
        return _WholeFleet(self.home, network, self.parts, (spec,))

    @property
    def _guest(self) -> WholeGuest:
        fleet = self._fleet
        return WholeGuest(self.name, self.home, fleet.specs[0].memory_mib, self.parts, fleet.network)

    @property
    def _target(self) -> Target:
        # Region and department of the inventory mean nothing here, and no check reads them.
        host = Host(code=self.name, region="image", department="image", role=self.role, waivers=self._waivers)
        return Target(host, _IPV4, _IPV6)

    @property
    def _waivers(self) -> dict[str, str]:
        catalogue = load_catalogue()
        return {
            control: why
            for control, why in DEFERRED.items()
            if catalogue[control].applies_to(self.role, HostSystem.DEBIAN_12)
        }

    def _inventory(self) -> JsonObject:
        variables = {
            "zy_host_role": self.role.value,
            "zy_system": HostSystem.DEBIAN_12.value,
            "zy_management_prefixes": list(PRIVATE),
            "zy_service_prefixes": list(PRIVATE),
        }
        everywhere = {
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_common_args": f"-F {self._fleet.access.ssh_config}",
        }
        return {"_meta": {"hostvars": {self.name: variables}}, "all": {"hosts": [self.name], "vars": everywhere}}

    def _variables(self) -> JsonObject:
        return {
            "baseline_outgoing_prefixes": list(METADATA),
            "baseline_logging": False,  # it makes a key and a certificate, which are a server's own
            "baseline_authority": str(self.home / "authority"),
        }

    def _run(self, command: Sequence[str], text: str = "", *, check: bool = True) -> str:
        argv = self._fleet.access.command(self.name, command, options=["-o", "BatchMode=yes"])
        done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=120, check=False)
        if check and done.returncode != 0:
            raise self._not_forgotten(f"`{command[0]}` ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def _not_forgotten(self, why: str) -> ZyError:
        return ZyError(
            "ZY-HST-043",
            f"the image's guest could not be made an image: {why}",
            place=Place(target=self.name),
            fix="mend what the message names and build again; nothing of this attempt is kept",
        )
