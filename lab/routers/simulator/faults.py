"""What may go wrong at a simulated router: declared per device, so that a test says what it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Blow(StrEnum):
    """What happens to a session, or to all of the device."""

    DROP = "drop"
    """The connection ends without a word; the command is not carried out."""
    DROP_AFTER = "drop after"
    """The command is carried out, and its answer never arrives."""
    HANG = "hang"
    """Nothing comes back any more."""
    REBOOT = "reboot"
    """All sessions end; what was not saved is lost; a trial is over."""
    REFUSE = "refuse"
    """The command fails with :attr:`Trigger.says`."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A blow at a command that matches a regular expression (in full)."""

    command: str
    blow: Blow
    says: str = ""
    times: int = 1
    """How often it strikes."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything that is wrong with one device."""

    triggers: tuple[Trigger, ...] = ()
    aaa_seconds: float = 0.0
    """What its AAA server takes to answer a login."""
    commit_seconds: float = 0.0
    """What a commit takes."""
    round_trip: float = 0.0
    """Delay of the path, s: added once to whatever comes in."""
    strangers: int = 0
    """Sessions of others that hold VTY lines."""
    locked_by: str = ""
    """Another user who holds the configuration's lock."""
    other_key: bool = False
    """Shows another host key than the fleet's."""
    down: frozenset[str] = frozenset()
    """Ports and peer addresses whose neighbour does not come up."""
    settles: float = 0.0
    """How long after a change neighbours need to come up, s."""
    cuts: str = ""
    """A running line that cuts the management path: no session lives, none can be opened."""
    narrow: bool = False
    """Wraps at 80 columns whatever the terminal says, with ANSI codes."""
