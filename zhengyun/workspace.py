"""What a command works on: an inventory, the province that it declares, and our places on this machine."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from province.load import load
from province.province import Province
from province.record import Room, RoomName
from zhengyun.change.engine import Engine
from zhengyun.change.journal import Changes
from zhengyun.change.server import Server
from zhengyun.places import Places
from zhengyun.report.series import Series
from zhengyun.rooms import build_rooms
from zhengyun.toolchain.tools import Tools
from zhengyun.transparency.history import catch_up
from zhengyun.transparency.log import Log

DEFAULT_INVENTORY = Path("inventories/lab")


def operator() -> str:
    """Who is at work; also behind sudo."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


@dataclass(frozen=True, slots=True)
class Records:
    """What is remembered on this machine: needs no inventory."""

    state: Path

    @property
    def changes(self) -> Changes:
        return Changes(self.state / "changes")

    @property
    def lock(self) -> Path:
        return self.state / "operator.lock"

    @property
    def verification(self) -> Path:
        """The last verification, for the report."""
        return self.state / "verification.json"

    @property
    def drift(self) -> Path:
        """The last look for drift, for the alarms."""
        return self.state / "drift.json"

    @property
    def authority(self) -> Path:
        """The log transport's certificate authority, which the hosts' room makes."""
        return self.state / "hosts" / "authority"

    @property
    def standings(self) -> Series:
        """What stood at each report."""
        return Series(self.state / "standings")

    @property
    def log(self) -> Log:
        """The transparency log of everything that was recorded here."""
        return Log(self.state / "log")

    def write_log(self) -> None:
        """Log what was recorded since the last time. Raises ``ZY-POL-040``, ``-043``: see :class:`Log`."""
        catch_up(self.log, self.state, self.changes)

    def engine(self, cache: Path) -> Engine:
        """Raises ZY-TOOL-003 where the set-up has not been done."""
        server = Server(Tools.locate(cache).temporal / "temporal", self.state / "temporal")
        return Engine(self.changes, server, [sys.executable, "-m", "zhengyun.change.worker"])


@dataclass(frozen=True, slots=True)
class Workspace:
    """An inventory, loaded."""

    inventory: Path
    province: Province
    places: Places

    @classmethod
    def open(cls, inventory: Path | None) -> Workspace:
        """Raises :class:`province.errors.ZyErrors` with every mistake of the inventory."""
        folder = (inventory or DEFAULT_INVENTORY).absolute()
        return cls(folder, load(inventory or DEFAULT_INVENTORY), Places.here())

    @property
    def records(self) -> Records:
        return Records(self.places.state)

    def rooms(self, names: Collection[RoomName] = tuple(RoomName)) -> dict[RoomName, Room]:
        """The named rooms. Raises ZY-TOOL-003 when the cloud is among them and the set-up has not been done."""
        return build_rooms(self.inventory, self.province, self.places, names)
