"""The lab's cloud as a whole: up, down, status, reset, shell. Each may be killed and run again at any moment."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.openstack import database, health, ovn, settings, snapshot
from lab.openstack.health import Problem
from lab.openstack.passwords import Passwords, make_fernet_keys, obtain
from lab.openstack.place import Home, Part, write_atomic
from lab.openstack.service import Progress, Service, bring_up, died, not_ready
from lab.openstack.services import services
from lab.openstack.spec import Spec
from lab.process import stop_all
from province.errors import Place, ZyError

_BORN = "born"
"""File with the name of this life of the cloud: another one after each beginning anew and each reset."""
_WELL_WITHIN = 150.0  # s from all processes started to all agents alive


def up(spec: Spec, progress: Progress) -> None:
    """Bring the cloud up, or repair what is missing of it; nothing happens to what is well.

    Raises ZY-LAB-111 (part incomplete), 120 (port taken), 121 (a service died), 122 (not ready in time),
    123 (another command works on the lab), 124 (path too long).
    """
    home, part = Home(spec.home), Part(spec.part)
    part.check()
    home.check()
    home.prepare()
    with _alone(home):
        _leave_other_build(spec, progress)
        passwords = _prepare(spec)
        all_services = services(spec, passwords)
        bring_up(all_services, progress)
        progress("waiting for all agents")
        _wait_well(spec, passwords, all_services)
        if not snapshot.mark(home).exists():
            progress("saving the clean state")
            snapshot.save(spec)


def _prepare(spec: Spec) -> Passwords:
    """Everything on disk that the services read."""
    home, part = Home(spec.home), Part(spec.part)
    passwords = obtain(home)
    settings.write(spec, passwords)
    make_fernet_keys(home.data / "keystone")
    database.restore_seed(home, part)
    ovn.create(spec)
    for directory in ("images", "staging", "os_staging", "os_tasks"):
        (home.data / "glance" / directory).mkdir(parents=True, exist_ok=True)
    for service in ("cinder", "designate"):
        for directory in ("lock", "coordination"):
            (home.data / service / directory).mkdir(parents=True, exist_ok=True)
    (home.data / "named").mkdir(exist_ok=True)
    for region in spec.regions:
        data = home.region_data(region.name)
        for inner in ("neutron/lock", "nova/lock", "nova/instances", *(f"nova/{host}" for host in region.hosts)):
            (data / inner).mkdir(parents=True, exist_ok=True)
        for host in region.hosts:
            ovn.write_host_identity(data / "nova" / host / "compute_id", host)
    if not (home.data / _BORN).exists():
        write_atomic(home.data / _BORN, uuid.uuid4().hex)
    write_atomic(home.data / "build-id", part.identity.read_text(encoding="ascii"))
    write_atomic(home.spec, json.dumps({"part": str(spec.part), "port_shift": spec.port_shift}))
    return passwords


def born(spec: Spec) -> str:
    """The name of the cloud's present life: who remembers another one remembers things that are gone."""
    return (Home(spec.home).data / _BORN).read_text(encoding="ascii")


def recall(home: Path) -> Spec:
    """The lab that lives in ``home``, as it was last brought up. Raises ZY-LAB-126 when none ever was."""
    try:
        known = json.loads(Home(home).spec.read_text(encoding="utf-8"))
    except FileNotFoundError as never:
        place = Place(file=str(home))
        raise ZyError("ZY-LAB-126", "the lab's cloud is not running", place=place, fix="`zy lab up`") from never
    return Spec(home=home, part=Path(known["part"]), port_shift=known["port_shift"])


def _leave_other_build(spec: Spec, progress: Progress) -> None:
    """Databases fit the build that they were seeded from: with another part the lab begins anew."""
    home = Home(spec.home)
    known = home.data / "build-id"
    if known.exists() and known.read_text(encoding="ascii") != Part(spec.part).identity.read_text(encoding="ascii"):
        progress("this lab was made from another build of OpenStack: beginning anew")
        _stop(spec)
        _remove_data(spec)


def _wait_well(spec: Spec, passwords: Passwords, all_services: tuple[Service, ...]) -> None:
    found = health.wait(all_services, lambda: health.unwell(spec, passwords), _WELL_WITHIN)
    if found:
        process = Home(spec.home).process(found[0].service)
        raise not_ready(process, found[0].what, _WELL_WITHIN) if process.alive() else died(process)


def down(spec: Spec) -> None:
    """Stop all processes of the lab; its state stays. Raises ZY-LAB-102, 123."""
    home = Home(spec.home)
    if home.path.exists():
        home.prepare()
        with _alone(home):
            _stop(spec)


def wipe(spec: Spec) -> None:
    """Stop the lab and forget its state; the next ``up`` begins anew."""
    home = Home(spec.home)
    if home.path.exists():
        home.prepare()
        with _alone(home):
            _stop(spec)
            _remove_data(spec)


def _stop(spec: Spec) -> None:
    home = Home(spec.home)
    if not home.passwords.exists():
        return
    all_services = services(spec, obtain(home))
    stop_all((s.process for s in all_services if not s.stateful), grace=2.0)
    stop_all((s.process for s in all_services if s.stateful), grace=max(s.grace for s in all_services))


def _remove_data(spec: Spec) -> None:
    home = Home(spec.home)
    for directory in (home.data, home.etc, home.tmp, *(home.path / region for region in spec.region_names)):
        shutil.rmtree(directory, ignore_errors=True)
    home.prepare()


def status(spec: Spec) -> list[Problem]:
    """What is wrong, a sentence for each broken service; empty when all is well. Changes nothing."""
    home = Home(spec.home)
    if not home.passwords.exists():
        return [Problem("openstack", "the lab's cloud has never been up", "`zy lab up`")]
    passwords = obtain(home)
    all_services = services(spec, passwords)
    found = health.dead(all_services)
    if len(found) == len(all_services):
        return [Problem("openstack", "the lab's cloud is down", "`zy lab up`")]
    named = {problem.service for problem in found}
    return found + [problem for problem in health.unwell(spec, passwords) if problem.service not in named]


def reset(spec: Spec) -> list[str]:
    """Go back to the clean state in place, both regions, services running; the tables that had changed.

    Raises ZY-LAB-123, 125 (no clean state), 126 (not running).
    """
    home = Home(spec.home)
    if not home.passwords.exists() or any(s.stateful and not s.process.alive() for s in services(spec, obtain(home))):
        raise ZyError("ZY-LAB-126", "the lab's cloud is not running", fix="start it first: `zy lab up`")
    with _alone(home):
        changed = snapshot.reset(spec)
        write_atomic(home.data / _BORN, uuid.uuid4().hex)
        return changed


def shell(spec: Spec, region: str) -> dict[str, str]:
    """The environment in which `openstack` (of the part) talks to one region."""
    home, part = Home(spec.home), Part(spec.part)
    return {
        **os.environ,
        "OS_CLIENT_CONFIG_FILE": str(home.clouds),
        "OS_CLOUD": region,
        "PATH": f"{part.python.parent}:{os.environ.get('PATH', '/usr/bin:/bin')}",
    }


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One command at a time. The kernel lets go of the lock with the process, however that ends."""
    with (home.path / "lock").open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise ZyError(
                "ZY-LAB-123",
                "another command is working on the lab's cloud",
                place=Place(file=str(home.path)),
                fix="wait until it has ended, then run this one again",
            ) from busy
        yield
