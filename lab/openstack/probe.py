"""Ways to see whether something is ready: each gives None, or a few words on what is missing."""

from __future__ import annotations

import http.client
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

Probe = Callable[[], str | None]
_ANSWER_WITHIN = 5.0  # s


def running() -> str | None:
    """Being alive is all that can be asked; who needs more asks the API later."""
    return None


def said(log: Path, words: str) -> Probe:
    """The log of this run (each run begins a new one) holds these words: for what cannot be asked otherwise."""

    def probe() -> str | None:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return None if words in text else f"its log does not say '{words}' yet"

    return probe


def exist(*paths: Path) -> Probe:
    """These files are there: for sockets whose program does not bear a connection that says nothing."""

    def probe() -> str | None:
        return next((f"{path} is not there yet" for path in paths if not path.exists()), None)

    return probe


def tcp(port: int) -> Probe:
    """Something accepts connections on this loopback port."""

    def probe() -> str | None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_WITHIN).close()
        except OSError as problem:
            return f"port {port}: {problem}"
        return None

    return probe


def unix(path: Path) -> Probe:
    """Something accepts connections on this Unix socket."""

    def probe() -> str | None:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(_ANSWER_WITHIN)
            try:
                client.connect(str(path))
            except OSError as problem:
                return f"{path}: {problem}"
        return None

    return probe


def command(*argv: str) -> Probe:
    """This command succeeds."""

    def probe() -> str | None:
        done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
        return None if done.returncode == 0 else (done.stderr.strip() or f"{argv[0]}: exit {done.returncode}")

    return probe


def api(port: int) -> Probe:
    """An HTTP API has loaded and answers its root: with versions (200, 300) or by asking who we are (401)."""

    def probe() -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=_ANSWER_WITHIN) as answer:
                status: int = answer.status
        except urllib.error.HTTPError as refused:
            with refused:
                status = refused.code
        except (OSError, http.client.HTTPException) as problem:
            return f"port {port}: {problem}"
        return None if status in (200, 300, 401) else f"port {port} answers {status}"

    return probe
