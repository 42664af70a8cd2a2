"""What differs between the simulated systems, as data: their words, their grammar, their commands for changing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.routers.simulator.grammar import Fault, Grammar

_FOLDER = Path(__file__).with_name("dialects")


@dataclass(frozen=True, slots=True)
class Command:
    """A form of a command, the views where it may be given (``user``, ``config``, ``any``), and the name of what it
    does (:mod:`lab.routers.simulator.commands`)."""

    form: re.Pattern[str]
    where: str
    does: str


@dataclass(frozen=True)
class Dialect:
    """One vendor's command line."""

    name: str
    grammar: Grammar
    candidate: bool
    """Lines wait for ``commit``; otherwise each takes effect as it is entered."""
    banner: str
    vty_full: str
    faults: Mapping[Fault, str]
    commands: Mapping[str, tuple[Command, ...]]
    """Commands outside the grammar, by their first word."""
    vty: int = 21
    """Sessions at a time; the most that VRP8 and Comware 7 can be set to, less one for the console."""
    lasting: re.Pattern[str] = re.compile(r"interface [A-Za-z0-9-]*(?:Ethernet|GE)[\d/]+")
    """Lines that a device has by nature: ``undo`` is refused."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Other texts, by the place that they are used at."""


def _commands(rows: Mapping[str, str]) -> Mapping[str, tuple[Command, ...]]:
    found: dict[str, tuple[Command, ...]] = {}
    for pattern, action in rows.items():
        first, (where, does) = pattern.replace("(", " ").split()[0], action.split()
        found[first] = (*found.get(first, ()), Command(re.compile(pattern), where, does))
    return found


VRP8 = Dialect(
    name="vrp8",
    grammar=Grammar.read(_FOLDER / "vrp8.grammar"),
    candidate=True,
    banner="Info: The max number of VTY users is 21, the number of current VTY users online is {vty}.",
    vty_full="Error: The number of VTY users has reached the maximum.",
    faults={
        Fault.UNRECOGNIZED: "Error: Unrecognized command found at '^' position.",
        Fault.INCOMPLETE: "Error: Incomplete command found at '^' position.",
        Fault.WRONG: "Error: Wrong parameter found at '^' position.",
        Fault.TOO_MANY: "Error: Too many parameters found at '^' position.",
    },
    commands=_commands(
        {
            r"commit(?: (?P<trial>trial)(?: (?P<time>\d+))?(?: label (?P<label>\S+))?)?(?: persist (?P<persist>\S+))?"
            r"(?: description (?P<description>.+))?": "config commit",
            r"commit label (?P<label>\S+)": "config commit",
            r"abort trial(?: persist (?P<persist>\S+))?": "config abort",
            r"clear configuration candidate": "config discard",
            r"lock configuration": "user lock",
            r"unlock configuration": "user unlock",
            r"rollback configuration to (?P<kind>commit-id|label) (?P<name>\S+)": "user rollback",
            r"rollback configuration (?P<kind>last) (?P<name>\d+)": "user rollback",
            r"save(?: (?P<file>\S+\.(?:cfg|zip)))?": "user save",
            r"display configuration trial status": "any show_trial",
            r"display configuration commit list": "any show_commits",
            r"display configuration candidate": "config show_candidate",
            r"display isis peer": "any show_isis",
            r"display bgp (?P<family>vpnv4|vpnv6) all peer": "any show_bgp",
            r"display bgp(?P<family> ipv6)? peer": "any show_bgp",
            r"display segment-routing ipv6 local-sid end-dt46 forwarding": "any show_segments",
        }
    ),
    words={
        "unsaved": "Warning: Uncommitted configurations found. Are you sure to commit them before exiting?"
        " [Y(yes)/N(no)/C(cancel)]:",
        "save": "Warning: The current configuration will be written to the device. Are you sure to continue? [Y/N]:",
        "saved": "Info: Save the configuration successfully.",
        "gone": "Error: The configuration does not exist.",
    },
)

COMWARE7 = Dialect(
    name="comware7",
    grammar=Grammar.read(_FOLDER / "comware7.grammar"),
    candidate=False,
    banner="Press ENTER to get started.",
    vty_full="All lines are busy, please try again later.",
    faults={
        Fault.UNRECOGNIZED: " % Unrecognized command found at '^' position.",
        Fault.INCOMPLETE: " % Incomplete command found at '^' position.",
        Fault.WRONG: " % Wrong parameter found at '^' position.",
        Fault.TOO_MANY: " % Too many parameters found at '^' position.",
    },
    commands=_commands(
        {
            r"configuration commit delay (?P<minutes>\d+)": "config delay",
            r"configuration commit": "config confirm_delay",
            r"configuration replace file (?P<file>\S+\.cfg)": "config replace",
            r"display clock": "any show_clock",
            r"dir": "user list_files",
            r"delete /unreserved (?P<file>\S+)": "user delete_file",
            r"save(?: (?P<file>\S+\.cfg))?(?P<force> force)?": "any save",
            r"display isis peer": "any show_isis",
            r"display bgp peer (?P<family>vpnv4|vpnv6|ipv4|ipv6)(?: vpn-instance (?P<vpn>\S+))?": "any show_bgp",
            r"display segment-routing ipv6 local-sid end-dt46": "any show_segments",
        }
    ),
    words={
        "save": "The current configuration will be written to the device. Are you sure? [Y/N]:",
        "saved": "Configuration is saved to device successfully.",
        "gone": "Error: The configuration does not exist.",
    },
)
