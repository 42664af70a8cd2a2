"""The log: entries that are only ever appended to, under a Merkle tree whose root is signed after every append.

    log/{entries.jsonl, checkpoints.jsonl, key, key.pub}

An entry names a record and its SHA-256; the record itself stays where it is (a change's folder, the evidence store).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from policies.merkle import Tree
from province.errors import Place, ZyError
from province.record import Record
from zhengyun.signature import make_key, public_key
from zhengyun.transparency.checkpoint import Checkpoint


class Kind(StrEnum):
    CHANGE_BEGUN = "change-begun"
    CHANGE_ENDED = "change-ended"
    APPROVAL = "approval"
    EMERGENCY = "emergency"
    VERIFICATION = "verification"
    AGREEMENTS = "agreements"
    DRILL = "drill"


class Fact(Record):
    """One thing that happened. ``file``: where its record lies, relative to the state root."""

    kind: Kind
    id: str
    by: str
    sha256: str
    file: str
    text: str = ""


class Entry(Record):
    """A fact in the log."""

    index: int
    time: datetime
    fact: Fact


@dataclass(frozen=True, slots=True)
class Log:
    """The log of one state root."""

    folder: Path
    origin: str = "zhengyun"

    @property
    def entries_file(self) -> Path:
        return self.folder / "entries.jsonl"

    @property
    def checkpoints_file(self) -> Path:
        return self.folder / "checkpoints.jsonl"

    @property
    def key(self) -> Path:
        return self.folder / "key"

    def public(self) -> str:
        return public_key(self.folder / "key.pub")

    def lines(self) -> list[bytes]:
        """Entries as they are hashed. A torn last line is none."""
        try:
            text = self.entries_file.read_bytes()
        except FileNotFoundError:
            return []
        return text[: text.rfind(b"\n") + 1].splitlines()

    def entries(self) -> list[Entry]:
        """All entries. Raises ``ZY-POL-040`` for a line that is none."""
        return [_parsed(line, number) for number, line in enumerate(self.lines())]

    def tree(self) -> Tree:
        return Tree(self.lines())

    def checkpoints(self) -> list[Checkpoint]:
        """All checkpoints, oldest first. Raises ``ZY-POL-040`` for a line that is none."""
        try:
            lines = self.checkpoints_file.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [_checkpoint(line, number) for number, line in enumerate(lines)]

    def append(self, facts: Sequence[Fact]) -> Checkpoint | None:
        """Append facts and sign the new root; ``None`` when there is nothing to append.

        Safe to kill: what has no checkpoint yet is signed with the next append. Raises ``ZY-POL-043`` when it cannot be
        signed, ``ZY-POL-040`` when what is there does not fit its last checkpoint: a damaged log is not built upon.
        """
        with self.held():
            return self.write(facts)

    def write(self, facts: Sequence[Fact]) -> Checkpoint | None:
        """What :meth:`append` does, for who holds the log already."""
        if not facts:
            return None
        if not self.key.exists():
            make_key(self.key, self.origin)
        lines = self.lines()
        tree = Tree(lines)
        self._check_last(tree)
        now = datetime.now(UTC)
        new = [
            Entry(index=len(lines) + number, time=now, fact=fact).model_dump_json().encode()
            for number, fact in enumerate(facts)
        ]
        _write(self.entries_file, lines, new)
        tree.extend(new)
        checkpoint = Checkpoint(origin=self.origin, size=len(tree), root=tree.root().hex(), time=now)
        signed = checkpoint.signed(self.key)
        _add(self.checkpoints_file, signed.model_dump_json().encode())
        return signed

    def _check_last(self, tree: Tree) -> None:
        last = self.checkpoints()[-1:]
        if last and not (last[0].size <= len(tree) and tree.root(last[0].size).hex() == last[0].root):
            raise tampered("its entries do not fit its last checkpoint", self.entries_file)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else appends meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def tampered(what: str, file: Path) -> ZyError:
    """The error for a log that is not what was signed."""
    return ZyError(
        "ZY-POL-040",
        f"the transparency log was tampered with: {what}",
        place=Place(file=str(file)),
        fix="keep the folder as evidence, tell the supervising subject, restore the log from its backup",
    )


def _parsed(line: bytes, number: int) -> Entry:
    try:
        return Entry.model_validate_json(line)
    except ValidationError as error:
        raise tampered(f"line {number + 1} is no entry", Path("entries.jsonl")) from error


def _checkpoint(line: bytes, number: int) -> Checkpoint:
    try:
        return Checkpoint.model_validate_json(line)
    except ValidationError as error:
        raise tampered(f"line {number + 1} is no checkpoint", Path("checkpoints.jsonl")) from error


def _write(path: Path, kept: Sequence[bytes], new: Sequence[bytes]) -> None:
    """Append lines behind the last whole one: what a kill tore off was never signed."""
    with path.open("ab") as stream:
        stream.truncate(sum(len(line) + 1 for line in kept))
        stream.write(b"".join(line + b"\n" for line in new))
        stream.flush()
        os.fsync(stream.fileno())


def _add(path: Path, line: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(line + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
