"""Who runs the stacks: an administrator of the cloud, or a clear refusal."""

from __future__ import annotations

from types import SimpleNamespace

import pulumi_openstack as openstack
import pytest

from province.errors import ZyError
from stacks.account import account


def _keystone(monkeypatch: pytest.MonkeyPatch, *held: str) -> openstack.Provider:
    """Keystone as the provider's functions show it, with an account that holds these roles."""
    roles = [SimpleNamespace(role_name=name, role_id=f"id-of-{name}") for name in held]
    scope = SimpleNamespace(user_id="u1", user_name="operator", roles=roles)
    monkeypatch.setattr(openstack.identity, "get_auth_scope", lambda **_: scope)
    monkeypatch.setattr(openstack.identity, "get_role", lambda name, **_: SimpleNamespace(id=f"id-of-{name}"))
    return openstack.Provider.__new__(openstack.Provider)  # only passed on


def test_an_administrator_is_known_with_the_roles_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = account(_keystone(monkeypatch, "reader", "admin"), ["member"])
    assert (found.user_id, found.admin_role_id, found.roles) == ("u1", "id-of-admin", {"member": "id-of-member"})


def test_an_ordinary_account_is_refused_with_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZyError) as raised:
        account(_keystone(monkeypatch, "reader", "member"), [])
    assert raised.value.code == "ZY-CLD-004"
    assert "operator does not hold the role admin; it holds member, reader" in raised.value.message
