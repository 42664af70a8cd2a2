"""lab.process: whom we start, recognise and stop; real processes, no waiting for luck."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab.process import _RECORD_AND_BECOME, Process, identify, send, session_of, stop_all
from province.errors import ZyError

ENV = {"PATH": os.environ["PATH"]}


def wait_for(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.01)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process("sleeper", run=tmp_path / "run", log=tmp_path / "log" / "sleeper.log")
    yield made
    made.stop(grace=0)


def test_start_records_adopts_and_stops(process: Process) -> None:
    assert process.start(["sleep", "600"], env=ENV)
    first = process.identity()
    assert first is not None
    assert os.getsid(first.pid) == first.pid
    assert not process.start(["sleep", "600"], env=ENV), "a running process is adopted, not doubled"
    assert Process("sleeper", process.run, process.log).identity() == first
    process.stop(grace=10)
    assert not process.alive()
    assert not process.pidfile.exists()


def test_recycled_pid_is_neither_alive_nor_killed(process: Process) -> None:
    process.start(["sleep", "600"], env=ENV)
    real = process.identity()
    assert real is not None
    other = Process("other", process.run, process.log)
    boot, stat = process.pidfile.read_text().splitlines()
    fields = stat.split(" ")
    fields[21] = str(real.start - 1)
    other.pidfile.write_text(f"{boot}\n{' '.join(fields)}\n")
    assert other.recorded() == replace(real, start=real.start - 1)
    assert not other.alive()
    assert not send(replace(real, start=real.start - 1), signal.SIGKILL)
    other.stop(grace=0)
    assert process.alive(), "the stranger with our pid was killed"


def test_pid_of_an_earlier_boot_is_not_ours(process: Process) -> None:
    process.start(["sleep", "600"], env=ENV)
    _, stat = process.pidfile.read_text().splitlines()
    other = Process("other", process.run, process.log)
    other.pidfile.write_text(f"00000000-0000-0000-0000-000000000000\n{stat}\n")
    assert not other.alive()
    other.stop(grace=0)
    assert process.alive()


def test_name_with_spaces_and_parentheses_is_read(process: Process, tmp_path: Path) -> None:
    odd = tmp_path / "a) b (c"
    odd.symlink_to("/bin/sleep")
    process.start([str(odd), "600"], env=ENV)
    identity = process.identity()
    assert identity is not None
    wait_for(lambda: Path(f"/proc/{identity.pid}/comm").read_text() == "a) b (c\n", "exec did not happen")
    assert process.alive()


def test_stop_kills_what_ignores_term_with_its_children(process: Process) -> None:
    process.start(["sh", "-c", "trap '' TERM; sleep 600 & echo ready; while :; do wait; done"], env=ENV)
    wait_for(lambda: "ready" in process.tail(), "the shell did not set its trap")
    leader = process.identity()
    assert leader is not None
    wait_for(lambda: len(session_of(leader)) == 2, "no child")
    members = session_of(leader)
    process.stop(grace=0.1)
    assert all(identify(member.pid) != member for member in members)


def test_start_clears_what_a_killed_leader_left(process: Process) -> None:
    process.start(["sh", "-c", "sleep 600 & echo ready; wait"], env=ENV)
    wait_for(lambda: "ready" in process.tail(), "no child")
    leader = process.identity()
    assert leader is not None
    send(leader, signal.SIGKILL)
    wait_for(lambda: not process.alive(), "the leader did not die")
    (orphan,) = session_of(leader)
    assert process.start(["sleep", "600"], env=ENV)
    assert identify(orphan.pid) != orphan


def test_survives_kill_of_the_starting_command(process: Process) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from lab.process import Process\n"
        "Process('sleeper', *map(Path, sys.argv[1:])).start(['sleep', '600'], env=dict(os.environ))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = [str(process.run), str(process.log)]
    env = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, *paths], check=False, env=env)
    assert done.returncode == -signal.SIGKILL
    assert process.alive()


def test_of_two_shells_for_one_name_the_second_gives_up(process: Process) -> None:
    process.start(["sleep", "600"], env=ENV)
    recorded = process.pidfile.read_text()
    second = ["/bin/sh", "-c", _RECORD_AND_BECOME, "sh", str(process.pidfile), "true"]
    assert subprocess.run(second, check=False, capture_output=True).returncode == 125
    assert process.pidfile.read_text() == recorded


def test_stop_all_leaves_no_pid_file(tmp_path: Path) -> None:
    processes = [Process(f"p{n}", tmp_path, tmp_path / "log") for n in range(3)]
    for one in processes:
        one.start(["sleep", "600"], env=ENV)
    stop_all(processes, grace=10)
    assert not any(one.alive() or one.pidfile.exists() for one in processes)


def test_what_cannot_start_says_so(process: Process, tmp_path: Path) -> None:
    with pytest.raises(ZyError, match="ZY-LAB-101") as caught:
        process.start(["true"], env=ENV, cwd=tmp_path / "missing")
    assert str(process.log) in caught.value.fix


def test_what_survives_kill_says_so(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    process.start(["sleep", "600"], env=ENV)
    with monkeypatch.context() as patch:
        patch.setattr("lab.process._DEAD_WITHIN", 0.0)
        patch.setattr("lab.process.send", lambda *_: False)
        with pytest.raises(ZyError, match="ZY-LAB-102"):
            process.stop(grace=0)
    assert process.pidfile.exists(), "still recorded, so that the next stop can try again"
