"""Where Pulumi keeps the state of our stacks: files by default, or what ``$ZY_PULUMI_BACKEND`` names.

Files are read here as Pulumi writes them, for speed; another backend (``postgres://…``, ``s3://…``) through ``pulumi``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from province.errors import Place, ZyError
from province.record import JsonObject
from stacks.plan.stack import PROJECT

Pulumi = Callable[[list[str]], str]
"""Runs ``pulumi`` with these arguments; what it prints."""


class Backend(Protocol):
    """A place of states, each under its stack's name."""

    def names(self) -> frozenset[str]:
        """All stacks of our project that were ever made and not removed."""
        ...

    def state(self, stack: str) -> JsonObject:
        """The deployment: resources and pending operations; empty for an absent stack. Raises ``ZY-CLD-077``."""
        ...

    def locks(self, stack: str) -> list[Path]:
        """Lock files of operations, living or killed, where they can be seen."""
        ...


@dataclass(frozen=True, slots=True)
class FileBackend:
    """Files below a folder, as Pulumi's own file backend lays them out."""

    folder: Path

    def names(self) -> frozenset[str]:
        return frozenset(path.stem for path in self._stacks.glob("*.json"))

    def state(self, stack: str) -> JsonObject:
        """What ``pulumi stack export`` shows, without half a second of CPU for each stack.

        Pulumi replaces the file as a whole, so it is never seen half-written.
        """
        path = self.checkpoint(stack)
        try:
            found: JsonObject = json.loads(path.read_text(encoding="utf-8"))["checkpoint"].get("latest") or {}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise damaged(stack, path) from error
        return found

    def locks(self, stack: str) -> list[Path]:
        return sorted((self.folder / ".pulumi" / "locks" / "organization" / PROJECT / stack).glob("*.json"))

    def checkpoint(self, stack: str) -> Path:
        return self._stacks / f"{stack}.json"

    @property
    def _stacks(self) -> Path:
        return self.folder / ".pulumi" / "stacks" / PROJECT


@dataclass(frozen=True, slots=True)
class PulumiBackend:
    """Any other backend, asked through ``pulumi``. Its locks are not ours to see: ``pulumi cancel`` removes them."""

    pulumi: Pulumi

    def names(self) -> frozenset[str]:
        listed = json.loads(self.pulumi(["stack", "ls", "--project", PROJECT, "--json"]))
        return frozenset(each["name"].rsplit("/", 1)[-1] for each in listed)

    def state(self, stack: str) -> JsonObject:
        if stack not in self.names():
            return {}
        exported = json.loads(self.pulumi(["stack", "export", "--stack", stack]))
        return dict(exported.get("deployment") or {})

    def locks(self, stack: str) -> list[Path]:  # noqa: ARG002 - the protocol's signature
        return []


def damaged(stack: str, place: Path) -> ZyError:
    """The error of a state that cannot be read."""
    return ZyError(
        "ZY-CLD-077",
        f"the state of the stack {stack} cannot be read",
        place=Place(file=str(place)),
        fix=f"bring the last copy back: zy cloud state restore {stack}",
    )
