"""From an inventory to what every stack holds: load, and plan 500 to 12,000 resources of a province.

The peer is the usual way: a Jinja template that writes the same systems as OpenTofu's JSON, from plain dictionaries
that are read already; it checks nothing, and makes no projects and quotas. ``cloud-load`` is the reading alone (2,024
routers, 198 systems, all checks), against libyaml's own reading of the same inventory written out in full.
"""

from __future__ import annotations

import resource
from functools import partial
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # its stubs are not worth a dependency
from jinja2 import Environment, Template

from benchmarks._cloud import DAY, guangdong, preview, stacks_of, with_regions
from benchmarks._measure import best, row, show
from province.province import Province
from province.standard import description, system_labels
from stacks.plan.province import plan_province
from stacks.plan.region import plan_region
from stacks.plan.stack import Kind
from stacks.plan.tenant import plan_tenant

REGIONS = (1, 10, 22)
JINJA = "Jinja to OpenTofu's JSON"
LIBYAML = "libyaml, the same written out"
TEMPLATE = Path(__file__).parent / "peers" / "tenant.tf.json.j2"


def run() -> list[dict[str, Any]]:
    whole = guangdong()
    written = yaml.dump(whole.model_dump(mode="json", by_alias=True), Dumper=yaml.CSafeDumper, allow_unicode=True)
    peer = best(lambda: yaml.load(written, Loader=yaml.CSafeLoader))
    rows = [row("cloud-load", "s of CPU", best(guangdong), {LIBYAML: peer}, len(whole.routers))]
    template = Environment(autoescape=False).from_string(TEMPLATE.read_text(encoding="utf-8"))
    for regions in REGIONS:
        province = with_regions(whole, regions)
        n = sum(map(len, preview(province).values()))
        ours = best(partial(_plan, province))
        plain = [_plain(province, code) for code in province.systems]
        theirs = best(partial(_rendered, template, plain))
        rows.append(row(f"cloud-plan-{n}", "s of CPU", ours, {JINJA: theirs}, n))
        rows.append(row(f"cloud-plan-{n}-per-resource", "ms of CPU", 1000 * ours / n, {}, n))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, row("cloud-plan-memory", "MiB", memory, {}, n)]


def _plan(province: Province) -> list[object]:
    """What every stack holds."""
    return [
        plan_province(province)
        if stack.kind is Kind.PROVINCE
        else (plan_region if stack.kind is Kind.REGION else plan_tenant)(province, stack.code, DAY)
        for stack in stacks_of(province)
    ]


def _plain(province: Province, code: str) -> dict[str, Any]:
    """What the template needs of a system."""
    system, network = province.systems[code], province.addresses.system(code)
    return {
        "name": f"{system.region}-{code}",
        "text": description(system),
        "labels": system_labels(province, system).as_metadata(),
        "ipv4": str(network.ipv4),
        "ipv6": str(network.ipv6),
        "workloads": {name: one.model_dump(mode="json") for name, one in system.workloads.items()},
    }


def _rendered(template: Template, systems: list[dict[str, Any]]) -> list[str]:
    return [template.render(system) for system in systems]


if __name__ == "__main__":
    show(run())
