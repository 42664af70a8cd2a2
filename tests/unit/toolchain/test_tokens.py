"""Every token and property that the published Python package asks for is served by the provider we build."""

from __future__ import annotations

import json
from typing import Any

import pytest

from province.errors import ZyError
from tests.unit.toolchain import published
from zhengyun.places import Places
from zhengyun.toolchain.golang import provider_version
from zhengyun.toolchain.tools import Tools

Schema = dict[str, Any]
pytestmark = pytest.mark.filterwarnings("ignore:openstack:DeprecationWarning")  # of tokens that have newer names


@pytest.fixture(scope="module")
def schema() -> Schema:
    try:
        provider = Tools.locate(Places.here().cache).provider
    except ZyError as error:
        pytest.skip(f"the provider is not built: {error.fix}")
    built: Schema = json.loads((provider / "schema.json").read_text(encoding="utf-8"))
    return built


def served(schema: Schema, properties: dict[str, Any], prefix: str = "") -> published.Shape:
    """The properties of a schema, as flat as those of the package."""
    shape: published.Shape = {}
    for name, spec in properties.items():
        add(schema, shape, prefix + name, spec)
    return shape


def add(schema: Schema, shape: published.Shape, path: str, spec: dict[str, Any]) -> None:
    if reference := spec.get("$ref"):
        shape[path] = "object"
        nested = schema["types"][reference.removeprefix("#/types/")]
        shape.update(served(schema, nested["properties"], path + "."))
    elif spec["type"] == "array":
        shape[path] = "array"
        add(schema, shape, path + "[]", spec["items"])
    elif spec["type"] == "object":
        shape[path] = "map"
        add(schema, shape, path + "{}", spec["additionalProperties"])
    else:
        shape[path] = spec["type"]


def lacking(asked: published.Shape, given: published.Shape) -> dict[str, str]:
    """What is asked for and not given, or given in another kind. An empty kind asks for the name alone."""
    return {path: kind for path, kind in asked.items() if given.get(path) != kind and (kind or path not in given)}


def test_the_schema_is_of_the_packages_version(schema: Schema) -> None:
    assert schema["version"] == provider_version()


def test_every_resource_is_served(schema: Schema) -> None:
    asked = published.resources()
    asked.pop("pulumi:providers:openstack")
    assert len(asked) > 100
    assert set(asked) == set(schema["resources"])
    faults = {}
    for token, resource in asked.items():
        given = schema["resources"][token]
        faults[f"{token} inputs"] = lacking(resource.inputs, served(schema, given["inputProperties"]))
        faults[f"{token} outputs"] = lacking(resource.outputs, served(schema, given["properties"]))
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_nothing_is_required_that_the_package_may_leave_out(schema: Schema) -> None:
    asked = published.resources()
    asked.pop("pulumi:providers:openstack")
    given = {token: set(schema["resources"][token].get("requiredInputs", ())) for token in asked}
    faults = {token: given[token] - resource.required for token, resource in asked.items()}
    assert {token: fault for token, fault in faults.items() if fault} == {}


def test_every_data_source_is_served(schema: Schema) -> None:
    asked = published.functions()
    assert len(asked) > 60
    assert set(asked) <= set(schema["functions"])
    faults = {}
    for token, (arguments, results) in asked.items():
        given = schema["functions"][token]
        faults[f"{token} arguments"] = lacking(arguments, served(schema, given["inputs"]["properties"]))
        faults[f"{token} results"] = lacking(results, served(schema, given["outputs"]["properties"]))
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_the_providers_own_settings_are_served(schema: Schema) -> None:
    asked = published.resources()["pulumi:providers:openstack"]
    assert lacking(asked.inputs, served(schema, schema["provider"]["inputProperties"])) == {}
