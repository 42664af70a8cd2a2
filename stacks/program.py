"""Choose and run the program of a stack."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pulumi

from province.errors import ZyError, ZyErrors
from province.load import load
from province.province import Province
from stacks.adopted import make_adopted
from stacks.floors import VARIABLE, read_floors
from stacks.plan.adopted import plan_adopted
from stacks.plan.province import plan_province
from stacks.plan.region import plan_region
from stacks.plan.stack import Kind, parse
from stacks.plan.tenant import plan_tenant
from stacks.province import make_province
from stacks.region import make_region
from stacks.tenant import make_tenant


def run(name: str, province: Province, inventory: Path, today: date) -> None:
    """Declare the resources of the stack ``name``."""
    stack = parse(name, province)
    if stack.kind is Kind.PROVINCE:
        floors = os.environ.get(VARIABLE)
        plan = plan_province(province)
        make_province(plan.with_floors(read_floors(Path(floors))) if floors else plan, inventory)
    elif stack.kind is Kind.REGION:
        make_region(plan_region(province, stack.code, today))
    elif stack.kind is Kind.ADOPTED:
        make_adopted(plan_adopted(province, stack.code))
    else:
        make_tenant(plan_tenant(province, stack.code, today))


def main() -> None:
    """Run the stack that Pulumi names; mistakes of the inventory are shown as such, without a traceback."""
    config = pulumi.Config()
    # relative to Pulumi.yaml, as everything in Pulumi is; an absolute path stays as it is
    root = Path(pulumi.get_root_directory())
    inventory = root / (config.get("inventory") or os.environ.get("ZY_INVENTORY") or "inventories/lab")
    today = config.get("today") or os.environ.get("ZY_TODAY")
    try:
        day = date.fromisoformat(today) if today else date.today()
        run(pulumi.get_stack(), load(inventory), inventory, day)
    except ZyError as error:
        raise pulumi.RunError(f"{error}; {error.fix}") from error
    except ZyErrors as error:
        raise pulumi.RunError("\n".join(f"{e.place} {e}; {e.fix}" for e in error.errors)) from error
