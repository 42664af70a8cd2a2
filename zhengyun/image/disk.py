"""The disk that a guest leaves, made fit to be handed out."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lab.guest.command import Log, require, run

_TOOLS = {"tune2fs": "e2fsprogs", "e2fsck": "e2fsprogs"}


def clear_free_blocks(disk: Path, log: Log) -> None:
    """Take away what deleted files have left in free blocks and in the journal (8.1.4.10 a, 剩余信息保护).

    A journal holds copies of folders, so it is made anew. Raises ZY-LAB-201 and 202.
    """
    require(_TOOLS)
    run("remove the journal", ["tune2fs", "-O", "^has_journal", str(disk)], log)
    run("clear free blocks", ["e2fsck", "-f", "-y", "-E", "discard", str(disk)], log)
    run("make a new journal", ["tune2fs", "-J", "size=16", str(disk)], log)
    run("check the filesystem", ["e2fsck", "-f", "-n", str(disk)], log)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file of any size."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
