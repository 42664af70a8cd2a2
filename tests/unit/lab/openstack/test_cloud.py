"""The commands' own judgement, without a cloud: locks, paths, parts, heartbeats, tables."""

from __future__ import annotations

import base64
import fcntl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.openstack import cloud, command, dns, health, install, ovn, snapshot
from lab.openstack.database import quoted
from lab.openstack.passwords import obtain
from lab.openstack.place import Home, Part, write_atomic
from lab.openstack.spec import Spec
from province.errors import ZyError


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    part = tmp_path / "part"
    for directory in (part / "venv" / "bin", part / "seed"):
        directory.mkdir(parents=True)
    (part / "venv" / "bin" / "python").touch()
    (part / "build-id").write_text("one\n")
    return Spec(home=tmp_path / "home", part=part)


def silent(_: str) -> None:
    pass


def test_incomplete_part_is_refused(spec: Spec) -> None:
    (spec.part / "build-id").unlink()
    with pytest.raises(ZyError, match="ZY-LAB-111"):
        cloud.up(spec, silent)


def test_a_home_too_long_for_sockets_is_refused(spec: Spec, tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    with pytest.raises(ZyError, match="ZY-LAB-124"):
        cloud.up(Spec(home=deep, part=spec.part), silent)
    assert not deep.exists()
    assert len(str(Home(Path("/root/.local/state/zhengyun/lab/openstack")).ovn_socket("gd"))) <= 107


def test_two_commands_exclude_each_other(spec: Spec) -> None:
    Home(spec.home).prepare()
    with (spec.home / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ZyError, match="ZY-LAB-123"):
            cloud.down(spec)
    cloud.down(spec)


def test_reset_needs_a_running_cloud(spec: Spec) -> None:
    with pytest.raises(ZyError, match="ZY-LAB-126"):
        cloud.reset(spec)


def test_reset_needs_a_clean_state(spec: Spec) -> None:
    with pytest.raises(ZyError, match="ZY-LAB-125"):
        snapshot.reset(spec)


def test_status_of_a_lab_that_never_was_or_is_down(spec: Spec) -> None:
    (never,) = cloud.status(spec)
    assert "never been up" in never.what
    assert not spec.home.exists(), "status changes nothing"
    Home(spec.home).prepare()
    obtain(Home(spec.home))
    (stopped,) = cloud.status(spec)
    assert "is down" in stopped.what
    assert "zy lab up" in stopped.fix


def test_another_build_begins_anew_but_keeps_the_passwords(spec: Spec) -> None:
    home = Home(spec.home)
    home.prepare()
    (home.data / "build-id").write_text("one\n")
    (home.data / "mysql").mkdir()
    passwords = obtain(home)
    cloud._leave_other_build(spec, silent)
    assert home.mysql.exists(), "the same build: nothing to leave"
    (spec.part / "build-id").write_text("two\n")
    cloud._leave_other_build(spec, silent)
    assert not home.mysql.exists()
    assert obtain(home) == passwords


def test_shell_chooses_the_region(spec: Spec) -> None:
    environment = cloud.shell(spec, "gz")
    assert environment["OS_CLOUD"] == "gz"
    assert environment["OS_CLIENT_CONFIG_FILE"] == str(spec.home / "clouds.yaml")
    assert environment["PATH"].startswith(str(Part(spec.part).python.parent))


def test_a_failing_tool_says_why() -> None:
    assert command.run(["cat"], text="x") == "x"
    with pytest.raises(ZyError, match="ZY-LAB-130") as caught:
        command.run(["sh", "-c", "echo no space left >&2; exit 4"])
    assert "no space left" in caught.value.message


def test_a_failing_build_step_says_why() -> None:
    with pytest.raises(ZyError, match="ZY-LAB-110") as caught:
        install.run(["sh", "-c", "echo no such package; exit 1"])
    assert "no such package" in caught.value.message


def test_missing_debian_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "PROGRAMS", {"memcached": "/nowhere/memcached"})
    with pytest.raises(ZyError, match="ZY-LAB-127") as caught:
        install.build(Path("/nowhere"), silent)
    assert "apt-get install --no-install-recommends memcached" in caught.value.fix


