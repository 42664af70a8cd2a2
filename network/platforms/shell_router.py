"""What routers with views, prompts and ``undo`` have in common: a session, its answers, its errors."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

from network.config import parse
from network.device import Echo
from network.expect import Expected
from network.platforms.hosts import Hosts
from network.platforms.remedy import Forms, commands
from network.platforms.secret import is_masked, masked
from network.platforms.shell import PATIENCE, Patience, Said, ShellConnection, first_error, open_shell
from province.errors import Place, ZyError

_SHORT = (("GE", "GigabitEthernet"), ("XGE", "Ten-GigabitEthernet"))
"""How tables shorten the names of ports."""


class ShellRouter(ABC):
    """One session with a router whose command line is driven as a person would, but faster and with more care."""

    forms: Forms
    paging_off: str
    chunk: int
    """Lines sent at once: many where a candidate takes them, one where each takes effect as it is entered."""

    def __init__(self, name: str, hosts: Hosts, patience: Patience = PATIENCE) -> None:
        self.name = name
        self._hosts = hosts
        self._patience = patience
        self._connection: ShellConnection | None = None
        self._refused_at = 0

    def open(self) -> None:
        self._connection = open_shell(self._hosts.host(self.name), self._patience, self.chunk)
        self._done(self.paging_off)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()

    def running(self) -> str:
        """As the device shows it, but for its secrets, which are masked."""
        return masked(self._done("display current-configuration"))

    @abstractmethod
    def live(self) -> Expected: ...

    def ping(self, target: str, source: str) -> Echo:
        command = f"ping {'ipv6 ' if ':' in target else ''}-c 3 -t 1000 -a {source} {target}"
        return echo(self._said([command])[0].text, command)

    def _enter(self, candidate: str) -> Said | None:
        """Enter what leads from what runs to the candidate; the line at which it is refused, None when none is.

        Leaves the session in the system view.
        """
        lines = commands(parse(self.running()), parse(candidate), self.forms)
        self._check_secrets(lines)
        said = self._said(["system-view", *lines])
        refused = first_error(said) or (said[-1] if said[-1].asks else None)
        if refused is not None:
            self._refused_at = len(said) - 1
        return refused

    def _rejected(self, said: Said) -> ZyError:
        reason = said.error or "it asks back, and we do not know the answer"
        return ZyError(
            "ZY-NET-013",
            f"it rejects the configuration: line {self._refused_at} `{masked(said.line)}`: {reason}",
            place=Place(target=self.name),
            fix="mend the template or the inventory that leads to this line",
        )

    def _check_secrets(self, lines: list[str]) -> None:
        line = next((line for line in lines if is_masked(line)), None)
        if line is not None:
            raise ZyError(
                "ZY-NET-066",
                f"the line `{line}` holds a secret, of which we only know a mark",
                place=Place(target=self.name),
                fix="set the secret on the router by hand as it was, then plan again",
            )

    def _answered(self, command: str, answer: str) -> Said:
        """A command that asks before it acts."""
        said = self._said([command], self._patience.commit)[0]
        return self._said([answer], self._patience.commit)[0] if said.asks else said

    def _saved(self, said: Said) -> None:
        """What is not saved a restart forgets: that is a failure, not a detail."""
        if said.error or said.asks:
            fix = "look at the space on its flash (`dir`); delete old files, then push again"
            message = f"it does not save what runs: {said.error or 'it asks back'}"
            raise ZyError("ZY-NET-067", message, place=Place(target=self.name), fix=fix)

    def _done(self, command: str) -> str:
        said = self._said([command])[0]
        if said.error:
            fix = "run it on the router by hand"
            raise ZyError("ZY-NET-019", f"`{command}` failed: {said.error}", place=Place(target=self.name), fix=fix)
        return said.text

    def _said(self, lines: list[str], seconds: float | None = None) -> list[Said]:
        return self._session.say(lines, seconds or self._patience.answer)

    def _shown(self, lines: list[str]) -> list[str]:
        """What each of several lines shows; what a protocol that does not run says counts as nothing."""
        return [answer.text for answer in self._session.read(lines, self._patience.answer)]

    @property
    def _session(self) -> ShellConnection:
        if self._connection is None:
            raise RuntimeError("the session is not open")
        return self._connection


def full_names(ports: Iterator[str]) -> tuple[str, ...]:
    """Ports under the names that tables show and under those that configurations have."""
    found = set()
    for port in ports:
        found.add(port)
        found |= {full + port.removeprefix(short) for short, full in _SHORT if re.match(rf"{short}\d", port)}
    return tuple(sorted(found))


def established(said: str) -> Iterator[tuple[str, str]]:
    """Sessions in state Established in a table of BGP peers: VPN instance (empty for the public one), address."""
    vpn = ""
    for line in said.splitlines():
        words = line.split()
        if words[:1] == ["VPN-Instance"]:
            vpn = words[1].rstrip(",")
        elif "Established" in words:
            yield vpn, words[0].lower()  # VRP shows IPv6 addresses in capitals


def echo(said: str, command: str) -> Echo:
    """What the router's ping measured."""
    sent, received = (re.search(rf"(\d+) packet\(s\) {what}", said) for what in ("transmitted", "received"))
    times = re.search(r"min/avg/max\S* = [\d.]+/([\d.]+)/", said)
    counts = (int(sent[1]), int(received[1])) if sent and received else (0, 0)
    return Echo(*counts, float(times[1]) if times else None, command)
