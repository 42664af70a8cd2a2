"""An apply of the test province in a process of its own, so that it can be killed as a crash would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.lab.cloud_of_the_test_province import DAY, LAB, Cloud

_ROOT = Path(__file__).parents[2]
_APPLY = """
import sys
from datetime import date
from pathlib import Path
from province.load import load
from stacks.room import CloudRoom
from stacks.tools import Places, Tools
day, inventory, state, clouds, ovn, policies, *path = sys.argv[1:]
room = CloudRoom(load(Path(inventory)), Tools(tuple(map(Path, path)), Path(sys.executable), Path(policies)),
                 Places(*map(Path, (inventory, state, clouds, ovn))), date.fromisoformat(day))
plan = room.plan([])
for step in (step for wave in plan.waves for step in wave):
    room.apply(plan, step, lambda line: print(line, flush=True))
"""


def apply_until(cloud: Cloud, enough: Callable[[list[str]], bool]) -> list[str]:
    """Apply everything, and kill it once its lines of progress are ``enough``; those lines.

    Where they never are, it ends by itself.
    """
    places, tools = cloud.room.places, cloud.room.tools
    arguments = [DAY, places.inventory, places.state, places.clouds, LAB / "ovn.json", tools.policies, *tools.path]
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", _APPLY, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            if enough(lines):
                _kill_all(process.pid)
                break
    return lines


def _kill_all(pid: int) -> None:
    """Kill -9 our command and the pulumi below it; its plugins are left, as after a real kill."""
    below = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for path in below for child in path.read_text().split()]
    for each in (pid, *children):
        os.kill(each, signal.SIGKILL)
