"""Who: departments, and the subjects that are responsible for and supervise everything."""

from __future__ import annotations

from pydantic import Field

from province.code import Code, DivisionCode
from province.declared import Declared, Named


class Approver(Declared):
    """A person who may approve for a subject, by a key that is theirs alone."""

    holder: str = Field(min_length=1, description="Login name, as it stands in plans: nobody approves their own.")
    key: str = Field(
        pattern=r"^(ssh-ed25519|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+={0,2}$",
        description="Public ssh key, type and key without the comment.",
    )


class Subject(Declared):
    """A post that answers for something (责任主体) or supervises it (监管主体)."""

    id: Code = Field(description="Code of the post; it stands in labels.")
    name: str = Field(min_length=1, description="Unit and post, in Chinese.")
    contact: str = Field(min_length=1, description="Telephone or mail, reachable at any hour.")
    approvers: tuple[Approver, ...] = Field(
        default=(),
        description="Who approves changes of core and important data for it; none: it is not asked (审批人).",
    )
    alarm_webhook: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?$",
        description="Where Alertmanager posts its alarms; an address that holds no secret (告警接收地址).",
    )


class Department(Named):
    """A department of the government (部门): owner of systems, sites and a VPN of the extranet."""

    division: DivisionCode
    parent: Code | None = Field(default=None, description="The department above it.")
    responsible: Subject = Field(description="Responsible subject (责任主体).")
    supervising: Subject = Field(description="Supervising subject (监管主体).")
