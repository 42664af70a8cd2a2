"""One bare host of the lab for the hosts' benchmarks, the peer's playbook, and the form of their figures."""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import cpu_count
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from roles.events import Difference, Run
from roles.inventory import ansible_inventory
from roles.room import SITE
from roles.runner import Playbooks
from tests.lab.hosts_of_the_inventory import PROVINCE, Lab, started

HOST = "gd-app-1"
PEER = "plain Ansible, a task per setting"


@contextmanager
def bare_host() -> Iterator[Lab]:
    """A guest in a namespace of its own, from the same image as the lab's."""
    with tempfile.TemporaryDirectory() as home, started("zy-bench-host", Path(home), [HOST]) as lab:
        yield lab


def ours(lab: Lab) -> Run:
    return lab.room._playbooks().run(SITE, [HOST], "--diff", lambda _: None)


def promise(lab: Lab) -> list[Difference]:
    """What a check run says that hardening changes: the peer gets exactly these settings."""
    return lab.room._check(SITE, [HOST]).differences


def peer(lab: Lab, wanted: list[Difference]) -> Run:
    """The same settings as most roles set them: one task each, with the same kept connection and pipelining."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "peer.yml"
        tasks = [_folders(wanted), *(task for one in wanted for task in _task(one))]
        play = {"hosts": "all", "gather_facts": False, "become": True, "tasks": tasks}
        YAML().dump([play], path)
        playbooks = Playbooks(ansible_inventory(PROVINCE, lab.room.ssh_config, lab.room.today), lab.room.state_dir, {})
        run = playbooks.run(str(path), [HOST], "--diff", lambda _: None)
    assert not run.failed, run.failed
    return run


def _folders(wanted: list[Difference]) -> dict[str, Any]:
    """All folders at once, in the peer's favour."""
    folders = sorted({str(Path(one.object).parent) for one in wanted if one.object.startswith("/")})
    argv = ["mkdir", "-p", *folders]
    return {"name": "folders", "ansible.builtin.command": {"argv": argv}, "changed_when": False}


def _task(one: Difference) -> list[dict[str, Any]]:
    """Files, kernel settings, accounts and units, each by the module that is for it; loading comes with the units."""
    name, value = one.object, one.after.strip()
    kind, _, rest = name.partition(" ")
    if name.startswith("/"):
        return [{"name": name, "ansible.builtin.copy": {"dest": name, "content": one.after}}]
    if kind == "sysctl":
        command = f'[ "$(sysctl -n {rest} | xargs)" = "{value}" ] || {{ sysctl -w {rest}="{value}"; echo changed; }}'
        return [
            {
                "name": name,
                "ansible.builtin.shell": command,
                "register": "set",
                "changed_when": "'changed' in set.stdout",
            }
        ]
    if kind == "account":
        return [{"name": name, "ansible.builtin.user": {"name": rest, "comment": value}}]
    if kind == "unit":
        state = {"name": rest, "enabled": value.startswith("enabled"), "daemon_reload": True}
        return [{"name": name, "ansible.builtin.systemd_service": state}]
    return []


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one run, in seconds."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def row(name: str, ours: float, peers: dict[str, float], n: int) -> dict[str, Any]:
    """One figure in the form of ``zy bench``; ``ratio`` is the fastest peer's time over ours."""
    return {
        "name": name,
        "unit": "s per host",
        "ours": round(ours, 2),
        "peers": {one: round(value, 2) for one, value in peers.items()},
        "ratio": round(min(peers.values()) / ours, 2),
        "n": n,
        "machine": f"{platform.machine()}, {cpu_count()} cores, Python {platform.python_version()}",
    }


def show(rows: list[dict[str, Any]]) -> None:
    print(json.dumps(rows, ensure_ascii=False, indent=1))
