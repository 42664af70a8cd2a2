from __future__ import annotations

from pathlib import Path

import pytest

from province.load import load
from province.province import Province
from tests.unit.network.fakes import BARE, FakeRouter, Fleet

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def province() -> Province:
    return load(REPOSITORY / "inventories" / "lab")


@pytest.fixture
def fleet(province: Province) -> Fleet:
    return Fleet({name: FakeRouter(name, BARE.format(name=name)) for name in province.routers})
