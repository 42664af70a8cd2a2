from __future__ import annotations

from pathlib import Path

import pytest

from network.history import History
from province.errors import ZyError


def test_each_router_has_its_own_revisions(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    assert history.record({"r1": "one\n", "r2": "same 同\n"}, "first")
    assert history.record({"r1": "two\n", "r2": "same 同\n"}, "second")
    assert [revision.why for revision in history.revisions("r1")] == ["second", "first"]
    assert [revision.why for revision in history.revisions("r2")] == ["first"]
    newest, oldest = history.revisions("r1")
    assert (history.at("r1", newest.id), history.at("r1", oldest.id)) == ("two\n", "one\n")
    assert history.at("r2", newest.id) == "same 同\n"


def test_what_is_not_new_is_no_revision(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    history.record({"r1": "one\n"}, "first")
    assert not history.record({"r1": "one\n"}, "again")
    assert not History(tmp_path / "history").record({}, "nothing")
    assert len(history.revisions("r1")) == 1


@pytest.mark.parametrize("revision", ["0123456", "main", "--help", "HEAD~1", ""])
def test_a_revision_that_is_none_is_said_so(tmp_path: Path, revision: str) -> None:
    history = History(tmp_path / "history")
    with pytest.raises(ZyError, match="ZY-NET-068"):
        history.at("r1", revision)
    history.record({"r1": "one\n"}, "first")
    with pytest.raises(ZyError, match="ZY-NET-068"):
        history.at("r1", revision)
    assert history.revisions("unknown") == []


def test_a_damaged_repository_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("no repository")
    with pytest.raises(ZyError, match="ZY-NET-069"):
        History(tmp_path / "history").record({"r1": "one\n"}, "first")
