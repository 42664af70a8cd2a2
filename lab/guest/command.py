"""One external command whose failure a reader can act on."""

from __future__ import annotations

import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from province.errors import Place, ZyError

Log = Callable[[str], None]


def require(tools: Mapping[str, str]) -> None:
    """Check that programs are installed. ``tools``: program → Debian package that brings it.

    Raises ZY-LAB-201 naming all that are missing, not only the first.
    """
    missing = {tool: package for tool, package in tools.items() if shutil.which(tool) is None}
    if missing:
        raise ZyError(
            "ZY-LAB-201",
            f"the lab needs {', '.join(sorted(missing))}, not found on this machine",
            fix=f"apt-get install {' '.join(sorted(set(missing.values())))}",
        )


def run(step: str, argv: Sequence[str], log: Log, *, cwd: Path | None = None) -> None:
    """Run one build step, its output line by line into ``log``.

    Raises ZY-LAB-202 with the last lines when it fails.
    """
    log(f"== {step}")
    last: deque[str] = deque(maxlen=12)
    try:
        with subprocess.Popen(
            list(argv),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                last.append(line.rstrip("\n"))
                log(last[-1])
    except OSError as failure:
        raise _failed(step, str(failure)) from failure
    if process.returncode != 0:
        raise _failed(step, "\n".join([f"{argv[0]} ended with {process.returncode}:", *last]))


def _failed(step: str, why: str) -> ZyError:
    return ZyError(
        "ZY-LAB-202",
        f"{step} failed: {why}",
        place=Place(target=step),
        fix="mend what the last lines name (disk space, mirror, a missing package) and run the command again",
    )
