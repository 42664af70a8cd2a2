"""Is the cloud well? One sentence for each thing that is not: what is wrong, and the next command."""

from __future__ import annotations

import os
import time
import urllib.error
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.openstack.api import Api, login
from lab.openstack.passwords import Passwords
from lab.openstack.place import Home
from lab.openstack.service import Service
from lab.openstack.spec import Region, Spec
from lab.process import Process

_SLACK = 2.0  # s; the kernel gives the time of boot in whole seconds


@dataclass(frozen=True, slots=True)
class Problem:
    """Something broken: the service (its process's name), what is wrong, and the next command."""

    service: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.service}: {self.what}; {self.fix}"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A service's row as Nova, Cinder and Designate list it."""

    binary: str
    host: str
    up: bool
    last: datetime | None  # None: never since the row was made


def dead(services: Iterable[Service]) -> list[Problem]:
    """Services that do not run."""
    return [
        Problem(service.name, "it is not running", f"`zy lab up` starts it, {service.process.log} may tell why")
        for service in services
        if not service.process.alive()
    ]


def unwell(spec: Spec, passwords: Passwords) -> list[Problem]:
    """What the running services say of themselves, asked through their APIs, all at once."""
    try:
        api = login(spec.keystone_url, passwords.admin)
    except (OSError, ValueError) as problem:
        return [_silent(Home(spec.home).process("keystone"), problem)]
    checks: list[Callable[[], list[Problem]]] = [
        lambda: _ask(spec, "glance", lambda: api.get(f"http://127.0.0.1:{spec.ports.glance}/v2/images?limit=1")),
        lambda: _cinder(spec, api),
        lambda: _ask(
            spec, "barbican", lambda: api.get(f"http://127.0.0.1:{spec.ports.barbican}/v1/containers?limit=1")
        ),
        lambda: _designate(spec, api),
    ]
    for region in spec.regions:
        checks += [
            lambda region=region: _nova(spec, region, api),  # type: ignore[misc]  # mypy: default of a lambda
            lambda region=region: _neutron(spec, region, api),  # type: ignore[misc]  # the same
            lambda region=region: _placement(spec, region, api),  # type: ignore[misc]  # the same
            lambda region=region: _octavia(spec, region, api),  # type: ignore[misc]  # the same
        ]
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        return [problem for found in pool.map(lambda check: check(), checks) for problem in found]


def _silent(process: Process, problem: Exception) -> Problem:
    if isinstance(problem, urllib.error.HTTPError):
        with problem:
            why = f"answers {problem.code}"
    else:
        why = f"does not answer ({problem})"
    return Problem(process.name, f"its API {why}", f"read {process.log}, then `zy lab up`")


def _ask(
    spec: Spec, name: str, question: Callable[[], Any], judge: Callable[[Any], Iterable[Problem]] = lambda _: ()
) -> list[Problem]:
    """Put one question to one API; what is wrong with the answer."""
    try:
        return list(judge(question()))
    except (OSError, ValueError, KeyError) as problem:
        return [_silent(Home(spec.home).process(name), problem)]


def _cinder(spec: Spec, api: Api) -> list[Problem]:
    url = f"http://127.0.0.1:{spec.ports.cinder}/v3/{api.project}/os-services"
    wanted = {("cinder-scheduler", "lab"): "cinder-scheduler", ("cinder-volume", "lab@fake"): "cinder-volume"}
    return _ask(
        spec,
        "cinder",
        lambda: api.get(url),
        lambda answer: _beats(spec, map(_heartbeat, answer["services"]), wanted),
    )


def _designate(spec: Spec, api: Api) -> list[Problem]:
    wanted = {(role, "lab"): f"designate-{role}" for role in ("central", "worker", "mdns", "producer")}
    return _ask(
        spec,
        "designate",
        lambda: api.get(f"http://127.0.0.1:{spec.ports.designate}/v2/service_statuses"),
        lambda answer: _beats(spec, map(_status, answer["service_statuses"]), wanted),
    )


def _octavia(spec: Spec, region: Region, api: Api) -> list[Problem]:
    url = f"http://127.0.0.1:{region.ports.octavia}/v2.0/lbaas"
    found = _ask(spec, f"{region.name}-octavia", lambda: api.get(f"{url}/loadbalancers?limit=1"))
    return found or _ask(
        spec,
        f"{region.name}-octavia",
        lambda: api.get(f"{url}/providers"),
        lambda answer: _missing(
            {provider["name"] for provider in answer["providers"]},
            {"ovn": f"{region.name}-octavia"},
            "Octavia does not offer OVN's balancers",
        ),
    )


