"""Time, without which no record of an audit is worth much. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from province.host import HostRole
from roles.probe import Answer, Probe, Verdict, passed_if

_SOURCES = (
    "n=0; while [ $n -lt 6 ]; do s=$(chronyc -c -n sources);"
    ' echo "$s" | cut -d, -f6 | grep -q "[1-7]" && break; n=$((n + 1)); sleep 0.4; done; echo "$s"'
)
"""The sources, once one has answered; after a restart that takes a moment."""


def time_probes(role: HostRole, sources: Sequence[str]) -> list[Probe]:
    if role is HostRole.LOG:
        return [
            Probe(
                "hst-time",
                "chronyc -c -n tracking; ss -H -uln 'sport = :123'",
                "synchronised (leap status Normal) and listening on port 123",
                lambda a: passed_if("Normal" in a.text and ":123" in a.text, _first(a)),
            )
        ]
    return [
        Probe(
            "hst-time",
            _SOURCES,
            f"{', '.join(sources) or 'a source'} answers; no other source",
            lambda answer: _time_sources(answer, sources),
        )
    ]


def _first(answer: Answer) -> str:
    return answer.text.splitlines()[0] if answer.text else "nothing"


def _time_sources(answer: Answer, wanted: Sequence[str]) -> Verdict:
    """Lines of ``chronyc -c sources``: mode, state, name, stratum, poll, reach (octal), …"""
    rows = [line.split(",") for line in answer.text.splitlines() if line.count(",") >= 5]
    seen = {row[2]: int(row[5], 8) for row in rows}
    right = bool(wanted) and set(seen) == set(wanted) and all(seen.values())
    return passed_if(right, ", ".join(f"{name} reach {reach:o}" for name, reach in seen.items()) or "no source")
