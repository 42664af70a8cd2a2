from __future__ import annotations

from pathlib import Path

import pytest

from province.load import load
from province.province import Province

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture(scope="session")
def lab() -> Province:
    return load(LAB)
