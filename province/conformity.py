"""What people state about clauses: waivers (豁免) of nonconformities, attestations (声明) of what nobody measures."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from province.clause import Clause
from province.code import Code
from province.declared import Declared

EVERYTHING = "province"
"""The object of a waiver that covers the whole clause; also the name of the province's own stack."""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Waiver(Declared):
    """A known and accepted nonconformity of one object, for a time."""

    code: Code
    clause: Clause
    object: str = Field(
        default=EVERYTHING,
        description="Target as checks name it: tenant-SYSTEM, region-REGION, a host, a router; or province for all.",
    )
    reason: str = Field(min_length=1)
    approver: Code = Field(description="Id of the supervising subject (监管主体) that accepted it.")
    expires: date = Field(description="Last day on which it holds.")


class Statement(StrEnum):
    MET = "met"
    NOT_APPLICABLE = "not-applicable"


class Attestation(Declared):
    """A subject's word, with a document, that a clause is met or does not apply (声明)."""

    code: Code
    clause: Clause
    states: Statement = Statement.MET
    by: Code = Field(description="Id of the subject that attests.")
    made: date = Field(alias="date")
    valid_until: date
    document: str = Field(min_length=1, description="Where the document is kept.")
    sha256: Sha256 = Field(description="Of the document.")

    def holds(self, day: date) -> bool:
        """Whether it counts on ``day``, both ends included."""
        return self.made <= day <= self.valid_until
