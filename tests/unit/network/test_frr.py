"""What we read from FRR 10.3: texts taken from the lab's routers, shortened."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.platforms.frr import adjacencies, echo, established, rejected, segment_vrfs
from network.platforms.ssh import open_connection
from province.errors import ZyError

SEGMENTS = """\
locator_name: main
  prefix: fd45:0:3::/48
bgps:
- name: default
  vpn_policy[AFI_IP].tovpn_sid: (null)
  per-vrf tovpn_sid: (null)
- name: vpn102
  vpn_policy[AFI_IP].tovpn_sid: (null)
  vpn_policy[AFI_IP6].tovpn_sid: (null)
  per-vrf tovpn_sid: fd45:0:3:2::
"""
PING = """\
PING 10.64.4.10 (10.64.4.10) 56(84) bytes of data.
64 bytes from 10.64.4.10: icmp_seq=1 ttl=61 time=0.208 ms

--- 10.64.4.10 ping statistics ---
3 packets transmitted, 2 received, 33.3333% packet loss, time 402ms
rtt min/avg/max/mdev = 0.131/0.154/0.208/0.025 ms
"""


def test_only_neighbours_that_are_up_count() -> None:
    said = {
        "areas": [
            {
                "area": "core",
                "circuits": [
                    {"circuit": 0, "adj": "gd-pe-1", "interface": "eth1", "level": 2, "state": "Up"},
                    {"circuit": 0, "adj": "gz-pe-2", "interface": "eth2", "level": 2, "state": "Initializing"},
                    {"circuit": 0},
                ],
            }
        ]
    }
    assert adjacencies(said) == ("eth1",)
    assert adjacencies({}) == ()


def test_only_established_sessions_count_and_vrfs_keep_their_names() -> None:
    said = {
        "default": {"ipv4Vpn": {"peers": {"fd44:1::1": {"state": "Established"}, "fd44:1::2": {"state": "Active"}}}},
        "vpn102": {"ipv6Unicast": {"peers": {"fd44:2::7": {"state": "Established"}}}},
    }
    assert established(said) == ("vpn102 ipv6 fd44:2::7", "vpnv4 fd44:1::1")


def test_a_vrf_without_a_segment_does_not_count() -> None:
    assert segment_vrfs(SEGMENTS) == ("vpn102",)


def test_ping_is_measured() -> None:
    found = echo(PING, "ping …")
    assert (found.sent, found.received, found.rtt_ms) == (3, 2, 0.154)
    assert echo("ping: connect: Network is unreachable", "ping …").sent == 0


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "refused: line 2: % Unknown command[4]:  bgp bananas\nline 2: % Unknown command[4]:  bgp bananas\n",
            ["line 2 `bgp bananas`: Unknown command"],
        ),
        (
            "failed: neighbor 10.0.0.1 activate: Specify remote-as or peer-group commands first\n",
            ["`neighbor 10.0.0.1 activate`: Specify remote-as or peer-group commands first"],
        ),
        ("sudo: a password is required\n", ["sudo: a password is required"]),
        ("", ["without a reason"]),
    ],
)
def test_a_rejected_line_is_named_with_frr_s_words(said: str, reason: list[str]) -> None:
    assert rejected(said, "router bgp 1\n bgp bananas\nexit\n") == reason


def test_a_router_without_an_entry_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    config = tmp_path / "ssh_config"
    with pytest.raises(ZyError, match="ZY-NET-018"):
        open_connection("gd-pe-1", config)
    config.write_text("Host gd-pe-1\n  HostName 127.0.0.1\n", encoding="utf-8")
    with pytest.raises(ZyError, match="no identityfile and no userknownhostsfile"):
        open_connection("gd-pe-1", config)
