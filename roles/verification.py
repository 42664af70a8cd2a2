"""Measures hosts: from inside in one round trip each (testinfra), from outside, and from one another."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import testinfra  # type: ignore[import-untyped] # has no types

from province.host import Host
from roles.catalogue import Catalogue, Control
from roles.checks.accounts import account_probes
from roles.checks.audit import audit_probes
from roles.checks.data import data_probes
from roles.checks.firewall import firewall_probes, peer_probes
from roles.checks.kernel import kernel_probes
from roles.checks.logging import logging_probes
from roles.checks.outside import outside_probes
from roles.checks.services import service_probes
from roles.checks.ssh import ssh_probes
from roles.checks.time import time_probes
from roles.judgement import Judged, Judgement
from roles.people import PLACEHOLDERS, Person
from roles.probe import Answer, Probe, answers, batch
from roles.tracker import Tracker

_WITHIN = 60  # s for everything that is asked of one host
_NO_PEER = Answer("", 125)
"""Stands for the answer of a peer that does not exist."""


@dataclass(frozen=True, slots=True)
class Target:
    """A host to measure: what the inventory says of it, its management addresses, and whom it talks to."""

    host: Host
    ipv4: str
    ipv6: str
    log_servers: tuple[str, ...] = ()
    """Addresses that take its records and give it its time."""
    log_clients: tuple[str, ...] = ()
    """Addresses of the hosts that send their records to it."""
    people: tuple[Person, ...] = PLACEHOLDERS
    """Who administers it."""

    @property
    def name(self) -> str:
        return self.host.code


@dataclass(frozen=True, slots=True)
class Measurement:
    """Measures hosts against a catalogue, side by side, each in one round trip; never raises for a host's sake."""

    catalogue: Catalogue
    ssh_config: Path
    tracker: Tracker | None = None
    """Data of the distribution's security tracker, where there is any."""

    def audit(self, targets: Sequence[Target]) -> list[Judged]:
        """Every control of each host as the host itself shows it, and what people have to vouch for."""
        return _side_by_side(self._audit_one, targets)

    def verify(self, targets: Sequence[Target], fleet: Sequence[Target]) -> list[Judged]:
        """The audit, and what can be tried from outside. ``fleet``: hosts that others can be measured from."""
        return _side_by_side(lambda target: self._verify_one(target, fleet), targets)

    def _audit_one(self, target: Target) -> list[Judged]:
        probes = inside_probes(target, uuid.uuid4().hex[:12], self.tracker)
        controls = [one for one in self.catalogue.values() if one.area != "outside" and applies(one, target)]
        told = self._ask(target.name, [probe for probe in probes if measured(self.catalogue[probe.id], target)])
        return judge_all(controls, target, probes, told)

    def _verify_one(self, target: Target, fleet: Sequence[Target]) -> list[Judged]:
        outside = outside_probes(target.name, str(self.ssh_config))
        across = peer_probes(target.name, target.ipv4, target.ipv6)
        peer = next((other.name for other in fleet if other.name != target.name), None)
        controls = [self.catalogue[probe.id] for probe in (*outside, *across)]
        with ThreadPoolExecutor(max_workers=4) as pool:
            of_itself = pool.submit(self._audit_one, target)
            of_peer = pool.submit(self._ask, peer, across) if peer else None
            of_us = {probe.command: pool.submit(_here, probe.command) for probe in outside}
            told = {command: answer.result() for command, answer in of_us.items()}
            told |= of_peer.result() if of_peer else {probe.command: _NO_PEER for probe in across}
            return of_itself.result() + judge_all(controls, target, [*outside, *across], told)

    def _ask(self, name: str, asked: Sequence[Probe]) -> Mapping[str, Answer]:
        """Answers of a host by command; none when it cannot be reached."""
        commands = [probe.command for probe in asked]
        host = testinfra.get_host(f"ssh://{name}", ssh_config=str(self.ssh_config), sudo=True, controlpersist=0)
        try:
            printed = host.run(batch(commands))
        except RuntimeError:  # testinfra's way to say that ssh itself failed
            return {}
        return answers(commands, str(printed.stdout))


def inside_probes(target: Target, nonce: str, tracker: Tracker | None = None) -> list[Probe]:
    """What a host can tell about itself. ``nonce`` marks the audited event that is looked for."""
    role = target.host.role
    return [
        *ssh_probes(role, target.people),
        *account_probes(role, target.people),
        *firewall_probes(role),
        *audit_probes(nonce),
        *time_probes(role, target.log_servers),
        *kernel_probes(),
        *service_probes(target.host.system, tracker),
        *data_probes(),
        *logging_probes(role, target.log_servers, target.log_clients),
    ]


def applies(control: Control, target: Target) -> bool:
    return control.applies_to(target.host.role, target.host.system)


def measured(control: Control, target: Target) -> bool:
    """Whether the host is asked: not for what is waived, nor for what a person vouches for."""
    return applies(control, target) and not control.attest and control.id not in target.host.waivers


def judge_all(
    controls: Iterable[Control], target: Target, probes: Iterable[Probe], told: Mapping[str, Answer]
) -> list[Judged]:
    """These controls of one host, by what it answered. Pure."""
    by_id = {probe.id: probe for probe in probes}
    found = []
    for control in controls:
        if control.id in target.host.waivers:
            reason = target.host.waivers[control.id]
            found.append(Judged(control, target.name, Judgement.WAIVED, control.title, reason, ""))
        elif control.attest:
            found.append(Judged(control, target.name, Judgement.ATTEST, control.title, control.attest, ""))
        else:
            probe = by_id[control.id]
            found.append(probe.judged(control, target.name, told.get(probe.command)))
    return found


def _side_by_side(measure: Callable[[Target], list[Judged]], targets: Sequence[Target]) -> list[Judged]:
    with ThreadPoolExecutor(max_workers=20) as pool:
        return [judged for several in pool.map(measure, targets) for judged in several]


def _here(command: str) -> Answer:
    try:
        done = subprocess.run(
            ["sh", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            timeout=_WITHIN,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return Answer("", 124)
    return Answer((done.stdout + done.stderr).strip(), done.returncode)
