"""What is done to one stack: looked at, brought up, taken down. All talk to Pulumi goes through here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi.automation import Stack
from pulumi.automation.errors import CommandError
from pulumi.automation.events import EngineEvent

from province.record import Action, Beat, Finding, JsonObject, Severity
from stacks.clouds import is_project_cloud
from stacks.events import action_of, failure_of, finding_of, outputs_move, progress_of, unfinished_of
from stacks.failure import explain
from stacks.plan.stack import StackId
from stacks.workspace import Process, Workspace


@dataclass(frozen=True, slots=True)
class Preview:
    """What bringing a stack up (or down) would do, and what the policies say to it."""

    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    outputs_move: bool = False
    """Whether what other stacks read of this one becomes another, as after an apply that failed half-way."""

    @property
    def due(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.actions) or self.outputs_move

    @property
    def refused(self) -> bool:
        return any(finding.severity is Severity.MANDATORY for finding in self.findings)


@dataclass(slots=True)
class _Watcher:
    """Gathers what one run of Pulumi tells, while it runs."""

    stack: str
    process: Process
    beat: Beat
    actions: list[Action] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unfinished: list[JsonObject] = field(default_factory=list)
    outputs_move: bool = False
    done: int = 0
    stopped: BaseException | None = None

    def see(self, event: EngineEvent) -> None:
        action, finding, failure = action_of(self.stack, event), finding_of(self.stack, event), failure_of(event)
        if action:
            self.actions.append(action)
        if finding:
            self.findings.append(finding)
        if failure:
            self.errors.append(failure)
        unfinished = unfinished_of(event)
        if unfinished:
            self.unfinished.append(unfinished)
        self.outputs_move = self.outputs_move or outputs_move(event)
        line = progress_of(self.stack, event)
        if line:
            self.done += 1
            self._tell(line)

    def _tell(self, line: str) -> None:
        """``beat`` may raise to cancel. This runs in a thread of Pulumi's, so the exception is kept for the caller."""
        if self.stopped is not None:
            return
        try:
            self.beat(line)
        except BaseException as error:
            self.stopped = error
            self.process.stop()


@dataclass(frozen=True, slots=True)
class Operation:
    """One stack of a workspace."""

    workspace: Workspace
    id: StackId

    def preview(self) -> Preview:
        """Compare intended with live: the state is refreshed from the cloud first, in memory only.

        Raises a ``ZyError`` that explains what failed; a policy's refusal is no failure, but in the findings.
        """
        packs = self.workspace.tools.policies
        policies = [str(packs)] if packs else None
        return self._previewed(lambda stack, see: stack.preview(refresh=True, policy_packs=policies, on_event=see))

    def preview_destroy(self) -> Preview:
        return self._previewed(lambda stack, see: stack.preview_destroy(on_event=see))

    def up(self, beat: Beat) -> int:
        """Bring it up; how many resources changed. Raises a ``ZyError`` that explains what failed."""
        return self._run(lambda stack, see: stack.up(refresh=True, on_event=see, suppress_outputs=True), beat).done

    def destroy(self, beat: Beat) -> int:
        """Take all its resources down; how many there were."""
        return self._run(lambda stack, see: stack.destroy(on_event=see), beat).done

    def forget(self) -> None:
        """Remove the empty stack itself."""
        stack, _ = self.workspace.stack(self.id)
        stack.workspace.remove_stack(str(self.id))

    def release(self) -> int:
        """Forget the stack with everything that it holds, which stays in the cloud; how much that was."""
        resources = self.state().get("resources") or []
        held = len([resource for resource in resources if resource["type"].startswith("openstack:")])
        stack, _ = self.workspace.stack(self.id)
        stack.workspace.remove_stack(str(self.id), force=True)
        return held

    def projects(self) -> list[str]:
        """Entries of clouds.yaml of the projects that the stack works in; none for the province's stack."""
        providers = [r for r in self.state().get("resources") or [] if r["type"] == "pulumi:providers:openstack"]
        clouds = {provider["inputs"]["cloud"] for provider in providers}
        return sorted(cloud for cloud in clouds if is_project_cloud(cloud))

    def state(self) -> JsonObject:
        """The deployment that the backend holds: resources and pending operations. Empty for an absent stack."""
        return self.workspace.state(self.id)

    def digest(self) -> str:
        """Of what the state holds: ids and properties of all resources. An absent stack is an empty one."""
        resources = self.state().get("resources") or []
        facts = [(r["urn"], r.get("id"), r.get("inputs"), r.get("outputs")) for r in resources]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    @property
    def notes(self) -> Path:
        """File with the creations that failed in the last run, as a state holds resources; absent when none did."""
        return self.workspace.places.work / f"{self.id}.unfinished.json"

    def unfinished(self) -> list[JsonObject]:
        """What the last run began to create: killed (as Pulumi's state says) or failed (as we have noted)."""
        killed = [
            operation["resource"]
            for operation in self.state().get("pending_operations") or []
            if operation["type"] == "creating"
        ]
        failed: list[JsonObject] = json.loads(self.notes.read_text(encoding="utf-8")) if self.notes.exists() else []
        return [*killed, *failed]

    def locks(self) -> list[Path]:
        return self.workspace.lock_files(self.id)

    def _previewed(self, look: Callable[[Stack, Callable[[EngineEvent], None]], Any]) -> Preview:
        watcher = self._run(look, lambda _line: None)
        actions = tuple(sorted(watcher.actions, key=lambda action: action.object))
        return Preview(actions, tuple(watcher.findings), watcher.outputs_move)

    def _run(self, work: Callable[[Stack, Callable[[EngineEvent], None]], Any], beat: Beat) -> _Watcher:
        stack, process = self.workspace.stack(self.id)
        watcher = _Watcher(str(self.id), process, beat)
        try:
            work(stack, watcher.see)
        except CommandError as error:
            self._leave_open(watcher.unfinished)
            if watcher.stopped is not None:
                raise watcher.stopped from None
            if not any(finding.severity is Severity.MANDATORY for finding in watcher.findings):
                raise explain(str(self.id), watcher.errors, str(error)) from error
        if watcher.stopped is not None:
            raise watcher.stopped
        return watcher

    def _leave_open(self, unfinished: Sequence[JsonObject]) -> None:
        """Note creations that failed, for the next run: `pulumi stack import` would drop them from the state."""
        if unfinished:
            self.notes.write_text(json.dumps(list(unfinished), ensure_ascii=False), encoding="utf-8")
