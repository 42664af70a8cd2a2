"""What becomes of the operations that a killed run has left open in the state."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from openstack.exceptions import ResourceFailure
from pulumi.automation import Deployment

from stacks import adopt
from stacks.operation import Operation

PROVIDER = "urn:pulumi:s::zhengyun::pulumi:providers:openstack::gd::1"
OTHER = "urn:pulumi:s::zhengyun::pulumi:providers:openstack::gz::2"
FLAVOR = "openstack:compute/flavor:Flavor"


def resource(name: str, kind: str = FLAVOR, provider: str = PROVIDER, **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:s::zhengyun::{kind}::{name}"
    return {"urn": urn, "type": kind, "provider": provider, "inputs": {"name": name}, **more}


@dataclass
class Fake:
    """Stands for an operation, its workspace and its stack."""

    deployment: dict[str, Any]
    folder: Path = Path("/nonexistent")
    imported: list[dict[str, Any]] = field(default_factory=list)
    id: str = "s"

    @property
    def workspace(self) -> Fake:
        return self

    def state(self) -> dict[str, Any]:
        return self.deployment

    @property
    def notes(self) -> Path:
        return self.folder / "s.unfinished.json"

    def unfinished(self) -> list[dict[str, Any]]:
        return Operation.unfinished(cast(Operation, self))

    def stack(self, _stack: str) -> tuple[Fake, None]:
        return self, None

    def import_stack(self, state: Deployment) -> None:
        self.imported.append(dict(state.deployment or {}))


def settle(
    monkeypatch: pytest.MonkeyPatch, found: str | None, kind: str = "creating", **state: Any
) -> list[dict[str, Any]]:
    """Adopt with a cloud that finds ``found``; the resources of the state that was put back."""
    monkeypatch.setattr(adopt, "_find", lambda *_: found)
    pending = [{"type": kind, "resource": resource("new", provider=state.pop("provider", PROVIDER))}]
    fake = Fake({"resources": state.pop("resources", []), "pending_operations": pending})
    adopt.adopt_pending(cast(Operation, fake), Path("clouds.yaml"), lambda _line: None)
    (imported,) = fake.imported
    assert imported["pending_operations"] == []
    return list(imported["resources"])


def test_what_is_found_in_the_cloud_is_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    (adopted,) = settle(monkeypatch, "id-1")
    assert (adopted["id"], adopted["outputs"], adopted["inputs"]) == ("id-1", {"name": "new"}, {"name": "new"})


def test_what_is_not_found_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settle(monkeypatch, None) == []


def test_what_the_state_holds_already_is_not_adopted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    held = resource("held", id="id-1")
    assert settle(monkeypatch, "id-1", resources=[held]) == [held]


def test_the_same_id_in_another_cloud_is_another_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    held = resource("held", id="g1.small")
    assert len(settle(monkeypatch, "g1.small", resources=[held], provider=OTHER)) == 2


@pytest.mark.parametrize("kind", ["updating", "deleting", "reading"])
def test_only_creations_are_looked_for(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    assert settle(monkeypatch, "id-1", kind) == []


def test_a_creation_that_failed_is_looked_for_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(adopt, "_find", lambda *_: "id-1")
    fake = Fake({"resources": []}, tmp_path)
    fake.notes.write_text(json.dumps([resource("new")]), encoding="utf-8")
    for _ in range(2):
        adopt.adopt_pending(cast(Operation, fake), Path("clouds.yaml"), lambda _line: None)
    (imported,) = fake.imported
    assert [each["id"] for each in imported["resources"]] == ["id-1"]
    assert not fake.notes.exists()


def test_settled_state_is_left_alone() -> None:
    fake = Fake({"resources": [resource("r", id="1")]})
    adopt.adopt_pending(cast(Operation, fake), Path("clouds.yaml"), lambda _line: None)
    assert fake.imported == []


def test_every_kind_that_is_made_can_be_found_or_made_again() -> None:
    """Kinds without a finder must be safe to make twice: quotas are set; grants, members and limits are put."""
    idempotent = {
        "quotaSetV2",
        "quotaV2",
        "quoteSetV3",
        "quota",
        "roleAssignment",
        "inheritRoleAssignment",
        "members",
        "qosAssociationV3",
    }
    folder = Path(adopt.__file__).parent / "components"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    found = {kind.rsplit(":", 1)[-1] for kind in adopt._FINDERS}
    made = {
        word.split("(")[0].rsplit(".", 1)[-1]
        for word in text.split()
        if word.startswith("openstack.") and "(" in word and not word.split("(")[0].endswith("Args")
    }
    assert made
    assert {name for name in made if name not in found} == {name[0].upper() + name[1:] for name in idempotent}


@dataclass
class Compute:
    """Nova with one server that ended in an error, and ran before that or not."""

    launched_at: str | None
    deleted: list[str] = field(default_factory=list)

    @property
    def compute(self) -> Compute:
        return self

    def servers(self, name: str) -> list[Any]:
        return [SimpleNamespace(id="s1")] if name == "^web-1$" else []

    def wait_for_server(self, _server: Any, interval: int, wait: int) -> Any:
        raise ResourceFailure(f"ERROR, seen every {interval} s for {wait} s")

    def get_server(self, _server: Any) -> Any:
        return SimpleNamespace(launched_at=self.launched_at)

    def delete_server(self, server: Any) -> None:
        self.deleted.append(server.id)

    def wait_for_delete(self, server: Any, interval: int, wait: int) -> None:
        assert (server.id in self.deleted, interval <= wait) == (True, True)


def test_a_server_that_never_ran_is_removed_and_made_again() -> None:
    nova = Compute(launched_at=None)
    assert adopt._server(nova, {"name": "web-1"}) is None
    assert nova.deleted == ["s1"]


def test_a_server_that_ran_is_never_removed() -> None:
    nova = Compute(launched_at="2026-11-28T03:00:00")
    with pytest.raises(ResourceFailure):
        adopt._server(nova, {"name": "web-1"})
    assert nova.deleted == []
