"""The judges that are not ours: what of them travels to a host, how each is run there, and how its report is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from province.errors import ZyError
from roles.judges.lynis import read_report
from roles.judges.openscap import PROFILE, read_results
from roles.judges.report import Report, Waiver, load_waivers

_HERE = Path(__file__).parent


class Name(StrEnum):
    """What a judge is called by, in commands and in the evidence."""

    LYNIS = "lynis"
    OPENSCAP = "openscap"


@dataclass(frozen=True, slots=True)
class Judge:
    """One of them. ``command`` is run by sh as root, in the folder that it was carried to, and writes ``report`` there.

    ``read`` raises ValueError or KeyError where a report is not whole.
    """

    name: Name
    title: str
    command: str
    read: Callable[[str], Report]
    settings: Mapping[str, Path] = field(default_factory=dict)
    """Files of ours that travel along, by the names that the judge looks for."""

    def waivers(self) -> tuple[Waiver, ...]:
        """Our answers to what it finds on a hardened application host."""
        return load_waivers(_HERE / f"{self.name}.yml")


@dataclass(frozen=True, slots=True)
class Visit:
    """What one host gave back: its raw report, or why there is none."""

    host: str
    judge: Judge
    report: bytes
    error: ZyError | None = None


LYNIS = Judge(
    Name.LYNIS,
    "Lynis",
    'exec ./lynis audit system --cronjob --logfile "$PWD/log" --report-file "$PWD/report"',
    read_report,
    {"custom.prf": _HERE / "lynis.prf"},
)
OPENSCAP = Judge(
    Name.OPENSCAP,
    "OpenSCAP",
    # It ends with 2 where a rule failed, which is no fault of the run (oscap(8)).
    'export LD_LIBRARY_PATH="$PWD/lib" OSCAP_CPE_PATH="$PWD/cpe";'
    f" ./oscap xccdf eval --skip-valid --profile {PROFILE} --results report rules.xml || [ $? -eq 2 ]",
    read_results,
)
JUDGES = {judge.name: judge for judge in (LYNIS, OPENSCAP)}
