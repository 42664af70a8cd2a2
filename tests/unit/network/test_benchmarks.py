"""The network's benchmarks run and answer in the form of ``zy bench``; how fast is never asserted."""

from __future__ import annotations

from types import ModuleType

import pytest

from benchmarks import network_check_2000, network_diff_2000, network_render_2000


@pytest.mark.parametrize("benchmark", [network_render_2000, network_check_2000, network_diff_2000])
def test_it_measures_ours_beside_a_peer(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "N", 60)
    monkeypatch.setattr(benchmark, "SIZES", (40,))
    rows = benchmark.run()
    assert all(row.keys() == {"name", "unit", "ours", "peers", "ratio", "n", "machine"} for row in rows)
    beside = [row for row in rows if row["peers"]]
    assert [row["name"] for row in beside] == [benchmark.__name__.rpartition(".")[2].replace("_", "-")]
    assert all(row["ours"] > 0 and row["ratio"] > 0 for row in beside)
