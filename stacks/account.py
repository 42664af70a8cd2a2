"""The account that runs the stacks, as a region's identity service knows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_openstack as openstack

from province.errors import ZyError

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    user_id: str
    admin_role_id: str
    roles: dict[str, str]
    """Ids of Keystone's own roles, by name."""


def account(cloud: openstack.Provider, roles: Iterable[str]) -> Account:
    """Ask Keystone who we are. Raises ``ZY-CLD-004`` when the account is no administrator of the cloud."""
    asked = pulumi.InvokeOptions(provider=cloud)
    scope = openstack.identity.get_auth_scope(name="operator", set_token_id=False, opts=asked)
    held = {role.role_name: role.role_id for role in scope.roles}
    if ADMIN not in held:
        raise ZyError(
            "ZY-CLD-004",
            f"the account {scope.user_name} does not hold the role {ADMIN}; it holds {', '.join(sorted(held))}",
            fix="use a clouds.yaml entry whose account may make domains, projects and quotas",
        )
    ids = {name: openstack.identity.get_role(name=name, opts=asked).id for name in roles}
    return Account(scope.user_id, held[ADMIN], ids)
