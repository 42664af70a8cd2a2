"""What a probe is: one thing measured on a host by a command, and judged against what the standard asks. Pure.

All commands of a host travel in one batch, so that a host costs one round trip, whatever is asked of it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from roles.catalogue import Control
from roles.judgement import Judged, Judgement

_START, _BETWEEN = "\x1e", "\x1f"  # ASCII record and unit separators: no command prints them
_EACH = 12  # s for one command, so that a hanging one does not hide the others


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed (both streams) and its exit code; 124 means that its time was over."""

    text: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    judgement: Judgement
    actual: str


Judge = Callable[[Answer], Verdict]


@dataclass(frozen=True, slots=True)
class Probe:
    """How the control of this id is measured. Probes with the same command share its one run."""

    id: str
    command: str
    expected: str
    judge: Judge

    def judged(self, control: Control, target: str, answer: Answer | None) -> Judged:
        """The result. Without an answer (the connection broke) it failed: silence is no proof."""
        verdict = self.judge(answer) if answer else Verdict(Judgement.FAILED, "no answer")
        return Judged(control, target, verdict.judgement, self.expected, verdict.actual, self.command)


def passed_if(right: bool, actual: str) -> Verdict:
    return Verdict(Judgement.PASSED if right else Judgement.FAILED, actual)


def not_applicable(reason: str) -> Verdict:
    """Never passed: the thing to be measured does not exist there."""
    return Verdict(Judgement.NOT_APPLICABLE, reason)


def batch(commands: Iterable[str]) -> str:
    """One shell script for all commands, each run once, side by side; its output is for :func:`answers`."""
    once = list(dict.fromkeys(commands))
    lines = ["d=$(mktemp -d)", "trap 'rm -rf \"$d\"' EXIT"]
    for number, command in enumerate(once):
        quoted = shlex.quote(command)
        lines.append(f"{{ timeout {_EACH} sh -c {quoted} </dev/null >$d/{number} 2>&1; echo $? >$d/{number}.rc; }} &")
    lines.append("wait")
    for number in range(len(once)):
        lines.append(f"printf '\\036%s\\037' {number}; cat $d/{number}; printf '\\037'; cat $d/{number}.rc")
    return "\n".join(lines)


def answers(commands: Iterable[str], printed: str) -> Mapping[str, Answer]:
    """Answers by command, out of what the batch printed; commands that it did not reach are absent."""
    once = list(dict.fromkeys(commands))
    found: dict[str, Answer] = {}
    for block in printed.split(_START)[1:]:
        number, _, rest = block.partition(_BETWEEN)
        text, _, code = rest.rpartition(_BETWEEN)
        if number.isdigit() and code.strip().isdigit():
            found[once[int(number)]] = Answer(text.strip(), int(code))
    return found
