"""The cloud as a room: plans, applies, proves and removes all stacks (see :class:`province.record.Room`)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from province.errors import Place, ZyError, ZyErrors
from province.province import Province
from province.record import Action, Beat, Check, Operation, Outcome, Result, RoomName, RoomPlan, Step
from stacks.adoption import Adoption, read_adoption
from stacks.copies import Copy
from stacks.custody import in_custody, released
from stacks.failure import asking
from stacks.floors import floors_of, write_floors
from stacks.foreign import find_foreign
from stacks.image_files import changed_images
from stacks.operation import Operation as StackOperation
from stacks.operation import Preview
from stacks.plan.province import plan_province
from stacks.plan.quota import raised
from stacks.plan.stack import PROVINCE, Kind, StackId, limited, parse, waves
from stacks.plan.standing import expired
from stacks.preflight import preflight
from stacks.register import Asset, once, read_register
from stacks.situation import look
from stacks.state import StackState, keep_copy, look_at, repair, restore
from stacks.sweep import sweep_project
from stacks.tools import Places, Tools
from stacks.verify import verify_cloud
from stacks.workspace import Workspace

PARALLEL = 2
"""Stacks at work at a time: their cost is Neutron's, and more at once only make each other wait."""

QUOTAS = "province-quotas"
"""Last step of a plan in which quotas shrink (see :mod:`stacks.floors`)."""

