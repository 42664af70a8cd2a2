"""Public hardening roles as peers of ours, from a folder that ``$ZY_PEERS`` names: checked out beside, never committed.

The folder holds ``ansible_collections/devsec/hardening`` (dev-sec/ansible-collection-hardening), ``DEBIAN12-CIS``
(ansible-lockdown/DEBIAN12-CIS), and a virtual environment ``venv`` with the packages ansible, jmespath and passlib.
They need collections that ansible-core, which we use, does not hold. benchmarks/README.md has the commands.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.lab.hosts_of_the_inventory import Lab

_ARGS = "-o ControlMaster=auto -o ControlPersist=60s"
"""Kept connections, as for ours; with pipelining the fastest way that plain Ansible has."""
_RECAP = re.compile(r"ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)\s+skipped=(\d+)")


@dataclass(frozen=True, slots=True)
class PublicRole:
    """One of them. ``settings``: what it needs in order not to refuse the lab's host, each for the reason beside it."""

    name: str
    place: str
    roles: tuple[str, ...]
    settings: dict[str, Any]


KNOWN = (
    PublicRole(
        "dev-sec os_hardening and ssh_hardening",
        "ansible_collections/devsec/hardening",
        ("devsec.hardening.os_hardening", "devsec.hardening.ssh_hardening"),
        {
            "os_auth_pam_passwdqc_enable": False,  # a package that no mirror in the lab has
            "ssh_host_key_files": ["/etc/ssh/ssh_host_ed25519_key"],  # the host has no other
        },
    ),
    PublicRole(
        "ansible-lockdown DEBIAN12-CIS",
        "DEBIAN12-CIS",
        ("{folder}/DEBIAN12-CIS",),
        {
            "deb12cis_rule_5_2_4": False,  # automation has no password, and none is wanted
            "deb12cis_rule_5_4_2_4": False,  # nor has root
            "deb12cis_rule_1_3_1_2": False,  # the lab's host has no boot loader
            "deb12cis_rule_1_4_1": False,  # the same
            "deb12cis_rule_1_4_2": False,  # the same
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What one run of a public role came to. ``end``: empty, or the task at which it gave up."""

    seconds: float
    ran: int
    changed: int
    end: str

    def by_task(self) -> str:
        """Seconds per task, with what they are of."""
        end = f"; gave up at: {self.end}" if self.end else ""
        return f"{self.seconds / self.ran:.3f} s ({self.ran} tasks, {self.changed} changed, {self.seconds} s{end})"


def peers() -> list[tuple[Path, PublicRole]]:
    """Those that are checked out; none where ``$ZY_PEERS`` is not set."""
    folder = Path(os.environ.get("ZY_PEERS", "/nowhere"))
    return [(folder, role) for role in KNOWN if (folder / role.place).is_dir()]


def run(folder: Path, role: PublicRole, lab: Lab, host: str) -> Told:
    """Once over a host, with its own defaults besides ``settings``."""
    with tempfile.TemporaryDirectory() as home:
        play = {
            "hosts": "all",
            "become": True,
            "vars": role.settings,
            "roles": [one.format(folder=folder) for one in role.roles],
        }
        YAML().dump([play], Path(home) / "play.yml")
        (Path(home) / "hosts").write_text(f"{host}\n", encoding="ascii")
        (Path(home) / "ansible.cfg").touch()
        command = ["ansible-playbook", "-i", "hosts", "--ssh-common-args", f"-F {lab.room.ssh_config}", "play.yml"]
        began = time.monotonic()
        done = subprocess.run(
            command, cwd=home, env=_environment(folder, home), capture_output=True, text=True, check=False
        )
        return read(done.stdout, time.monotonic() - began)


def _environment(folder: Path, home: str) -> dict[str, str]:
    return {
        "PATH": f"{folder / 'venv' / 'bin'}:{os.environ['PATH']}",
        "HOME": home,
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": f"{home}/ansible.cfg",
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_ARGS": _ARGS,
        "ANSIBLE_NOCOLOR": "True",
    }


def read(output: str, seconds: float) -> Told:
    """From what Ansible prints at its end."""
    found = _RECAP.search(output)
    assert found is not None, output[-2000:]
    ok, changed, unreachable, failed, _ = (int(number) for number in found.groups())
    last = re.findall(r"^TASK \[(.+?)\] \*+$", output, re.MULTILINE)[-1:]
    return Told(round(seconds, 1), ok + failed, changed, last[0] if failed or unreachable else "")
