"""One check of the cloud: what was expected against what was seen."""

from __future__ import annotations

from province.record import Check, RoomName, Status


def compared(
    id_: str, title: str, title_zh: str, target: str, both: tuple[str, str], evidence: str, clause: str
) -> Check:
    """A check that passes when what was expected (first) is what was seen (second)."""
    expected, actual = both
    return Check(
        id=id_,
        title=title,
        title_zh=title_zh,
        room=RoomName.CLOUD,
        target=target,
        status=Status.PASSED if expected == actual else Status.FAILED,
        expected=expected,
        actual=actual,
        evidence=evidence,
        clause=clause,
    )
