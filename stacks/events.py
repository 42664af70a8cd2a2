"""Pulumi's events in our vocabulary: actions, findings, lines of progress. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.automation.events import EngineEvent, OpType, PolicyEvent, StepEventMetadata

from province.record import Action, Finding, JsonObject, Operation, Severity

_OPERATIONS = {
    OpType.CREATE: Operation.CREATE,
    OpType.UPDATE: Operation.UPDATE,
    OpType.REPLACE: Operation.REPLACE,
    OpType.DELETE: Operation.DELETE,
    OpType.IMPORT: Operation.IMPORT,
}
"""Steps that change something. The other steps of a replacement come with the one named ``replace``."""

_DONE = {
    OpType.CREATE: "created",
    OpType.UPDATE: "updated",
    OpType.DELETE: "deleted",
    OpType.IMPORT: "imported",
    OpType.CREATE_REPLACEMENT: "made anew",
    OpType.DELETE_REPLACED: "deleted (replaced)",
}

_CREATIONS = (OpType.CREATE, OpType.CREATE_REPLACEMENT)

_RISKS = {
    "Instance": "the server stops and its disk is lost 云主机将被删除",
    "Volume": "the data on the volume is lost 数据卷将被删除",
    "Router": "the zone loses its way out meanwhile 安全域路由中断",
    "RouterInterface": "the network loses its gateway meanwhile 网关中断",
    "Network": "everything in the network goes with it 网络将被删除",
    "Project": "everything in the project goes with it 项目将被删除",
}

_VIOLATION = re.compile(
    r"(?P<code>ZY-POL-\d+): (?P<message>.*) Fix: (?P<fix>.*) \(GB/T 22239-2019 (?P<clause>[^)]*)\)", re.DOTALL
)
"""Form of a violation of ``policies/cloud``; a test holds both to it."""


def action_of(stack: str, event: EngineEvent) -> Action | None:
    """The change that an event of a preview announces; ``None`` for anything else."""
    step = event.resource_pre_event.metadata if event.resource_pre_event else None
    if step is None or step.op not in _OPERATIONS or not _in_cloud(step.type):
        return None
    operation = Operation.RELEASE if _stays(step) else _OPERATIONS[step.op]
    return Action(
        target=stack,
        object=shown(step.urn),
        operation=operation,
        diff="\n".join(_diff(step, operation)),
        risk=_RISKS.get(_kind(step.type), "") if operation in (Operation.REPLACE, Operation.DELETE) else "",
    )


def outputs_move(event: EngineEvent) -> bool:
    """Whether a preview says that the stack's own outputs become others: other stacks read them."""
    step = event.res_outputs_event.metadata if event.res_outputs_event else None
    if step is None or step.type != "pulumi:pulumi:Stack" or step.op is not OpType.SAME:
        return False
    return ((step.old.outputs if step.old else None) or {}) != ((step.new.outputs if step.new else None) or {})


def finding_of(stack: str, event: EngineEvent) -> Finding | None:
    """The policy violation that an event reports."""
    policy = event.policy_event
    if policy is None:
        return None
    parts = _VIOLATION.search(policy.message)
    return Finding(
        rule=policy.policy_name,
        severity=Severity.MANDATORY if policy.enforcement_level == "mandatory" else Severity.ADVISORY,
        object=shown(policy.resource_urn) if policy.resource_urn else stack,
        message=_line(parts["message"]) if parts else _message(policy),
        fix=_line(parts["fix"]) if parts else "read the message of the policy",
        clause=parts["clause"] if parts else "",
        target=stack,
    )


def progress_of(stack: str, event: EngineEvent) -> str | None:
    """One line about what has just been done."""
    step = event.res_outputs_event.metadata if event.res_outputs_event else None
    if step is None or step.op not in _DONE or not _in_cloud(step.type):
        return None
    return f"{stack}: {shown(step.urn)} {'let go' if _stays(step) else _DONE[step.op]}"


def unfinished_of(event: EngineEvent) -> JsonObject | None:
    """The resource, as a state holds it, whose creation an event says has failed.

    The cloud may have made it all the same: a service that answers 500, or not in time, may have done its work.
    """
    step = event.res_op_failed_event.metadata if event.res_op_failed_event else None
    if step is None or step.new is None or step.op not in _CREATIONS or not _in_cloud(step.type):
        return None
    new = step.new
    resource = {"urn": new.urn, "custom": True, "type": new.type, "parent": new.parent, "provider": new.provider}
    return {**resource, "inputs": dict(new.inputs or {})}


def failure_of(event: EngineEvent) -> str | None:
    """What an event says went wrong, with the resource in front."""
    diagnostic = event.diagnostic_event
    if diagnostic is None or diagnostic.severity != "error":
        return None
    text = re.sub(r"<\{%[^%]*%\}>", "", diagnostic.message).strip()
    where = shown(diagnostic.urn) if diagnostic.urn else ""
    return f"{where}: {text}" if where and not where.startswith("Stack ") else text


def shown(urn: str) -> str:
    """A resource as people read it: ``Network gd-exchange``."""
    parts = urn.split("::")
    return f"{_kind(parts[2].rsplit('$', 1)[-1])} {parts[3]}" if len(parts) == 4 else urn


def _stays(step: StepEventMetadata) -> bool:
    """Whether a deletion only takes the resource out of the state."""
    return step.op is OpType.DELETE and step.old is not None and bool(step.old.retain_on_delete)


def _in_cloud(kind: str) -> bool:
    return kind.startswith("openstack:")


def _kind(token: str) -> str:
    return re.sub(r"V\d$", "", token.rsplit(":", 1)[-1])


def _diff(step: StepEventMetadata, operation: Operation) -> Iterator[str]:
    old = (step.old.inputs if step.old else None) or {}
    new = (step.new.inputs if step.new else None) or {}
    if operation in (Operation.DELETE, Operation.IMPORT, Operation.RELEASE):
        return
    changed = {key.split(".")[0].split("[")[0] for key in step.diffs or ()} | set(step.keys or ())
    keys = set(new) if operation is Operation.CREATE else changed or (set(old) | set(new))
    live = (step.old.outputs if step.old else None) or {}
    for key in sorted(keys - {"__defaults"}):
        before, after = _text(live.get(key, old.get(key))), _text(new.get(key))
        if operation is not Operation.CREATE and before:
            yield f"-{key}: {before}"
        if after:
            yield f"+{key}: {after}"


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    return value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items() if key != "__defaults"}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _message(policy: PolicyEvent) -> str:
    return _line(re.sub(r"<\{%[^%]*%\}>", "", policy.message))


def _line(text: str) -> str:
    return " ".join(text.split())
