"""What tests of several layers share: built programs, and the running lab."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer  # type: ignore[import-untyped]  # it has no types
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # the same

from zhengyun.commands.lab import lab_of
from zhengyun.laboratory import LabPart, everywhere
from zhengyun.places import Places
from zhengyun.rooms import Reach, reach
from zhengyun.toolchain.tools import Tools
from zhengyun.workspace import Workspace

# how fast this machine is today is no property of the code
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

ONE_CLOUD = "test_cloud"
"""Tests in files of this beginning share a province on the lab's cloud."""

INVENTORY = Path(__file__).parents[1] / "inventories" / "lab"


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # the same
    """Tests of one file, which share what they bring up, follow each other in one process; so do those of one cloud."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return ONE_CLOUD if Path(file).stem.startswith(ONE_CLOUD) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """xdist's own groups by mark do not work with pytest 9.2 (its node ids can no longer be set)."""
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@dataclass(frozen=True)
class RunningLab:
    """The lab of ``inventories/lab``, up and well."""

    workspace: Workspace
    parts: dict[str, LabPart]
    reach: Reach
    """clouds.yaml, ssh_config and ovn.json of the lab."""


@pytest.fixture(scope="session")
def temporal() -> Path:
    """The program ``temporal``, from PATH or from the set-up."""
    found = shutil.which("temporal")
    return Path(found) if found else Tools.locate(Places.here().cache).temporal / "temporal"


@pytest.fixture(scope="session")
def running_lab() -> RunningLab:
    """Brought up once, by the same functions as ``zy lab up``, and left running.

    A test that breaks something mends it before it ends (``parts[...].up`` does).
    """
    workspace, parts = Workspace.open(INVENTORY), lab_of(INVENTORY)
    everywhere(parts, lambda part, tell: part.up(tell), lambda text: print(text, file=sys.stderr))
    return RunningLab(workspace, parts, reach(workspace.province, workspace.places, {}))
