"""The VRP8 platform over simulated routers behind real ssh: what it enters, what it makes of answers and of faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.routers.simulator.faults import Blow
from network.config import digest
from network.diff import same
from network.platforms.shell import Patience
from network.platforms.shell_router import echo, established
from network.platforms.vrp import VrpRouter, adjacencies
from province.errors import ZyError
from tests.unit.network.simulated import IMPATIENT, NEW, Simulated, simulated


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Simulated]:
    with simulated(tmp_path, 1) as found:
        yield found


def _load(world: Simulated, added: str = NEW, sysname: str = "") -> str:
    """Load some lines on trial; the candidate."""
    order = world.order("r1", added, sysname=sysname)
    with world.connect("r1") as device:
        device.arm(60)
        device.load(order.candidate)
    return order.candidate


def test_a_change_is_tried_out_and_confirmed_over_another_session(world: Simulated) -> None:
    candidate = _load(world)
    with world.connect("r1") as device:
        assert device.trial() == 60.0
        assert same(device.running(), candidate)
        device.confirm()
        assert device.trial() is None
    router = world.device("r1")
    assert router.saved == router.running, "a restart keeps it"
    assert any(commit.label.startswith("zy-") for commit in router.commits)


def test_a_change_is_taken_back_by_us_or_by_the_device(world: Simulated) -> None:
    with world.connect("r1") as device:
        before = digest(device.running())
    _load(world, sysname="other-name")
    with world.connect("r1") as device:
        device.abort()
        assert digest(device.running()) == before
    _load(world)
    world.now += 60
    with world.connect("r1") as device:
        assert device.trial() is None
        assert digest(device.running()) == before


def test_nothing_is_loaded_unarmed(world: Simulated) -> None:
    with world.connect("r1") as device, pytest.raises(RuntimeError):
        device.load("sysname x\n")


def test_a_rejected_line_is_named_before_anything_is_committed(world: Simulated) -> None:
    with pytest.raises(ZyError, match=r"ZY-NET-013.*line 3 `mtu big`: Error: Wrong parameter"):
        _load(world, "interface GigabitEthernet0/1/1\n description x\n mtu big\n isis enable 1\n")
    router = world.device("r1")
    assert len(router.commits) == 1
    with world.connect("r1") as device:
        assert "GigabitEthernet0/1/1" not in device.running()
    _load(world)


def test_lines_wrap_and_colours_do_not_hide_prompts_or_errors(world: Simulated) -> None:
    world.faulty("r1", narrow=True)
    long = "interface GigabitEthernet0/1/1\n description " + "far away " * 20 + "\n"
    candidate = _load(world, long, sysname="a-new-name")
    with world.connect("r1") as device:
        assert same(device.running(), candidate)
        device.abort()
    with pytest.raises(ZyError, match=r"ZY-NET-013.*`mtu big`"):
        _load(world, long + " mtu big\n")


def test_what_is_taken_away_is_undone_and_what_clears_is_entered_anew(world: Simulated) -> None:
    with world.connect("r1") as device:
        wanted = device.running().replace(" peer fd44:1::1 as-number 64900\n", "")
        wanted = wanted.replace("  peer fd44:1::1 enable\n", "")
        wanted = wanted.replace(" ip address 10.0.0.1 30\n", " ip binding vpn-instance zsj\n ip address 10.0.0.1 30\n")
        wanted = wanted.replace("stelnet server enable\n", "")
        device.arm(60)
        device.load(wanted)
        assert same(device.running(), wanted)


def test_another_s_lock_is_said_so_and_leaves_no_candidate(world: Simulated) -> None:
    world.faulty("r1", locked_by="netconf-user")
    with pytest.raises(ZyError, match=r"ZY-NET-060.*netconf-user"):
        _load(world)
    world.faulty("r1")
    _load(world)


def test_a_commit_that_fails_is_said_so(world: Simulated) -> None:
    world.strike("r1", "commit.*", Blow.REFUSE, "Error: Failed to generate committed config: out of memory.")
    with pytest.raises(ZyError, match=r"ZY-NET-067.*out of memory"):
        _load(world)


def test_a_trial_of_others_is_left_alone(world: Simulated) -> None:
    router = world.device("r1")
    router.try_out(600.0, 99, "theirs")
    with world.connect("r1") as device:
        assert device.trial() == 600.0
        with pytest.raises(ZyError, match="ZY-NET-064"):
            device.abort()
    assert router.trial is not None


def test_silence_has_an_end(world: Simulated) -> None:
    world.strike("r1", "commit.*", Blow.HANG)
    world.patience = IMPATIENT
    with pytest.raises(ZyError, match=r"ZY-NET-061.*within 1 s to `commit trial"):
        _load(world)


def test_a_dropped_connection_names_the_line(world: Simulated) -> None:
    world.strike("r1", "display isis peer", Blow.DROP)
    with world.connect("r1") as device, pytest.raises(ZyError, match="ZY-NET-062"):
        device.live()


def test_full_vty_lines_are_said_so(world: Simulated) -> None:
    world.faulty("r1", strangers=21)
    with pytest.raises(ZyError, match="ZY-NET-063"), world.connect("r1"):
        pass
    world.faulty("r1", strangers=20)
    with world.connect("r1") as device:
        assert device.trial() is None


def test_a_changed_host_key_is_refused(world: Simulated) -> None:
    world.faulty("r1", other_key=True)
    with pytest.raises(ZyError, match="ZY-NET-011"), world.connect("r1"):
        pass


def test_an_unknown_host_key_is_refused(world: Simulated) -> None:
    (world.access.folder / "known_hosts").write_text("")
    with pytest.raises(ZyError, match="ZY-NET-011"), world.connect("r1"):
        pass


def test_a_refused_login_is_said_so(world: Simulated) -> None:
    world.fleet.fingerprints = frozenset()
    with pytest.raises(ZyError, match="ZY-NET-012"), world.connect("r1"):
        pass


def test_slow_aaa_is_waited_for_and_has_an_end(world: Simulated) -> None:
    world.faulty("r1", aaa_seconds=0.3)
    with world.connect("r1") as device:
        assert device.trial() is None
    world.faulty("r1", aaa_seconds=60.0)
    impatient = VrpRouter("r1", world.hosts, Patience(connect=0.5, answer=1.0, commit=1.0))
    with pytest.raises(ZyError, match=r"ZY-NET-01[02]"):
        impatient.open()


def test_an_echo_that_is_not_ours_is_not_believed(world: Simulated) -> None:
    with world.connect("r1") as device:
        assert isinstance(device, VrpRouter)
        device._session.write_channel("display ")
        with pytest.raises(ZyError, match="ZY-NET-065"):
            device.trial()


def test_secrets_stay_on_the_router(world: Simulated) -> None:
    with world.connect("r1") as device:
        shown = device.running()
        assert "$1c$sample" not in shown
        assert "irreversible-cipher [secret " in shown
        device.arm(60)
        wanted = shown.replace("local-user netops password", "local-user netops2 password")
        with pytest.raises(ZyError, match="ZY-NET-066"):
            device.load(wanted)


def test_only_what_is_up_counts() -> None:
    isis = "0000.0000.0002* GE0/1/0 0000.0000.0002.01 Up 23s L2 64\n0000.0000.0003 GE0/1/1 001 Init 23s L2 --\n"
    assert adjacencies(isis) == ("GE0/1/0", "GigabitEthernet0/1/0")
    bgp = (
        "  FD44:1::1 4 64900 1 1 0 00:01 Established 1\n  FD44:1::2 4 64900 1 1 0 00:01 Active 0\n"
        "  VPN-Instance vpn7, Router ID 1.1.1.1:\n  100.64.0.7 4 65001 1 1 0 00:01 Established 1\n"
    )
    assert list(established(bgp)) == [("", "fd44:1::1"), ("vpn7", "100.64.0.7")]


def test_ping_is_measured() -> None:
    said = (
        "  3 packet(s) transmitted\n  2 packet(s) received\n  33.33% packet loss\n  round-trip min/avg/max = 1/2/4 ms\n"
    )
    found = echo(said, "ping …")
    assert (found.sent, found.received, found.rtt_ms) == (3, 2, 2.0)
    assert echo("Error: The source IP address does not exist.", "ping …").sent == 0
