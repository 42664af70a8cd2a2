"""The whole way on the whole lab: everything killed in the middle of an apply, resumed, proven, removed.

It uses the lab of ``zy lab up`` and begins by removing what stands there; ``zy apply`` afterwards brings it back.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openstack.config import OpenStackConfig
from openstack.connection import Connection

from lab.process import Identity, Process, identify, send
from province.record import RoomName
from tests.conftest import INVENTORY, RunningLab
from zhengyun.change.journal import Change, Changes, Event, State

ROOT = Path(__file__).parents[2]
WITHIN = 600.0  # s; bound of the waits: a crowded two-core machine
OURS_BEFORE = {"admin", "service"}
"""Projects that the lab's cloud has by itself."""


def zy(*arguments: str) -> tuple[int, Any]:
    """Run a command as a user does; its exit code and its JSON."""
    command = [sys.executable, "-m", "zhengyun", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(), cwd=ROOT)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "ZY_INVENTORY": str(INVENTORY)}


def wait_for(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.2)


def kill(identity: Identity | None) -> None:
    assert identity is not None
    assert send(identity, signal.SIGKILL)
    wait_for(lambda: identify(identity.pid) != identity, "the killed process ends")


def begun_and_killed(state: Path, plan: Path) -> Change:
    """Begin the plan, and kill command, worker and server while the clouds' regions are being built."""
    changes = Changes(state / "changes")
    known = {change.id for change in changes.all()}
    command = [sys.executable, "-m", "zhengyun", "apply", str(plan), "--json"]
    said = plan.with_name("apply.json")
    with said.open("w") as stream, subprocess.Popen(command, stdout=stream, env=environment(), cwd=ROOT) as apply:

        def ended_or(condition: Callable[[], bool]) -> Callable[[], bool]:
            return lambda: apply.poll() is not None or condition()

        wait_for(ended_or(lambda: any(change.id not in known for change in changes.all())), "the change begins")
        assert apply.poll() is None, said.read_text()
        (change,) = [change for change in changes.all() if change.id not in known]
        wait_for(ended_or(lambda: working_on(change, "region-gd")), "the region is under way")
        assert apply.poll() is None, said.read_text()
        server = Process("temporal", run=state / "temporal", log=state / "temporal" / "temporal.log")
        apply.kill()
        apply.wait()
        kill(change.worker.identity())
        kill(server.identity())
    return change


def working_on(change: Change, step: str) -> bool:
    """Whether a step of the cloud has made something."""
    done = [e for e in change.entries() if e.event is Event.PROGRESS and e.step == step and e.room is RoomName.CLOUD]
    return len(done) > 5


def remains(clouds: Path) -> dict[str, list[str]]:
    """What is in the clouds that the lab's cloud does not have by itself."""
    found: dict[str, list[str]] = {}
    for region in ("gd", "gz"):
        named = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one(region)
        cloud = Connection(config=named)
        found |= {
            f"{region} projects": [p.name for p in cloud.list_projects() if p.name not in OURS_BEFORE],
            f"{region} servers": [s.name for s in cloud.compute.servers(all_projects=True)],
            f"{region} flavors": [f.name for f in cloud.compute.flavors()],
            f"{region} images": [i.name for i in cloud.image.images()],
            f"{region} networks": [n.name for n in cloud.network.networks()],
            f"{region} routers": [r.name for r in cloud.network.routers()],
            f"{region} ports": [p.id for p in cloud.network.ports()],
            f"{region} volumes": [v.name for v in cloud.block_storage.volumes(all_projects=True)],
        }
    return {kind: names for kind, names in found.items() if names}


def essence(plan: dict[str, Any]) -> set[tuple[str, ...]]:
    """What a plan would do, without how it words it."""
    return {(c["room"], c["target"], c["object"], c["operation"]) for c in plan["changes"]}


@pytest.mark.usefixtures("running_lab")
def test_killed_resumed_proven_removed(running_lab: RunningLab, tmp_path: Path) -> None:
    assert zy("resume")[0] in (0, 1), "a change that an earlier test left in the middle ends first"
    assert zy("destroy", "--yes", "gd")[0] == 0
    assert remains(running_lab.reach.clouds) == {}

    plan = tmp_path / "plan.json"
    code, before = zy("plan", "-o", str(plan))
    assert (code, before["summary"]["delete"]) == (0, 0)
    change = begun_and_killed(running_lab.workspace.places.state, plan)
    assert change.state() is State.INTERRUPTED
    assert zy("status")[1]["changes"][-1]["state"] == "interrupted"
    code, refused = zy("apply", str(plan))
    assert (code, refused["errors"][0]["code"]) in ((1, "ZY-CHG-022"), (2, "ZY-CHG-004"))

    code, resumed = zy("resume")
    bad = [result for result in resumed["results"] if result["status"] not in ("changed", "unchanged")]
    assert code == 0, "; ".join(f"{result['target']}: {result['message']}" for result in bad)
    assert not change.worker.alive()
    code, again = zy("plan")
    assert (code, again["changes"]) == (0, [])
    code, proven = zy("verify")
    assert (code, [c for c in proven["checks"] if c["status"] == "failed"]) == (0, [])
    assert proven["summary"]["passed"] > 100

    code, _ = zy("destroy", "--yes", "gd")
    assert code == 0
    assert remains(running_lab.reach.clouds) == {}
    assert essence(zy("plan")[1]) == essence(before)
