"""How commands answer: text for people on stdout, or one JSON document and nothing else; progress goes to stderr."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from province.errors import Place, ZyError

_WIDTH_OF_FILES = 120
"""Columns of output that goes to a file or a CI log, where no terminal says its width."""


class Exit(IntEnum):
    """Exit codes, a contract."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REFUSED = 3
    DRIFT = 4


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else _WIDTH_OF_FILES)


@dataclass(frozen=True, slots=True)
class Output:
    """Where one command answers. ``log`` is for progress; ``screen`` for the answer in text."""

    as_json: bool
    screen: Console = field(default_factory=lambda: _console(stderr=False))
    log: Console = field(default_factory=lambda: _console(stderr=True))

    def answer(self, document: Any, text: RenderableType) -> None:
        """The command's one answer, in the form that was asked for."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        else:
            self.screen.print(text)

    def say(self, text: RenderableType) -> None:
        """Something that helps a person who reads along, in text form only."""
        if not self.as_json:
            self.screen.print(text)

    def progress(self, text: str) -> None:
        """One line of progress, with the time."""
        self.log.print(Text.assemble((f"{datetime.now():%H:%M:%S}  ", "dim"), text), soft_wrap=True)


def exit_code(errors: Sequence[ZyError]) -> Exit:
    """What errors mean for the exit code: one kind gives its own, a mixture has simply failed."""
    kinds = {_kind(error.code) for error in errors}
    return kinds.pop() if len(kinds) == 1 else Exit.FAILED


def _kind(code: str) -> Exit:
    if code.startswith(("ZY-INV-", "ZY-CLI-", "ZY-ALM-", "ZY-CHG-00", "ZY-POL-02")):
        return Exit.BAD_INPUT
    if code.startswith("ZY-POL-04"):
        return Exit.FAILED
    if code.startswith(("ZY-POL-", "ZY-CHG-03")):
        return Exit.REFUSED
    return Exit.FAILED


def report_errors(errors: Sequence[ZyError], as_json: bool) -> None:
    """Show errors to who called: what, where, how to mend it, and where to read more."""
    if as_json:
        sys.stdout.write(json.dumps({"errors": [e.as_json() for e in errors]}, ensure_ascii=False, indent=1) + "\n")
        return
    console = _console(stderr=True)
    for error in errors:
        console.print(_error(error), soft_wrap=True)
    if len(errors) > 1:
        console.print(Text(f"{len(errors)} errors", style="bold red"))


def _error(error: ZyError) -> Text:
    place = str(error.place)
    return Text.assemble(
        (error.code, "bold red"),
        (f"  {place}" if place else "", "bold"),
        f"\n  {error.message}\n",
        ("  mend: ", "green"),
        f"{error.fix}\n",
        (f"  more: docs/errors/{error.code}.md", "dim"),
    )


def unexpected(error: BaseException, state: Callable[[], Path]) -> ZyError:
    """A mistake of our own, as an error for the reader; its trace goes to a file of the state root."""
    trace = "".join(traceback.format_exception(error))
    try:
        folder = state() / "traces"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
        path.write_text(trace, encoding="utf-8")
        where = str(path)
    except OSError:
        sys.stderr.write(trace)
        where = None
    return ZyError(
        "ZY-CLI-009",
        f"a mistake of zy itself: {type(error).__name__}: {error}",
        place=Place(file=where),
        fix="send that file to who maintains zy; what was done so far is recorded (`zy status`)",
    )
