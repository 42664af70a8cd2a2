"""Run a tool to its end."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import IO

from province.errors import Place, ZyError


def run(argv: Sequence[str], *, text: str | None = None, stdin: IO[bytes] | None = None) -> str:
    """The tool's output; ``text`` or ``stdin`` is its input. Raises ZY-LAB-130 with what it said when it fails."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out, err = process.communicate(text if stdin is None else None)
    if process.returncode != 0:
        said = (err or out).strip()[-2000:]
        raise ZyError(
            "ZY-LAB-130",
            f"{argv[0]} failed ({process.returncode}): {said}",
            place=Place(target=argv[0]),
            fix="`zy lab status` tells what is not well; `zy lab up` starts what does not run",
        )
    return out
