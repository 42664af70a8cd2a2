"""The base of everything that an inventory declares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from province.code import Code


class Declared(BaseModel):
    """A block of an inventory. Unknown keys are errors: a misspelt setting must not be silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Named(Declared):
    """A block that stands in a map under its code."""

    code: Code = Field(description="The key of the map; never written inside the block.")
    name: str = Field(min_length=1, description="Chinese name as people read it (中文名称).")
    name_en: str = Field(min_length=1, description="English name.")
