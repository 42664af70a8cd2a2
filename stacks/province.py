"""Program of the province's stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_openstack as openstack

from province.administrator import Duty
from stacks.account import Account, account
from stacks.components.accounts import AccountsComponent, AccountsProps
from stacks.components.catalogue import CatalogueComponent, CatalogueProps
from stacks.components.project import ProjectComponent, ProjectProps
from stacks.components.volume_types import VolumeTypesComponent, VolumeTypesProps
from stacks.plan.province import ProvincePlan, RegionAccounts

MEMBER = "member"
READER = "reader"


def make_province(plan: ProvincePlan, inventory: Path) -> None:
    """Make everything, and export ids by region: ``projects``, ``images``."""
    pulumi.export("regions", {accounts.region: _region(accounts, inventory) for accounts in plan.regions})


def _region(accounts: RegionAccounts, inventory: Path) -> dict[str, Any]:
    name = accounts.region
    cloud = openstack.Provider(name, cloud=accounts.cloud)
    with_provider = pulumi.ResourceOptions(providers=[cloud])
    operator = account(cloud, (MEMBER, READER))
    made = AccountsComponent(name, AccountsProps(accounts, operator.roles), with_provider)
    catalogue = CatalogueComponent(
        name, CatalogueProps(accounts.flavors, accounts.images, accounts.labels, inventory), with_provider
    )
    if accounts.volume_types:
        VolumeTypesComponent(name, VolumeTypesProps(accounts.volume_types), with_provider)
    projects = {
        project.code: ProjectComponent(
            project.name,
            ProjectProps(
                project=project,
                domain_id=made.domain_id,
                operator_id=operator.user_id,
                operator_role_id=operator.admin_role_id,
                members=_members(project.code, made, operator),
            ),
            with_provider,
        ).project_id
        for project in accounts.projects
    }
    return {"projects": projects, "images": catalogue.images}


def _members(project: str, made: AccountsComponent, operator: Account) -> dict[str, tuple[pulumi.Output[str], str]]:
    """System administrators run the platform's own project, and nobody else's."""
    if project != "platform":
        return {}
    return {"system-admins": (made.groups[Duty.SYSTEM], operator.roles[MEMBER])}
