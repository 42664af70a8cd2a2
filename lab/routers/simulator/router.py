"""A simulated router without its command line: configurations, commits, the trial timer, locks, sessions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.routers.simulator.dialect import Dialect
from lab.routers.simulator.faults import Blow, Faults, Trigger
from lab.routers.simulator.tree import Tree, below, copy, drop, put

Clock = Callable[[], float]
_FIRST_COMMIT = 1000000001  # the first commit id that VRP8 gives


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of a candidate: set, or removed."""

    path: tuple[str, ...]
    line: str
    key: str
    clears: tuple[str, ...] = ()
    remove: bool = False

    def apply(self, tree: Tree) -> bool:
        if self.remove:
            return drop(tree, self.path, self.line)
        if self.line not in below(tree, self.path):
            for words in self.clears:
                drop(tree, self.path, words)
        put(tree, self.path, self.line, self.key)
        return True


@dataclass(frozen=True, slots=True)
class Commit:
    """A rollback point."""

    number: int
    label: str
    user: str
    tree: Tree


@dataclass(frozen=True, slots=True)
class Trial:
    """A configuration that is taken back unless it is confirmed."""

    before: Tree
    ends: float
    session: int
    persist: str


@dataclass
class Router:
    """One device. Time passes only as its ``clock`` says; whatever is due happens at the next look at it."""

    code: str
    dialect: Dialect
    running: Tree
    clock: Clock
    faults: Faults = field(default_factory=Faults)
    saved: Tree = field(default_factory=dict)
    files: dict[str, Tree] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    trial: Trial | None = None
    lock: int | None = None
    sessions: set[int] = field(default_factory=set)
    changed_at: float = 0.0
    """When the running configuration last changed: neighbours are up some time after it."""
    struck: dict[Trigger, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.saved = copy(self.running)
        self.become(self.running)

    @property
    def name(self) -> str:
        return name_in(self.running) or self.code

    @property
    def settled(self) -> bool:
        """Whether neighbours have had the time to come up since the last change."""
        return self.clock() >= self.changed_at + self.faults.settles

    @property
    def cut_off(self) -> bool:
        """Whether its own configuration keeps everybody out."""
        self.look()
        return bool(self.faults.cuts) and any(re.fullmatch(self.faults.cuts, line) for line in _all_lines(self.running))

    def look(self) -> None:
        """Let happen what is due."""
        if self.trial is not None and self.clock() >= self.trial.ends:
            self.take_back()

    def become(self, tree: Tree, label: str = "", user: str = "") -> None:
        """A new running configuration, with a rollback point where the system keeps them."""
        self.running = tree
        self.changed_at = self.clock()
        if self.dialect.candidate:
            self.commits.append(Commit(_FIRST_COMMIT + len(self.commits), label, user, copy(tree)))

    def try_out(self, seconds: float, session: int, persist: str = "") -> None:
        """From now on the running configuration is on trial."""
        self.trial = Trial(copy(self.running), self.clock() + seconds, session, persist)

    def take_back(self) -> None:
        """End a trial with what was before it."""
        if self.trial is not None:
            before, self.trial = self.trial.before, None
            self.become(before)

    def left(self, session: int) -> None:
        """A session has ended: its lock and, unless it persists, its trial end with it."""
        self.sessions.discard(session)
        if self.lock == session:
            self.lock = None
        if self.dialect.candidate and self.trial and self.trial.session == session and not self.trial.persist:
            self.take_back()

    def reboot(self) -> None:
        """Start from what was saved."""
        self.sessions.clear()
        self.trial = self.lock = None
        self.running = copy(self.saved)
        self.changed_at = self.clock()

    def strike(self, command: str) -> Trigger | None:
        """The blow that this command brings, if one is left."""
        for trigger in self.faults.triggers:
            if self.struck.get(trigger, 0) < trigger.times and re.fullmatch(trigger.command, command):
                self.struck[trigger] = self.struck.get(trigger, 0) + 1
                if trigger.blow is Blow.REBOOT:
                    self.reboot()
                return trigger
        return None


def name_in(tree: Tree) -> str:
    """The name that a configuration gives the device."""
    return next((line.removeprefix("sysname ") for line in tree if line.startswith("sysname ")), "")


def _all_lines(tree: Tree) -> list[str]:
    found = list(tree)
    for inner in tree.values():
        found += _all_lines(inner)
    return found
