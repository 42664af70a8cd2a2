"""Carry plans out: begin, resume and give up changes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policies.approval import Approval
from province.errors import Place, ZyError
from zhengyun.change.journal import Change, ChangeResult, Changes, Emergency, Entry, Event, State
from zhengyun.change.planfile import Plan
from zhengyun.change.server import Server

Watch = Callable[[Entry], None]
"""Shown every entry of the journal as it comes."""

_POLL = 0.1  # s, between looks at the journal
_LEAVES_WITHIN = 15.0  # s, from the result to the end of the worker, which stops the server first


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine of one state root. ``worker`` is the command that serves a change, without its arguments."""

    changes: Changes
    server: Server
    worker: Sequence[str]

    def begin(
        self, plan: Plan, operator: str, approvals: Sequence[Approval] = (), emergency: Emergency | None = None
    ) -> Change:
        """A new change, not yet running. Raises ``ZY-CHG-022`` when an older one has not ended."""
        unfinished = self.changes.unfinished()
        if unfinished is not None:
            words = "still running" if unfinished.state() is State.RUNNING else "interrupted"
            raise ZyError(
                "ZY-CHG-022",
                f"the change {unfinished.id} is {words}",
                place=Place(target=unfinished.id),
                fix=f"finish it first: zy resume; or undo it: zy rollback {unfinished.id}",
            )
        return self.changes.create(plan, operator, approvals, emergency)

    def run(self, change: Change, watch: Watch) -> ChangeResult:
        """Carry a change out to its end: begin it, go on after a kill, or watch it when it runs well.

        Raises ``ZY-CHG-024`` when its processes die meanwhile; nothing is lost, and `zy resume` goes on.
        """
        _, seen = change.entries_from(0)
        if change.result() is None and not (change.worker.alive() and self.server.process.alive()):
            self._launch(change)
        return self._follow(change, watch, seen)

    def resume(self, change: Change, operator: str, watch: Watch) -> ChangeResult:
        """Go on with a change that was interrupted."""
        change.append(Event.RESUMED, text=operator)
        return self.run(change, watch)

    def give_up(self, change: Change) -> ChangeResult:
        """End a change where it stands: its processes are stopped, what it did is written down."""
        change.worker.stop(grace=0)
        self.server.stop()
        return change.result() or change.conclude(given_up=True)

    def _launch(self, change: Change) -> None:
        change.worker.stop(grace=0)  # with what a killed worker left behind: pulumi and ansible are in its session
        address = self.server.start()
        command = [*self.worker, str(change.folder), str(self.server.home), address]
        change.worker.start(command, env=os.environ)

    def _follow(self, change: Change, watch: Watch, seen: int) -> ChangeResult:
        while True:
            alive = change.worker.alive() and self.server.process.alive()
            result = change.result()
            entries, seen = change.entries_from(seen)
            for entry in entries:
                watch(entry)
            if result is not None:
                self._leave(change)
                return result
            if not alive:
                raise self._died(change)
            time.sleep(_POLL)

    def _leave(self, change: Change) -> None:
        limit = time.monotonic() + _LEAVES_WITHIN
        while change.worker.alive() and time.monotonic() < limit:
            time.sleep(_POLL)
        change.worker.stop()
        self.server.stop()

    def _died(self, change: Change) -> ZyError:
        who = "server" if change.worker.alive() else "worker"
        return ZyError(
            "ZY-CHG-024",
            f"the {who} of the change {change.id} has died; what it did is kept",
            place=Place(target=change.id),
            fix=f"go on: zy resume (why it died: {change.worker.log}, {self.server.process.log})",
        )
