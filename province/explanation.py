"""Where every effective value of a system comes from: the inventory, a profile, or a default of the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from province.document import KeyPath
from province.errors import Place
from province.province import Province
from province.source import Source


class Giver(StrEnum):
    """Who gave a value."""

    INVENTORY = "inventory"
    PROFILE = "profile"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Effective:
    """One value of a system: ``field`` is its path, ``workloads.web.count``."""

    field: str
    value: Any
    giver: Giver
    profile: str | None
    place: Place
    """Where it is written; for a built-in profile the line that names the profile, for a default the system's block."""


def explain(province: Province, source: Source, system: str) -> tuple[Effective, ...]:
    """Every value of a system, in the order of the model; workloads by name. Raises :class:`KeyError` for no system."""
    base = ("systems", system)
    return tuple(
        _effective(source, base, path, value)
        for path, value in _leaves(province.systems[system], ())
        if path[-1] != "code"
    )


def _effective(source: Source, base: KeyPath, path: KeyPath, value: Any) -> Effective:
    here = (*base, *path)
    profile = source.profiles.get(here)
    giver = Giver.PROFILE if profile else Giver.INVENTORY if source.is_written(here) else Giver.DEFAULT
    return Effective(".".join(map(str, path)), value, giver, profile, source.place(here))


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from _leaves(getattr(value, name), (*path, info.alias or name))
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _leaves(value[key], (*path, key))
    elif isinstance(value, frozenset | set):
        yield path, sorted(value)
    else:
        yield path, value
