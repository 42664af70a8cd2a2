"""Judge by a province's own rules (see :mod:`province.rule`). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from province.province import Province
from province.record import Finding
from province.rule import Case, Condition, Conditions, Rule, Section

_TARGETS = {Section.SYSTEMS: "tenant-{}", Section.REGIONS: "region-{}", Section.HOSTS: "{}", Section.ROUTERS: "{}"}


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule that can be run like ours."""

    rule: Rule

    @property
    def name(self) -> str:
        """As findings name it; ours have no such prefix."""
        return f"own.{self.rule.code}"

    def findings(self, province: Province) -> Iterator[Finding]:
        """A finding for each object and field that breaks it. Raises ``KeyError`` for a field that no object has."""
        for code, thing in sorted(getattr(province, self.rule.judges).items()):
            fields = thing.model_dump(mode="json")
            if not all(_holds(condition, values(fields, path)) for path, condition in self.rule.where.items()):
                continue
            for path, condition in self.rule.require.items():
                found = values(fields, path)
                if not _holds(condition, found):
                    yield self._finding(code, path, found)

    def _finding(self, code: str, path: str, found: Sequence[Any]) -> Finding:
        rule = self.rule
        seen = ", ".join(dict.fromkeys(_shown(value) for value in found)) or "nothing"
        return Finding(
            rule=self.name,
            severity=rule.severity,
            object=f"{rule.judges.removesuffix('s')} {code}",
            message=f"{rule.name} ({rule.name_en}): {path} is {seen}, not {rule.require[path]}",
            fix=rule.mend,
            clause=rule.clause or "",
            target=_TARGETS[rule.judges].format(code),
        )


def _shown(value: Any) -> str:
    return " ".join(sorted(map(str, value))) if isinstance(value, list) else str(value)


def own_rules(province: Province) -> tuple[OwnRule, ...]:
    """The rules that an inventory declares."""
    return tuple(OwnRule(rule) for _, rule in sorted(province.rules.items()))


def misjudged(rules: Sequence[OwnRule], province: Province) -> list[str]:
    """What is wrong with rules, in words: cases judged wrongly, fields that nothing has, demands that no case needs."""
    return [f"{own.name}: {wrong}" for own in rules for wrong in _wrong(own, province)]


def _wrong(own: OwnRule, province: Province) -> Iterator[str]:
    rule = own.rule
    for kind, cases in (("pass", rule.passes), ("fail", rule.fails)):
        for number, case in enumerate(cases, 1):
            missing = sorted({*rule.where, *rule.require} - set(case))
            if missing:
                yield f"case {number} that must {kind} does not say {', '.join(missing)}"
            elif not _meets(rule.where, case):
                yield f"case {number} that must {kind} is not among those that the rule is for (where)"
            elif _meets(rule.require, case) != (kind == "pass"):
                yield f"case {number} that must {kind} does not"
    for path in rule.require:
        weaker = {other: condition for other, condition in rule.require.items() if other != path}
        if all(not _meets(weaker, case) for case in rule.fails if set(rule.require) <= set(case)):
            yield f"no case that must fail does so by {path} alone, so that nothing shows that it is judged"
    try:
        list(own.findings(province))
    except KeyError as error:
        yield f"{rule.judges} have no field {error.args[0]}"


def _meets(conditions: Conditions, case: Case) -> bool:
    return all(_holds(condition, _listed(case[path])) for path, condition in conditions.items() if path in case)


def _listed(value: Any) -> list[Any]:
    """A case gives one value for each path, which may be a list."""
    return [list(value) if isinstance(value, tuple) else value]


def values(fields: Mapping[str, Any], path: str) -> list[Any]:
    """The values at a path; several, or none, where it has a star. Raises ``KeyError`` for a field that nothing has."""
    found: list[Any] = [fields]
    for step in path.split("."):
        if step == "*":
            found = [below for each in found for below in each.values()]
        else:
            found = [_field(each, step, path) for each in found]
    return found


def _field(thing: Any, name: str, path: str) -> Any:
    if not isinstance(thing, Mapping) or name not in thing:
        raise KeyError(path)
    return thing[name]


def _holds(condition: Condition, found: Sequence[Any]) -> bool:
    """Whether every value found is what the condition asks; a star that finds nothing asks nothing."""
    return all(_one_holds(condition, value) for value in found)


def _one_holds(condition: Condition, value: Any) -> bool:
    (kind,) = condition.model_fields_set
    asked = getattr(condition, kind)
    match kind:
        case "equals":
            return _same(value, asked)
        case "one_of":
            return any(_same(value, one) for one in asked)
        case "at_least":
            return _number(value) and value >= asked
        case "at_most":
            return _number(value) and value <= asked
        case "contains":
            return isinstance(value, list) and any(_same(one, asked) for one in value)
        case _:
            return isinstance(value, str) and re.fullmatch(asked, value) is not None


def _same(value: object, asked: object) -> bool:
    """Equal, and truth values are no numbers."""
    return value == asked and isinstance(value, bool) == isinstance(asked, bool)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
