"""Verify a log: its signatures, that every checkpoint is a beginning of it, what witnesses saw, and its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from policies.merkle import Tree
from province.digest import sha256_of
from province.errors import Place, ZyError
from zhengyun.transparency.checkpoint import Checkpoint
from zhengyun.transparency.log import Entry, Log, tampered
from zhengyun.transparency.witness import Witness, refused


def audit(log: Log, state: Path, witnesses: Sequence[Witness] = ()) -> list[ZyError]:
    """Everything wrong with a log; empty when it is whole. ``state``: the root that its files are relative to."""
    try:
        entries, checkpoints = log.entries(), log.checkpoints()
    except ZyError as error:
        return [error]
    tree = log.tree()
    errors = [*_order(log, entries), *_checkpoints(log, tree, checkpoints)]
    for witness in witnesses:
        errors += _witnessed(witness, tree)
    return errors + list(_evidence(entries, state))


def _order(log: Log, entries: Sequence[Entry]) -> Iterator[ZyError]:
    for place, entry in enumerate(entries):
        if entry.index != place:
            yield tampered(f"entry {entry.index} stands at place {place}", log.entries_file)
            return
    for earlier, later in pairwise(entries):
        if later.time < earlier.time:
            yield tampered(
                f"entry {later.index} is older than the one before it: the clock was moved", log.entries_file
            )
            return


def _checkpoints(log: Log, tree: Tree, checkpoints: Sequence[Checkpoint]) -> Iterator[ZyError]:
    """The first checkpoint that does not fit tells between which entries something was altered."""
    if not checkpoints:
        if len(tree):
            yield tampered("it has entries and no checkpoint", log.checkpoints_file)
        return
    before = 0
    for checkpoint in checkpoints:
        if checkpoint.size < before:
            yield tampered(f"the checkpoint of {checkpoint.size} entries follows one of {before}", log.checkpoints_file)
            return
        if checkpoint.size > len(tree):
            yield tampered(f"{checkpoint.size} entries were signed and {len(tree)} are there", log.entries_file)
            return
        if tree.root(checkpoint.size).hex() != checkpoint.root:
            yield tampered(f"something in entries {before} to {checkpoint.size - 1} was altered", log.entries_file)
            return
        before = checkpoint.size
    if not checkpoints[-1].signed_by(log.public()):
        yield tampered("its last checkpoint is not signed by its key", log.checkpoints_file)
    if checkpoints[-1].size < len(tree):
        yield tampered(f"{len(tree) - checkpoints[-1].size} entries at its end are not signed", log.checkpoints_file)


def _witnessed(witness: Witness, tree: Tree) -> Iterator[ZyError]:
    seen = witness.seen()
    if seen is None:
        yield refused("it has not seen this log yet", witness.folder)
    elif not seen.signed_by(witness.public()):
        yield refused("its memory is not signed by its key", witness.folder)
    elif seen.size > len(tree):
        yield refused(f"it saw {seen.size} entries and {len(tree)} are there", witness.folder)
    elif tree.root(seen.size).hex() != seen.root:
        yield refused(f"the first {seen.size} entries are not those that it saw", witness.folder)


def _evidence(entries: Sequence[Entry], state: Path) -> Iterator[ZyError]:
    for entry in entries:
        path = state / entry.fact.file
        found = sha256_of(path) if path.is_file() else None
        if found != entry.fact.sha256:
            yield ZyError(
                "ZY-POL-042",
                f"the evidence of {entry.fact.kind} {entry.fact.id} {'was altered' if found else 'is gone'}",
                place=Place(file=str(path)),
                fix="restore it from its backup: its SHA-256 stands in the log",
            )
