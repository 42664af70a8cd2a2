"""The stacks' programs against Pulumi's mocks: what the benchmarks count is what the plans hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks._cloud import Cloud, preview, program, with_regions
from province.load import load
from province.province import Province

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture(scope="module")
def lab() -> Province:
    return load(LAB)


def test_every_program_registers_what_its_plan_holds(lab: Province) -> None:
    made = preview(lab)
    assert set(made) == {"province", "region-gd", "region-gz", "tenant-gdbos", "tenant-rkk", "tenant-zct"}
    kinds = {stack: Counter(one.typ.split(":")[-1] for one in resources) for stack, resources in made.items()}
    assert kinds["tenant-gdbos"]["Instance"] == 4
    assert kinds["tenant-gdbos"]["Volume"] == 1
    assert kinds["region-gd"]["Network"] == 5
    assert kinds["region-gd"]["Router"] == 4
    assert kinds["province"]["QuotaSetV2"] == 5, "three systems and two platforms"


def test_fewer_regions_are_a_smaller_province(lab: Province) -> None:
    small = with_regions(lab, 1)
    assert (set(small.regions), set(small.systems), set(small.agreements)) == ({"gd"}, {"gdbos", "rkk"}, {"rkk-gdbos"})
    assert sum(map(len, preview(small).values())) < sum(map(len, preview(lab).values()))


def test_a_program_that_fails_is_not_counted_as_done() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        program("broken", Cloud(), broken)
