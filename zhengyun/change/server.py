"""The embedded Temporal server: a SQLite file, a free port of the loopback, started when a change runs.

It is stopped when the change has ended (it takes about 200 MB, and is up again in a fraction of a second), by the
worker: so also when the command that began the change was killed. A change that was interrupted leaves it running;
`zy resume` uses it, or starts it anew on the same file.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from lab.process import Process
from province.errors import Place, ZyError

_ATTEMPTS = 3
"""A free port may be taken between our look and the server's start."""
_READY_WITHIN = 30.0  # s; it is 0.2 s on an idle machine
_POLL = 0.05  # s


@dataclass(frozen=True, slots=True)
class Server:
    """One server: program ``binary``, everything that it keeps in ``home``."""

    binary: Path
    home: Path

    @property
    def process(self) -> Process:
        return Process("temporal", run=self.home, log=self.home / "temporal.log")

    @property
    def address(self) -> str | None:
        """``host:port`` of the running server, or None."""
        if not self.process.alive():
            return None
        return f"127.0.0.1:{(self.home / 'port').read_text(encoding='ascii')}"

    def start(self) -> str:
        """Address of the server, started unless it runs. Raises ``ZY-CHG-023`` when it does not start."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(_ATTEMPTS):
            running = self.address
            if running is not None and self._answers(running):
                return running
            self.process.stop()
            port = _free_port()
            (self.home / "port").write_text(str(port), encoding="ascii")
            self.process.start(self._command(port), env=self._environment())
        running = self.address
        if running is not None and self._answers(running):
            return running
        raise ZyError(
            "ZY-CHG-023",
            f"the change engine's server (Temporal) does not start: {self.process.tail(3) or 'it says nothing'}",
            place=Place(target="temporal"),
            fix=f"read {self.process.log}; then repeat the command",
        )

    def stop(self) -> None:
        self.process.stop()

    def _command(self, port: int) -> list[str]:
        database = str(self.home / "temporal.db")
        listen = ["--ip", "127.0.0.1", "--port", str(port), "--headless"]
        return [str(self.binary), "server", "start-dev", *listen, "--db-filename", database, "--log-level", "error"]

    def _environment(self) -> dict[str, str]:
        """The server asks the network for newer versions of itself, unless told not to."""
        quiet = {"TEMPORAL_VERSION_CHECK_DISABLED": "1"}
        return {"PATH": os.environ.get("PATH", ""), "HOME": str(self.home), **quiet}

    def _answers(self, address: str) -> bool:
        """Wait until the server accepts connections; False when it died or the time is over."""
        host, port = address.split(":")
        limit = time.monotonic() + _READY_WITHIN
        while time.monotonic() < limit and self.process.alive():
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
            except OSError:
                time.sleep(_POLL)
                continue
            return True
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
