"""Emergency plans (应急预案): what is done, and by whom, when a part of the province fails, and how that is drilled."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from province.code import Code
from province.declared import Declared, Named


class Scenario(StrEnum):
    """What fails."""

    ROUTER_LOSS = "router-loss"
    HOST_LOSS = "host-loss"

    @property
    def chinese(self) -> str:
        return {Scenario.ROUTER_LOSS: "路由器断电", Scenario.HOST_LOSS: "主机断电"}[self]

    @property
    def english(self) -> str:
        return {Scenario.ROUTER_LOSS: "a router loses its power", Scenario.HOST_LOSS: "a host loses its power"}[self]


class Post(StrEnum):
    """Who does a step: the subjects of the plan's department, or who operates the platform."""

    RESPONSIBLE = "responsible"
    SUPERVISING = "supervising"
    OPERATOR = "operator"

    @property
    def chinese(self) -> str:
        return {Post.RESPONSIBLE: "责任主体", Post.SUPERVISING: "监管主体", Post.OPERATOR: "值班运维"}[self]


class EmergencyStep(Declared):
    """One thing that somebody does, in the plan's order."""

    by: Post
    does: str = Field(min_length=1, description="In Chinese.")
    does_en: str = Field(min_length=1)


class EmergencyPlan(Named):
    """What happens when one thing fails, who acts, and the aims that a drill is measured by."""

    scenario: Scenario
    target: Code = Field(description="The router or host that fails.")
    department: Code = Field(
        description="Department whose subjects answer for the plan; their contacts stand with them."
    )
    detect_seconds: int = Field(ge=1, description="Aim: from the failure until our checks show it.")
    recover_seconds: int = Field(ge=1, description="Aim: from the failure until all checks pass again (RTO).")
    every_days: int = Field(default=365, ge=1, description="A drill is due this long after the last one.")
    steps: tuple[EmergencyStep, ...] = Field(min_length=1)
