"""An apply that is killed at random points ends, when it is resumed, as one that never was.

``$ZY_KILLS`` says how often (1; a soak takes 20), ``$ZY_SEED`` repeats a run whose seed a failure has printed.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from province.record import Outcome, Status
from stacks.tools import Tools
from tests.lab.cloud_of_the_test_province import Cloud, needs_cloud, province_on_the_cloud
from tests.lab.conftest import tools
from tests.lab.killed_apply import apply_until

__all__ = ["tools"]  # a fixture

pytestmark = needs_cloud


@pytest.fixture(scope="module")
def cloud(tools: Tools) -> Iterator[Cloud]:
    with province_on_the_cloud("killed-cloud", tools) as made:
        yield made


def test_an_apply_killed_at_random_points_is_resumed_to_the_same_cloud(cloud: Cloud) -> None:
    seed = int(os.environ.get("ZY_SEED") or random.randrange(2**32))
    chance = random.Random(seed)
    lines = len(apply_until(cloud, lambda _lines: False))
    whole = cloud.ours()
    assert cloud.room.plan([]).actions == ()
    for number in range(int(os.environ.get("ZY_KILLS") or 1)):
        cloud.apply(cloud.room.destroy_plan())
        assert cloud.ours() == []
        point = chance.randrange(1, lines)
        killed = apply_until(cloud, partial(_are, point))
        where = f"seed {seed}, kill {number}: after line {point} of {lines}, {killed[-1]}"
        print(where)
        results = cloud.apply(cloud.room.plan([]))
        assert [result.message for result in results if result.outcome is Outcome.FAILED] == [], where
        assert [thing for thing, count in Counter(cloud.ours()).items() if count > 1] == [], where
        assert cloud.ours() == whole, where
        assert cloud.room.plan([]).actions == (), where
        assert [check.id for check in cloud.room.verify([]) if check.status is not Status.PASSED] == [], where


def _are(count: int, lines: Sequence[str]) -> bool:
    return len(lines) == count
