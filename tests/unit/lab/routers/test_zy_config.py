"""The routers' configuration door: what it refuses, and how it parts FRR's text from the kernel's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.routers.files import zy_config
from lab.routers.files.zy_config import Candidate, Refused, complete, device_commands, give_tables, parse

TEXT = """\
frr defaults traditional
vrf red
exit-vrf
!
interface lan0 vrf red
 ip address 10.0.0.1/24
exit
!
interface eth1
exit
!
end
"""
RUNNING = """\
frr defaults traditional
vrf management
exit-vrf
!
vrf red
exit-vrf
!
interface lan0
 ip address 10.0.0.1/24
exit
!
interface eth1
exit
!
end
"""


def device(kind: str = "veth", master: str = "") -> dict[str, str]:
    return {"kind": kind, "master": master}


MANAGED = {"management": device("vrf"), "mgmt": device("macvlan", "management")}


def test_a_candidate_is_parted() -> None:
    found = parse(TEXT)
    assert found.vrfs == ("red",)
    assert found.ports == {"lan0": "red"}
    assert "interface lan0\n ip address" in found.frr
    assert found.frr.endswith("vrf management\nexit-vrf\n")  # or frr-reload would try to remove it
    assert "\nend\n" not in found.frr


def test_showing_is_the_inverse_of_parsing() -> None:
    assert complete(RUNNING, {"lan0": "red"}) == TEXT
    assert parse(complete(RUNNING, {"lan0": "red"})) == parse(TEXT)


def test_a_port_in_a_vrf_without_configuration_is_shown() -> None:
    shown = complete(RUNNING, {"lan0": "red", "eth7": "red"})
    assert shown.endswith("interface eth7 vrf red\nexit\n!\nend\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("vrf management\nexit-vrf\n", "line 1: a VRF cannot be called management"),
        ("!\nvrf x123456789012345\nexit-vrf\n", "line 2: a VRF cannot be called x123456789012345"),
        ("vrf red\nexit-vrf\ninterface mgmt vrf red\nexit\n", "line 3: mgmt is the platform's"),
        ("interface lan0 vrf red\nexit\n", "ports are in VRF red, which the configuration does not define"),
        ("vrf a\nvrf b\ninterface x vrf a\ninterface x vrf b\n", "line 4: x is already in VRF a"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(text)
    assert str(caught.value).startswith(reason)


def test_table_numbers_are_kept_and_never_given_again() -> None:
    first = give_tables({}, ("red", "blue"))
    assert first == {"blue": 1001, "red": 1002}
    assert give_tables(first, ("amber",)) == {"blue": 1001, "red": 1002, "amber": 1003}
    assert give_tables(first, ()) == first


def test_devices_follow_the_candidate() -> None:
    devices = {**MANAGED, "old": device("vrf"), "kept": device("vrf"), "lan0": device(master="kept"), "eth1": device()}
    candidate = Candidate("", ("kept", "new"), {"eth1": "new"})
    assert device_commands(candidate, devices, {"kept": 1001, "new": 1003}) == [
        "link delete dev old",
        "link add name new type vrf table 1003",
        "link set dev new up",
        "link set dev lan0 nomaster",
        "link set dev eth1 master new",
    ]


def test_the_second_time_changes_nothing() -> None:
    devices = {**MANAGED, "red": device("vrf"), "lan0": device(master="red")}
    assert device_commands(parse(TEXT), devices, {"red": 1001}) == []


def test_management_is_not_ours() -> None:
    assert zy_config.our_vrfs(MANAGED) == set()
    assert zy_config.our_ports(MANAGED) == {}
    assert device_commands(Candidate("", (), {}), MANAGED, {}) == []


def test_only_the_isis_that_the_candidate_lacks_goes_first() -> None:
    running = "router bgp 1\nexit\nrouter isis core\n net 49.0001\nexit\nrouter isis old\nexit\n"
    assert zy_config.isis_leaving(running, "router isis core\nexit\n") == ["old"]
    assert zy_config.isis_leaving(running, "") == ["core", "old"]
    assert zy_config.isis_leaving("", running) == []
    assert zy_config.isis_leaving("interface eth1\n ip router isis core\nexit\n", "") == []


def test_what_runs_becomes_what_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without watchfrr: it may never answer, and the dead-man timer would wait for us."""
    asked: list[tuple[str, ...]] = []

    def answer(*argv: str) -> str:
        asked.append(argv)
        return RUNNING

    devices = {"red": {"kind": "vrf", "master": ""}, "lan0": {"kind": "", "master": "red"}}
    monkeypatch.setattr(zy_config, "FRR", tmp_path / "frr.conf")
    monkeypatch.setattr(zy_config, "STARTUP", tmp_path / "startup.json")
    monkeypatch.setattr(zy_config, "links", lambda: devices)
    monkeypatch.setattr(zy_config, "run", answer)
    monkeypatch.setattr("shutil.chown", lambda *_: None)
    zy_config.save()
    assert (tmp_path / "frr.conf").read_text(encoding="utf-8") == RUNNING
    assert (tmp_path / "frr.conf").stat().st_mode & 0o777 == 0o640
    assert zy_config.read(tmp_path / "startup.json") == {"vrfs": ["red"], "ports": {"lan0": "red"}}
    assert asked == [("vtysh", "-c", "show running-config no-header")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["frr.conf", "startup.json"]


def test_bgp_restarts_while_no_watchdog_could_start_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: done.append(command))
    zy_config.restart_bgp()
    verbs = [[Path(command[0]).name, *command[1:]] for command in done]
    assert verbs == [["watchfrr.sh", "stop", "watchfrr"], ["watchfrr.sh", "restart", "bgpd"], ["frrinit.sh", "start"]]


def test_what_frr_lost_while_it_started_is_given_to_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    startup = "vrf red\n ip route 10.2.0.0/24 192.0.2.2\nexit-vrf\n!\nend\n"
    running, told = ["vrf red\nexit-vrf\n!\nend\n"], []

    def tell(lines: str, _path: Path) -> str:
        told.append(lines)
        running.append(startup)
        return ""

    (tmp_path / "frr.conf").write_text(startup, encoding="utf-8")
    monkeypatch.setattr(zy_config, "FRR", tmp_path / "frr.conf")
    monkeypatch.setattr(zy_config, "RUN", tmp_path)
    monkeypatch.setattr(zy_config, "frr_running", lambda: running[-1])
    monkeypatch.setattr(zy_config, "tell_frr", tell)
    zy_config.settle()
    assert told == ["vrf red\n ip route 10.2.0.0/24 192.0.2.2\nexit-vrf\n"]
    zy_config.settle()
    assert len(told) == 1, "nothing is told to an FRR that has all of it"


def test_a_command_that_hangs_gives_the_lock_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zy_config, "WITHIN", 0.1)
    with pytest.raises(subprocess.TimeoutExpired):
        zy_config.run("sleep", "60")
