"""No line can change without notice: the intent that is read becomes another, or the text is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network.intent import intents
from network.parse.read import _ORNAMENT
from network.parse.reading import parse
from network.render import render
from province.errors import ZyErrors
from province.extranet import Platform
from province.province import Province
from tests.unit.network.relabel import relabelled, special


def _changed(line: str) -> Iterator[str]:
    """Other lines in its place: with the last number higher, the last word longer, and a word that does not belong."""
    number = re.search(r"\d+(?=\D*$)", line)
    if number:
        yield line[: number.start()] + str(int(number[0]) + 1) + line[number.end() :]
    yield line + "x"
    yield line + " x"


def _mutants(text: str) -> Iterator[tuple[str, str]]:
    """Texts with one line less, twice, or otherwise; with what was done."""
    rows = text.splitlines()
    for n, row in enumerate(rows):
        if not _ORNAMENT.fullmatch(row.strip()):
            yield f"without {row}", "\n".join([*rows[:n], *rows[n + 1 :]])
            yield f"twice {row}", "\n".join([*rows[:n], row, *rows[n:]])
            for other in _changed(row):
                yield f"{row} → {other}", "\n".join([*rows[:n], other, *rows[n + 1 :]])


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize("router", ["gd-pe-2", "gz-pe-2", "gz-ce-gat"])
def test_every_line_counts(province: Province, platform: Platform, router: str) -> None:
    text = render(intents(relabelled(special(province), platform))[router])
    wanted = parse(text, platform, router).intent
    unnoticed = []
    for what, mutant in _mutants(text):
        try:
            if parse(mutant, platform, router).intent == wanted:
                unnoticed.append(what)
        except ZyErrors:
            continue
    assert "\n".join(unnoticed) == ""


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        (" description loopback gz-pe-1", " descripton loopback gz-pe-1", "ZY-NET-031", "descripton"),
        (" undo shutdown\n", "", "ZY-NET-032", "interface GigabitEthernet0/1/1"),
        (" router-id 10.127.0.5", " router-id 10.127.0.9", "ZY-NET-033", "router-id"),
        ("network-entity", "network-entity 49\n network-entity", "ZY-NET-033", "network-entity 49.0001"),
        (" ip address 100.64.0.3 ", " ip address 100.64.0.300 ", "ZY-NET-034", "100.64.0.300"),
    ],
)
def test_errors_name_the_line(province: Province, before: str, after: str, code: str, line: str) -> None:
    text = render(intents(relabelled(province, Platform.VRP))["gz-pe-1"]).replace(before, after, 1)
    with pytest.raises(ZyErrors) as caught:
        parse(text, Platform.VRP, "gz-pe-1", "plan/gz-pe-1.conf")
    error = caught.value.errors[0]
    assert error.code == code
    assert error.place.file == "plan/gz-pe-1.conf"
    assert line in text.splitlines()[(error.place.line or 0) - 1]


def test_every_unknown_line_is_named_at_once() -> None:
    with pytest.raises(ZyErrors) as caught:
        parse("colour blue\ninterface LoopBack0\n shape round\n", Platform.VRP, "r")
    lines = [(error.code, error.place.line) for error in caught.value.errors if error.code == "ZY-NET-031"]
    assert lines == [("ZY-NET-031", 1), ("ZY-NET-031", 3)]


@pytest.mark.parametrize("platform", list(Platform))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_but_errors_for_the_reader(province: Province, platform: Platform, data: st.DataObject) -> None:
    """Whatever is left of a text, in whatever order: it is read, or refused in words."""
    rows = render(intents(relabelled(province, platform))["gd-pe-2"]).splitlines()
    kept = data.draw(st.lists(st.sampled_from(rows), max_size=40) | st.permutations(rows))
    with suppress(ZyErrors):
        parse("\n".join(kept), platform, "r")
