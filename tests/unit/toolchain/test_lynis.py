"""Lynis is put together as it looks for its files: all in the folder that it is started in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lab.guest.apt import Mirror, Package, PrivateApt
from zhengyun.toolchain import lynis
from zhengyun.toolchain.part import Job, Log


def unpack(argv: Sequence[str | Path], _: Log) -> None:
    """As ``dpkg-deb -x`` of Debian's package does."""
    for content in lynis.CONTENTS:
        path = Path(argv[-1]) / content
        if path.suffix == ".prf" or path.name == "lynis":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("text")
        else:
            path.mkdir(parents=True)
            (path / "one").write_text("text")


def test_all_of_it_lies_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lynis, "mirror", lambda: Mirror("http://a/debian", "http://a/security"))
    monkeypatch.setattr(lynis, "run", unpack)
    monkeypatch.setattr(PrivateApt, "update", lambda *_: None)
    monkeypatch.setattr(PrivateApt, "newest", lambda *_: Package("lynis", "3.0.8-1.1"))
    monkeypatch.setattr(PrivateApt, "download", lambda *_: tmp_path / "lynis.deb")
    out = tmp_path / "out"
    out.mkdir()
    lynis.build(Job(out=out, work=tmp_path, cache=tmp_path, built={}, log=print))
    assert sorted(path.name for path in out.iterdir()) == ["db", "default.prf", "include", "lynis", "plugins"]
    assert (out / "include" / "one").is_file()