_UP, _DOWN = "up", "down"
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class CloudRoom:
    """The cloud of a province. ``today`` decides which agreements hold."""

    province: Province
    tools: Tools
    places: Places
    today: date

    @property
    def name(self) -> RoomName:
        return RoomName.CLOUD

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.province, self.tools, self.places, self.today)

    def plan(self, limit: Sequence[str]) -> RoomPlan:
        """Preview all stacks against the live cloud, policies included. Raises ``ZyError`` when a cloud fails.

        Stacks of things that the inventory has dropped are taken down first. What depends on a stack that is not made
        yet is planned with values known after apply.
        """
        workspace = self._prepared()
        up = limited(self.province, limit)
        self._ready(limit)
        down = tuple(stack for stack in workspace.removed() if not limit or str(stack) in limit)
        for stack in (stack for wave in waves(self.province) for stack in wave):
            workspace.stack(stack)  # references need their stacks, if empty
        previews = _each((s for wave in up for s in wave), lambda s: _preview(workspace, s))
        gone = _each(down, lambda s: _preview_removal(workspace, s))
        ordered = (*((stack,) for stack in down), *up)
        planned = self._room_plan(workspace, ordered, gone | previews, frozenset(down))
        ended = (finding for finding in expired(self.province, self.today) if not limit or finding.target in limit)
        return planned.model_copy(update={"findings": (*planned.findings, *ended)})

    def preflight(self, limit: Sequence[str]) -> dict[str, list[ZyError]]:
        """What would make an apply of these stacks fail, by region (see :mod:`stacks.preflight`)."""
        self._prepared()
        regions = _regions(self.province, limit)
        with ThreadPoolExecutor(max(1, len(regions))) as pool:
            asked = [self.province.regions[code] for code in regions]
            situations = list(pool.map(lambda region: look(self.places.project_clouds, region), asked))
        files = changed_images(self.province, self.places.inventory)
        return {
            code: [*preflight(self.province, code, situation), *files]
            for code, situation in zip(regions, situations, strict=True)
        }

    def live(self, limit: Sequence[str]) -> str:
        """Digest of Pulumi's state of these stacks. Changes made behind its back are found by :meth:`apply`.

        Before it touches a stack, :meth:`apply` compares the refreshed cloud with the plan again.
        """
        workspace = self._prepared()
        self._ready(limit)
        stacks = [stack for wave in limited(self.province, limit) for stack in wave]
        return _live(workspace, [*stacks, *(s for s in workspace.removed() if not limit or str(s) in limit)])

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:
        """Bring the step's stacks up (or take them down), exactly as planned. Never raises for a failed stack."""
        room = replace(self, today=date.fromisoformat(plan.payload["today"]))
        results = []
        for target in step.targets:
            started = time.monotonic()
            try:
                changes = room._apply_one(plan, step.name, target, beat)
            except ZyError as error:
                message = f"{error}. {error.fix}"
                results.append(Result(target=target, outcome=Outcome.FAILED, message=message))
                continue
            outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
            seconds = round(time.monotonic() - started, 1)
            results.append(Result(target=target, outcome=outcome, changes=changes, seconds=seconds))
        return results

    def verify(self, limit: Sequence[str]) -> list[Check]:
        """Ask the clouds and their OVN databases; a cloud that does not answer is a failed check."""
        self._prepared()
        return verify_cloud(self.province, self.places, self.tools, self.today, limit)

    def adopt(self, region: str, names: Collection[str], beat: Beat) -> list[Adoption]:
        """What others made in a region, read for adoption (see :mod:`stacks.adoption`); changes nothing.

        ``names``: of the projects that are meant; none: all. Projects that the inventory has adopted already are left
        out. Raises ``ZY-CLD-081`` when there is no project of a name, ``ZY-CLD-02x`` when the cloud fails.
        """
        workspace = self._prepared()
        known = _held(workspace) | {project.project_id for project in self.province.adopted.values()}
        with asking(region):
            found = find_foreign(self.places.project_clouds, self.province.regions[region].cloud, known)
        missing = sorted(set(names) - {foreign.name for foreign in found})
        if missing:
            raise ZyError(
                "ZY-CLD-081",
                f"nobody else's project called {', '.join(missing)} holds anything here",
                place=Place(target=f"region-{region}"),
                fix=f"use one of: {', '.join(foreign.name for foreign in found) or 'there is none'}",
            )
        adoptions = []
        for foreign in (one for one in found if not names or one.name in names):
            beat(f"{region}: reading {len(foreign.objects)} objects of {foreign.name}")
            adoptions.append(read_adoption(workspace, region, foreign))
        return adoptions

    def register(self, limit: Sequence[str]) -> list[Asset]:
        """Everything that the regions of these stacks hold (see :mod:`stacks.register`). Raises ``ZY-CLD-020``."""
        ids = _held(self._prepared())
        found: list[Asset] = []
        for code in _regions(self.province, limit):
            with asking(code):
                found += read_register(self.places.project_clouds, self.province.regions[code].cloud, code, ids)
        return once(found, {code: region.division for code, region in self.province.regions.items()})

    def states(self) -> list[StackState]:
        """What is known of each stack, removed ones included."""
        workspace = self._prepared()
        known = [*(stack for wave in waves(self.province) for stack in wave), *workspace.removed()]
        return [look_at(workspace, stack) for stack in known]

    def restore(self, stack: str, copy: str | None) -> Copy:
        """Bring a copy of a stack's state back. Raises ``ZY-CLD-002``, ``-078``, ``-079``."""
        return restore(self._prepared(), parse(stack, self.province), copy)

    def repair(self, stack: str, beat: Beat) -> None:
        """Mend what a killed run has left of a stack. Raises ``ZY-CLD-002``, ``-026``, ``-077``."""
        repair(self._prepared(), parse(stack, self.province), beat)

    def destroy_plan(self) -> RoomPlan:
        """Everything that the stacks hold, in reverse order."""
        workspace = self._prepared()
        order = [*((stack,) for stack in workspace.removed()), *reversed(waves(self.province))]
        there = [tuple(stack for stack in wave if workspace.exists(stack)) for wave in order]
        previews = _each((s for wave in there for s in wave), lambda s: _preview_removal(workspace, s))
        down = frozenset(previews)
        return self._room_plan(workspace, tuple(there), previews, down)

    def _ready(self, limit: Sequence[str]) -> None:
        """Raise :class:`ZyErrors` with everything that stands in the way."""
        errors = {(str(error), str(error.place)): error for found in self.preflight(limit).values() for error in found}
        if errors:
            raise ZyErrors(list(errors.values()))

    def _prepared(self) -> Workspace:
        workspace = self.workspace
        workspace.prepare()
        return workspace

    def _room_plan(
        self,
        workspace: Workspace,
        ordered: Iterable[tuple[StackId, ...]],
        previews: dict[StackId, Preview],
        down: frozenset[StackId],
    ) -> RoomPlan:
        """Steps only for stacks that change, and for those taken down: an empty stack is removed, too."""
        working = [tuple(s for s in wave if s in down or previews[s].due) for wave in ordered]
        steps = [tuple(Step(name=str(s), targets=(str(s),)) for s in wave) for wave in working if wave]
        if PROVINCE in previews and PROVINCE not in down and self._quotas_shrink(workspace):
            steps.append((Step(name=QUOTAS, targets=(str(PROVINCE),)),))
        return RoomPlan(
            room=RoomName.CLOUD,
            actions=tuple(action for wave in working for stack in wave for action in _shown(stack, previews[stack])),
            findings=tuple(finding for preview in previews.values() for finding in preview.findings),
            waves=tuple(steps),
            live=_live(workspace, previews),
            payload={
                "today": self.today.isoformat(),
                "projects": {
                    str(stack): StackOperation(workspace, stack).projects() for stack in sorted(down, key=str)
                },
                "modes": {str(stack): _DOWN if stack in down else _UP for wave in working for stack in wave},
            },
        )

    def _quotas_shrink(self, workspace: Workspace) -> bool:
        floors, wanted = floors_of(workspace.state(PROVINCE)), plan_province(self.province).quotas()
        return any(raised(quota, floors.get(name, quota)) != quota for name, quota in wanted.items())

    def _apply_one(self, plan: RoomPlan, step: str, target: str, beat: Beat) -> int:
        workspace = self._prepared()
        known = [*(stack for wave in waves(self.province) for stack in wave), *workspace.removed()]
        stack = next((stack for stack in known if str(stack) == target), None)
        if stack is None or (plan.payload["modes"][target] == _DOWN and not workspace.exists(stack)):
            return 0  # taken down by an earlier run of this step
        repair(workspace, stack, beat)
        keep_copy(workspace, stack)
        if plan.payload["modes"][target] == _DOWN:
            operation = StackOperation(workspace, stack)
            return self._take_down(operation, plan.payload["projects"].get(target, []), beat)
        if stack == PROVINCE and step != QUOTAS:
            write_floors(self.places.floors, floors_of(workspace.state(PROVINCE)))
            workspace = replace(workspace, floors=self.places.floors)
        operation = StackOperation(workspace, stack)
        beat(f"{target}: comparing with the live cloud")
        now = _preview(workspace, stack)
        _hold_to(plan, target, now)
        return operation.up(beat) if now.due else 0

    def _take_down(self, operation: StackOperation, projects: Iterable[str], beat: Beat) -> int:
        """Everything of the stack, and what the cloud made for it by itself; the stack goes last, so a kill repeats."""
        if operation.id.kind is Kind.ADOPTED:
            return operation.release()
        done = operation.destroy(beat)
        for cloud in projects:
            sweep_project(self.places.project_clouds, cloud)
        operation.forget()
        return done


