"""The security group that Neutron makes by itself is removed, or it is said why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openstack
import pytest
from openstack.exceptions import ConflictException

from province.errors import ZyError
from stacks.sweep import sweep_project


class _Neutron:
    """The two calls that a sweep makes."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.asked: dict[str, str] = {}
        self.deleted: list[str] = []
        self._refusal = refusal

    def security_groups(self, **asked: str) -> Iterator[str]:
        self.asked = asked
        yield "g1"

    def delete_security_group(self, group: str) -> None:
        if self._refusal:
            raise self._refusal
        self.deleted.append(group)


def _cloud(monkeypatch: pytest.MonkeyPatch, neutron: _Neutron) -> None:
    @contextmanager
    def connection(**_: Any) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(current_project_id="p1", network=neutron)

    config = SimpleNamespace(get_one=lambda **_: None)
    monkeypatch.setattr(openstack.config, "OpenStackConfig", lambda **_: config)
    monkeypatch.setattr(openstack.connection, "Connection", connection)


def test_only_the_projects_own_default_group_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    neutron = _Neutron()
    _cloud(monkeypatch, neutron)
    sweep_project(Path("clouds.yaml"), "gd/zct")
    assert neutron.asked == {"project_id": "p1", "name": "default"}
    assert neutron.deleted == ["g1"]


def test_a_group_that_is_in_use_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _cloud(monkeypatch, _Neutron(ConflictException("Security Group g1 in use.")))
    with pytest.raises(ZyError) as raised:
        sweep_project(Path("clouds.yaml"), "gd/zct")
    assert raised.value.code == "ZY-CLD-028"
    assert "in use" in raised.value.message
    assert raised.value.place.target == "gd/zct"
