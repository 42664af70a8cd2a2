"""How routers are run: on the platforms whose configuration holds it, and only where the province says so."""

from __future__ import annotations

import pytest

from network.intent import intents
from network.render import render
from province.extranet import Platform
from province.province import Province
from tests.unit.network.relabel import relabelled, special

VENDORS = [Platform.VRP, Platform.COMWARE, Platform.IOSXR]


@pytest.mark.parametrize("platform", VENDORS)
def test_nothing_is_touched_unless_declared(province: Province, platform: Platform) -> None:
    text = render(intents(relabelled(province, platform))["gz-pe-1"])
    assert not any(word in text for word in ("vty", "line ", "ntp", "loghost", "logging"))


@pytest.mark.parametrize("platform", VENDORS)
def test_logs_time_and_logins_are_set(province: Province, platform: Platform) -> None:
    text = render(intents(relabelled(special(province), platform))["gz-pe-1"])
    assert all(address in text.lower() for address in ("10.99.0.13", "fd99::13", "10.99.0.14", "10.99.0.15"))
    assert "ssh" in text


def test_an_frr_router_is_a_host(province: Province) -> None:
    assert intents(special(province))["gz-pe-1"].management is None
