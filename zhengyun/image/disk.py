"""The disk that a guest leaves, made fit to be handed out."""

from __future__ import annotations

from pathlib import Path

from lab.guest.command import Log, require, run

_TOOLS = {"tune2fs": "e2fsprogs", "e2fsck": "e2fsprogs", "e2image": "e2fsprogs"}


def copy_in_use(disk: Path, raw: Path, log: Log) -> None:
    """Copy what files use, and nothing that deleted ones have left (8.1.4.10 a, 剩余信息保护), into a sparse ``raw``.

    A journal holds copies of folders, so it is made anew. Clearing free blocks (``e2fsck -E discard``) does not
    suffice: it leaves some, and a test found a key there. Raises ZY-LAB-201 and 202.
    """
    require(_TOOLS)
    run("remove the journal", ["tune2fs", "-O", "^has_journal", str(disk)], log)
    run("check the filesystem", ["e2fsck", "-f", "-p", str(disk)], log)
    run("make a new journal", ["tune2fs", "-J", "size=16", str(disk)], log)
    run("copy what is in use", ["e2image", "-r", "-a", str(disk), str(raw)], log)
    run("check the copy", ["e2fsck", "-f", "-n", str(raw)], log)
