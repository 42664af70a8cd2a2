"""What each stack of the lab's province holds, whole, as JSON. ``ZY_GOLDEN=write`` writes the files anew."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from province.load import load
from province.province import Province
from stacks.plan.province import plan_province
from stacks.plan.region import plan_region
from stacks.plan.stack import Kind, StackId, waves
from stacks.plan.tenant import plan_tenant

HERE = Path(__file__).parent
INVENTORY = Path(__file__).parents[3] / "inventories" / "lab"
DAY = date(2026, 11, 24)

NAMES = ("province", "region-gd", "region-gz", "tenant-gdbos", "tenant-rkk", "tenant-zct")


@pytest.fixture(scope="module")
def province() -> Province:
    return load(INVENTORY)


def planned(province: Province, stack: StackId) -> Any:
    if stack.kind is Kind.PROVINCE:
        return plan_province(province)
    return (plan_region if stack.kind is Kind.REGION else plan_tenant)(province, stack.code, DAY)


def test_every_stack_has_a_golden_file(province: Province) -> None:
    assert tuple(str(stack) for wave in waves(province) for stack in wave) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_stack(province: Province, name: str) -> None:
    stack = next(stack for wave in waves(province) for stack in wave if str(stack) == name)
    text = json.dumps(asdict(planned(province, stack)), ensure_ascii=False, indent=1) + "\n"
    golden = HERE / f"{name}.json"
    if os.environ.get("ZY_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(golden.read_text(encoding="utf-8"))
