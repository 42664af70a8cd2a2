"""The cloud's rules on a project that is to be adopted, as it was read: before anything of it is in a stack. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from policies.cloud.pack import PACK, violations
from policies.cloud.rules import Resource, Violation
from province.adopted import AdoptedObject, AdoptedProject
from province.record import Finding, Severity


def judge_adopted(project: AdoptedProject) -> list[Finding]:
    """What the rules would say to the project's objects. Advice: nothing of it is stopped by being seen."""
    resources = list(_resources(project))
    names = {resource.urn: resource.name for resource in resources}
    return [_finding(project, names, one) for rule in PACK for one in violations(rule, resources)]


def _finding(project: AdoptedProject, names: dict[str, str], violation: Violation) -> Finding:
    return Finding(
        rule=violation.rule.name,
        severity=Severity.ADVISORY,
        object=names.get(violation.urn, project.name),
        message=violation.message,
        fix=violation.fix,
        clause=violation.rule.clause,
        target=f"adopted-{project.code}",
    )


def _resources(project: AdoptedProject) -> Iterator[Resource]:
    """Objects name each other by their ids; Pulumi's resources, and so the rules, by URNs."""
    urns = {one.id: _urn(one) for one in project.objects if one.id}
    for one in project.objects:
        depends = {key: (urns[value],) for key, value in one.inputs.items() if isinstance(value, str) and value in urns}
        yield Resource(_urn(one), one.kind, one.name, {**one.inputs, "tags": list(one.tags)}, depends)


def _urn(one: AdoptedObject) -> str:
    return f"{one.kind}::{one.name}"
