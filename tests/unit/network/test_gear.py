"""The gear register: order, what ends when, and batches that never take a site's routers together."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import pytest

from network.gear import OVERDUE, Entry, batches, ending, register
from province.extranet import Gear
from province.province import Province

TODAY = date(2026, 11, 27)


@pytest.fixture
def old(province: Province) -> Province:
    """All routers but one CE are of two models, whose support ends."""
    dates = {"core": date(2027, 3, 31), "edge": date(2026, 1, 31)}
    gear = {
        code: Gear.model_validate(
            {"code": code, "vendor": "Lab", "model": code, "platform": "frr", "srv6": True, "end_of_support": end}
        )
        for code, end in dates.items()
    }
    routers = {
        code: router.model_copy(update={"gear": "core" if router.is_provider else "edge"})
        for code, router in province.routers.items()
        if code != "gz-ce-gat"
    }
    return province.model_copy(update={"gear": gear, "routers": {**province.routers, **routers}})


def test_what_ends_first_comes_first_and_what_nobody_knows_last(old: Province) -> None:
    entries = register(old)
    assert [entries[0].router, entries[-1].router, len(entries)] == ["gz-ce-zsj", "gz-ce-gat", len(old.routers)]
    assert entries[0].ended(TODAY)
    assert not entries[1].ended(TODAY)
    assert [entry.router for entry in ending(entries, date(2027, 3, 30))] == ["gz-ce-zsj"]
    assert len(ending(entries, date(2027, 3, 31))) == 5


def test_a_batch_takes_one_router_of_a_site(old: Province) -> None:
    planned = batches(register(old), TODAY)
    assert [(batch.quarter, batch.number, [e.router for e in batch.routers]) for batch in planned] == [
        (OVERDUE, 1, ["gz-ce-zsj"]),
        ("2027 Q1", 1, ["gz-pe-1"]),
        ("2027 Q1", 2, ["gz-pe-2"]),
        ("2027 Q1", 3, ["gd-pe-1"]),
        ("2027 Q1", 4, ["gd-pe-2"]),
    ]


def test_many_sites_share_a_batch() -> None:
    entries = [
        Entry(f"r{site}-{n}", f"s{site}", "PE", "Lab", date(2027, 1 + site % 3, 1), True)
        for site in range(20)
        for n in (1, 2)
    ]
    planned = batches(entries, TODAY)
    assert [(batch.quarter, batch.number, len(batch.routers)) for batch in planned] == [
        ("2027 Q1", 1, 20),
        ("2027 Q1", 2, 20),
    ]
    for batch in planned:
        sites = sorted(entry.site for entry in batch.routers)
        assert max(len(list(same)) for _, same in groupby(sites)) == 1
