"""People who administer the province's hosts: who they are, what their duty is, and by which keys they come in."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from province.code import Code
from province.declared import Declared
from province.host import Host, HostRole


class Duty(StrEnum):
    """One of the three separated duties (三员分立; GB/T 22239-2019, 8.1.4.2 d and 8.1.5.1 to 8.1.5.3)."""

    SYSTEM = "system"
    AUDIT = "audit"
    SECURITY = "security"

    @property
    def chinese(self) -> str:
        return {Duty.SYSTEM: "系统管理员", Duty.AUDIT: "审计管理员", Duty.SECURITY: "安全管理员"}[self]


class Administrator(Declared):
    """A person with one duty (管理员). The code is the name of the account on hosts, and is never given to another."""

    code: Code
    name: str = Field(min_length=1, description="The person's name, in Chinese (姓名).")
    department: Code
    duty: Duty
    keys: tuple[str, ...] = Field(
        min_length=1, description="Public ssh keys, as ssh-keygen writes them: type, key, comment (公钥)."
    )
    until: date | None = Field(default=None, description="Last day of the account, in China's time (有效期至).")
    second_factor: bool = Field(
        default=False, description="Has enrolled by `sudo zy-enrol`, and shows a code after the key (双因素)."
    )
    regions: tuple[Code, ...] = Field(default=(), description="Hosts of these regions alone; none: of all.")
    roles: tuple[HostRole, ...] = Field(default=(), description="Hosts of these roles alone; none: of all.")

    def is_of(self, host: Host) -> bool:
        """Whether the person administers this host, at any time."""
        return host.region in (self.regions or (host.region,)) and host.role in (self.roles or (host.role,))

    def is_in_office(self, day: date) -> bool:
        """Whether the account is good on this day."""
        return self.until is None or day <= self.until
