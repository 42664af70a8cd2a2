"""What the rack says when its guest tells of trouble; the guest's answers are played."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.guest.guest import Parts
from lab.routers.rack import Rack
from lab.routers.sample import NETWORK, topology
from province.errors import ZyError, ZyErrors


@pytest.fixture
def rack(tmp_path: Path) -> Rack:
    return Rack(tmp_path, NETWORK, Parts(tmp_path, tmp_path), topology())


def test_every_router_that_stays_ill_is_named(rack: Rack, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"gd-pe-1": "sshd does not listen", "gd-pe-2": "", "gz-pe-1": "port eth1 is down"}
    monkeypatch.setattr(Rack, "_fabric", lambda *_, **__: json.dumps(said))
    with pytest.raises(ZyErrors) as caught:
        rack.wait_until_well("gd-pe-1")
    assert [(error.code, error.place.target) for error in caught.value.errors] == [
        ("ZY-LAB-306", "gd-pe-1"),
        ("ZY-LAB-306", "gz-pe-1"),
    ]
    assert "sshd does not listen" in caught.value.errors[0].message


def test_a_router_that_no_login_reaches_is_ill(rack: Rack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rack, "_fabric", lambda *_, **__: json.dumps({"gd-pe-1": ""}))
    monkeypatch.setattr(Rack, "_logins", lambda _, names: dict.fromkeys(names, False))
    with pytest.raises(ZyErrors) as caught:
        rack.wait_until_well("gd-pe-1", seconds=0)
    assert [error.code for error in caught.value.errors] == ["ZY-LAB-306"]


def test_a_router_that_is_not_there(rack: Rack) -> None:
    with pytest.raises(ZyError) as caught:
        rack.router("gd-pe-9")
    assert caught.value.code == "ZY-LAB-307"


def test_a_guest_that_does_not_run(rack: Rack) -> None:
    assert {status.next_command for status in rack.status()} == {"zy lab up"}
    assert not any(status.well for status in rack.status())
