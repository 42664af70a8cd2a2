"""All rules of the cloud, each with its judgement, run so that one which raises hides no other. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from policies.cloud import assets, rules, shadows
from policies.cloud.rules import Resource, Rule, Violation

BROKEN = "ZY-POL-019"
"""Code of what a rule that raised is reported with."""


@dataclass(frozen=True, slots=True)
class ResourceRule:
    """A rule on each resource for itself."""

    rule: Rule
    judge: Callable[[Resource], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class StackRule:
    """A rule on all resources of a stack together."""

    rule: Rule
    judge: Callable[[Sequence[Resource]], Iterable[Violation]]


PACK: tuple[ResourceRule | StackRule, ...] = (
    ResourceRule(rules.LABELS, rules.judge_labels),
    ResourceRule(rules.PORTS, rules.judge_ports),
    StackRule(rules.BRIDGES, rules.judge_bridges),
    ResourceRule(assets.VALID_LABELS, assets.judge_valid_labels),
    ResourceRule(assets.FINITE_QUOTAS, assets.judge_quotas),
    StackRule(assets.DUAL_STACK, assets.judge_dual_stack),
    StackRule(shadows.NO_SHADOWS, shadows.judge_shadows),
)
NAMES = frozenset(one.rule.name for one in PACK)


def violations(one: ResourceRule | StackRule, resources: Sequence[Resource]) -> Iterator[Violation]:
    """What one rule finds; where it raises, that, as a violation of its own: never silence."""
    if isinstance(one, StackRule):
        yield from _isolated(one.rule, "", partial(one.judge, resources))
        return
    for resource in resources:
        yield from _isolated(one.rule, resource.urn, partial(one.judge, resource))


def _isolated(rule: Rule, urn: str, judge: Callable[[], Iterable[Violation]]) -> list[Violation]:
    try:
        return list(judge())
    except Exception as error:  # any mistake of a rule is told, and the others go on
        what = f"the rule {rule.name} raised {type(error).__name__}: {error}."
        return [Violation(replace(rule, code=BROKEN), urn, what, "mend the rule")]
