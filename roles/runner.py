"""Runs our playbooks by ansible-runner and gathers what happened."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ansible_runner  # type: ignore[import-untyped] # has no types

from province.errors import Place, ZyError
from province.record import JsonObject
from roles.events import Run

FOLDER = Path(__file__).parent
SETTINGS = """\
[defaults]
forks = 20
timeout = 20
host_key_checking = true
localhost_warning = false
nocolor = true
[ssh_connection]
pipelining = true
ssh_args = -o ControlMaster=auto -o ControlPersist=120s -o ServerAliveInterval=10 -o ServerAliveCountMax=3
control_path_dir = ~/.ansible/cp/{fleet}
"""
_KEPT = 10  # runs whose artefacts stay
Heard = Callable[[JsonObject], None]


@dataclass(frozen=True, slots=True)
class Playbooks:
    """Runs playbooks of this folder on hosts of one inventory; artefacts of the last runs stay in ``state``."""

    inventory: JsonObject
    state: Path
    variables: JsonObject

    def run(self, playbook: str, hosts: Sequence[str], options: str, heard: Heard) -> Run:
        """Run to the end. ``heard`` gets every event and may raise, which ends the run and is raised again.

        Raises ZY-HST-010 when Ansible could not even begin.
        """
        run, folder = Run(), self._folder()
        stopped: list[Exception] = []

        def handle(event: JsonObject) -> bool:
            run.take(event)
            if not stopped:
                try:
                    heard(event)
                except Exception as error:  # whatever it is, it is raised again below
                    stopped.append(error)
            return False  # ansible-runner need not keep a file per event

        done = ansible_runner.run(
            private_data_dir=str(folder),
            project_dir=str(FOLDER),
            playbook=playbook,
            inventory=str(_inventory(folder, self.inventory)),
            limit=",".join(hosts),
            cmdline=options,
            extravars=self.variables or None,
            envvars=_environment(folder, self.inventory),
            quiet=True,
            event_handler=handle,
            cancel_callback=lambda: bool(stopped),
        )
        if stopped:
            raise stopped[0]
        if done.rc not in (0, None) and not run.failed and not run.unreachable and not run.finished:
            raise cannot_begin(playbook, run.said)
        return run

    def _folder(self) -> Path:
        """A fresh folder, since ansible-runner reads what an earlier run left in an old one. The last ones are kept."""
        runs = self.state / "runs"
        runs.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in sorted(runs.iterdir())[:-_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%dT%H%M%S-", time.gmtime()), dir=runs))


def _inventory(folder: Path, inventory: JsonObject) -> Path:
    """A script, since Ansible reads the form of ``--list`` from scripts alone."""
    path = folder / "hosts.sh"
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(inventory, sort_keys=True)}\nEND\n", encoding="utf-8")
    path.chmod(0o700)
    return path


def _environment(folder: Path, inventory: JsonObject) -> dict[str, str]:
    """Our settings, whatever ansible.cfg lies about; and the ansible-playbook beside this Python.

    Kept connections are told apart by inventory: Ansible names them by host alone, and two labs may share names.
    """
    fleet = hashlib.sha256(json.dumps(inventory, sort_keys=True).encode()).hexdigest()[:8]
    settings = folder / "ansible.cfg"
    settings.write_text(SETTINGS.format(fleet=fleet), encoding="utf-8")
    return {
        "ANSIBLE_CONFIG": str(settings),
        # Else ansible-runner turns the check off by this very variable, which goes before any file (config/_base.py).
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
    }


def cannot_begin(playbook: str, said: Sequence[str]) -> ZyError:
    last = " ".join(line.strip() for line in said[-5:]) or "it said nothing"
    return ZyError(
        "ZY-HST-010",
        f"Ansible did not run {playbook}: {last}",
        place=Place(file=str(FOLDER / playbook)),
        fix="mend what it says; `ansible-playbook --syntax-check` on that file shows the same",
    )