def _nova(spec: Spec, region: Region, api: Api) -> list[Problem]:
    name, root = region.name, f"http://127.0.0.1:{region.ports.nova}/v2.1"
    wanted = {(program, f"{name}-control"): f"{name}-{program}" for program in ("nova-conductor", "nova-scheduler")}
    wanted |= {("nova-compute", host): f"{name}-nova-{host}" for host in region.hosts}
    found = _ask(
        spec,
        f"{name}-nova",
        lambda: api.get(f"{root}/os-services"),
        lambda answer: _beats(spec, map(_heartbeat, answer["services"]), wanted),
    )
    if found:
        return found
    return _ask(
        spec,
        f"{name}-nova",
        lambda: api.get(f"{root}/os-hypervisors"),
        lambda answer: _missing(
            {h["hypervisor_hostname"] for h in answer["hypervisors"]},
            {host: f"{name}-nova-{host}" for host in region.hosts},
            "Nova does not list its hypervisor yet",
        ),
    )


def _neutron(spec: Spec, region: Region, api: Api) -> list[Problem]:
    return _ask(
        spec,
        f"{region.name}-neutron",
        lambda: api.get(f"http://127.0.0.1:{region.ports.neutron}/v2.0/agents"),
        lambda answer: _missing(
            {agent["host"] for agent in answer["agents"] if agent["alive"]},
            {host: f"{region.name}-chassis" for host in region.hosts},
            "Neutron sees no living agent of a host",
        ),
    )


def _placement(spec: Spec, region: Region, api: Api) -> list[Problem]:
    return _ask(
        spec,
        f"{region.name}-placement",
        lambda: api.get(f"http://127.0.0.1:{region.ports.placement}/resource_providers"),
        lambda answer: _missing(
            {provider["name"] for provider in answer["resource_providers"]},
            {host: f"{region.name}-nova-{host}" for host in region.hosts},
            "Placement has no resources of its host",
        ),
    )


def _missing(have: set[str], wanted: dict[str, str], what: str) -> Iterator[Problem]:
    for host, process in wanted.items():
        if host not in have:
            yield Problem(process, f"{what} ({host})", "`zy lab up` waits for it")


def _beats(spec: Spec, found: Iterable[Heartbeat], wanted: dict[tuple[str, str], str]) -> Iterator[Problem]:
    beats = {(beat.binary, beat.host): beat for beat in found}
    for key, name in wanted.items():
        process = Home(spec.home).process(name)
        if (why := beat_problem(beats.get(key), started(process))) is not None:
            yield Problem(name, why, f"read {process.log}, then `zy lab up`")


def _heartbeat(row: dict[str, Any]) -> Heartbeat:
    return Heartbeat(row["binary"], row["host"], row["state"] == "up", _at(row.get("updated_at")))


def _status(row: dict[str, Any]) -> Heartbeat:
    """As Designate writes it."""
    return Heartbeat(row["service_name"], row["hostname"], row["status"] == "UP", _at(row.get("heartbeated_at")))


def _at(time_: str | None) -> datetime | None:
    return None if time_ is None else datetime.fromisoformat(time_).replace(tzinfo=UTC)


def beat_problem(beat: Heartbeat | None, since: datetime | None) -> str | None:
    """A heartbeat counts only when it is younger than the process: an old one speaks for a dead predecessor."""
    if beat is None:
        return "it has not registered"
    if since is None:
        return "it is not running"
    if beat.last is not None and (since - beat.last).total_seconds() > _SLACK:
        return "no heartbeat since it was started"
    return None if beat.up else "its heartbeat has stopped"


def started(process: Process) -> datetime | None:
    """When the live process was started; None when it is dead."""
    identity = process.identity()
    if identity is None:
        return None
    boot = next(
        int(line.split()[1]) for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime ")
    )
    return datetime.fromtimestamp(boot + identity.start / os.sysconf("SC_CLK_TCK"), UTC)


def wait(services: Iterable[Service], ask: Callable[[], list[Problem]], seconds: float) -> list[Problem]:
    """Ask until all is well, something has died, or the seconds are over; what is wrong then."""
    services, limit = list(services), time.monotonic() + seconds
    while True:
        found = dead(services) or ask()
        if not found or dead(services) or time.monotonic() > limit:
            return found
        time.sleep(0.3)