def test_ovn_remotes_are_readable_by_others(spec: Spec) -> None:
    Home(spec.home).prepare()
    ovn.create(spec)
    assert ovn.remotes(spec.home) == {name: f"unix:{spec.home}/{name}/ovn/ovsdb.sock" for name in ("gd", "gz")}
    for path in ovn.database_files(Home(spec.home), "gz"):
        subprocess.run(["ovsdb-tool", "db-name", str(path)], check=True)


NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("beat", "since", "well"),
    [
        (None, NOW, False),
        (health.Heartbeat("nova-compute", "h", up=True, last=NOW), None, False),
        (health.Heartbeat("nova-compute", "h", up=True, last=NOW - timedelta(minutes=1)), NOW, False),
        (health.Heartbeat("nova-compute", "h", up=False, last=NOW + timedelta(seconds=5)), NOW, False),
        (health.Heartbeat("nova-compute", "h", up=True, last=NOW + timedelta(seconds=5)), NOW, True),
        (health.Heartbeat("nova-compute", "h", up=True, last=None), NOW, True),
    ],
    ids=["unregistered", "dead", "predecessor's", "stopped", "beating", "first"],
)
def test_heartbeats_are_judged(beat: health.Heartbeat | None, since: datetime | None, well: bool) -> None:
    assert (health.beat_problem(beat, since) is None) is well


def test_rows_of_living_services_are_not_reset() -> None:
    alive = [
        ("nova_gd", "services"),
        ("neutron_gz", "agents"),
        ("cinder", "workers"),
        ("designate", "service_statuses"),
    ]
    for database, table in alive:
        assert snapshot.tells_life(database, table)
    for database, table in (("nova_gd", "instances"), ("neutron_gd", "networks"), ("designate", "zones")):
        assert not snapshot.tells_life(database, table)


def test_a_status_of_designate_is_a_heartbeat() -> None:
    row = {"service_name": "worker", "hostname": "lab", "status": "UP", "heartbeated_at": "2026-11-24T04:00:00.000000"}
    assert health._status(row) == health.Heartbeat("worker", "lab", up=True, last=NOW)
    assert not health._status(row | {"status": "STOPPED"}).up


def test_the_pool_writes_to_this_labs_name_server(spec: Spec) -> None:
    shifted = dns.pool(Spec(home=spec.home, part=spec.part, port_shift=300))
    for wanted in ("'127.0.0.1', 15653)", "'127.0.0.1', 15654)", "'16255'", f"'{spec.home}/etc/rndc.key'"):
        assert wanted in shifted, wanted


def test_a_zone_that_is_not_served_is_passed_over_other_troubles_are_told(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(argv: list[str]) -> str:
        asked.append(argv[-1])
        why = "not found" if argv[-1] == "gone.example" else "connection refused"
        raise ZyError("ZY-LAB-130", f"rndc failed: {why}", fix="-")

    monkeypatch.setattr(dns, "run", refuse)
    dns.forget(spec, {"gone.example"})
    assert asked == ["gone.example"]
    with pytest.raises(ZyError, match="connection refused"):
        dns.forget(spec, {"left.example"})


def test_a_lab_of_an_older_version_keeps_its_passwords(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_atomic(home.passwords, '{"admin": "a", "service": "s", "rabbit": "r"}')
    first = obtain(home)
    assert (first.admin, first.service, first.rabbit) == ("a", "s", "r")
    assert len(base64.b64decode(first.rndc, validate=True)) == 32, "BIND reads no other alphabet"
    assert len(base64.urlsafe_b64decode(first.secrets_key)) == 32
    assert obtain(home) == first


def test_sql_literals_are_quoted() -> None:
    assert quoted("a'b\\c") == "'a''b\\\\c'"
