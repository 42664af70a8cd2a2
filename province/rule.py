"""A province's own rules (自定规则): what it asks of its systems, regions, hosts and routers beyond our rules.

A rule is data and runs nothing. It names a kind of object, which of them it is for, and what each must be; and it
carries cases, so that ``zy policy test`` can show that it passes what it should and fails what it should.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from province.clause import Clause
from province.declared import Declared, Named
from province.record import Severity

Scalar = bool | int | float | str

FieldPath = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.([a-z_]+|\*))*$")]
"""A field as the inventory names it: ``mlps_level``, ``data_centre.pue``; ``workloads.*.count`` is that of each."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


class Section(StrEnum):
    """Sections of the inventory whose objects rules judge."""

    SYSTEMS = "systems"
    REGIONS = "regions"
    HOSTS = "hosts"
    ROUTERS = "routers"


class Condition(Declared):
    """What a field must be: exactly one of these. An absent field meets none."""

    equals: Scalar | None = None
    one_of: tuple[Scalar, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    contains: Scalar | None = Field(default=None, description="The field is a list that holds this.")
    matches: Annotated[str, AfterValidator(_compiles)] | None = Field(
        default=None, description="A regular expression that all of the text matches (Python's re)."
    )

    @model_validator(mode="after")
    def _one(self) -> Condition:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"wants exactly one of {', '.join(type(self).model_fields)}")
        return self

    def __str__(self) -> str:
        (name,) = self.model_fields_set
        value = getattr(self, name)
        return f"{name.replace('_', ' ')} {', '.join(map(str, value)) if isinstance(value, tuple) else value}"


Conditions = Mapping[FieldPath, Condition]
Case = Annotated[Mapping[FieldPath, Scalar | tuple[Scalar, ...]], Field(min_length=1)]
"""An object of which only these fields matter."""


class Rule(Named):
    """One rule. Its name is what must hold, in words."""

    judges: Section
    where: Conditions = Field(default_factory=dict, description="Which of them it is for; without it, all.")
    require: Conditions = Field(min_length=1, description="What each of those must be.")
    severity: Severity = Field(default=Severity.ADVISORY, description="mandatory: a plan that breaks it is refused.")
    clause: Clause | None = Field(default=None, description="Clause of GB/T 22239-2019 that it serves.")
    mend: str = Field(min_length=1, description="What to do about an object that breaks it.")
    passes: tuple[Case, ...] = Field(min_length=1, description="Objects that it must pass.")
    fails: tuple[Case, ...] = Field(min_length=1, description="Objects that it must fail.")
