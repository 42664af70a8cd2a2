"""States as backends give them: from files, and through ``pulumi``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from province.errors import ZyError
from stacks.backend import FileBackend, PulumiBackend

STATE = {"resources": [{"urn": "a"}]}


@pytest.fixture
def files(tmp_path: Path) -> FileBackend:
    backend = FileBackend(tmp_path)
    path = backend.checkpoint("province")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": STATE}}), encoding="utf-8")
    return backend


def test_files_are_read_as_pulumi_writes_them(files: FileBackend) -> None:
    assert files.names() == {"province"}
    assert files.state("province") == STATE
    assert files.state("region-gd") == {}
    assert files.locks("province") == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"checkpoint": 1}', '{"version": 3}'])
def test_a_damaged_state_is_named(files: FileBackend, content: str) -> None:
    files.checkpoint("province").write_text(content, encoding="utf-8")
    with pytest.raises(ZyError) as raised:
        files.state("province")
    assert raised.value.code == "ZY-CLD-077"
    assert "zy cloud state restore province" in raised.value.fix


def test_other_backends_are_asked_through_pulumi() -> None:
    said = {
        "stack ls --project zhengyun --json": json.dumps([{"name": "organization/zhengyun/province"}]),
        "stack export --stack province": json.dumps({"version": 3, "deployment": STATE}),
    }
    backend = PulumiBackend(lambda arguments: said[" ".join(arguments)])
    assert backend.names() == {"province"}
    assert backend.state("province") == STATE
    assert backend.state("region-gd") == {}
