"""The benchmark of pushes does what it says it measures, on three devices."""

from __future__ import annotations

import json

import pytest

from benchmarks import network_push_2000 as benchmark


def test_a_row_has_what_the_contract_asks_for() -> None:
    (row,) = json.loads(json.dumps(benchmark.run(3, 0, (0.01,))))
    assert set(row) == {"name", "unit", "ours", "peers", "ratio", "n", "machine"}
    assert (row["name"], row["unit"], row["n"]) == ("network-push-3, 10 ms", "s", 3)
    assert row["ours"] > 0
    assert len(benchmark.LINES) == 30


def test_a_device_that_is_not_changed_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "LINES", [*benchmark.LINES[:29], " isis cots 20"])
    with benchmark.simulator(2, 0.0) as lab, pytest.raises(RuntimeError, match=r"2 of 2 failed.*isis cots 20"):
        benchmark.ours(lab)


def test_the_floor_changes_every_device_too() -> None:
    with benchmark.simulator(2, 0.0) as lab:
        benchmark.floor(lab)
        with pytest.raises(RuntimeError, match=r"2 of 2 failed"):  # there is nothing left for ours to change
            benchmark.ours(lab)
