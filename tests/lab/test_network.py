"""The extranet on real routers: bare, configured, proven, changed by hand, put right, and bare again.

The tests build on one another in the order of the file.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from network.platforms.ssh import open_connection
from province.errors import ZyError
from province.record import Operation, Outcome, Status
from tests.lab.routers_of_the_inventory import PROVINCE, Net, apply, bare_routers, others
from zhengyun.drill.lab import RouterLoss
from zhengyun.drill.run import Stage, run


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    with bare_routers(tmp_path_factory.mktemp("network"), "zy-test-net") as found:
        yield found


@pytest.fixture(scope="module")
def bare(net: Net) -> dict[str, str]:
    return net.running()


def test_a_bare_network_fails_its_checks(net: Net, bare: dict[str, str]) -> None:
    """Before anything was pushed: so that the checks that pass later have been seen to fail."""
    checks = net.room.verify(())
    open_paths = [check for check in checks if check.id.startswith("network.reach.")]
    states = [check for check in checks if check.id.split(".")[1] in ("isis", "bgp", "srv6")]
    assert bare
    assert open_paths
    assert {check.status for check in (*open_paths, *states)} == {Status.FAILED}


def test_another_machine_at_a_routers_address_is_refused(net: Net, tmp_path: Path) -> None:
    """Its key is on record for another name: what answers is not what we know."""
    known = _setting(net, "UserKnownHostsFile")
    names, keys = zip(*(line.split(maxsplit=1) for line in _known_hosts(Path(known))), strict=True)
    swapped = "".join(f"{name} {key}\n" for name, key in zip(names, keys[1:] + keys[:1], strict=True))
    (tmp_path / "known_hosts").write_text(swapped, encoding="utf-8")
    _, message = _refused(net, tmp_path, known, str(tmp_path / "known_hosts"))
    assert message.startswith("ZY-NET-011")


def test_a_login_that_the_router_does_not_know_is_refused(net: Net, tmp_path: Path) -> None:
    key = _setting(net, "IdentityFile")
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger)], check=True)
    _, message = _refused(net, tmp_path, key, str(stranger))
    assert message.startswith("ZY-NET-012")


def _known_hosts(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def _setting(net: Net, name: str) -> str:
    lines = net.ssh_config.read_text(encoding="utf-8").splitlines()
    return next(line.split(maxsplit=1)[1].strip('"') for line in lines if line.strip().startswith(name))


def _refused(net: Net, folder: Path, old: str, new: str) -> tuple[str, str]:
    """What opening a session says when one setting is another: the router, and the error."""
    changed = folder / "ssh_config"
    changed.write_text(net.ssh_config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ZyError) as raised:
        open_connection("gd-pe-1", changed)
    return raised.value.place.target or "", str(raised.value)


@pytest.mark.usefixtures("bare")
def test_the_first_push_and_an_empty_second_plan(net: Net) -> None:
    assert others(apply(net.room, net.room.plan(())), Outcome.CHANGED) == []
    assert net.room.plan(()).actions == ()


def test_departments_reach_their_own_sites_and_no_other(net: Net) -> None:
    checks = net.room.verify(())
    assert {check.id for check in checks if check.status is not Status.PASSED} == set()
    ids = {check.id for check in checks}
    for family in (4, 6):
        assert f"network.reach.ipv{family}.gd-zsj.gz-zsj" in ids
        assert f"network.isolation.ipv{family}.gd-zsj.gz-gat" in ids


def test_a_change_by_hand_is_shown_and_put_right(net: Net) -> None:
    net.on("gz-pe-1", "vtysh -c 'configure terminal' -c 'router bgp 64900' -c 'neighbor fd44:1::1 timers 3 9'")
    net.on("gz-ce-zsj", "vtysh -c 'configure terminal' -c 'ip route 10.9.0.0/16 blackhole'")
    plan = net.room.plan(())
    assert {(action.target, action.object, action.operation) for action in plan.actions} == {
        ("gz-ce-zsj", "ip route 10.9.0.0/16", Operation.DELETE),
        ("gz-pe-1", "router bgp 64900", Operation.UPDATE),
    }
    assert any("- neighbor fd44:1::1 timers 3 9" in action.diff.splitlines() for action in plan.actions)
    assert others(apply(net.room, plan), Outcome.CHANGED) == []
    assert net.room.plan(()).actions == ()


def test_removal_leaves_nothing_and_all_can_come_back(net: Net, bare: dict[str, str]) -> None:
    assert others(apply(net.room, net.room.destroy_plan()), Outcome.CHANGED) == []
    assert net.running() == bare
    for router in PROVINCE.routers:
        remains = ("seg6", "vpn1", str(PROVINCE.addresses.loopback(router).ipv4.ip))
        _wait_until_gone(net, router, remains)
    assert others(apply(net.room, net.room.plan(())), Outcome.CHANGED) == []


def _wait_until_gone(net: Net, router: str, remains: tuple[str, ...]) -> None:
    """FRR's daemons take their routes back from the kernel after the configuration is gone, in their own time."""
    limit = time.monotonic() + 60
    while True:
        left = net.on(router, "ip -brief address show scope global; ip -6 route show table all; ip vrf show")
        found = [text for text in remains if text in left]
        if not found:
            return
        assert time.monotonic() < limit, f"{router} still has {found}:\n{left}"
        time.sleep(0.5)  # between two looks


def test_the_loss_of_a_router_is_drilled(net: Net) -> None:
    """The site whose only PE it is must be seen to be cut off, and nothing else; then all must be as before."""
    plan = PROVINCE.emergencies["city-pe-loss"].model_copy(update={"detect_seconds": 600, "recover_seconds": 900})
    loss = RouterLoss(net.rack, plan.target)
    drill = run(plan, Stage(loss, lambda: net.room.verify(()), lambda: datetime.now(UTC), print), "gd", "test")
    assert drill.passed, drill.left
    assert {check.id for check in drill.lasting if ".reach." in check.id} == {
        f"network.reach.ipv{family}.gd-gat.gz-gat" for family in (4, 6)
    }
    assert any(check.target == plan.target for check in drill.first)
