"""Profiles (系统模板): what systems of a sort have in common, so that a system is ten lines.

A profile holds any fields of a system but those that say whose it is. A system names one by ``profile:``, and a profile
may build on another in the same way. What the system writes itself goes before its profile, field by field, also within
a workload; lists are taken whole. ``without: [cache]`` leaves workloads out, and takes them from the clients of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field, create_model
from pydantic.fields import FieldInfo

from province.code import Code
from province.declared import Declared
from province.document import Document, read_document
from province.system import System, Workload

KeyPath = tuple[str | int, ...]

OWN = ("code", "name", "name_en", "department", "region")
"""Fields that say whose a system is, and where: no profile has them."""

_SETTINGS = ("profile", "without")


def partial(name: str, model: type[BaseModel], left_out: tuple[str, ...], extra: Mapping[str, Any]) -> type[Declared]:
    """The model with every field optional, so that what is left out is filled in from elsewhere."""
    fields = {
        field: (_optional(info), Field(default=None, description=info.description))
        for field, info in model.model_fields.items()
        if field not in left_out
    }
    definitions: dict[str, Any] = {**fields, **extra}
    return create_model(name, __base__=Declared, __doc__=f"{model.__name__}, in part.", **definitions)


def _optional(info: FieldInfo) -> Any:
    kind = info.annotation
    for constraint in info.metadata:
        kind = Annotated[kind, constraint]  # type: ignore[assignment] # a type made at run time
    return Union[kind, None]  # noqa: UP007 - `|` is not for all types made at run time


_PartialWorkload = partial("PartialWorkload", Workload, ("code",), {})
Profile = partial(
    "Profile",
    System,
    (*OWN, "workloads"),
    {
        "workloads": (
            dict[Code, _PartialWorkload],  # type: ignore[valid-type] # a type made at run time
            Field(default_factory=dict),
        ),
        "profile": (Code | None, Field(default=None, description="Profile that this one builds on.")),
        "without": (list[Code], Field(default_factory=list, description="Workloads of the profile to leave out.")),
    },
)


_OWN_FIELDS: dict[str, Any] = {
    field: (System.model_fields[field].annotation, Field()) for field in OWN if field != "code"
}
ProfiledSystem = create_model(
    "ProfiledSystem",
    __base__=Profile,
    __doc__="A system by its profile.",
    profile=(Code, Field(description="What gives all that is not written here.")),
    **_OWN_FIELDS,
)
"""How a system with a profile stands in a file."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A system's whole block, and for each value that a profile gave: which, and where in it."""

    block: dict[str, Any]
    origins: Mapping[KeyPath, tuple[str, KeyPath]]


class ProfileError(Exception):
    """A profile cannot be used; ``path`` is within the block that names it (or within ``profile``, if one does)."""

    def __init__(self, code: str, message: str, path: KeyPath, fix: str, profile: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
        self.fix = fix
        self.profile = profile


def built_in() -> dict[str, Document]:
    """Profiles that come with the suite, each in a file of its name."""
    folder = Path(str(files("province") / "profiles"))
    documents = ((path.stem, read_document(path, path.name)) for path in sorted(folder.glob("*.yaml")))
    return {name: document for name, document in documents if document is not None}


def resolve(block: Mapping[str, Any], profiles: Mapping[str, Mapping[str, Any]]) -> Resolved:
    """The block with everything that its profile and those below it give. Raises :class:`ProfileError`."""
    _check_settings(block)
    layers = list(_layers(block, profiles))
    content: dict[str, Any] = {}
    origins: dict[KeyPath, tuple[str, KeyPath]] = {}
    for name, layer in reversed(layers):
        _leave_out(layer, content, origins, name)
        own = {key: value for key, value in layer.items() if key not in _SETTINGS}
        _lay(own, content, origins, name, ())
    return Resolved(content, origins)


def _check_settings(block: Mapping[str, Any]) -> None:
    """A profile's own settings have been checked with it; a system's go before the model sees it."""
    if not isinstance(block.get("profile"), str | None):
        raise ProfileError("ZY-INV-015", "`profile` is not a text", ("profile",), "write the code of a profile")
    without = block.get("without", [])
    if not isinstance(without, list) or not all(isinstance(name, str) for name in without):
        words = "`without` is not a list of workloads"
        raise ProfileError("ZY-INV-015", words, ("without",), "write a list, as in `without: [cache]`")


def _layers(
    block: Mapping[str, Any], profiles: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """The block, its profile, the profile of that …"""
    name: str | None = None
    seen: list[str] = []
    layer = block
    while True:
        yield name, layer
        below = layer.get("profile")
        if below is None:
            return
        if below not in profiles:
            known = ", ".join(sorted(profiles))
            raise ProfileError(
                "ZY-INV-043", f"no profile is called {below!r}", ("profile",), f"use one of: {known}", name
            )
        if below in seen:
            ring = " → ".join([*seen[seen.index(below) :], below])
            raise ProfileError(
                "ZY-INV-044", f"profiles build on each other: {ring}", ("profile",), "take one `profile:` out", name
            )
        seen.append(below)
        name, layer = below, profiles[below]


def _leave_out(
    layer: Mapping[str, Any],
    content: dict[str, Any],
    origins: dict[KeyPath, tuple[str, KeyPath]],
    profile: str | None,
) -> None:
    """Take workloads that the layer does without from what is below it."""
    workloads = content.get("workloads", {})
    for index, name in enumerate(layer.get("without", ())):
        if name not in workloads:
            known = ", ".join(sorted(workloads)) or "none"
            fix = f"use some of: {known}"
            raise ProfileError("ZY-INV-045", f"the profile has no workload {name!r}", ("without", index), fix, profile)
        del workloads[name]
        for path in [path for path in origins if path[:2] == ("workloads", name)]:
            del origins[path]
        for other in workloads.values():
            if isinstance(other.get("clients"), list):
                other["clients"] = [client for client in other["clients"] if client != name]


def _lay(
    layer: Mapping[str, Any],
    content: dict[str, Any],
    origins: dict[KeyPath, tuple[str, KeyPath]],
    profile: str | None,
    path: KeyPath,
) -> None:
    """Put a layer on top: maps are merged, everything else is replaced."""
    for key, value in layer.items():
        here = (*path, key)
        if isinstance(value, Mapping):
            below = content.get(key)
            content[key] = dict(below) if isinstance(below, dict) else {}
            origins.pop(here, None)
            _lay(value, content[key], origins, profile, here)
            continue
        content[key] = list(value) if isinstance(value, list) else value
        for covered in [path for path in origins if path[: len(here)] == here]:
            del origins[covered]
        if profile is not None:
            origins[here] = (profile, here)
