"""Entries of clouds.yaml that log in to one project each, derived from the operator's entries.

The provider takes its credentials from that file, so none of them gets into Pulumi's programs, plans or state. Nova
makes servers in the project of the token only, hence an entry per project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from province.errors import Place, ZyError
from province.province import Province
from province.standard import PLATFORM
from stacks.plan.province import domain_name

_SCOPE = ("project_id", "project_name", "tenant_id", "tenant_name", "project_domain_id", "project_domain_name")
_OTHER_SCOPES = ("domain_id", "domain_name", "system_scope")


def project_cloud(region: str, code: str) -> str:
    """Name of the entry for a project: ``gz/zct``, ``gz/platform``."""
    return f"{region}/{code}"


def is_project_cloud(name: str) -> bool:
    """Whether an entry is one of ours for a project, not the operator's."""
    return "/" in name


def project_clouds(
    province: Province, clouds: Mapping[str, Any], shown: str, removed: Iterable[str] = ()
) -> dict[str, Any]:
    """The operator's entries and one per project. ``shown`` names the file in errors.

    ``removed`` are codes of systems that the inventory has dropped, and whose stacks must still be taken down.
    Raises ``ZY-CLD-005`` when a region's entry is missing.
    """
    entries: dict[str, Any] = deepcopy(dict(clouds.get("clouds") or {}))
    derived: dict[str, Any] = {}
    for region in province.regions.values():
        if region.cloud not in entries:
            raise ZyError(
                "ZY-CLD-005",
                f"there is no entry {region.cloud} for the region {region.code}",
                place=Place(file=shown),
                fix=f"add `{region.cloud}:` under `clouds:`, or name another entry in the region's `cloud`",
            )
        for code in (PLATFORM, *(system.code for system in province.systems_in(region.code)), *removed):
            scoped = _scoped(entries[region.cloud], f"{region.code}-{code}", domain_name(region.code))
            derived[project_cloud(region.code, code)] = scoped
    return {**clouds, "clouds": entries | derived}


def _scoped(entry: Mapping[str, Any], project: str, domain: str) -> dict[str, Any]:
    auth = {key: value for key, value in dict(entry.get("auth") or {}).items() if key not in _SCOPE + _OTHER_SCOPES}
    return {**entry, "auth": {**auth, "project_name": project, "project_domain_name": domain}}
