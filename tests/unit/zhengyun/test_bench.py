"""``zy bench``: a benchmark is a file that can be run; one that fails hides no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zhengyun.cli import run
from zhengyun.commands import bench
from zhengyun.commands.bench import benchmarks
from zhengyun.output import Exit

ROW = {"name": "a", "unit": "s", "ours": 1.0, "peers": {"theirs": 2.0}, "ratio": 2.0, "n": 3, "machine": "m"}
GOOD = f'import json\n\n\nif __name__ == "__main__":\n    print(json.dumps([{ROW!r}]))\n'
BAD = 'if 1:\n    pass\n\nif __name__ == "__main__":\n    raise SystemExit(1)\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for name, text in {"good_one.py": GOOD, "bad_one.py": BAD, "_shared.py": "ROWS = 1\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    return tmp_path


def test_what_can_be_run_is_a_benchmark(checkout: Path) -> None:
    assert benchmarks(checkout) == {"bad-one": "benchmarks.bad_one", "good-one": "benchmarks.good_one"}


def test_ours_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--list", "--json"]) == Exit.DONE
    assert {"cloud-plan-5000", "cloud-preview-5000"} <= set(json.loads(capsys.readouterr().out))


@pytest.mark.usefixtures("checkout")
def test_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "good-one", "--json"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out) == [ROW]


@pytest.mark.usefixtures("checkout")
def test_a_failure_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--json"]) == Exit.FAILED
    told = capsys.readouterr()
    assert json.loads(told.out) == [ROW]
    assert "bad-one has failed" in told.err


@pytest.mark.usefixtures("checkout")
def test_people_read_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "good-one"]) == Exit.DONE
    assert "theirs: 2.0" in capsys.readouterr().out


@pytest.mark.usefixtures("checkout")
def test_one_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "best-one", "--json"]) == Exit.BAD_INPUT
    assert "good-one" in json.loads(capsys.readouterr().out)["errors"][0]["fix"]


def test_outside_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    assert run(["bench", "--json"]) == Exit.BAD_INPUT
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "ZY-CLI-010"
