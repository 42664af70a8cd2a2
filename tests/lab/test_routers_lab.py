"""The lab's routers for real: two of them in a namespace of their own, beside a lab that may be running.

Built parts are taken from the toolchain's cache, or from the folders that ZY_TEST_KERNEL and ZY_TEST_ROUTER_IMAGE name.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import Path

import pytest

from lab.guest.guest import Parts
from lab.guest.network import Network
from lab.process import send, session_of
from lab.routers.rack import Rack
from lab.routers.spec import CableSpec, EndSpec, PortSpec, RouterSpec, Topology
from province.errors import ZyError
from zhengyun.places import Places
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.store import Store

NETWORK = Network("zy-test-routers", IPv4Interface("10.96.1.1/24"), IPv6Interface("fd96:1::1/64"), bridge="routers")
BARE = """\
frr version 10.3
frr defaults traditional
hostname {name}
service integrated-vtysh-config
!
end
"""
RED = """\
frr version 10.3
frr defaults traditional
hostname {name}
service integrated-vtysh-config
!
vrf red
 ip route 10.{far}.0.0/24 192.0.2.{far}
 ipv6 route fd10:{far}::/64 2001:db8::{far}
exit-vrf
!
interface eth1 vrf red
 ip address 192.0.2.{own}/24
 ipv6 address 2001:db8::{own}/64
exit
!
interface lan0 vrf red
 ip address 10.{own}.0.1/24
 ipv6 address fd10:{own}::1/64
exit
!
end
"""


def bare(name: str) -> str:
    return BARE.format(name=name)


def red(name: str) -> str:
    """Both ports in one VRF, and a static route to the other router's LAN."""
    own = name.removeprefix("r")
    return RED.format(name=name, own=own, far=3 - int(own))


def _topology() -> Topology:
    ports = (PortSpec("eth1"), PortSpec("lan0"))
    return Topology(
        guest4=IPv4Interface("10.96.1.10/24"),
        guest6=IPv6Interface("fd96:1::a/64"),
        routers=tuple(
            RouterSpec(f"r{n}", IPv4Interface(f"10.96.1.1{n}/24"), IPv6Interface(f"fd96:1::1{n}/64"), ports)
            for n in (1, 2)
        ),
        cables=(CableSpec("r1", "eth1", "r2", "eth1"),),
        ends=tuple(
            EndSpec(
                router=f"r{n}",
                port="lan0",
                name=f"end{n}",
                ipv4=IPv4Interface(f"10.{n}.0.10/24"),
                gateway4=IPv4Address(f"10.{n}.0.1"),
                ipv6=IPv6Interface(f"fd10:{n}::10/64"),
                gateway6=IPv6Address(f"fd10:{n}::1"),
            )
            for n in (1, 2)
        ),
    )


