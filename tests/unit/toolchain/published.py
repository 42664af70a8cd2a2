"""What the published Python package pulumi-openstack asks a provider for, read from its own classes.

Shapes are flat: ``allocationPools[].start`` → ``string``, so that two of them can be compared as mappings.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import types
import typing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import _types as sdk

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of modules whose tokens have newer names
    import pulumi_openstack

Shape = dict[str, str]
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ARGUMENT = re.compile(r"__args__\['(\w+)'\]")
_CALL = re.compile(r"invoke(?:_async)?\('(openstack:[^']+)'")


def modules() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(pulumi_openstack.__path__, "pulumi_openstack."):
        yield importlib.import_module(found.name)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource class: its inputs, those of them that must be given, and its outputs."""

    inputs: Shape
    required: frozenset[str]
    outputs: Shape


def resources() -> dict[str, Resource]:
    """Every resource, by token."""
    shapes = {}
    for module in modules():
        for name, found in inspect.getmembers(module, inspect.isclass):
            if found.__module__ == module.__name__ and issubclass(found, pulumi.CustomResource):
                token = getattr(found, "pulumi_type", None) or "pulumi:providers:openstack"
                inputs = getattr(module, f"{name}Args")
                shapes[token] = Resource(
                    flat(sdk.input_type_types(inputs)), required(inputs), flat(sdk.resource_types(found))
                )
    return shapes


def required(inputs: type) -> frozenset[str]:
    """Pulumi's names of the arguments that have no default."""
    names = sdk.input_type_py_to_pulumi_names(inputs)
    parameters = list(inspect.signature(inputs).parameters.values())
    return frozenset(names[p.name] for p in parameters if p.default is p.empty)


def functions() -> dict[str, tuple[Shape, Shape]]:
    """Arguments (of unknown kind) and results of every data source, by token."""
    shapes = {}
    for module in modules():
        for name, found in inspect.getmembers(module, inspect.isfunction):
            if found.__module__ != module.__name__ or name.endswith("_output"):
                continue
            text = inspect.getsource(found)
            if token := _CALL.search(text):
                (result,) = found.__annotations__["return"].__bases__  # under the awaitable form of it
                arguments = dict.fromkeys(_ARGUMENT.findall(text), "")
                shapes[token[1]] = (arguments, flat(sdk.output_type_types(result)))
    return shapes


def flat(properties: Mapping[str, Any], prefix: str = "") -> Shape:
    shape: Shape = {}
    for name, annotation in properties.items():
        _add(shape, prefix + name, annotation)
    return shape


def _add(shape: Shape, path: str, annotation: Any) -> None:
    plain = _unwrap(annotation)
    if plain in _PLAIN:
        shape[path] = _PLAIN[plain]
    elif typing.get_origin(plain) in (Sequence, list):
        shape[path] = "array"
        _add(shape, path + "[]", typing.get_args(plain)[0])
    elif typing.get_origin(plain) in (Mapping, dict):
        shape[path] = "map"
        _add(shape, path + "{}", typing.get_args(plain)[1])
    elif sdk.is_input_type(plain):
        shape[path] = "object"
        shape.update(flat(sdk.input_type_types(plain), path + "."))
    elif sdk.is_output_type(plain):
        shape[path] = "object"
        shape.update(flat(sdk.output_type_types(plain), path + "."))
    else:
        raise AssertionError(f"{path}: a type that this test does not know: {plain!r}")


def _unwrap(annotation: Any) -> Any:
    """The plain type inside Optional and pulumi.Input (a union of it, an awaitable and an Output)."""
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return annotation
    return _unwrap(typing.get_args(annotation)[0])
