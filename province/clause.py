"""Clauses of GB/T 22239-2019 level 3 (等保三级): the numbers of chapters 8.1.2 to 8.1.5 and 8.2.

Physical security (8.1.1) and management (8.1.6 to 8.1.10, 8.2.6, 8.2.7) are judged on paper and are not listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_lowercase
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

STANDARD = "GB/T 22239-2019"

CONTROLS: Mapping[str, int] = {
    **{"8.1.2.1": 5, "8.1.2.2": 2, "8.1.2.3": 0},
    **{"8.1.3.1": 4, "8.1.3.2": 5, "8.1.3.3": 4, "8.1.3.4": 2, "8.1.3.5": 4, "8.1.3.6": 0},
    **{"8.1.4.1": 4, "8.1.4.2": 7, "8.1.4.3": 4, "8.1.4.4": 6, "8.1.4.5": 0, "8.1.4.6": 0, "8.1.4.7": 2, "8.1.4.8": 2},
    **{"8.1.4.9": 3, "8.1.4.10": 2, "8.1.4.11": 2},
    **{"8.1.5.1": 2, "8.1.5.2": 2, "8.1.5.3": 2, "8.1.5.4": 6},
    **{"8.2.1.1": 0, "8.2.2.1": 5, "8.2.3.1": 2, "8.2.3.2": 4, "8.2.3.3": 2},
    **{"8.2.4.1": 0, "8.2.4.2": 2, "8.2.4.3": 3, "8.2.4.4": 3, "8.2.4.5": 4, "8.2.4.6": 4, "8.2.4.7": 2, "8.2.5.1": 4},
}
"""How many lettered clauses each control has; 0: one clause without a letter."""


def _clauses() -> Iterator[str]:
    for control, count in CONTROLS.items():
        yield from (f"{control} {letter}" for letter in ascii_lowercase[:count])
        if count == 0:
            yield control


CLAUSES: tuple[str, ...] = tuple(_clauses())
"""All clauses, in the standard's order: ``8.1.2.1 a`` … ``8.2.5.1 d``."""


def _known(text: str) -> str:
    if text not in CLAUSES:
        raise ValueError(f"no technical clause of {STANDARD} level 3 (such as 8.1.3.2 a)")
    return text


Clause = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"pattern": r"^8\.[12]\.\d\.\d+( [a-g])?$", "type": "string"})
]
"""One clause, with its letter."""
