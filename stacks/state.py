"""Custody of the stacks' states: what there is, bringing a copy back, and mending what a kill has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pulumi.automation import Deployment

from province.errors import ZyError
from province.record import Beat
from stacks.adopt import adopt_pending
from stacks.backend import FileBackend
from stacks.copies import Copies, Copy
from stacks.lock import clear_locks
from stacks.operation import Operation
from stacks.orphans import end_orphans
from stacks.plan.stack import StackId
from stacks.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StackState:
    """What the backend and the copies know of one stack."""

    stack: str
    resources: int
    pending: int
    """Operations that a killed run began and never ended."""
    locks: int
    problem: str
    """Why the state cannot be read; empty when it can."""
    copies: tuple[Copy, ...]


def look_at(workspace: Workspace, stack: StackId) -> StackState:
    copies = tuple(Copies(workspace.places.copies).of(str(stack)))
    locks = len(workspace.lock_files(stack))
    try:
        state = workspace.state(stack)
    except ZyError as error:
        return StackState(str(stack), 0, 0, locks, error.message, copies)
    resources, pending = state.get("resources") or [], state.get("pending_operations") or []
    return StackState(str(stack), len(resources), len(pending), locks, "", copies)


def keep_copy(workspace: Workspace, stack: StackId) -> Copy | None:
    """Copy the state as it is; ``None`` when there is nothing new to keep. Raises ``ZY-CLD-077``."""
    return Copies(workspace.places.copies).keep(str(stack), workspace.state(stack), datetime.now(UTC))


def restore(workspace: Workspace, stack: StackId, name: str | None) -> Copy:
    """Make a copy (the newest, without a name) the state again; what was there is kept first.

    The cloud is not touched: the next plan compares it with the restored state. Raises ``ZY-CLD-078`` and ``-079``.
    """
    copies = Copies(workspace.places.copies)
    chosen = copies.find(str(stack), name)
    deployment = chosen.deployment()
    try:
        keep_copy(workspace, stack)
    except ZyError:
        _put_aside(workspace, stack)
    made, _ = workspace.stack(stack)
    made.import_stack(Deployment(version=3, deployment=deployment))
    return chosen


def repair(workspace: Workspace, stack: StackId, beat: Beat) -> None:
    """End plugins and locks of killed runs, and settle what those had begun. Raises ``ZY-CLD-026`` and ``-077``."""
    operation = Operation(workspace, stack)
    clear_locks(str(stack), operation.locks(), beat)
    end_orphans(workspace.places.home)
    adopt_pending(operation, workspace.places.project_clouds, beat)


def _put_aside(workspace: Workspace, stack: StackId) -> None:
    """Move a damaged file out of Pulumi's sight, for whoever wants to look into it."""
    backend = workspace.backend
    if isinstance(backend, FileBackend):
        file = backend.checkpoint(str(stack))
        file.rename(file.with_suffix(f".damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