def _preview(workspace: Workspace, stack: StackId) -> Preview:
    found = StackOperation(workspace, stack).preview()
    return in_custody(found, workspace.province.adopted[stack.code]) if stack.kind is Kind.ADOPTED else found


def _preview_removal(workspace: Workspace, stack: StackId) -> Preview:
    found = StackOperation(workspace, stack).preview_destroy()
    return released(found) if stack.kind is Kind.ADOPTED else found


def _held(workspace: Workspace) -> set[str]:
    """Ids of everything that our stacks hold."""
    states = (workspace.backend.state(name) for name in workspace.backend.names())
    return {resource.get("id", "") for state in states for resource in state.get("resources") or []}


def _regions(province: Province, limit: Sequence[str]) -> list[str]:
    """Regions that the chosen stacks work in; the province's own stack works in all."""
    chosen = [stack for wave in limited(province, limit) for stack in wave]
    if any(stack.kind is Kind.PROVINCE for stack in chosen):
        return sorted(province.regions)
    regions = {stack.code for stack in chosen if stack.kind is Kind.REGION}
    regions |= {province.systems[stack.code].region for stack in chosen if stack.kind is Kind.TENANT}
    return sorted(regions | {province.adopted[stack.code].region for stack in chosen if stack.kind is Kind.ADOPTED})


def _hold_to(plan: RoomPlan, target: str, now: Preview) -> None:
    """Raise ``ZY-CLD-011`` when policy refuses what is now known, ``ZY-CLD-010`` when more would change than planned.

    Less is well: a run that was killed has done some of it. What it was creating may need an update or a replacement.
    """
    if now.refused:
        words = "; ".join(finding.message for finding in now.findings)
        raise ZyError(
            "ZY-CLD-011",
            f"policy refuses the stack, now that all its values are known: {words}",
            place=Place(target=target),
            fix=now.findings[0].fix,
        )
    planned = {(action.object, action.operation) for action in plan.actions if action.target == target}
    extra = [action for action in now.actions if not _planned(action, planned)]
    if extra:
        words = ", ".join(f"{action.operation} {action.object}" for action in extra[:3])
        raise ZyError(
            "ZY-CLD-010",
            f"the cloud has changed since the plan was made; now it would also {words}",
            place=Place(target=target),
            fix="make a new plan (`zy plan`), and look at it",
        )


def _planned(action: Action, planned: set[tuple[str, Operation]]) -> bool:
    begun = action.operation in (Operation.UPDATE, Operation.REPLACE) and (action.object, Operation.CREATE) in planned
    return begun or (action.object, action.operation) in planned


def _shown(stack: StackId, preview: Preview) -> tuple[Action, ...]:
    if preview.actions or not preview.due:
        return preview.actions
    words = "what other stacks read of it, which an apply that failed has left half done"
    return (Action(target=str(stack), object=f"Outputs {stack}", operation=Operation.UPDATE, diff=words),)


def _live(workspace: Workspace, stacks: Iterable[StackId]) -> str:
    digests = _each(stacks, lambda stack: StackOperation(workspace, stack).digest())
    lines = sorted(f"{stack} {digest}" for stack, digest in digests.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _each(stacks: Iterable[StackId], work: Callable[[StackId], _Made]) -> dict[StackId, _Made]:
    """Do the same to many stacks, a few at a time. The first failure is raised when all have ended."""
    chosen = tuple(stacks)
    with ThreadPoolExecutor(PARALLEL) as pool:
        return dict(zip(chosen, pool.map(work, chosen), strict=True))
