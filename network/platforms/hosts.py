"""How every router is reached, looked up by name: the ssh_config and the known hosts that it names, read once.

paramiko and netmiko read both files anew for each connection and walk through them line by line. With 2,000 routers
that is 2,000 × 2,000 lines: more than the logins themselves cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import paramiko
import paramiko.hostkeys

from province.errors import Place, ZyError

_NEEDED = ("hostname", "user", "identityfile", "userknownhostsfile")


@dataclass(frozen=True, slots=True)
class Host:
    """One router's entry: where it is, who logs in with which key, which host keys are on record."""

    name: str
    address: str
    port: int
    user: str
    key: paramiko.PKey
    known: paramiko.HostKeys
    proxy: str


class Hosts:
    """All entries of one ssh_config. Raises ``ZY-NET-018`` for a router that it does not know."""

    def __init__(self, ssh_config: Path) -> None:
        self._file = ssh_config
        self._blocks: dict[str, list[str]] | None = None
        self._known: dict[str, dict[str, list[str]]] = {}
        self._own: dict[str, paramiko.PKey] = {}

    def host(self, name: str) -> Host:
        settings = self._settings(name)
        missing = [key for key in _NEEDED if key not in settings]
        if missing:
            raise self._unlisted(name, f"{self._file} has no {' and no '.join(missing)} for it")
        address, port = settings["hostname"], int(settings.get("port", "22"))
        file = settings["userknownhostsfile"].strip('"')
        return Host(
            name=name,
            address=address,
            port=port,
            user=settings["user"],
            key=self._key(name, settings["identityfile"][0]),
            known=self._keys(file, address if port == 22 else f"[{address}]:{port}"),
            proxy=settings.get("proxycommand", ""),
        )

    def _settings(self, name: str) -> paramiko.SSHConfigDict:
        if self._blocks is None:
            try:
                self._blocks = _blocks(self._file.read_text(encoding="utf-8"))
            except OSError as error:
                raise self._unlisted(name, f"{self._file} cannot be read ({error.strerror})") from error
        text = "\n".join([*self._blocks.get(name, ()), *self._blocks.get("*", ())])
        return paramiko.SSHConfig.from_text(text).lookup(name)

    def _keys(self, file: str, address: str) -> paramiko.HostKeys:
        """The keys on record for an address; none when there are none, which refuses every key."""
        if file not in self._known:
            self._known[file] = _by_address(Path(file))
        keys = paramiko.HostKeys()
        for line in self._known[file].get(address, ()):
            entry = paramiko.hostkeys.HostKeyEntry.from_line(line)
            if entry is not None and entry.key is not None:
                keys.add(address, entry.key.get_name(), entry.key)
        return keys

    def _key(self, name: str, file: str) -> paramiko.PKey:
        if file not in self._own:
            try:
                self._own[file] = paramiko.PKey.from_path(file)
            except (OSError, ValueError, paramiko.SSHException) as error:
                raise self._unlisted(name, f"the key {file} cannot be read ({type(error).__name__})") from error
        return self._own[file]

    def _unlisted(self, name: str, what: str) -> ZyError:
        fix = "start the lab (`zy lab up`), or give the file that names every router with its key and known hosts"
        return ZyError("ZY-NET-018", what, place=Place(target=name), fix=fix)


def _blocks(text: str) -> dict[str, list[str]]:
    """Host blocks by plain name; those with patterns under ``*``, in the order of the file."""
    found: dict[str, list[str]] = defaultdict(list)
    names, rows = ["*"], ["Host *"]
    for line in [*text.splitlines(), "Host -"]:
        word, _, rest = line.strip().partition(" ")
        if word.lower() == "host":
            for name in names:
                found[name if name.replace("-", "").replace(".", "").isalnum() else "*"].append("\n".join(rows))
            names, rows = rest.split(), []
        rows.append(line)
    return found


def _by_address(file: Path) -> dict[str, list[str]]:
    """Lines of a known_hosts file by each address that they name."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in _lines(file):
        for address in line.split()[0].split(","):
            found[address].append(line)
    return found


def _lines(file: Path) -> Iterator[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        return
    yield from (line for line in text.splitlines() if line.strip() and not line.startswith(("#", "@")))
