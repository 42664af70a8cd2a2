"""Locks that killed operations leave behind."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from province.errors import ZyError
from stacks import lock as module
from stacks.lock import clear_locks


def lock(folder: Path, **content: object) -> Path:
    path = folder / "lock.json"
    path.write_text(json.dumps({"pid": 0, "hostname": socket.gethostname(), "username": "root"} | content))
    return path


def quiet(_line: str) -> None: ...


def test_lock_of_a_dead_process_is_removed(tmp_path: Path) -> None:
    path = lock(tmp_path, pid=2**22 - 1)
    clear_locks("s", [path], quiet)
    assert not path.exists()


def test_lock_whose_number_another_program_has_now_is_removed(tmp_path: Path) -> None:
    path = lock(tmp_path, pid=os.getpid())
    clear_locks("s", [path], quiet)
    assert not path.exists()


def test_half_written_lock_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    path.write_text('{"pid": 1')
    clear_locks("s", [path], quiet)
    assert not path.exists()


def test_lock_of_another_machine_is_kept(tmp_path: Path) -> None:
    path = lock(tmp_path, hostname="elsewhere")
    with pytest.raises(ZyError) as raised:
        clear_locks("s", [path], quiet)
    assert raised.value.code == "ZY-CLD-026"
    assert path.exists()


def test_living_operation_is_waited_for_and_never_robbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lock(tmp_path, pid=os.getpid())
    monkeypatch.setattr(module, "_alive", lambda _pid: True)
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.0)
    told: list[str] = []
    with pytest.raises(ZyError) as raised:
        clear_locks("s", [path], told.append)
    assert raised.value.code == "ZY-CLD-026"
    assert path.exists()


def test_waiting_ends_when_the_lock_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lock(tmp_path, pid=os.getpid())
    monkeypatch.setattr(module, "_alive", lambda _pid: True)
    clear_locks("s", [path], lambda _line: path.unlink())
    assert not path.exists()
