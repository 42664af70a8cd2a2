"""Pulumi's workspace of the province: a file backend, settings and credentials under the room's state folder.

The programs run as Pulumi runs them by hand (``stacks/__main__.py``): the same programs, the same state. The folder
holds a Pulumi.yaml of its own, so that nothing is ever written beside the code or the inventory.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from pulumi.automation import CommandResult, LocalWorkspace, PulumiCommand, Stack
from pulumi.automation.errors import create_command_error
from ruamel.yaml import YAML
from semver import VersionInfo

from province.errors import Place, ZyError
from province.province import Province
from province.record import JsonObject
from stacks.backend import Backend, FileBackend, PulumiBackend
from stacks.clouds import project_clouds
from stacks.floors import VARIABLE as FLOORS
from stacks.plan.stack import PROJECT, Kind, StackId, waves
from stacks.tools import Places, Tools

_PROGRAM = Path(__file__).resolve().parent


class Process(PulumiCommand):
    """Runs ``pulumi`` for the Automation API, and can be told to stop: it then ends after the calls under way."""

    def __init__(self, program: Path, version: VersionInfo) -> None:
        # the base class would run `pulumi version` once more for each stack
        self.command = str(program)
        self.version = version
        self._running: subprocess.Popen[str] | None = None

    def stop(self) -> None:
        """As Ctrl-C does."""
        running = self._running
        if running is not None and running.poll() is None:
            running.send_signal(signal.SIGINT)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> CommandResult:
        env = {**additional_env, "PULUMI_AUTOMATION_API": "true"}
        command = [self.command, "--non-interactive", *args]
        out: list[str] = []
        err: list[str] = []
        # a session of its own: Ctrl-C at the terminal is for our command, which stops us in order
        with subprocess.Popen(
            command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            self._running = process
            readers = [
                threading.Thread(target=_collect, args=(process.stdout, on_output, out)),
                threading.Thread(target=_collect, args=(process.stderr, on_error, err)),
            ]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
        result = CommandResult(stdout="\n".join(out), stderr="\n".join(err), code=process.returncode)
        if process.returncode != 0:
            raise create_command_error(result)
        return result


def _collect(stream: Iterable[str], tell: Callable[[str], Any] | None, lines: list[str]) -> None:
    for line in stream:
        lines.append(line.rstrip())
        if tell:
            tell(lines[-1])


class KnownStack(Stack):
    """A stack that is there. The base class would select it, in a file that stacks at work in parallel share."""

    def __init__(self, name: str, workspace: LocalWorkspace) -> None:
        self.name = name
        self.workspace = workspace


@dataclass(frozen=True, slots=True)
class Workspace:
    """Gives each stack, ready to be previewed. Call :meth:`prepare` first."""

    province: Province
    tools: Tools
    places: Places
    today: date
    floors: Path | None = None
    """File of quotas below which the province's stack must not go yet (see :mod:`stacks.floors`)."""

    def prepare(self) -> None:
        """Write settings and credentials (files that only we can read). Raises ``ZY-CLD-005`` and ``-006``."""
        for folder in (self.places.state, self.places.backend, self.places.home, self.places.work):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.places.passphrase.exists():
            _write_private(self.places.passphrase, secrets.token_urlsafe(32) + "\n")
        settings = {"name": PROJECT, "runtime": "python", "main": str(_PROGRAM)}
        _write_private(self.places.work / "Pulumi.yaml", _yaml(settings))
        removed = [stack.code for stack in self.removed() if stack.kind is Kind.TENANT]
        clouds = project_clouds(self.province, self._operator_clouds(), str(self.places.clouds), removed)
        _write_private(self.places.project_clouds, _yaml(clouds))

    def stack(self, stack: StackId) -> tuple[Stack, Process]:
        """The stack, made empty in the backend if it is new there, and the process that will work on it."""
        process = Process(self._pulumi(), VersionInfo(3, 253))
        workspace = LocalWorkspace(
            work_dir=str(self.places.work),
            pulumi_home=str(self.places.home),
            env_vars=self._environment(),
            pulumi_command=process,
        )
        if self.exists(stack) and (self.places.work / f"Pulumi.{stack}.yaml").exists():
            return KnownStack(str(stack), workspace), process
        return Stack.create_or_select(str(stack), workspace), process

    @property
    def backend(self) -> Backend:
        if self.places.remote_backend:
            return PulumiBackend(self._told)
        return FileBackend(self.places.backend)

    def exists(self, stack: StackId) -> bool:
        return str(stack) in self.backend.names()

    def state(self, stack: StackId) -> JsonObject:
        """The deployment that the backend holds; empty for an absent stack. Raises ``ZY-CLD-077``."""
        return self.backend.state(str(stack))

    def removed(self) -> tuple[StackId, ...]:
        """Stacks that were made once, and that the inventory does not have any more: tenants first."""
        wanted = {str(stack) for wave in waves(self.province) for stack in wave}
        known = sorted(self.backend.names())
        kinds = (Kind.TENANT, Kind.ADOPTED, Kind.REGION)
        ordered = [name for kind in kinds for name in known if name.startswith(f"{kind}-")]
        return tuple(StackId(Kind(n.split("-")[0]), n.split("-", 1)[1]) for n in ordered if n not in wanted)

    def lock_files(self, stack: StackId) -> list[Path]:
        """Locks that operations on a stack hold, or that a killed one has left behind."""
        return self.backend.locks(str(stack))

    def _told(self, arguments: list[str]) -> str:
        """What one run of ``pulumi`` prints."""
        process = Process(self._pulumi(), VersionInfo(3, 253))
        return process.run(arguments, str(self.places.work), self._environment()).stdout

    def _pulumi(self) -> Path:
        for folder in self.tools.path:
            if (folder / "pulumi").is_file():
                return folder / "pulumi"
        raise ZyError(
            "ZY-CLD-006",
            f"there is no pulumi in {', '.join(map(str, self.tools.path)) or 'any folder'}",
            fix="run the set-up again (`./zy setup`)",
        )

    def _operator_clouds(self) -> dict[str, Any]:
        try:
            text = self.places.clouds.read_text(encoding="utf-8")
        except OSError as error:
            raise ZyError(
                "ZY-CLD-005",
                f"the clouds' credentials cannot be read: {error.strerror}",
                place=Place(file=str(self.places.clouds)),
                fix="start the lab (`zy lab up`), or write clouds.yaml for your clouds",
            ) from error
        return YAML(typ="safe").load(text) or {}

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([*map(str, self.tools.path), str(self.tools.python.parent), os.environ.get("PATH", "")])
        return {
            "PATH": path,
            "HOME": os.environ.get("HOME", "/"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(_PROGRAM.parent),
            "PULUMI_PYTHON_CMD": str(self.tools.python),
            "PULUMI_HOME": str(self.places.home),
            "PULUMI_BACKEND_URL": self.places.backend_url,
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.places.passphrase),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "OS_CLIENT_CONFIG_FILE": str(self.places.project_clouds),
            "ZY_INVENTORY": str(self.places.inventory.resolve()),
            "ZY_TODAY": self.today.isoformat(),
            **({FLOORS: str(self.floors)} if self.floors else {}),
        }


def _yaml(content: Mapping[str, Any]) -> str:
    yaml, stream = YAML(typ="safe"), StringIO()
    yaml.dump(dict(content), stream)
    return stream.getvalue()


def _write_private(path: Path, text: str) -> None:
    """Atomically, and readable by us alone from the first byte on."""
    partial = path.with_suffix(f".{secrets.token_hex(4)}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    partial.replace(path)
