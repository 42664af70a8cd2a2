"""Settings and credentials of the workspace, and what it knows of stacks."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from province.errors import ZyError
from province.province import Province
from stacks.tools import Places, Tools
from stacks.workspace import Workspace

AUTH = "{auth: {auth_url: 'http://127.0.0.1:1', username: admin, password: hidden, project_name: admin}}"


@pytest.fixture
def workspace(province: Province, tmp_path: Path) -> Workspace:
    clouds = tmp_path / "clouds.yaml"
    clouds.write_text(f"clouds:\n  gd: {AUTH}\n  gz: {AUTH}\n")
    places = Places(tmp_path / "inventory", tmp_path / "state", clouds)
    return Workspace(province, Tools((tmp_path,), Path("/usr/bin/python3")), places, date(2026, 11, 24))


def test_secrets_are_ours_alone_and_stay_the_same(workspace: Workspace) -> None:
    workspace.prepare()
    first = workspace.places.passphrase.read_text()
    workspace.prepare()
    assert workspace.places.passphrase.read_text() == first
    for path in (workspace.places.passphrase, workspace.places.project_clouds):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(workspace.places.state.stat().st_mode) == 0o700
    assert not list(workspace.places.state.glob("*.partial"))


def test_stack_that_the_inventory_has_dropped_is_known_and_can_log_in(workspace: Workspace) -> None:
    workspace.prepare()
    folder = workspace.places.backend / ".pulumi" / "stacks" / "zhengyun"
    folder.mkdir(parents=True)
    for name in ("province", "region-old", "tenant-gdbos", "tenant-gone-by"):
        (folder / f"{name}.json").write_text("{}")
    assert [str(stack) for stack in workspace.removed()] == ["tenant-gone-by", "region-old"]
    workspace.prepare()
    clouds = YAML(typ="safe").load(workspace.places.project_clouds.read_text())["clouds"]
    assert "gd/gone-by" in clouds


def test_missing_credentials_are_named(workspace: Workspace) -> None:
    workspace.places.clouds.unlink()
    with pytest.raises(ZyError) as raised:
        workspace.prepare()
    assert raised.value.code == "ZY-CLD-005"


def test_missing_pulumi_is_named(workspace: Workspace) -> None:
    workspace.prepare()
    with pytest.raises(ZyError) as raised:
        workspace._pulumi()
    assert raised.value.code == "ZY-CLD-006"
