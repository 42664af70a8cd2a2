"""The engine: order, atomicity, failures, locks, and what is left after a kill."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest

from province.errors import ZyError, ZyErrors
from tests.unit.toolchain.small import Heard, part, write_result
from zhengyun.toolchain.engine import run
from zhengyun.toolchain.part import Job
from zhengyun.toolchain.progress import Event, Happening
from zhengyun.toolchain.store import RECORD, State, Store

Make = Callable[..., Store]
_FORK = multiprocessing.get_context("fork")


def silent(_: Event) -> None:
    """Progress that nobody reads."""


def start(store: Store) -> ForkProcess:
    """A run in a process of its own, to be killed."""
    process = _FORK.Process(target=run, args=(store, silent))
    process.start()
    return process


def test_builds_what_is_needed_first_and_passes_its_place(store: Make, heard: Heard) -> None:
    def build(job: Job) -> None:
        (job.out / "copy").write_text((job.built["base"] / "result").read_text())

    made = store(part("base"), part("top", build, needs=("base",)))
    placed = run(made, heard)
    assert (placed["top"].path / "copy").read_text() == "done"
    assert [(e.part.name, e.happening) for e in heard.events if e.happening is not Happening.WORKING] == [
        ("base", Happening.STARTED),
        ("base", Happening.DONE),
        ("top", Happening.STARTED),
        ("top", Happening.DONE),
    ]


def test_a_second_run_builds_nothing(store: Make, heard: Heard) -> None:
    made = store(part("one"))
    run(made, silent)
    run(made, heard)
    assert heard.events == []


def test_a_named_part_brings_only_what_it_needs(store: Make) -> None:
    made = store(part("base"), part("tool"), part("other"), part("top", needs=("base",), tools=("tool",)))
    assert list(run(made, silent, ["top"])) == ["base", "tool", "top"]
    assert made.place(["other"])["other"].state is State.MISSING


def test_an_unknown_name_is_refused(store: Make) -> None:
    with pytest.raises(ZyError, match=r"ZY-TOOL-005.*nothing"):
        run(store(part("one")), silent, ["nothing"])


def test_nothing_is_visible_until_it_is_complete(store: Make, tmp_path: Path) -> None:
    def build(job: Job) -> None:
        visible = [path.name for path in (tmp_path / "cache/parts/one").glob("[!.]*")]
        write_result(job)
        (job.work / "scratch").touch()
        (job.out / "visible").write_text(json.dumps(visible))

    path = run(store(part("one", build)), silent)["one"].path
    assert json.loads((path / "visible").read_text()) == []
    assert [found.name for found in path.parent.iterdir()] == [path.name], "scratch space is left"


def test_time_and_memory_are_recorded(store: Make) -> None:
    def build(_: Job) -> None:
        subprocess.run(["python3", "-c", "bytearray(80_000_000)"], check=True)

    record = json.loads((run(store(part("one", build)), silent)["one"].path / RECORD).read_text())
    assert record["peak_megabytes"] >= 76
    assert record["seconds"] >= 0
    assert record["date"].startswith("20")


def test_a_failure_shows_the_log_and_stops_only_what_needs_it(store: Make, heard: Heard) -> None:
    def build(job: Job) -> None:
        job.log("the compiler says no")
        raise RuntimeError("compiler ended with 1")

    made = store(part("bad", build), part("top", needs=("bad",)), part("over", tools=("top",)), part("good"))
    with pytest.raises(ZyError) as caught:
        run(made, heard)
    assert caught.value.code == "ZY-TOOL-002"
    assert "compiler ended with 1" in caught.value.message
    assert "the compiler says no" in caught.value.message
    assert caught.value.place.file == str(made.log(made.catalogue[0]))
    assert heard.of("top") == heard.of("over") == [Happening.LEFT_OUT]
    states = {name: placed.state for name, placed in made.place().items()}
    assert states == {
        "bad": State.MISSING,
        "top": State.MISSING,
        "over": State.MISSING,
        "good": State.BUILT,
    }


def test_a_builders_own_error_keeps_its_code(store: Make) -> None:
    def build(_: Job) -> None:
        raise ZyError("ZY-LAB-203", "no such package", fix="add a mirror")

    with pytest.raises(ZyError) as caught:
        run(store(part("one", build)), silent)
    assert (caught.value.code, caught.value.fix) == ("ZY-LAB-203", "add a mirror")
    assert str(caught.value.place).endswith("one.log")


def test_several_failures_are_all_told(store: Make) -> None:
    def build(_: Job) -> None:
        raise RuntimeError("no")

    with pytest.raises(ZyErrors) as caught:
        run(store(part("one", build), part("two", build)), silent)
    assert len(caught.value.errors) == 2


def test_a_build_that_is_killed_is_a_failure(store: Make) -> None:
    def build(_: Job) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ZyError, match="its process ended with -9"):
        run(store(part("one", build)), silent)


def test_after_a_kill_the_next_run_begins_anew_and_cleans_up(store: Make, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)

    def build(job: Job) -> None:
        write_result(job)
        if ready.exists():
            ready.write_text(str(os.getpid()))
            signal.pause()

    made = store(part("one", build))
    runner = start(made)
    builder = int(ready.read_text())
    os.kill(runner.pid or 0, signal.SIGKILL)
    os.kill(builder, signal.SIGKILL)
    runner.join()
    ready.unlink()
    assert made.place()["one"].state is State.MISSING
    assert list(made.folder(made.catalogue[0]).glob(".*")), "the kill left nothing: it came too early"
    path = run(made, silent)["one"].path
    assert (path / "result").exists()
    assert list(path.parent.iterdir()) == [path]


def test_a_build_outlives_a_kill_of_its_command_and_is_not_repeated(store: Make, tmp_path: Path) -> None:
    ready, go, count = tmp_path / "ready", tmp_path / "go", tmp_path / "count"
    os.mkfifo(ready)
    os.mkfifo(go)

    def build(job: Job) -> None:
        with count.open("a") as file:
            file.write("x")
        ready.write_text("ready")
        go.read_text()
        write_result(job)

    made = store(part("one", build))
    runner = start(made)
    ready.read_text()
    os.kill(runner.pid or 0, signal.SIGKILL)
    runner.join()
    go.write_text("go")
    run(made, silent)
    assert count.read_text() == "x"


def test_two_runs_at_once_build_once(store: Make, tmp_path: Path, heard: Heard) -> None:
    ready, go, count = tmp_path / "ready", tmp_path / "go", tmp_path / "count"
    os.mkfifo(ready)
    os.mkfifo(go)

    def build(job: Job) -> None:
        with count.open("a") as file:
            file.write("x")
        ready.write_text("ready")
        go.read_text()
        write_result(job)

    def release(event: Event) -> None:
        heard(event)
        if event.happening is Happening.WAITING:
            go.write_text("go")

    made = store(part("one", build))
    runner = start(made)
    ready.read_text()
    run(made, release)
    runner.join()
    assert runner.exitcode == 0
    assert heard.of("one")[0] is Happening.WAITING
    assert count.read_text() == "x"


def test_sigterm_stops_everything_that_was_started(store: Make, tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)

    def build(_: Job) -> None:
        with held.open("w") as file:
            file.write("started\n")
            file.flush()
            subprocess.run(["sleep", "1000"], stdout=file, check=False)

    runner = start(store(part("one", build)))
    with held.open() as file:
        assert file.readline() == "started\n"
        os.kill(runner.pid or 0, signal.SIGTERM)
        assert file.read() == ""  # ends only when the last process that holds it has ended
    runner.join()
    assert runner.exitcode == 128 + signal.SIGTERM


def test_sources_that_change_while_it_is_built_leave_no_part_with_a_false_name(
    store: Make, tmp_path: Path, heard: Heard
) -> None:
    """What was begun is finished, for those that wait for it; the next run sees the newer sources."""
    source = tmp_path / "source"
    source.write_text("old")

    def build(job: Job) -> None:
        (job.out / "result").write_text(source.read_text())
        source.write_text("new")

    def build_top(job: Job) -> None:
        (job.out / "copy").write_text((job.built["base"] / "result").read_text())

    made = store(part("base", build, files=(source,)), part("top", build_top, needs=("base",)))
    old = made.place()["base"].path
    placed = run(made, heard)
    assert heard.of("top")[-1] is Happening.DONE
    assert (old / "result").read_text() == "old"
    assert placed["base"].state is State.MISSING
    assert run(made, silent)["base"].path != old


def test_what_is_on_the_machine_is_not_built(store: Make, heard: Heard, tmp_path: Path) -> None:
    made = store(part("one", present=lambda: tmp_path))
    assert run(made, heard)["one"].path == tmp_path
    assert heard.events == []


def test_what_was_installed_and_is_gone_is_installed_again(store: Make, tmp_path: Path, heard: Heard) -> None:
    installed = tmp_path / "installed"

    def build(_: Job) -> None:
        installed.touch()

    made = store(part("one", build, on_machine=True, present=lambda: installed if installed.exists() else None))
    run(made, silent)
    installed.unlink()
    run(made, heard)
    assert heard.of("one")[-1] is Happening.DONE
    assert installed.exists()


def test_root_is_asked_for_before_anything_is_built(store: Make, monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ZyError, match=r"ZY-TOOL-004.*apt installs"):
        run(store(part("one"), part("two", root="apt installs")), heard)
    assert heard.events == []


def test_a_full_disk_is_told_before_anything_is_built(store: Make, heard: Heard) -> None:
    with pytest.raises(ZyError, match="ZY-TOOL-006"):
        run(store(part("one", megabytes=10**12)), heard)
    assert heard.events == []
