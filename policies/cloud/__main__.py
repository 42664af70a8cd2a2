"""The policy pack that ``pulumi preview --policy-pack policies/cloud`` runs: judgements of ``rules`` on each stack."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Pulumi puts this folder on the path instead of the one that holds our packages
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pulumi_policy import (
    EnforcementLevel,
    PolicyComplianceFramework,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.cloud import rules
from policies.cloud.pack import PACK, ResourceRule, StackRule, violations
from province.record import Severity

LEVELS = {Severity.MANDATORY: EnforcementLevel.MANDATORY, Severity.ADVISORY: EnforcementLevel.ADVISORY}


def known(value: Any) -> Any:
    """The value with everything that a preview cannot know replaced by :data:`rules.UNKNOWN`."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(container: Any, key: Any) -> Any:
    try:
        return known(container[key])
    except UnknownValueError:
        return rules.UNKNOWN


def _resource_policy(one: ResourceRule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for violation in violations(one, [_one(args)]):
            report(str(violation), None)

    return ResourceValidationPolicy(
        one.rule.name, one.rule.description, validate, LEVELS[one.rule.severity], framework=_framework(one.rule)
    )


def _stack_policy(one: StackRule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for violation in violations(one, [_of_stack(resource) for resource in args.resources]):
            report(str(violation), violation.urn or None)

    return StackValidationPolicy(
        one.rule.name, one.rule.description, validate, LEVELS[one.rule.severity], framework=_framework(one.rule)
    )


def _one(args: ResourceValidationArgs) -> rules.Resource:
    return rules.Resource(args.urn, args.resource_type, args.name, known(args.props))


def _of_stack(resource: PolicyResource) -> rules.Resource:
    depends = {key: tuple(each.urn for each in found) for key, found in resource.property_dependencies.items()}
    return rules.Resource(resource.urn, resource.resource_type, resource.name, known(resource.props), depends)


def _framework(rule: rules.Rule) -> PolicyComplianceFramework:
    return PolicyComplianceFramework(
        name="MLPS level 3 (等保三级)", version=rules.STANDARD, reference=rule.clause, specification=rule.description
    )


if __name__ == "__main__":
    PolicyPack(
        "zhengyun-cloud", [_stack_policy(one) if isinstance(one, StackRule) else _resource_policy(one) for one in PACK]
    )
