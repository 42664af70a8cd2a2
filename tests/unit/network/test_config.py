from __future__ import annotations

from pathlib import Path

import pytest

from network.border import FILTERS
from network.config import candidate, digest, parse, text
from network.diff import changes, same
from network.intent import intents
from network.render import render
from province.extranet import Platform
from province.province import Province
from province.record import Operation
from tests.unit.network.relabel import relabelled

TEXTS = Path(__file__).parent / "texts"
RUNNING = (TEXTS / "gz-pe-1.running").read_text(encoding="utf-8")
"""`zy-config show` of a lab router in full configuration, FRR 10.3."""


def test_nesting_survives_a_missing_closer() -> None:
    """FRR 10.3 prints no `exit` after `encapsulation`; `locators` is its sibling all the same."""
    routing = parse(RUNNING).child("segment-routing")
    assert routing is not None
    srv6 = routing.child("srv6")
    assert srv6 is not None
    assert [child.line for child in srv6.children] == ["encapsulation", "locators"]
    locator = srv6.children[1].child("locator main")
    assert locator is not None
    assert locator.children[0].line.startswith("prefix fd45:0:3::/48")


def test_defaults_and_empty_blocks_say_nothing() -> None:
    noisy = "interface eth9\nexit\n!\nsegment-routing\n srv6\n  formats\n   format usid-f3216\n   exit\n"
    assert parse(noisy).children == ()
    assert [block.line for block in parse("vrf vpn7\nexit-vrf\n").children] == ["vrf vpn7"]


def test_order_and_ornament_say_nothing() -> None:
    one = "interface eth1\n ip address 10.0.0.1/31\n description x\nexit\n!\nvrf vpn7\nexit-vrf\n"
    other = "vrf vpn7\nexit-vrf\ninterface eth1\n description x\n ip address 10.0.0.1/31\n!\nexit\nend\n"
    assert digest(one) == digest(other)
    assert same(one, other)
    assert changes(one, other) == []


def test_a_line_of_another_block_is_another_line() -> None:
    one = "interface eth1\n description x\nexit\ninterface eth2\n description y\nexit\n"
    other = "interface eth1\n description y\nexit\ninterface eth2\n description x\nexit\n"
    assert not same(one, other)


def test_the_device_s_own_part_is_kept_and_never_a_change() -> None:
    running = (
        "frr version 10.3\nhostname r\nlog syslog\ninterface mgmt vrf management\n shutdown\nexit\nvrf old\nexit-vrf\n"
    )
    wanted = candidate(running, "vrf vpn7\nexit-vrf\n")
    assert text(parse(wanted)) == (
        "frr version 10.3\nhostname r\nlog syslog\ninterface mgmt vrf management\n shutdown\nexit\nvrf vpn7\nexit-vrf\n"
    )
    assert [(c.block, c.operation) for c in changes(running, wanted)] == [
        ("vrf old", Operation.DELETE),
        ("vrf vpn7", Operation.CREATE),
    ]


def test_a_hand_change_is_shown_where_it_is() -> None:
    by_hand = RUNNING.replace("timers 10 30", "timers 3 9", 1).replace(
        "isis network point-to-point", "isis metric 55", 1
    )
    found = {change.block: change for change in changes(by_hand, RUNNING)}
    assert set(found) == {"interface eth1", "router bgp 64900"}
    assert "- neighbor fd44:1::1 timers 3 9" in found["router bgp 64900"].diff.splitlines()
    assert "+ neighbor fd44:1::1 timers 10 30" in found["router bgp 64900"].diff.splitlines()
    assert found["router bgp 64900"].risk == "BGP"
    assert found["interface eth1"].risk == "IGP"


def test_a_port_in_another_vrf_is_a_change() -> None:
    moved = RUNNING.replace("interface eth3 vrf vpn102", "interface eth3")
    assert [change.block for change in changes(moved, RUNNING)] == ["interface eth3", "interface eth3 vrf vpn102"]


def test_a_route_is_a_risk_to_management() -> None:
    (change,) = changes("", "ip route 10.99.1.0/25 blackhole\n")
    assert (change.block, change.risk) == ("ip route 10.99.1.0/25", "management path")


def test_prefix_lists_are_grouped_and_order_free() -> None:
    one = "ip prefix-list a seq 5 permit 10.0.0.0/8\nip prefix-list a seq 10 permit 11.0.0.0/8\n"
    other = "ip prefix-list a seq 10 permit 11.0.0.0/8\nip prefix-list a seq 5 permit 12.0.0.0/8\n"
    (change,) = changes(one, other)
    assert change.block == "ip prefix-list a"
    assert [line for line in change.diff.splitlines() if line[0] in "+-" and line[:3] not in ("---", "+++")] == [
        "-ip prefix-list a seq 5 permit 10.0.0.0/8",
        "+ip prefix-list a seq 5 permit 12.0.0.0/8",
    ]


@pytest.mark.parametrize("platform", [Platform.VRP, Platform.COMWARE, Platform.IOSXR])
def test_risks_are_known_on_every_platform(province: Province, platform: Platform) -> None:
    found = {
        change.block: change.risk for change in changes("", render(intents(relabelled(province, platform))["gz-pe-1"]))
    }
    risks = {risk for one in found.values() for risk in one.split(", ") if risk}
    assert risks == {"IGP", "BGP", "VRF", *(["ACL", "QoS"] if platform in FILTERS else [])}
    assert next(risk for block, risk in found.items() if "bgp" in block) == "BGP"
    quiet = {Platform.IOSXR: "interface GigabitEthernet0/0/0/3"}.get(platform, "ip")
    assert any(not risk for block, risk in found.items() if block.startswith(quiet))


@pytest.mark.parametrize(
    ("line", "risk"), [("user-interface vty 0 4", "management path"), ("aaa", "AAA"), ("acl 3000", "ACL")]
)
def test_hand_made_blocks_are_risky_too(line: str, risk: str) -> None:
    (change,) = changes(f"{line}\n rule\n", "")
    assert change.risk == risk
