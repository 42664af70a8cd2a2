"""What one stack takes from another."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi

from stacks.plan.stack import PROJECT, StackId


class StackOutputs:
    """Outputs of another stack. In a preview, what it has not made yet is unknown; else ``ZY-CLD-003`` is raised."""

    def __init__(self, stack: StackId) -> None:
        self._stack = stack
        # the file backend knows one organisation, of this name
        self._reference = pulumi.StackReference(str(stack), stack_name=f"organization/{PROJECT}/{stack}")

    def at(self, *path: str) -> pulumi.Output[str]:
        """The value under nested keys."""
        return self._reference.outputs.apply(lambda outputs: self._find(outputs, path))

    def _find(self, outputs: Any, path: tuple[str, ...]) -> Any:
        value = outputs
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return self._missing(path)
            value = value[key]
        return value

    def _missing(self, path: tuple[str, ...]) -> pulumi.Output[Any]:
        if pulumi.runtime.is_dry_run():
            return _unknown()
        # Pulumi shows this one without a traceback
        raise pulumi.RunError(
            f"ZY-CLD-003: the stack {self._stack} has not made {'/'.join(path)} yet; apply {self._stack} first"
        )


def _unknown() -> pulumi.Output[Any]:
    """A value that is known after apply."""

    def future(value: Any) -> asyncio.Future[Any]:
        result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        result.set_result(value)
        return result

    return pulumi.Output(set(), future(None), future(False), future(False))