def parts() -> Parts:
    placed = Store(Places.here().cache, CATALOGUE).place(["router-image"])
    return Parts(
        kernel=Path(os.environ.get("ZY_TEST_KERNEL", placed["kernel"].path)),
        image=Path(os.environ.get("ZY_TEST_ROUTER_IMAGE", placed["router-image"].path)),
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    made = Rack(tmp_path_factory.mktemp("routers"), NETWORK, parts(), _topology(), memory_mib=384)
    made.up(print)
    yield made
    made.down(print)
    assert not NETWORK.exists(), "the lab left its namespace behind"


@pytest.fixture
def rack(built: Rack) -> Rack:
    """The rack, bare at the start of each test."""
    built.up(print)
    if any(zy(built, name, "zy-config show").stdout != bare(name) for name in ("r1", "r2")):
        built.reset(print)
    return built


def zy(rack: Rack, name: str, command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """One of the routers' own commands, as automation runs it."""
    ssh = rack.access.command(name, ["sudo", "-n", *command.split()], options=["-o", "BatchMode=yes"])
    return subprocess.run(ssh, input=text, capture_output=True, text=True, timeout=180, check=False)


def done(rack: Rack, name: str, command: str, text: str = "") -> str:
    run = zy(rack, name, command, text)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def on(rack: Rack, name: str, *argv: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    ssh = rack.access.command(name, argv, options=["-o", "BatchMode=yes", *options])
    return subprocess.run(ssh, capture_output=True, text=True, timeout=180, check=False, stdin=subprocess.DEVNULL)


def until(condition: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.2)


def pings(rack: Rack, end: str, address: str) -> bool:
    return on(rack, end, "ping", "-c", "1", "-W", "2", address).returncode == 0


def test_the_first_login_already_checks_the_host_key(rack: Rack, tmp_path: Path) -> None:
    assert on(rack, "r1", "hostname").stdout == "r1\n"
    other = tmp_path / "known_hosts"
    lines = rack.access.known_hosts.read_text(encoding="utf-8").splitlines()
    (key,) = (line.split(" ", 1)[1] for line in lines if line.startswith("r2,"))
    other.write_text(f"10.96.1.11,r1 {key}\n", encoding="utf-8")
    refused = on(rack, "r1", "true", options=("-o", f"UserKnownHostsFile={other}"))
    assert refused.returncode == 255


def test_people_are_in_vtysh_at_once(rack: Rack) -> None:
    shown = on(rack, "r1", "show", "version", options=("-l", "netops"))
    assert "FRRouting 10." in shown.stdout
    assert shown.returncode == 0
    assert "Permission denied" not in shown.stderr


def test_automation_has_root_for_its_two_commands_alone(rack: Rack) -> None:
    assert done(rack, "r1", "zy-confirm status").strip() in ("none", "confirmed", "restored")
    assert zy(rack, "r1", "id").returncode != 0
    assert zy(rack, "r1", "vtysh -c exit").returncode != 0


def test_a_router_starts_bare(rack: Rack) -> None:
    rack.reset(print)
    for name in ("r1", "r2"):
        assert done(rack, name, "zy-config show") == bare(name)
        assert done(rack, name, "zy-confirm status") == "none\n"


def test_a_vrf_carries_from_end_to_end_and_goes_again(rack: Rack) -> None:
    assert not pings(rack, "end1", "10.2.0.10")
    for name in ("r1", "r2"):
        assert "link set dev lan0 master red" in done(rack, name, "zy-config check -", red(name))
        assert done(rack, name, "zy-config show") == bare(name)  # checking changes nothing
        done(rack, name, "zy-config replace -", red(name))
        assert done(rack, name, "zy-config show") == red(name)
        assert done(rack, name, "zy-config check -", red(name)).strip() == ""  # the second time changes nothing
    until(lambda: pings(rack, "end1", "10.2.0.10"), 20)
    assert pings(rack, "end2", "fd10:1::10")
    assert not pings(rack, "end1", "10.96.1.12"), "management is reachable from a tenant"
    assert not pings(rack, "end1", "fd96:1::12"), "management is reachable from a tenant"
    done(rack, "r1", "zy-config replace -", bare("r1"))
    assert done(rack, "r1", "zy-config show") == bare("r1")
    assert " red " not in on(rack, "r1", "ip", "-brief", "link", "show", "type", "vrf").stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("interface lan0\n ip adress 10.0.0.1/24\nexit\n", "ip adress"),
        ("vrf red\nexit-vrf\ninterface eth9 vrf red\nexit\n", "this router has no port eth9"),
        ("interface mgmt vrf red\nexit\n", "mgmt is the platform's"),
    ],
)
def test_a_bad_candidate_changes_nothing(rack: Rack, text: str, reason: str) -> None:
    refused = zy(rack, "r1", "zy-config replace -", bare("r1").removesuffix("end\n") + text)
    assert refused.returncode == 1
    assert reason in refused.stderr
    assert done(rack, "r1", "zy-config show") == bare("r1")


def test_a_change_that_cuts_management_undoes_itself(rack: Rack) -> None:
    cut = bare("r1").replace("end\n", "interface mgmt\n shutdown\nexit\n!\nend\n")
    done(rack, "r1", "zy-confirm start 20")
    ssh = rack.access.command("r1", ["sudo", "-n", "zy-config", "replace", "-"])
    with subprocess.Popen(ssh, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as push:
        assert push.stdin is not None
        push.stdin.write(cut.encode())
        push.stdin.close()
        until(lambda: not rack.access.answers("r1", 5), 18)
        until(lambda: rack.access.answers("r1", 5), 60)
        push.wait(60)
    until(lambda: done(rack, "r1", "zy-confirm status") == "restored\n", 30)
    assert done(rack, "r1", "zy-config show") == bare("r1")
    assert zy(rack, "r1", "zy-confirm confirm").returncode == 1


def test_a_confirmed_change_survives_a_restart(rack: Rack) -> None:
    done(rack, "r1", "zy-confirm start 600")
    done(rack, "r1", "zy-config replace -", red("r1"))
    assert done(rack, "r1", "zy-confirm status").startswith("pending ")
    done(rack, "r1", "zy-confirm confirm")
    rack.power("restart", "r1")
    rack.wait_until_well("r1")
    assert done(rack, "r1", "zy-config show") == red("r1")


def test_a_restart_ends_a_trial(rack: Rack) -> None:
    """Also when somebody wrote the trial's configuration to the startup one meanwhile."""
    done(rack, "r1", "zy-confirm start 600")
    done(rack, "r1", "zy-config replace -", red("r1"))
    done(rack, "r1", "zy-config save")
    for _ in range(2):  # the second restart shows that the startup configuration was restored too
        rack.power("restart", "r1")
        rack.wait_until_well("r1")
        assert done(rack, "r1", "zy-config show") == bare("r1")
        assert done(rack, "r1", "zy-confirm status") == "restored\n"
        addresses = on(rack, "r1", "ip", "-brief", "address", "show", "scope", "global").stdout
        assert "192.0.2.1" not in addresses, "its kernel remembers what it ran before its power was cut"


def test_status_names_a_cut_cable_and_a_router_without_power(rack: Rack) -> None:
    rack.cable("down", "r1", "eth1")
    rack.power("stop", "r2")
    one, two = rack.status()
    assert one.sentence == "r1: port eth1 is down."
    assert two.sentence.startswith("r2: the router is switched off")
    assert (one.well, two.well) == (False, False)
    rack.cable("up", "r1", "eth1")
    rack.power("start", "r2")
    rack.wait_until_well("r2")
    assert all(status.well for status in rack.status())


def test_up_mends_what_a_kill_of_the_guest_left(rack: Rack) -> None:
    done(rack, "r2", "zy-config replace -", red("r2"))
    done(rack, "r2", "zy-config save")
    on(rack, "zy-routers", "sync")
    leader = rack.guest.process.identity()
    assert leader is not None
    for member in session_of(leader):
        send(member, signal.SIGKILL)
    until(lambda: not rack.guest.running(), 10)
    assert {status.sentence for status in rack.status()} == {
        f"{name}: the guest zy-routers that it lives in does not run." for name in ("r1", "r2")
    }
    rack.up(print)
    assert all(status.well for status in rack.status())
    assert done(rack, "r2", "zy-config show") == red("r2")
    assert done(rack, "r1", "zy-config show") == bare("r1")


def test_the_second_up_leaves_the_guest_alone(rack: Rack) -> None:
    before = rack.guest.process.identity()
    rack.up(print)
    assert rack.guest.process.identity() == before


def test_unknown_routers_and_cables(rack: Rack) -> None:
    with pytest.raises(ZyError) as caught:
        rack.shell("r9")
    assert caught.value.code == "ZY-LAB-307"
    with pytest.raises(ZyError) as caught:
        rack.cable("down", "r1", "lan0")
    assert caught.value.code == "ZY-LAB-305"
