"""One command of a build. Its output goes where the build's own does: into the part's log."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from zhengyun.toolchain.part import Log


class CommandFailed(Exception):
    """A command of a build ended badly; the engine makes the reader's error out of it and the log."""


def run(
    argv: Sequence[str | Path],
    log: Log,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdout: Path | None = None,
) -> None:
    """Run a command with its output in the log (or standard output in a file). Raises CommandFailed."""
    words = [str(word) for word in argv]
    log(f"$ {shlex.join(words)}")
    if stdout is None:
        ended = subprocess.run(words, cwd=cwd, env=environment, check=False)
    else:
        with stdout.open("wb") as file:
            ended = subprocess.run(words, cwd=cwd, env=environment, stdout=file, check=False)
    if ended.returncode != 0:
        raise CommandFailed(f"{Path(words[0]).name} ended with {ended.returncode}")
