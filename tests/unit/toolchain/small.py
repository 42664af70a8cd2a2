"""Small parts to build, whose builders do what each test wants, and an ear for what a run tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from zhengyun.toolchain.part import Job, Part
from zhengyun.toolchain.progress import Event, Happening

Builder = Callable[[Job], None]


def write_result(job: Job) -> None:
    """A build that works."""
    (job.out / "result").write_text("done", encoding="utf-8")


def part(name: str, build: Builder = write_result, **further: object) -> Part:
    return Part(name=name, title=name, title_zh=name, build=build, **further)  # type: ignore[arg-type]  # a test's own fields


@dataclass
class Heard:
    """Remembers what a run told."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def of(self, name: str) -> list[Happening]:
        return [event.happening for event in self.events if event.part.name == name]
