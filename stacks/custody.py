"""What a plan may do to an adopted project: import it as it is, mend it in place, let go of it; no more. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from province.adopted import AdoptedProject
from province.errors import Place, ZyError
from province.record import Action, Finding, Operation, Severity
from stacks.operation import Preview


def in_custody(preview: Preview, project: AdoptedProject) -> Preview:
    """The preview of the project's stack; what policies say to it is advice, until the project is ``enforced``.

    Raises ``ZY-CLD-080`` when an object would be replaced, or changed in the same step in which it is imported.
    """
    _refuse(preview.actions, project.code)
    return preview if project.enforced else replace(preview, findings=tuple(as_advice(preview.findings)))


def released(preview: Preview) -> Preview:
    """The preview of a stack that is given up: everything stays in the cloud, rules and legs too."""
    actions = (action.model_copy(update={"operation": Operation.RELEASE, "risk": ""}) for action in preview.actions)
    return replace(preview, actions=tuple(actions))


def as_advice(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings that stop nothing, one a rule: a city's cloud has the same flaw a thousand times."""
    for _, alike in groupby(sorted(findings, key=lambda one: (one.rule, one.object)), lambda one: one.rule):
        first, *others = alike
        more = f" And {len(others)} more like it." if others else ""
        yield first.model_copy(update={"severity": Severity.ADVISORY, "message": first.message + more})


def _refuse(actions: Sequence[Action], code: str) -> None:
    imported = {action.object for action in actions if action.operation is Operation.IMPORT}
    for action in actions:
        if action.operation is Operation.REPLACE:
            raise _refused(
                code,
                f"{action.object} would be replaced: the cloud cannot change it in place",
                "put its `inputs` back; to replace it, let go of it and declare a new one without `id`",
            )
        if action.operation is Operation.UPDATE and action.object in imported:
            raise _refused(
                code,
                f"{action.object} would be changed by being imported",
                "import first: without `owner`, and with `inputs` as `zy cloud adopt` reads them now",
            )


def _refused(code: str, message: str, fix: str) -> ZyError:
    return ZyError("ZY-CLD-080", message, place=Place(target=f"adopted-{code}"), fix=fix)
