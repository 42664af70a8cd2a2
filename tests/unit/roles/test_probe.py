"""Many commands in one batch, and their answers back; run for real by a shell."""

from __future__ import annotations

import subprocess

from roles.probe import Answer, answers, batch


def shell(commands: list[str]) -> str:
    return subprocess.run(["sh", "-c", batch(commands)], capture_output=True, text=True, check=False).stdout


def test_batch_answers_every_command() -> None:
    commands = ["echo one; echo two >&2", "exit 3", "cat", "printf '%s' \"it's\"", "true"]
    assert answers(commands, shell(commands)) == {
        commands[0]: Answer("one\ntwo"),
        commands[1]: Answer("", 3),
        commands[2]: Answer(""),  # nobody waits for input
        commands[3]: Answer("it's"),
        commands[4]: Answer(""),
    }


def test_same_command_runs_once() -> None:
    assert batch(["id", "id"]).count("timeout") == 1


def test_broken_connection_leaves_answers_out() -> None:
    commands = ["echo one", "echo two"]
    whole = shell(commands)
    assert answers(commands, whole[: whole.index("two")]) == {"echo one": Answer("one")}
    assert answers(commands, "") == {}
    assert answers(commands, "a banner\n" + whole) == answers(commands, whole)
