"""The programs of a province's stacks, run in this process against Pulumi's mocks: 5,500 resources of ten clouds.

The peer registers the very same resources (types, names, properties) by bare ``pulumi.CustomResource``: the floor that
Pulumi's library sets for any program in Python. Not measured here: Pulumi's engine, which starts a process for each
stack, and a cloud's answers. Aim of the issue: at most 60 s and 2 GiB, and a cost per resource that is flat.
"""

from __future__ import annotations

import resource
from functools import partial
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockResourceArgs

from benchmarks._cloud import Cloud, guangdong, preview, program, with_regions
from benchmarks._measure import row, seconds, show

REGIONS = (1, 10)
PEER = "bare pulumi.CustomResource"


def run() -> list[dict[str, Any]]:
    rows = []
    for regions in REGIONS:
        province = with_regions(guangdong(), regions)
        made: dict[str, list[MockResourceArgs]] = {}
        ours = seconds(lambda: made.update(preview(province)))  # noqa: B023 - called at once
        n = sum(map(len, made.values()))
        floor = seconds(partial(_bare, made))
        rows.append(row(f"cloud-preview-{n}", "s of CPU", ours, {PEER: floor}, n))
        rows.append(row(f"cloud-preview-{n}-per-resource", "ms of CPU", 1000 * ours / n, {PEER: 1000 * floor / n}, n))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, row("cloud-preview-memory", "MiB", memory, {}, n)]


def _bare(made: dict[str, list[MockResourceArgs]]) -> None:
    for stack, resources in made.items():
        program(stack, Cloud(), partial(_register, resources))


def _register(resources: list[MockResourceArgs]) -> None:
    for one in resources:
        pulumi.CustomResource(one.typ, one.name, one.inputs)


if __name__ == "__main__":
    show(run())
