"""JSON Schema of inventory files, for editors and other tools."""

from __future__ import annotations

from typing import Any

from province.profile import ProfiledSystem
from province.province import Province
from province.source import Shaping

SCHEMA_NAME = "inventory.schema.json"


def json_schema() -> dict[str, Any]:
    """Schema (draft 2020-12) of one file: any of the sections, none required, since files are read together."""
    schema = Province.model_json_schema(by_alias=True)
    shaping = Shaping.model_json_schema(by_alias=True)
    profiled = ProfiledSystem.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    schema.pop("required", None)
    schema["properties"] |= shaping["properties"]
    schema["$defs"] |= shaping["$defs"] | profiled.pop("$defs") | {"ProfiledSystem": profiled}
    systems = schema["properties"]["systems"]["patternProperties"]
    for grammar, whole in systems.items():
        systems[grammar] = {"anyOf": [whole, {"$ref": "#/$defs/ProfiledSystem"}]}
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Inventory of a government cloud (政务云清单)"
    for name, definition in schema["$defs"].items():
        if name != "Identity":
            _without_code(definition)
    return schema


def _without_code(definition: dict[str, Any]) -> None:
    """A block's code is the key above it, so files do not write it."""
    definition.get("properties", {}).pop("code", None)
    if "required" in definition:
        definition["required"] = [name for name in definition["required"] if name != "code"]
