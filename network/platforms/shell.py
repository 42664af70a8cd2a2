"""A netmiko connection to an interactive command line that knows exactly what it waits for.

netmiko's own drivers find prompts by silence: four waits of two seconds per push to VRP8. Here every read ends at a
prompt that bears the device's name, or at a question. Many lines go out at once; each answer is cut out of the echo and
belongs to its line, so an error names the line that caused it.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import paramiko
from netmiko import NetmikoAuthenticationException, NetmikoTimeoutException
from netmiko.huawei.huawei import HuaweiVrpv8SSH

from network.platforms.hosts import Host
from network.platforms.secret import masked
from network.platforms.ssh import CONNECT_SECONDS, explained
from province.errors import Place, ZyError


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a device may take, s. ``answer`` is for lines that only read or only fill the candidate."""

    connect: float = CONNECT_SECONDS
    answer: float = 30.0
    commit: float = 300.0
    """A commit of thousands of lines takes minutes on a loaded main board."""


PATIENCE = Patience()
_WIDTH = 511
_SLEEP = 60.0  # s
_ANSI = re.compile(r" \x1b\[1D|\x1b\[\d*D {2,}\x1b\[\d*D|\x1b\[[0-9;]*[A-Za-z]|\r")
"""VRP's wrap at the right edge and its erased page marks go as a whole; then every other code."""
_QUESTION = re.compile(r"\[(?:Y/N|Y\(yes\)/N\(no\)/C\(cancel\)|y/n)\]:?\s*$")
_FIRST_PROMPT = re.compile(r"^<(?P<name>[^<>\s]+)>\s*$", re.MULTILINE)
_LAST_PROMPT = r"^(?:<[^<>\s]+>|\[[~*]?[^\[\]\s]+\])\s*\Z"
"""Whatever the name is: a trial that is taken back takes the device's name back too."""
_BUSY = re.compile(r"number of VTY users has reached|All lines are busy|User interface .* is full", re.IGNORECASE)
_WRONG = re.compile(r"^\s*(?:\^\s*$|Error:|% )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """What a device answered to one line; ``asks`` when it waits for a yes or no."""

    line: str
    text: str
    asks: bool = False

    @property
    def error(self) -> str:
        """Its own words when it refuses the line; empty when it does not."""
        if not _WRONG.search(self.text):
            return ""
        rows = [row.strip() for row in self.text.splitlines() if row.strip() and row.strip() != "^"]
        return next((row for row in rows if row.startswith(("Error:", "%"))), rows[0] if rows else "refused")


class ShellConnection(HuaweiVrpv8SSH):
    """netmiko's connection to VRP8 (Comware shows the same prompts) without its waits."""

    def __init__(self, host: Host, patience: Patience, chunk: int) -> None:
        self._host = host
        self._patience = patience
        self._chunk = chunk
        self._names = {""}
        super().__init__(
            device_type="huawei_vrpv8",
            host=host.address,
            port=host.port,
            username=host.user,
            pkey=host.key,
            allow_agent=False,
            ssh_strict=True,
            sock=paramiko.ProxyCommand(host.proxy) if host.proxy else None,  # type: ignore[arg-type] # as paramiko takes it
            conn_timeout=patience.connect,
            auth_timeout=patience.connect,
            banner_timeout=patience.connect,
        )

    def _build_ssh_client(self) -> paramiko.SSHClient:
        """A client that knows this router's keys and accepts no other."""
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.get_host_keys().update(self._host.known)
        return client

    def special_login_handler(self, delay_factor: float = 1.0) -> None:
        """Nothing to answer; the first prompt is waited for in :meth:`session_preparation`."""

    def _try_session_preparation(self, force_data: bool = True) -> None:  # noqa: ARG002 - netmiko's signature
        """netmiko types Enter and sleeps first; a device that lets us in says so by itself."""
        super()._try_session_preparation(force_data=False)

    def session_preparation(self) -> None:
        greeting = self._read(
            lambda text: bool(_FIRST_PROMPT.search(text) or _BUSY.search(text)),
            "the first prompt",
            self._patience.connect,
        )
        found = _FIRST_PROMPT.search(greeting)
        if found is None:
            raise ZyError(
                "ZY-NET-063",
                "all its VTY lines are taken",
                place=Place(target=self._host.name),
                fix="end idle sessions (`display users`), lower the sessions at once, or raise its VTY limit",
            )
        self._names = {found["name"]}
        self.base_prompt = found["name"]

    def establish_connection(self, width: int = _WIDTH, height: int = 1000) -> None:
        """Log in, and let paramiko's thread sleep until something comes: by itself it wakes ten times a second, which
        is a core's work for hundreds of sessions that wait."""
        super().establish_connection(width=width, height=height)
        if (wire := self._wire()) is not None:
            wire.settimeout(_SLEEP)

    def disconnect(self) -> None:
        """Close at once: what is uncommitted is ours to lose, and the device discards it."""
        if (wire := self._wire()) is not None:
            with suppress(OSError):  # the far end may have closed it
                wire.shutdown(socket.SHUT_RDWR)
        if self.remote_conn_pre is not None:
            self.remote_conn_pre.close()

    def _wire(self) -> socket.socket | None:
        """The TCP connection; None behind a proxy command."""
        transport = self.remote_conn_pre.get_transport() if self.remote_conn_pre else None
        return transport.sock if transport is not None and isinstance(transport.sock, socket.socket) else None

    def say(self, lines: Sequence[str], seconds: float) -> list[Said]:
        """Enter lines, many at a time; an answer for each, up to the first that is refused or asks.

        Raises ``ZY-NET-061`` when no answer comes in time, ``-062`` when the connection ends, ``-065`` when the echo
        is not what was sent.
        """
        answers: list[Said] = []
        for start in range(0, len(lines), self._chunk):
            for answer in self._exchange(lines[start : start + self._chunk], seconds):
                answers.append(answer)
                if answer.error or answer.asks:
                    return answers
        return answers

    def read(self, lines: Sequence[str], seconds: float) -> list[Said]:
        """Enter lines that only show something; an answer for each, whether it is refused or not."""
        return self._exchange(lines, seconds)

    def _exchange(self, lines: Sequence[str], seconds: float) -> list[Said]:
        self._names |= {line.split()[1] for line in lines if line.startswith("sysname ")}
        prompt = self._prompt()
        self._write("".join(f"{line}\n" for line in lines), lines[0])

        def complete(text: str) -> bool:
            return bool(_QUESTION.search(text)) or len(prompt.findall(text)) >= len(lines)

        parts = prompt.split(self._read(complete, lines[-1], seconds))
        answers = [self._cut(line, part) for line, part in zip(lines, parts, strict=False)]
        if len(parts) <= len(lines):
            answers[-1] = Said(answers[-1].line, answers[-1].text, asks=True)
        return answers

    def _cut(self, line: str, part: str) -> Said:
        """The answer to a line: what follows its echo."""
        echo, _, text = part.lstrip("\n").partition("\n")
        if echo.strip() != line.strip():
            message = f"it echoes {masked(echo.strip())[:60]!r} for the line `{masked(line)}`"
            fix = "somebody or something else types into this session, or the line is noisy: try again"
            raise ZyError("ZY-NET-065", message, place=Place(target=self._host.name), fix=fix)
        return Said(line, text)

    def _prompt(self) -> re.Pattern[str]:
        """A prompt of any view, under any name that the device has or is being given."""
        names = "|".join(re.escape(name) for name in sorted(self._names))
        return re.compile(rf"^(?:<(?:{names})>|\[[~*]?(?:{names})(?:-[^\]\n]*)?\])[ \t]*|{_LAST_PROMPT}", re.MULTILINE)

    def _write(self, text: str, line: str) -> None:
        try:
            self.write_channel(text)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._ended(line) from error

    def _read(self, complete: Callable[[str], bool], line: str, seconds: float) -> str:
        """Everything up to where it is complete, without terminal codes."""
        channel, raw, deadline = self.remote_conn, "", time.monotonic() + seconds
        if not isinstance(channel, paramiko.Channel):
            raise self._ended(line)
        while True:
            channel.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = channel.recv(65536)
            except TimeoutError as error:
                raise self._silent(line, seconds) from error
            except (OSError, EOFError, paramiko.SSHException) as error:
                raise self._ended(line) from error
            raw += data.decode("utf-8", errors="replace")
            if raw.rstrip(" ")[-1:] in (">", "]", ":", "K", "\n") or not data:
                text = _ANSI.sub("", raw)
                if complete(text):
                    return text
            if not data:
                raise self._ended(line)

    def _silent(self, line: str, seconds: float) -> ZyError:
        return ZyError(
            "ZY-NET-061",
            f"no answer within {seconds:.0f} s to `{masked(line)}`",
            place=Place(target=self._host.name),
            fix="look at it on its console; what was not confirmed it takes back by itself",
        )

    def _ended(self, line: str) -> ZyError:
        return ZyError(
            "ZY-NET-062",
            f"the connection ended at `{masked(line)}`",
            place=Place(target=self._host.name),
            fix="it restarted, or its management path broke; what was not confirmed it takes back by itself",
        )


def open_shell(host: Host, patience: Patience, chunk: int) -> ShellConnection:
    """Log in. Raises ``ZY-NET-010`` … ``012`` and ``-061`` … ``-063``."""
    try:
        return ShellConnection(host, patience, chunk)
    except (NetmikoTimeoutException, NetmikoAuthenticationException, paramiko.SSHException, OSError, EOFError) as error:
        raise explained(host.name, error) from error


def first_error(answers: Iterable[Said]) -> Said | None:
    return next((answer for answer in answers if answer.error), None)
