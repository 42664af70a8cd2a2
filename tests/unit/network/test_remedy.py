"""Lines from one configuration to another: entered on a simulated VRP8, they lead from any to any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.routers.simulator.dialect import COMWARE7, VRP8, Dialect
from lab.routers.simulator.router import Router
from lab.routers.simulator.session import Session
from lab.routers.simulator.talk import Terminal
from lab.routers.simulator.tree import parse as tree
from lab.routers.simulator.tree import show
from network.config import candidate, digest, ours, parse
from network.diff import changes
from network.platforms.comware import FORMS as COMWARE
from network.platforms.remedy import commands
from network.platforms.secret import is_masked, masked
from network.platforms.vrp import FORMS

_PARTS = (
    "mpls lsr-id 1.1.1.1",
    "mpls lsr-id 2.2.2.2",
    "netconf",
    "ip vpn-instance a\n ipv4-family\n  route-distinguisher 1:1\n  vpn-target 1:1 export-extcommunity",
    "ip vpn-instance a\n ipv4-family\n  route-distinguisher 1:2\n  vpn-target 1:2 export-extcommunity",
    "isis 1\n is-level level-2\n network-entity 49.0001.0000.0000.0001.00",
    "isis 1\n is-level level-1\n network-entity 49.0002.0000.0000.0001.00\n cost-style wide",
    "interface GigabitEthernet0/1/0\n description x\n ip address 10.0.0.1 30\n isis enable 1",
    "interface GigabitEthernet0/1/0\n description y\n ip binding vpn-instance a\n ip address 10.0.0.1 30",
    "interface GigabitEthernet0/1/0.7\n vlan-type dot1q 7\n ip address 10.0.7.1 30\n ipv6 address FD00::1/64",
    "interface GigabitEthernet0/1/0\n description x\n traffic-policy in-a inbound",
    "acl name in-a advance\n rule 5 permit ip source 10.0.0.0 0.0.0.255\n rule 10 deny ip",
    "acl name in-a advance\n rule 5 permit ip source 10.0.1.0 0.0.0.255\n rule 10 permit icmp\n rule 15 deny ip",
    "acl ipv6 name in-a advance\n rule 5 deny ipv6",
    "traffic classifier in-a operator or\n if-match acl name in-a\n if-match ipv6 acl name in-a",
    "traffic classifier in-a operator or\n if-match acl name in-a",
    "traffic behavior in-pass",
    "diffserv domain service-core\n ip-dscp-inbound 8 phb be green\n ip-dscp-outbound af3 green map 24",
    "diffserv domain service-core\n ip-dscp-inbound 10 phb be green\n ip-dscp-inbound 8 phb af1 green",
    "port-queue-template service-core\n queue be wfq weight 60\n queue af3 wfq weight 40",
    "port-queue-template service-core\n queue be wfq weight 80\n queue ef pq shaping shaping-percentage 20",
    "interface LoopBack1\n trust upstream service-core\n port-queue-template service-core outbound",
    "interface LoopBack1\n trust upstream service-edge",
    "traffic policy in-a\n classifier in-a behavior in-pass precedence 5",
    "interface LoopBack0\n ip address 1.1.1.1 32",
    "bgp 1\n peer FD00::2 as-number 1\n peer FD00::2 timer keepalive 10 hold 30\n ipv4-family vpnv4\n"
    "  policy vpn-target\n  peer FD00::2 enable",
    "bgp 1\n peer FD00::3 as-number 1\n peer FD00::2 as-number 2\n ipv4-family vpnv4\n  undo policy vpn-target\n"
    "  peer FD00::3 enable\n  peer FD00::2 enable\n  peer FD00::2 reflect-client",
    "bgp 1\n router-id 1.1.1.1\n vpn-instance a\n  segment-routing ipv6 locator main end-dt46",
)


def _valued(part: str) -> str:
    """A part's setting: no configuration has two of one."""
    first = part.split("\n", maxsplit=1)[0]
    return first.rsplit(" ", 1)[0] if first.startswith("mpls lsr-id") else first


_CONFIGURATIONS = st.lists(st.sampled_from(_PARTS), unique_by=_valued).map(lambda parts: "\n#\n".join(parts) + "\n")


def _enter(configuration: str, lines: list[str], dialect: Dialect = VRP8) -> str:
    """What a router that runs a configuration runs after these lines; fails when one of them is refused."""
    router = Router("R1", dialect, tree(configuration), lambda: 0.0)
    commit = ["commit"] if dialect.candidate else []
    terminal = Terminal(Session(router, 1, "ops").run(), 511)
    terminal.type("".join(f"{line}\n" for line in ("screen-length 0 temporary", "system-view", *lines, *commit)))
    while terminal.advance() is not None:
        pass
    said = terminal.said()
    assert "found at '^' position" not in said, said
    assert "Error" not in said, said
    return "\n".join(show(router.running))


@given(before=_CONFIGURATIONS, after=_CONFIGURATIONS)
@settings(max_examples=200, deadline=None)
def test_the_lines_lead_from_any_configuration_to_any_other(before: str, after: str) -> None:
    lines = commands(parse(before), parse(after), FORMS)
    assert digest(_enter(f"sysname R1\n{before}", lines)) == digest(f"sysname R1\n{after}")


