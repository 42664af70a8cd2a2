"""How the policy benchmarks run peers: in an environment of their own, since their pins (and licences) are not ours."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from zhengyun.places import Places


def measured(package: str, program: str, *arguments: str) -> Any:
    """What a program with ``package`` prints, as JSON; uv makes its environment at the first run."""
    uv = shutil.which("uv") or str(Places.here().cache / "bootstrap" / "bin" / "uv")
    command = [uv, "run", "--quiet", "--no-project", "--python", "3.11", "--with", package, "python", "-c", program]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def machine() -> str:
    """The processor that this runs on."""
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return f"{len(names)} × {names[0]}" if names else platform.processor()
