"""Adopted projects (纳管): what ran in a region's cloud before us, held as it was found, and mended step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from province.cloud import MlpsLevel, Zone
from province.code import Code
from province.declared import Declared
from province.system import DataClass


class AdoptedObject(Declared):
    """One object of the project. ``zy cloud adopt`` writes it; people mend it."""

    kind: str = Field(pattern=r"^openstack:[a-zA-Z]+/\w+:\w+$", description="Pulumi's type of it.")
    name: str = Field(min_length=1, description="Its name in the state; unique among those of its kind.")
    id: str | None = Field(default=None, min_length=1, description="Its id in the cloud; none: it is to be made.")
    tags: tuple[str, ...] = Field(default=(), description="Tags that it had when it was found; it keeps them.")
    inputs: dict[str, Any] = Field(description="What Pulumi's provider reads of it, in the provider's names.")


class AdoptedOwner(Declared):
    """Who a project belongs to, and what it holds: with it, its objects get the standard's labels."""

    department: Code
    zone: Zone
    mlps_level: MlpsLevel
    data_class: DataClass


class AdoptedProject(Declared):
    """A project of OpenStack that others made, one stack of ours. Nothing of it is ever deleted but rules and legs."""

    code: Code = Field(description="The key of the map; never written inside the block.")
    name: str = Field(min_length=1, description="The project's name in the cloud.")
    region: Code
    project_id: str = Field(min_length=1)
    owner: AdoptedOwner | None = Field(
        default=None, description="None: the project is only held as it is (仅纳管); set it once that is done."
    )
    enforced: bool = Field(default=False, description="Whether policies stop a plan of it (强制), or only advise.")
    objects: tuple[AdoptedObject, ...] = Field(min_length=1)


def as_file(project: AdoptedProject) -> str:
    """The project as a file of an inventory: what people decide first, then one line for each property."""
    return "\n".join(_lines(project)) + "\n"


def _lines(project: AdoptedProject) -> Iterator[str]:
    yield "# Written by `zy cloud adopt`; yours from now on (纳管清单). docs/how-to/adopt-a-city-cloud.md"
    yield "adopted:"
    yield f"  {project.code}:"
    yield f"    name: {_flow(project.name)}"
    yield f"    region: {project.region}"
    yield f"    project_id: {_flow(project.project_id)}"
    yield "    # Once it is held (`zy apply`), say whose it is, and its objects get the standard's labels:"
    yield "    # owner: {department: …, zone: …, mlps_level: …, data_class: …}"
    yield "    enforced: false"
    yield "    objects:"
    for one in project.objects:
        yield f"      - kind: {one.kind}"
        yield f"        name: {_flow(one.name)}"
        yield f"        id: {_flow(one.id)}"
        if one.tags:
            yield f"        tags: {_flow(list(one.tags))}"
        yield "        inputs:" if one.inputs else "        inputs: {}"
        for key, value in one.inputs.items():
            yield f"          {key}: {_flow(value)}"


def _flow(value: Any) -> str:
    """JSON, which YAML 1.2 takes as it is, but for characters that do not print (YAML 1.2.2, 5.7)."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)
