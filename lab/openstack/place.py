"""Where things lie: the lab's own state (``Home``) and the built part it runs from (``Part``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.process import Process
from province.errors import Place, ZyError

_SOCKET_LIMIT = 107  # unix(7): sun_path holds 108 bytes with the closing zero
_LONGEST_SOCKET = "longregion/octavia/status.sock"


@dataclass(frozen=True, slots=True)
class Part:
    """The built part: Python environment and database seed. Nothing in it depends on where it lies."""

    path: Path

    @property
    def python(self) -> Path:
        return self.path / "venv" / "bin" / "python"

    @property
    def etc(self) -> Path:
        """Paste files and the like, as the OpenStack packages ship them."""
        return self.path / "venv" / "etc"

    @property
    def seed(self) -> Path:
        """A MariaDB data directory with all schemas and the identities, copied after a clean shutdown."""
        return self.path / "seed"

    @property
    def identity(self) -> Path:
        """A random name of this very build: a lab made from another build cannot run with this one."""
        return self.path / "build-id"

    def script(self, name: str) -> tuple[str, ...]:
        """A program of the environment. Through python: the script's own first line holds a path."""
        return (str(self.python), str(self.path / "venv" / "bin" / name))

    def check(self) -> None:
        """Raises ZY-LAB-111 when the part is not (completely) built."""
        for needed in (self.python, self.seed, self.identity):
            if not needed.exists():
                raise ZyError(
                    "ZY-LAB-111",
                    f"the OpenStack part is not complete: {needed} is missing",
                    place=Place(file=str(self.path)),
                    fix="build it again: `zy setup`, or `python -m lab.openstack build --part DIR`",
                )


@dataclass(frozen=True, slots=True)
class Home:
    """The lab's own state. Everything below is ours and may be removed while the lab is down."""

    path: Path

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def etc(self) -> Path:
        return self.path / "etc"

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def tmp(self) -> Path:
        return self.path / "tmp"

    @property
    def mysql(self) -> Path:
        return self.data / "mysql"

    @property
    def mysql_socket(self) -> Path:
        return self.run / "mysql.sock"

    @property
    def spec(self) -> Path:
        """JSON: what the lab was last brought up from (see lab.openstack.cloud.recall)."""
        return self.path / "spec.json"

    @property
    def passwords(self) -> Path:
        return self.path / "passwords.json"

    @property
    def clouds(self) -> Path:
        """clouds.yaml with one entry for each region."""
        return self.path / "clouds.yaml"

    @property
    def ovn(self) -> Path:
        """JSON: each region's remote of the OVN databases (see lab.openstack.ovn)."""
        return self.path / "ovn.json"

    def region_etc(self, region: str) -> Path:
        return self.etc / region

    def region_data(self, region: str) -> Path:
        return self.data / region

    def ovn_socket(self, region: str) -> Path:
        """The socket of the ovsdb-server with the region's northbound and southbound databases."""
        return self.path / region / "ovn" / "ovsdb.sock"

    def octavia_run(self, region: str) -> Path:
        """The sockets between Octavia's API and its driver agent."""
        return self.path / region / "octavia"

    def process(self, name: str) -> Process:
        return Process(name, run=self.run, log=self.log / f"{name}.log")

    def check(self) -> None:
        """Raises ZY-LAB-124 when the path is too long for the Unix sockets below it."""
        if len(str(self.path / _LONGEST_SOCKET)) > _SOCKET_LIMIT:
            room = _SOCKET_LIMIT - len(_LONGEST_SOCKET) - 1
            raise ZyError(
                "ZY-LAB-124",
                f"the lab's path is too long for Unix sockets: {len(str(self.path))} characters, {room} fit",
                place=Place(file=str(self.path)),
                fix="put the state elsewhere: set ZY_STATE to a shorter path",
            )

    def prepare(self) -> None:
        """Make the directories, readable by us only: they hold passwords and open sockets."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        for directory in (self.run, self.log, self.etc, self.data, self.tmp):
            directory.mkdir(exist_ok=True)


def write_atomic(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file in one step: a reader, or a kill, sees the old text or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.touch(mode=mode)
    new.chmod(mode)
    new.write_text(text, encoding="utf-8")
    new.replace(path)
