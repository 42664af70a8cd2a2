"""The wheel works where this repository is not: in a clean environment, on an inventory of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_wheel_validates_an_inventory_in_a_clean_environment(tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(Path(os.environ["ZY_UV"]))
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(uv, "build", "--wheel", "--out-dir", str(tmp_path / "dist"), str(ROOT))
    (wheel,) = (tmp_path / "dist").glob("zhengyun-*.whl")
    run(uv, "export", "--project", str(ROOT), "--frozen", "--no-dev", "--no-emit-project", "-o", "pins.txt")
    run(uv, "venv", "--python", sys.executable, str(tmp_path / "venv"))
    python = str(tmp_path / "venv" / "bin" / "python")
    run(uv, "pip", "install", "--python", python, "-r", "pins.txt", str(wheel))
    inventory = shutil.copytree(ROOT / "inventories" / "lab", tmp_path / "inventory")
    assert '"errors":[]' in run(
        str(tmp_path / "venv" / "bin" / "zy"), "validate", "-i", str(inventory), "--json"
    ).replace(" ", "")
