"""What stood at one judgement, small enough to keep, and what differs between two of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from policies.judge import ClauseVerdict, Verdict
from province.record import Record


class Open(Record):
    """One breach: a mandatory check or rule that an object failed without a waiver."""

    clause: str
    check: str
    object: str


class Standing(Record):
    """The verdict on every clause at one moment, and all breaches."""

    province: str
    made: datetime
    verdicts: Mapping[str, Verdict]
    open: tuple[Open, ...]

    def count(self, verdict: Verdict) -> int:
        return sum(each is verdict for each in self.verdicts.values())


class Turn(Record):
    """A clause whose verdict is another one than before."""

    clause: str
    before: Verdict
    after: Verdict

    @property
    def worse(self) -> bool:
        order = list(Verdict)
        return order.index(self.after) < order.index(self.before)


class Difference(Record):
    """What changed since an earlier standing."""

    since: datetime
    turned: tuple[Turn, ...]
    appeared: tuple[Open, ...]
    gone: tuple[Open, ...]

    @property
    def none(self) -> bool:
        return not (self.turned or self.appeared or self.gone)


def standing(province: str, made: datetime, verdicts: Iterable[ClauseVerdict]) -> Standing:
    """What to keep of a judgement of everything."""
    known = list(verdicts)
    breaches = {
        Open(clause=judged.clause, check=judged.check, object=judged.object)
        for verdict in known
        for judged in verdict.judged
        if judged.breach
    }
    return Standing(
        province=province,
        made=made,
        verdicts={verdict.clause: verdict.verdict for verdict in known},
        open=_sorted(breaches),
    )


def difference(before: Standing, after: Standing) -> Difference:
    """From one standing to a later one. Clauses that only one of them knows are not compared."""
    both = [clause for clause in after.verdicts if clause in before.verdicts]
    turns = (Turn(clause=c, before=before.verdicts[c], after=after.verdicts[c]) for c in both)
    return Difference(
        since=before.made,
        turned=tuple(turn for turn in turns if turn.before is not turn.after),
        appeared=_sorted(set(after.open) - set(before.open)),
        gone=_sorted(set(before.open) - set(after.open)),
    )


def _sorted(breaches: set[Open]) -> tuple[Open, ...]:
    return tuple(sorted(breaches, key=lambda one: (one.clause, one.check, one.object)))
