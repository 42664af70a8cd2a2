"""The dead-man timer, with a zy-config that only notes what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.routers.files import zy_confirm


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file in which the false zy-config notes its arguments; its exit code is that in ``code``."""
    notes, code, config = tmp_path / "told", tmp_path / "code", tmp_path / "zy-config"
    notes.touch()
    code.write_text("0", encoding="ascii")
    config.write_text(f'#!/bin/sh\necho "$@" >>{notes}\necho running\nexit "$(cat {code})"\n', encoding="ascii")
    config.chmod(0o755)
    # The timer that `start` begins calls this instead of zy-confirm; no test waits for it.
    monkeypatch.setattr("sys.argv", ["true"])
    for name, value in {"STATE": "trial", "LOG": "log", "LOCK": "lock"}.items():
        monkeypatch.setattr(zy_confirm, name, tmp_path / value)
    monkeypatch.setattr(zy_confirm, "CONFIG", str(config))
    yield notes
    zy_confirm.main(["confirm"])  # ends a timer that a test left


def run(*arguments: str) -> int:
    return zy_confirm.main(list(arguments))


def token() -> str:
    return str(zy_confirm.pending()["token"])


def test_nothing_is_pending_at_first(told: Path) -> None:
    assert zy_confirm.status() == "none"
    assert [run(verb) for verb in ("confirm", "abort")] == [1, 1]
    assert run("resume") == 0
    assert told.read_text(encoding="ascii") == ""


def test_a_trial_keeps_the_running_configuration(told: Path) -> None:
    assert run("start", "600") == 0
    assert zy_confirm.status() in ("pending 600", "pending 599")
    assert (zy_confirm.STATE / "snapshot.conf").read_text(encoding="utf-8") == "running\n"
    assert told.read_text(encoding="ascii") == "show\n"


def test_a_second_trial_is_refused_and_the_first_stays(told: Path) -> None:  # noqa: ARG001 -- sets the scene
    run("start", "600")
    first = token()
    assert run("start", "300") == 1
    assert token() == first


@pytest.mark.parametrize("seconds", ["0", "-1", "65536", "soon", ""])
def test_seconds_out_of_range(told: Path, seconds: str) -> None:
    assert run("start", seconds) == 1
    assert zy_confirm.status() == "none"
    assert told.read_text(encoding="ascii") == ""


def test_confirmed_is_saved_and_never_restored(told: Path) -> None:
    run("start", "600")
    late = token()
    assert run("confirm") == 0
    assert run("expire", late) == 0
    assert told.read_text(encoding="ascii") == "show\nsave\n"
    assert zy_confirm.status() == "confirmed"


def test_expired_is_restored(told: Path) -> None:
    run("start", "600")
    assert run("expire", token()) == 0
    assert told.read_text(encoding="ascii") == f"show\nreplace {zy_confirm.STATE}/snapshot.conf\nsave\n"
    assert zy_confirm.status() == "restored"
    assert run("confirm") == 1


def test_the_timer_of_an_earlier_trial_leaves_the_next_alone(told: Path) -> None:
    run("start", "600")
    late = token()
    run("confirm")
    run("start", "600")
    assert run("expire", late) == 0
    assert zy_confirm.status().startswith("pending")
    assert "replace" not in told.read_text(encoding="ascii")


@pytest.mark.parametrize("verb", ["abort", "resume"])
def test_abort_and_a_restart_restore_at_once(told: Path, verb: str) -> None:
    run("start", "600")
    assert run(verb) == 0
    assert "replace" in told.read_text(encoding="ascii")
    assert zy_confirm.status() == "restored"


def test_a_snapshot_of_the_callers_own(told: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine\n", encoding="ascii")
    assert run("start", "600", str(tmp_path / "mine")) == 0
    assert (zy_confirm.STATE / "snapshot.conf").read_text(encoding="utf-8") == "mine\n"
    assert told.read_text(encoding="ascii") == ""


def test_a_restore_that_fails_is_told(told: Path) -> None:
    run("start", "600")
    (told.parent / "code").write_text("2", encoding="ascii")
    assert run("abort") == 2
    assert "save" not in told.read_text(encoding="ascii")
    assert zy_confirm.status() == "failed"


def test_a_change_that_cannot_be_saved_stays_pending(told: Path) -> None:
    run("start", "600")
    (told.parent / "code").write_text("2", encoding="ascii")
    assert run("confirm") == 2
    assert zy_confirm.status().startswith("pending")
    (told.parent / "code").write_text("0", encoding="ascii")
