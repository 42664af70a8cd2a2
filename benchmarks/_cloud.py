"""What the clouds' benchmarks share: provinces of several sizes, and Pulumi's mocks, a cloud that answers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks, set_mocks

from province.load import load
from province.province import Province
from stacks.plan.stack import PROJECT, StackId, waves
from stacks.program import run

GUANGDONG = Path(__file__).parents[1] / "inventories" / "guangdong"
DAY = date(2026, 11, 25)


@dataclass
class Cloud(Mocks):
    """Answers every request of the provider at once, and remembers what was registered."""

    made: list[MockResourceArgs] = field(default_factory=list)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            return args.name, {**args.inputs, "outputs": {}}
        if args.typ.startswith("openstack:"):
            self.made.append(args)
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        if args.token.endswith("getAuthScope"):
            admin = {"roleName": "admin", "roleId": "admin"}
            return {"userId": "operator", "userName": "operator", "roles": [admin]}, []
        return {"id": str(args.args.get("name", ""))}, []


def stacks_of(province: Province) -> Iterator[StackId]:
    return (stack for wave in waves(province) for stack in wave)


def preview(province: Province) -> dict[str, list[MockResourceArgs]]:
    """Run the program of every stack as Pulumi does in a preview of what is not there yet; what each registered."""
    made = {}
    for stack in map(str, stacks_of(province)):
        cloud = Cloud()
        program(stack, cloud, partial(run, stack, province, GUANGDONG, DAY))
        made[stack] = cloud.made
    return made


def program(name: str, cloud: Cloud, work: Callable[[], object]) -> None:
    """Run one program against the mocks, to the last of its resources."""
    set_mocks(cloud, project=PROJECT, stack=name, preview=True)

    pulumi.runtime.test(work)()  # type: ignore[no-untyped-call] # it has no types


def with_regions(province: Province, regions: int) -> Province:
    """The province with its first ``regions`` clouds only, and what runs there: about 554 resources in each."""
    kept = frozenset(sorted(province.regions)[:regions])
    systems = {code: system for code, system in province.systems.items() if system.region in kept}
    agreements = {code: one for code, one in province.agreements.items() if one.provider.system in systems}
    here = {code: region for code, region in province.regions.items() if code in kept}
    return province.model_copy(update={"regions": here, "systems": systems, "agreements": agreements})


def guangdong() -> Province:
    return load(GUANGDONG)
