"""Filters that do not hold together are refused with their line."""

from __future__ import annotations

import pytest

from network.intent import intents
from network.parse.reading import parse
from network.render import render
from province.errors import ZyErrors
from province.extranet import Platform
from province.province import Province
from tests.unit.network.relabel import relabelled

_PORT = {Platform.VRP: "GigabitEthernet0-1-3", Platform.COMWARE: "GigabitEthernet1-0-3"}
CASES = [
    (Platform.VRP, " rule 5 permit tcp", " rule 5 allow tcp", "ZY-NET-031", "allow tcp"),
    (Platform.VRP, "permit tcp vpn-instance vpn102", "permit icmpv6 vpn-instance vpn102", "ZY-NET-031", "icmpv6"),
    (Platform.VRP, "permit tcp vpn-instance vpn102", "permit tcp", "ZY-NET-033", "rule 5 permit tcp source"),
    (Platform.VRP, "vpn-instance vpn102 source", "vpn-instance vpn100 source", "ZY-NET-033", "vpn100"),
    (Platform.VRP, " rule 10 ", " rule 11 ", "ZY-NET-033", "rule 5 "),
    (Platform.VRP, "0.0.0.255", "0.0.0.254", "ZY-NET-034", "0.0.0.254"),
    (Platform.VRP, "traffic-policy in-PORT", "traffic-policy in-lost", "ZY-NET-033", "traffic-policy in-lost"),
    (Platform.VRP, "\n classifier in-PORT", "\n classifier in-lost", "ZY-NET-033", " classifier in-lost"),
    (Platform.VRP, " if-match acl name in-PORT", " if-match acl name in-lost", "ZY-NET-033", "in-lost"),
    (Platform.VRP, "traffic behavior in-pass\n", "", "ZY-NET-032", "traffic policy in-"),
    (Platform.VRP, " traffic-policy in-PORT inbound\n", "", "ZY-NET-033", "acl name in-"),
    (Platform.COMWARE, " packet-filter name in-PORT", " packet-filter name in-lost", "ZY-NET-033", "in-lost"),
    (Platform.COMWARE, "acl advanced name in-PORT", "acl advanced name in-lost", "ZY-NET-032", "packet-filter name"),
    (Platform.COMWARE, "acl ipv6 advanced", "acl ipv6 basic", "ZY-NET-031", "acl ipv6 basic"),
]


@pytest.mark.parametrize(("platform", "before", "after", "code", "line"), CASES)
def test_the_line_is_named(
    province: Province, platform: Platform, before: str, after: str, code: str, line: str
) -> None:
    before, after = (words.replace("PORT", _PORT[platform]) for words in (before, after))
    text = render(intents(relabelled(province, platform))["gz-pe-1"])
    assert before in text
    broken = text.replace(before, after, 1)
    with pytest.raises(ZyErrors) as caught:
        parse(broken, platform, "gz-pe-1")
    error = caught.value.errors[0]
    assert error.code == code
    assert line in broken.splitlines()[(error.place.line or 0) - 1]
    assert error.fix
