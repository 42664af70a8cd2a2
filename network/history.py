"""Running configurations over time: a git repository with a file for each router.

Written by ``git fast-import``, which makes a commit whole or not at all and keeps no work tree and no index that a kill
could leave locked. It is a repository like others: ``git -C … log -p``, ``git push``.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from province.errors import Place, ZyError

_BRANCH = "refs/heads/main"
_REVISION = re.compile(r"[0-9a-f]{7,40}")
_WHO = "zhengyun <zhengyun@localhost>"


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a router's configuration that was recorded."""

    id: str
    time: datetime
    why: str


class History:
    """The repository in a folder; made at the first record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def record(self, configurations: Mapping[str, str], why: str) -> bool:
        """Commit what is new; whether anything was. Raises ``ZY-NET-069`` when git fails."""
        if not self._folder.exists():
            self._folder.mkdir(parents=True, mode=0o700)
            self._git("init", "--bare", "--quiet", "--initial-branch=main")
        known = self._exists()
        new = {router: text for router, text in configurations.items() if not known or self._now(router) != text}
        if new:
            self._git("fast-import", "--quiet", "--done", stdin=_stream(new, why, known))
        return bool(new)

    def revisions(self, router: str) -> list[Revision]:
        """The router's revisions, the newest first."""
        if not self._folder.exists() or not self._exists():
            return []
        rows = self._git("log", "--format=%h %ct %s", _BRANCH, "--", _file(router)).decode().splitlines()
        found = [row.split(" ", 2) for row in rows]
        return [Revision(id_, datetime.fromtimestamp(int(time), UTC), why) for id_, time, why in found]

    def at(self, router: str, revision: str) -> str:
        """The router's configuration in a revision. Raises ``ZY-NET-068`` when there is none."""
        if self._folder.exists() and _REVISION.fullmatch(revision):
            found = self._run("show", f"{revision}:{_file(router)}")
            if found.returncode == 0:
                return found.stdout.decode()
        raise ZyError(
            "ZY-NET-068",
            f"of {router} no configuration is recorded under {revision}",
            place=Place(target=router),
            fix=f"see which there are: zy network history {router}; or name a change that did it (zy status)",
        )

    def _exists(self) -> bool:
        return self._run("rev-parse", "--verify", "--quiet", _BRANCH).returncode == 0

    def _now(self, router: str) -> str | None:
        found = self._run("show", f"{_BRANCH}:{_file(router)}")
        return found.stdout.decode() if found.returncode == 0 else None

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = self._run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise self._failed(done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}")
        return done.stdout

    def _run(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "PATH": os.environ.get("PATH", "")}
        command = ["git", "--git-dir", str(self._folder), *arguments]
        try:
            return subprocess.run(command, input=stdin, capture_output=True, env=quiet, check=False)
        except OSError as error:
            raise self._failed(error.strerror or str(error)) from error

    def _failed(self, why: str) -> ZyError:
        fix = "install git, or look at the repository; copies of each change are kept beside it whatever happens"
        return ZyError("ZY-NET-069", f"the history of configurations cannot be used: {why}", fix=fix)


def _file(router: str) -> str:
    return f"{router}.conf"


def _stream(configurations: Mapping[str, str], why: str, follows: bool) -> bytes:
    """A commit in the form of git-fast-import(1)."""
    message, now = why.encode(), f"{datetime.now(UTC).timestamp():.0f} +0000"
    rows = [f"commit {_BRANCH}\ncommitter {_WHO} {now}\ndata {len(message)}\n".encode(), message, b"\n"]
    if follows:
        rows.append(f"from {_BRANCH}^0\n".encode())
    for router, text in sorted(configurations.items()):
        content = text.encode()
        rows += [f"M 100644 inline {_file(router)}\ndata {len(content)}\n".encode(), content, b"\n"]
    return b"".join([*rows, b"done\n"])
