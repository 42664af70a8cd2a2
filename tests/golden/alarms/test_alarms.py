"""What Prometheus and Alertmanager get of the lab's province, whole. ``ZY_GOLDEN=write`` writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zhengyun.cli import run

HERE = Path(__file__).parent
LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.mark.parametrize("name", ["zhengyun.rules.yml", "alertmanager.yml"])
def test_file(name: str, tmp_path: Path) -> None:
    assert run(["alarm", "rules", "-i", str(LAB), "-o", str(tmp_path)]) == 0
    written = (tmp_path / name).read_text(encoding="utf-8")
    if os.environ.get("ZY_GOLDEN") == "write":
        (HERE / name).write_text(written, encoding="utf-8")
    assert written == (HERE / name).read_text(encoding="utf-8")
