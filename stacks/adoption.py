"""Reading a foreign project the way Pulumi's provider sees it, so that importing it changes nothing.

``pulumi import`` reads each object into a state that is thrown away: its inputs are exactly those that the provider
will compare with the cloud later.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pulumi.automation import ConfigValue
from pulumi.automation.errors import CommandError

from province.adopted import AdoptedObject, AdoptedProject
from province.code import is_code
from stacks.failure import explain
from stacks.foreign import ForeignObject, ForeignProject
from stacks.plan.stack import Kind, StackId
from stacks.workspace import Workspace

_NAMED = frozenset({"Network", "Subnet", "Router", "Port", "SecGroup", "Volume"})
"""Kinds to which Pulumi would give a name of its own where the object has none."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A foreign project as the inventory may declare it, and what is not in it."""

    project: AdoptedProject
    left: Mapping[str, int]
    """Objects of kinds that are not adopted."""
    unread: tuple[str, ...]
    """Objects that the provider could not read: they may have gone meanwhile."""


def read_adoption(workspace: Workspace, region: str, foreign: ForeignProject) -> Adoption:
    """Read all objects of the project. Raises ``ZY-CLD-02x`` when the cloud lets none be read."""
    code = foreign.name if is_code(foreign.name) else f"legacy-{foreign.id[:8]}"
    wanted = [(_name(one), one) for one in foreign.objects]
    read = _read(workspace, StackId(Kind.ADOPTED, code), workspace.province.regions[region].cloud, wanted)
    objects = tuple(
        AdoptedObject(kind=one.kind, name=name, id=one.id, tags=one.tags, inputs=inputs)
        for name, one in wanted
        if (inputs := read.get((one.kind, name))) is not None
    )
    project = AdoptedProject(code=code, name=foreign.name, region=region, project_id=foreign.id, objects=objects)
    unread = tuple(name for name, one in wanted if (one.kind, name) not in read)
    return Adoption(project, foreign.left, unread)


def _name(one: ForeignObject) -> str:
    """Unique among its kind: names in a cloud are not."""
    short = "-".join(part[:8] for part in one.id.split("/"))
    return f"{one.name} {short}".strip()


def _read(
    workspace: Workspace, stack: StackId, cloud: str, wanted: Iterable[tuple[str, ForeignObject]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Inputs by kind and name."""
    with tempfile.TemporaryDirectory(prefix="zy-adoption-") as folder:
        places = replace(workspace.places, state=Path(folder), remote_backend="")
        scratch = replace(workspace, places=places)
        scratch.prepare()
        made, _ = scratch.stack(stack)
        made.set_config("openstack:cloud", ConfigValue(cloud))
        resources: list[Any] = [{"type": one.kind, "name": name, "id": one.id} for name, one in wanted]
        problem = ""
        try:
            made.import_resources(resources=resources, protect=False, generate_code=False)
        except CommandError as error:  # some of them; those that were read are in the state
            problem = str(error)
        held = scratch.state(stack).get("resources") or []
    found = [each for each in held if each["type"].startswith("openstack:")]
    if problem and not found:
        raise explain(str(stack), [], problem)
    return {(one["type"], one["urn"].split("::", 3)[-1]): _inputs(one["type"], one["inputs"]) for one in found}


def _inputs(kind: str, read: Mapping[str, Any]) -> dict[str, Any]:
    inputs: dict[str, Any] = _plain(read)
    if kind.rsplit(":", 1)[-1] in _NAMED:
        inputs.setdefault("name", "")
    return inputs


def _plain(value: Any) -> Any:
    """Without Pulumi's own marks, and without what is not set."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in sorted(value.items()) if key != "__defaults" and each is not None}
    return [_plain(each) for each in value] if isinstance(value, list) else value
