"""Custody of real states: damaged, restored, repaired; and kept in a real PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pulumi.automation import Deployment

from province.errors import ZyError
from province.load import load, write_allocations
from province.province import Province
from stacks.plan.stack import PROVINCE
from stacks.state import keep_copy, look_at, restore
from stacks.tools import Places, Tools
from stacks.workspace import Workspace

HERE = Path(__file__).parent
DAY = date(2026, 11, 24)
EMPTY = {"manifest": {"time": "2026-11-24T00:00:00Z", "magic": "", "version": ""}}
STATE = {
    **EMPTY,
    "resources": [
        {
            "urn": "urn:pulumi:province::zhengyun::pulumi:pulumi:Stack::zhengyun-province",
            "custom": False,
            "type": "pulumi:pulumi:Stack",
            "outputs": {"regions": {"ta": 1}},
        }
    ],
}
"""A deployment with one resource, as ``pulumi stack import`` takes it."""


@pytest.fixture
def workspace(province: Province, tools: Tools, tmp_path: Path) -> Workspace:
    clouds = tmp_path / "clouds.yaml"
    clouds.write_text("clouds:\n  gd: {auth: {auth_url: 'http://127.0.0.1:1', project_name: admin}}\n")
    made = Workspace(province, tools, Places(tmp_path / "inventory", tmp_path / "state", clouds), DAY)
    made.prepare()
    return made


@pytest.fixture
def province(tmp_path: Path) -> Province:
    folder = shutil.copytree(HERE / "inventory", tmp_path / "inventory")
    (folder / "blank.raw").write_bytes(bytes(512))
    write_allocations(load(folder), folder)
    return load(folder)


def bring_in(workspace: Workspace) -> None:
    stack, _ = workspace.stack(PROVINCE)
    stack.import_stack(Deployment(version=3, deployment=STATE))


def resources(workspace: Workspace) -> list[str]:
    return [resource["type"] for resource in workspace.state(PROVINCE).get("resources") or []]


def test_a_damaged_state_is_named_and_its_copy_brought_back(workspace: Workspace) -> None:
    bring_in(workspace)
    assert keep_copy(workspace, PROVINCE) is not None
    (file,) = workspace.places.backend.rglob("province.json")
    file.write_bytes(file.read_bytes()[:100])
    assert "cannot be read" in look_at(workspace, PROVINCE).problem
    with pytest.raises(ZyError, match="ZY-CLD-077"):
        workspace.state(PROVINCE)
    restore(workspace, PROVINCE, None)
    assert resources(workspace) == ["pulumi:pulumi:Stack"]
    assert list(file.parent.glob("province.damaged-*")), "the damaged file is kept for whoever wants to look into it"
    stack, _ = workspace.stack(PROVINCE)
    assert stack.outputs()["regions"].value == {"ta": 1}


def test_restoring_keeps_what_was_there(workspace: Workspace) -> None:
    bring_in(workspace)
    first = keep_copy(workspace, PROVINCE)
    assert first is not None
    stack, _ = workspace.stack(PROVINCE)
    changed = {**STATE, "resources": [{**STATE["resources"][0], "outputs": {"regions": {}}}]}  # type: ignore[index] # JSON
    stack.import_stack(Deployment(version=3, deployment=changed))
    restore(workspace, PROVINCE, first.name)
    assert stack.outputs()["regions"].value == {"ta": 1}
    assert len(look_at(workspace, PROVINCE).copies) == 2


@pytest.fixture
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own on a socket in a temporary folder; its URL."""
    programs = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
    assert programs is not None, "PostgreSQL is not installed: zy setup"
    # the server refuses to run as root, and its account cannot get below pytest's folders
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with TemporaryDirectory(prefix="zy-postgres-") as home:
        os.chown(home, account.pw_uid, account.pw_gid)

        def run(*command: str) -> None:
            subprocess.run(
                command, check=True, capture_output=True, user=account.pw_uid, group=account.pw_gid, cwd=home
            )

        run(f"{programs}/initdb", "--auth=trust", "--username=zy", "--no-sync", "-D", f"{home}/data")
        options = f"-k {home} -c listen_addresses= -c fsync=off"
        run(f"{programs}/pg_ctl", "-D", f"{home}/data", "-w", "-l", f"{home}/log", "-o", options, "start")
        try:
            yield f"postgres://zy@/postgres?host={home}&sslmode=disable"
        finally:
            run(f"{programs}/pg_ctl", "-D", f"{home}/data", "-w", "-m", "immediate", "stop")


def test_states_live_in_postgresql_by_one_setting(workspace: Workspace, postgres: str) -> None:
    remote = replace(workspace, places=replace(workspace.places, remote_backend=postgres))
    assert remote.backend.names() == frozenset()
    assert not remote.exists(PROVINCE)
    bring_in(remote)
    assert remote.backend.names() == {"province"}
    assert resources(remote) == ["pulumi:pulumi:Stack"]
    assert keep_copy(remote, PROVINCE) is not None
    assert list(workspace.places.backend.rglob("province.json")) == [], "nothing of it is in files"
    stack, _ = remote.stack(PROVINCE)
    stack.workspace.remove_stack("province", force=True)
    assert not remote.exists(PROVINCE)
    restore(remote, PROVINCE, None)
    assert resources(remote) == ["pulumi:pulumi:Stack"]
