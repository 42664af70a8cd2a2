"""Where cache and state lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhengyun.places import Places

HOME = Path("/home/li")


@pytest.mark.parametrize(
    ("environment", "cache", "state"),
    [
        ({}, "/home/li/.cache/zhengyun", "/home/li/.local/state/zhengyun"),
        ({"XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s"}, "/c/zhengyun", "/s/zhengyun"),
        ({"XDG_CACHE_HOME": "c", "XDG_STATE_HOME": ""}, "/home/li/.cache/zhengyun", "/home/li/.local/state/zhengyun"),
        ({"ZY_CACHE": "/own", "XDG_CACHE_HOME": "/c", "ZY_STATE": "/mine"}, "/own", "/mine"),
    ],
)  # fmt: skip
def test_roots(environment: dict[str, str], cache: str, state: str) -> None:
    assert Places.of(environment, HOME) == Places(Path(cache), Path(state))


def test_a_relative_path_of_our_own_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Places.of({"ZY_CACHE": "here"}, HOME).cache == tmp_path / "here"
