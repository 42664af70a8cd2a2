"""What the cloud room needs from its surroundings: programs and places, given to it as paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs. ``path`` holds the folders of ``pulumi``, its Python language host and the OpenStack provider."""

    path: tuple[Path, ...]
    python: Path
    """Interpreter with our dependencies; it runs programs and policies."""
    policies: Path | None = None
    """Policy pack to run in each preview; none only in tests of other things."""
    ovn_trace: str = "ovn-trace"


@dataclass(frozen=True, slots=True)
class Places:
    """Files and folders. Everything below ``state`` is the room's own."""

    inventory: Path
    state: Path
    """Of the cloud room: Pulumi's state and settings."""
    clouds: Path
    """The operator's clouds.yaml."""
    ovn: Path | None = None
    """``ovn.json``: remotes of OVN databases by entry of clouds.yaml; none where they are not ours to read."""
    remote_backend: str = ""
    """URL of the backend of Pulumi's state (``postgres://…``, ``s3://…``); empty for files below ``state``."""

    @property
    def backend(self) -> Path:
        return self.state / "backend"

    @property
    def backend_url(self) -> str:
        """The backend as Pulumi opens it.

        Without ``metadata=skip`` its library (gocloud.dev/blob/fileblob) writes a ``.attrs`` file beside each state, in
        place: another stack that reads the state at that moment, and everybody after a kill, gets "EOF".
        """
        return self.remote_backend or f"file://{self.backend}?metadata=skip"

    @property
    def copies(self) -> Path:
        """Where copies of states go, one before each apply."""
        return self.state / "copies"

    @property
    def home(self) -> Path:
        return self.state / "home"

    @property
    def work(self) -> Path:
        """Where Pulumi.yaml and the stacks' settings lie."""
        return self.state / "work"

    @property
    def floors(self) -> Path:
        """Quotas below which the province's stack must not go yet."""
        return self.work / "floors.json"

    @property
    def passphrase(self) -> Path:
        return self.state / "passphrase"

    @property
    def project_clouds(self) -> Path:
        """clouds.yaml with an entry per project (see :mod:`stacks.clouds`)."""
        return self.state / "clouds.yaml"
