"""What programs of ours ask of Pulumi, told by an engine that makes everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks


class Engine(Mocks):
    """Makes everything that it is asked for. ``answers`` are those to functions of the provider, by their token."""

    def __init__(self, answers: Mapping[str, dict[Any, Any]]) -> None:
        self._answers = answers

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        return f"{args.name}-id", {"allFixedIps": ["192.0.2.1", "2001:db8::1"], "vipAddress": "::", **args.inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return self._answers[args.token], []


class Monitor(MockMonitor):
    """Keeps each request whole: mocks are told the inputs, not the options."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.requests: dict[tuple[str, str], Any] = {}

    def RegisterResource(self, request: Any) -> Any:
        self.requests[request.type.split(":")[-1], request.name] = request
        mocked: Any = super()
        return mocked.RegisterResource(request)


def asked(
    program: Callable[[], None], answers: Mapping[str, dict[Any, Any]] | None = None
) -> dict[tuple[str, str], Any]:
    """All requests of a program, by type and name."""
    monitor = Monitor(Engine(answers or {}))
    runtime: Any = pulumi.runtime
    # a preview: what other stacks have not made is unknown then, not missing
    runtime.set_mocks(monitor.mocks, preview=True, monitor=monitor)
    runtime.test(program)()
    return monitor.requests
