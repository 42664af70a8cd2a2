"""One session's command line: prompts, the stack of views, the candidate, pages and dialogs."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TypeVar

from lab.routers.simulator.commands import ACTIONS
from lab.routers.simulator.faults import Blow
from lab.routers.simulator.grammar import Fault, Wrong
from lab.routers.simulator.router import Edit, Router
from lab.routers.simulator.talk import Effect, Read, Say, Stop, Talk
from lab.routers.simulator.tree import Tree, copy, show

T = TypeVar("T")
Doing = Generator[Effect, str, T]
_PAGE = 24
_MORE = "  ---- More ----"
_ERASE = "\x1b[42D" + " " * 42 + "\x1b[42D"
_PORT = re.compile(r"^((?:undo )?interface [A-Za-z-]+) (\d\S*)$")


@dataclass(frozen=True, slots=True)
class View:
    """Where the session is: the kind of view, the lines that lead there, and its part of the prompt."""

    kind: str
    path: tuple[str, ...]
    prompt: str


class Session:
    """One login. ``number`` is unique on the router, ``user`` is who logged in."""

    def __init__(self, router: Router, number: int, user: str) -> None:
        self.router = router
        self.number = number
        self.user = user
        self.views: list[View] = []
        self.edits: list[Edit] = []
        self._candidate: Tree = {}
        self._pages = True

    @property
    def candidate(self) -> Tree:
        """What the session would commit."""
        return self._candidate if self.edits else self.router.running

    @property
    def prompt(self) -> str:
        name = self.router.name
        if not self.views:
            return f"<{name}>"
        mark = ""
        if self.router.dialect.candidate:
            trial = self.router.trial
            mark = "*" if self.edits or (trial and trial.session == self.number) else "~"
        view = self.views[-1].prompt
        return f"[{mark}{name}{f'-{view}' if view else ''}]"

    def run(self) -> Talk:
        """The whole session, from the banner to its end."""
        yield Say(f"\r\n{self.router.dialect.banner.format(vty=len(self.router.sessions))}\r\n")
        while True:
            yield Say(self._shown_prompt())
            line = (yield Read.LINE).strip()
            self.router.look()
            if line and (yield from self._obey(_PORT.sub(r"\1\2", line))):
                yield Stop.END

    def closed(self) -> None:
        """The connection is gone, however it went."""
        self.router.left(self.number)

    def ask(self, question: str, answers: str) -> Doing[str]:
        """Ask until one of the letters is given."""
        yield Say(question)
        while (letter := (yield Read.LINE).strip().upper()[:1]) not in answers or not letter:
            yield Say(f"Error: Please choose one of {'/'.join(answers)} first before pressing 'Enter'. [{answers}]:")
        return letter

    def lines(self, rows: Iterable[str]) -> Doing[None]:
        """Show rows, page by page unless paging is off."""
        shown = 0
        for row in rows:
            if self._pages and shown == _PAGE:
                yield Say(_MORE)
                key = yield Read.KEY
                yield Say(_ERASE)
                if key in "qQ\x03":
                    return
                shown = shown - 1 if key in "\r\n" else 0
            yield Say(f"{row}\r\n")
            shown += 1

    def discard(self) -> None:
        self.edits.clear()

    def refused(self, wrong: Wrong) -> Doing[None]:
        """Point at what is wrong with a line."""
        at = len(self.prompt) + wrong.at
        yield from self.lines((f"{' ' * at}^", self.router.dialect.faults[wrong.fault]))

    def _shown_prompt(self) -> str:
        return f"\x1b[0m{self.prompt}\x1b[K" if self.router.faults.narrow else self.prompt

    def _obey(self, line: str) -> Doing[bool]:
        """Do what a line says; whether the session ends with it."""
        blow = self.router.strike(line)
        if blow is not None and blow.blow is Blow.REFUSE:
            yield from self.lines((blow.says,))
            return False
        if blow is not None and blow.blow is not Blow.DROP_AFTER:
            yield Stop.HANG if blow.blow is Blow.HANG else Stop.END
        if line in ("quit", "return"):
            ended = yield from self._leave(line)
        else:
            ended = False
            yield from self._do(line)
        if blow is not None:
            yield Stop.END
        return ended

    def _do(self, line: str) -> Doing[None]:
        if line == "system-view" and not self.views:
            self.views.append(View("system", (), ""))
            yield from self.lines(("Enter system view, return user view with return command.",))
        elif found := re.fullmatch(r"screen-length (\d+) temporary|screen-length disable", line):
            self._pages = found[1] not in ("0", None)
            yield from self.lines(("Info: The configuration takes effect on the current user terminal only.",))
        elif line == "display current-configuration":
            yield from self.lines(("!Software Version", *show(self.router.running)))
        elif not (yield from self._command(line)):
            yield from self._configure(line)

    def _command(self, line: str) -> Doing[bool]:
        """Do one of the dialect's own commands; whether the line was one."""
        here = "config" if self.views else "user"
        for command in self.router.dialect.commands.get(line.split(maxsplit=1)[0], ()):
            found = command.form.fullmatch(line)
            if found and command.where in ("any", here):
                yield from ACTIONS[command.does](self, found)
                return True
        return False

    def _configure(self, line: str) -> Doing[None]:
        """A line of configuration: into the candidate, or at once into what runs."""
        if not self.views:
            yield from self.refused(Wrong(Fault.UNRECOGNIZED, 0))
            return
        if self.router.trial and self.router.dialect.candidate:
            yield from self.lines(("Error: The system is in trial configuration mode. The configuration is locked.",))
            return
        view = self.views[-1]
        setting = self.router.dialect.grammar.match(view.kind, line)
        if not isinstance(setting, Wrong):
            self._edit(Edit(view.path, setting.line, setting.key, setting.clears))
            if setting.opens:
                self.views.append(View(setting.opens, (*view.path, setting.line), setting.prompt))
        elif line.startswith("undo "):
            yield from self._undo(line, view)
        else:
            yield from self.refused(setting)

    def _undo(self, line: str, view: View) -> Doing[None]:
        words = self.router.dialect.grammar.undo(view.kind, line.removeprefix("undo ").strip())
        if isinstance(words, Wrong):
            yield from self.refused(Wrong(words.fault, words.at + len("undo ")))
        elif self.router.dialect.lasting.fullmatch(words):
            yield from self.lines(("Error: The interface cannot be deleted.",))
        elif not self._edit(Edit(view.path, words, words, remove=True)):
            yield from self.lines((self.router.dialect.words["gone"],))

    def _edit(self, edit: Edit) -> bool:
        """Apply a line; whether there was something to do."""
        if not self.router.dialect.candidate:
            tree = copy(self.router.running)
            done = edit.apply(tree)
            self.router.become(tree)
            return done
        if not self.edits:
            self._candidate = copy(self.router.running)
        before = copy(self._candidate) if not edit.remove and not self.edits else None
        done = edit.apply(self._candidate)
        if done and before != self._candidate:  # entering a view that is there already changes nothing
            self.edits.append(edit)
        return done

    def _leave(self, line: str) -> Doing[bool]:
        """One view up, or all the way; whether that ends the session."""
        if not self.views:
            return line == "quit"
        if line == "quit" and len(self.views) > 1:
            self.views.pop()
            return False
        if self.edits:
            letter = yield from self.ask(self.router.dialect.words["unsaved"], "YNC")
            if letter == "C":
                return False
            if letter == "Y":
                yield from self._command("commit")
            self.discard()
        self.views.clear()
        return False
