"""The hosts' controls: what GB/T 22239-2019 level 3 asks of a host, as data beside the settings that serve it. Pure.

The files are the role's own (``baseline/vars/main/AREA.yml``), so that Ansible, the audit, the report and the README
speak of the same controls. A control either is measured (a probe has its id), or a person vouches for it
(``attest``), since no machine can.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from province.errors import Place, ZyError
from province.host import Host, HostRole, HostSystem
from province.record import JsonObject

FOLDER = Path(__file__).parent / "baseline" / "vars" / "main"
AREAS = (
    *("accounts", "ssh", "firewall", "audit", "time", "kernel", "services", "residual", "malware", "logging"),
    *("integrity", "outside"),
)
"""In the order in which they are brought in line; what is seen from outside needs no settings of its own."""

PROVEN = frozenset({HostSystem.DEBIAN_12})
"""Systems that our settings were run on. Those of others have their names from general knowledge."""


class Control(BaseModel):
    """One control (控制项). ``settings`` maps a kind of configuration to what the control wants of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^hst-[a-z0-9-]+$")
    area: str
    clauses: tuple[str, ...] = Field(min_length=1)
    title: str
    title_zh: str
    why: str
    roles: tuple[HostRole, ...] = tuple(HostRole)
    systems: tuple[HostSystem, ...] = tuple(HostSystem)
    settings: JsonObject = {}
    attest: str = ""
    """Who has to vouch for what; empty where a machine can measure it."""

    def applies_to(self, role: HostRole, system: HostSystem) -> bool:
        return role in self.roles and system in self.systems


Catalogue = Mapping[str, Control]


@cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """All controls by id, area by area. Read once: the files are part of this program."""
    controls = (
        Control.model_validate({"area": area, **one})
        for area in AREAS
        for one in YAML(typ="safe").load(folder / f"{area}.yml")[f"baseline_controls_{area}"]
    )
    return MappingProxyType({control.id: control for control in controls})


def check_waivers(catalogue: Catalogue, hosts: Mapping[str, Host]) -> None:
    """Raises ZY-HST-030 when a host waives a control that there is not: the waiver would silently do nothing."""
    for code, host in sorted(hosts.items()):
        for waived in sorted(set(host.waivers) - set(catalogue)):
            raise ZyError(
                "ZY-HST-030",
                f"the host waives {waived}, and there is no such control",
                place=Place(target=code),
                fix="correct the id under `waivers`; `zy hosts audit --all` lists every control",
            )
