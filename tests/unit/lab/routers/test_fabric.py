"""What the guest is told to build, and what it makes of it."""

from __future__ import annotations

import json
from dataclasses import replace

from lab.routers.fabric import end_accounts, fabric_json
from lab.routers.files import fabric
from lab.routers.sample import topology
from lab.routers.spec import PortSpec

GOOD = topology()
SPEC = json.loads(fabric_json(GOOD))


def test_the_order_of_the_topology_carries_no_meaning() -> None:
    turned = replace(GOOD, routers=GOOD.routers[::-1], cables=GOOD.cables[::-1], ends=GOOD.ends[::-1])
    assert fabric_json(turned) == fabric_json(GOOD)
    assert end_accounts(turned.ends) == end_accounts(GOOD.ends)


def test_every_port_is_made_once() -> None:
    lines = fabric.cable_lines(SPEC)
    made = [
        (words[words.index("netns", start) + 1], words[start + 1])
        for words in (line.split() for line in lines)
        for start in range(len(words))
        if words[start] == "name"
    ]
    wanted = [(router.name, port.name) for router in GOOD.routers for port in router.ports]
    wanted += [(router.name, "mgmt") for router in GOOD.routers] + [(end.name, "eth0") for end in GOOD.ends]
    assert sorted(made) == sorted(wanted)


def test_a_port_that_leads_nowhere_is_there() -> None:
    (first, *rest) = GOOD.routers
    more = replace(GOOD, routers=(replace(first, ports=(*first.ports, PortSpec("eth9"))), *rest))
    lines = fabric.cable_lines(json.loads(fabric_json(more)))
    assert "link add name eth9 netns gd-pe-1 type dummy" in lines


def test_management_enters_its_vrf_before_it_has_an_address() -> None:
    lines = fabric.namespace_lines(SPEC)["gd-pe-1"]
    assert lines.index("link set dev mgmt master management") < lines.index("address add 10.99.1.11/24 dev mgmt")


def test_hardware_addresses_are_stable_and_differ() -> None:
    assert fabric.mac("gd-pe-1") == "02:c2:4d:bc:24:50"
    assert len({fabric.mac(router.name) for router in GOOD.routers}) == len(GOOD.routers)


def test_trouble_is_said_in_a_sentence() -> None:
    assert fabric.sentences(True, [], [], "active") == ""
    assert fabric.sentences(True, [], ["eth1"], "active") == "port eth1 is down"
    assert fabric.sentences(False, ["bgpd"], [], "active") == "sshd does not listen; FRR's bgpd does not answer"
    assert fabric.sentences(True, ["bgpd", "isisd"], [], "active") == "FRR's bgpd, isisd do not answer"
    assert fabric.sentences(False, ["bgpd"], ["eth1"], "failed") == "the router is switched off (service failed)"
