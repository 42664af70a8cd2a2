"""Names and order of stacks: one for the province, per region, per business system (tenant), per adopted project.

Small stacks keep the blast radius and the cost of Pulumi's file state small. A wave needs outputs of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from province.errors import Place, ZyError
from province.province import Province

PROJECT = "zhengyun"
"""Name of the Pulumi project."""


class Kind(StrEnum):
    PROVINCE = "province"
    REGION = "region"
    TENANT = "tenant"
    ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class StackId:
    """Which stack: its kind and, except for the province, the code of what it holds."""

    kind: Kind
    code: str = ""

    def __str__(self) -> str:
        return f"{self.kind}-{self.code}" if self.code else str(self.kind)


PROVINCE = StackId(Kind.PROVINCE)


def parse(name: str, province: Province) -> StackId:
    """The stack of that name in this province. Raises ``ZY-CLD-002`` for a name that the inventory does not give."""
    for stack in (stack for wave in waves(province) for stack in wave):
        if str(stack) == name:
            return stack
    known = ", ".join(str(stack) for wave in waves(province) for stack in wave)
    raise ZyError(
        "ZY-CLD-002",
        f"the inventory has no stack {name}",
        place=Place(target=name),
        fix=f"use one of: {known}",
    )


def waves(province: Province) -> tuple[tuple[StackId, ...], ...]:
    """All stacks, in the order in which they can be made; within a wave they do not depend on each other."""
    regions = tuple(StackId(Kind.REGION, code) for code in sorted(province.regions))
    tenants = tuple(StackId(Kind.TENANT, code) for code in sorted(province.systems))
    adopted = tuple(StackId(Kind.ADOPTED, code) for code in sorted(province.adopted))
    return tuple(wave for wave in ((PROVINCE,), (*regions, *adopted), tenants) if wave)


def limited(province: Province, limit: Iterable[str]) -> tuple[tuple[StackId, ...], ...]:
    """The waves with only the stacks that ``limit`` names; empty means all. Unknown names are other rooms' targets."""
    names = frozenset(limit)
    if not names:
        return waves(province)
    chosen = (tuple(stack for stack in wave if str(stack) in names) for wave in waves(province))
    return tuple(wave for wave in chosen if wave)