@given(configuration=_CONFIGURATIONS)
def test_nothing_is_entered_where_nothing_differs(configuration: str) -> None:
    assert commands(parse(configuration), parse(configuration), FORMS) == []


GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "network").glob("vrp/*.conf"))
GOLDEN_COMWARE = sorted((Path(__file__).parents[2] / "golden" / "network").glob("comware/*.conf"))


@pytest.mark.parametrize("path", [*GOLDEN, *GOLDEN_COMWARE], ids=str)
def test_what_is_rendered_is_accepted_and_can_be_taken_away(path: Path) -> None:
    """The golden files of VRP and Comware, as they come: all of it is ours, entered and undone without an error."""
    rendered = path.read_text(encoding="utf-8")
    dialect, forms = (VRP8, FORMS) if path.parent.name == "vrp" else (COMWARE7, COMWARE)
    bare = "sysname R1\naaa\n local-user a level 3\n"
    whole = candidate(bare, rendered)
    assert [block.line for block in ours(parse(whole))] == [block.line for block in parse(rendered).children]
    entered = _enter(bare, commands(parse(bare), parse(whole), forms), dialect)
    assert digest(entered) == digest(whole)
    assert digest(_enter(entered, commands(parse(entered), parse(bare), forms), dialect)) == digest(bare)


@pytest.mark.parametrize("platform", ["vrp", "comware"])
@pytest.mark.parametrize("other", ["pe-of-ce-without-lan", "pe-of-four-classes"])
def test_filters_and_queues_change_rule_by_rule(platform: str, other: str) -> None:
    """A LAN less, other classes, and back: no rule is entered over another, and the last one stays where it is."""
    dialect, forms = (VRP8, FORMS) if platform == "vrp" else (COMWARE7, COMWARE)
    folder = GOLDEN[0].parents[1] / platform
    texts = ["sysname R1\n" + (folder / f"{name}.conf").read_text(encoding="utf-8") for name in ("pe", other)]
    for before, after in (texts, reversed(texts)):
        lines = commands(parse(before), parse(after), forms)
        assert digest(_enter(before, lines, dialect)) == digest(after)
        assert "undo rule 60000" not in lines
    lines = commands(parse(texts[0]), parse(texts[1]), forms)
    assert any(line.startswith("undo rule ") for line in lines) == (other == "pe-of-ce-without-lan")


def test_what_is_not_written_by_us_is_never_taken_away() -> None:
    running = (
        "sysname R1\naaa\n local-user a level 3\nstelnet server enable\n"
        "interface GigabitEthernet0/0/0\n ip address 192.0.2.1 24\n"
        "interface GigabitEthernet0/1/0\n ip address 10.0.0.1 30\nbgp 1\n router-id 1.1.1.1\n"
    )
    wanted = candidate(running, "isis 1\n is-level level-2\n")
    assert [line.split()[0] for line in commands(parse(running), parse(wanted), FORMS)] == [
        "interface",
        "undo",
        "quit",
        "undo",
        "isis",
        "is-level",
        "quit",
    ]
    assert {change.block for change in changes(running, wanted)} == {
        "interface GigabitEthernet0/1/0",
        "bgp 1",
        "isis 1",
    }


def test_a_new_value_needs_no_undo_and_an_undo_takes_its_namesakes_along() -> None:
    before = "bgp 1\n peer 1.1.1.1 as-number 1\n peer 1.1.1.1 description x\nmpls lsr-id 1.1.1.1\n"
    after = "bgp 1\n peer 2.2.2.2 as-number 1\nmpls lsr-id 2.2.2.2\n"
    assert commands(parse(before), parse(after), FORMS) == [
        "bgp 1",
        "undo peer 1.1.1.1 description",
        "undo peer 1.1.1.1",
        "quit",
        "bgp 1",
        "peer 2.2.2.2 as-number 1",
        "quit",
        "mpls lsr-id 2.2.2.2",
    ]


@pytest.mark.parametrize(
    "line",
    [
        " local-user a password irreversible-cipher $1c$xyz$",
        " peer 1.1.1.1 password cipher %^%#abc%^%#",
        " password hash $h$6$abc",
        "snmp-agent community read cipher %^%#abc%^%#",
        " hwtacacs-server shared-key cipher %^%#abc%^%#",
        " isis authentication-mode md5 cipher %^%#abc%^%#",
    ],
)
def test_secrets_are_masked_equal_ones_alike(line: str) -> None:
    shown = masked(f"{line}\n{line}x\n")
    value = line.rsplit(maxsplit=1)[-1]
    assert value not in shown
    assert is_masked(shown)
    assert masked(shown) == shown
    one, other = shown.splitlines()
    assert one != other


@pytest.mark.parametrize("line", [" description a simple cipher machine", " ip address 1.1.1.1 30"])
def test_what_is_no_secret_stays(line: str) -> None:
    assert masked(line) == line
