"""Classes of service, from facts: queues with their marks and shares, and whose marks each port takes."""

from __future__ import annotations

from network.parse.facts import Facts
from network.parse.read import Fact, contradiction, missing
from network.ports import vlan
from network.queues import BEST_EFFORT, EXPEDITED, VRP_INBOUND, Queue, Queues, Trust
from province.extranet import Platform


class Classes:
    """The classes of one router. ``lines`` is where their place is noted."""

    def __init__(self, facts: Facts, platform: Platform, lines: dict[str, int]) -> None:
        self._facts = facts
        self._platform = platform
        self._lines = lines

    def queues(self) -> Queues | None:
        """All queues; ``None`` when there are none. Raises ``ZY-NET-032`` … ``034`` when they do not hold together."""
        head = self._facts.maybe("queues")
        if head is None:
            return None
        self._lines["queues"] = head.line
        return self._of_vrp(head) if self._platform is Platform.VRP else self._of_comware(head)

    def trust(self, port: str, metric: int | None) -> Trust | None:
        """Whose marks a port takes. Comware has nothing to say of it at core ports: there it takes all by itself."""
        facts = self._facts
        said, queued = facts.maybe("trust", port=port), facts.maybe("queued", port=port)
        if self._platform is Platform.COMWARE:
            core = metric is not None and facts.maybe("queues") is not None
            found = Trust.EDGE if said else Trust.CORE if core else None
        else:
            found = self._named(said) if said else None
        if (queued is not None) != (found is Trust.CORE and vlan(port) is None):
            line = (queued or said or facts.one("interface", 0, port=port)).line
            raise contradiction(facts.file, line, f"{port} sends by classes and takes marks of the core, or neither")
        return found

    def _named(self, said: Fact) -> Trust:
        return self._facts.converted(said, Trust, "trust")

    def _of_vrp(self, head: Fact) -> Queues:
        facts = self._facts
        shares = {fact.values["queue"]: fact for fact in facts.all("queues.share")}
        marks = self._marks_of_vrp(head)
        if marks.keys() != shares.keys():
            raise contradiction(
                facts.file, head.line, f"queues are {sorted(shares)}, and marks lead to {sorted(marks)}"
            )
        found = self._sorted({name: (marks[name], fact) for name, fact in shares.items()})
        rest = facts.one("queues.rest", head.line)
        if facts.converted(rest, int, "percent") != found.rest:
            raise contradiction(facts.file, rest.line, f"all weights together are 100: this one is {found.rest}")
        for trust in Trust:
            self._domain(head, found, trust)
        return found

    def _marks_of_vrp(self, head: Fact) -> dict[str, int]:
        """The one mark that leads to each queue at borders: VRP's own mapping, and the lines that change it."""
        mapped = {mark: name for mark, (name, _) in VRP_INBOUND.items()}
        for fact in self._facts.all("queues.in", trust=Trust.EDGE.value):
            mapped[self._facts.converted(fact, int, "mark")] = fact.values["queue"]
        found: dict[str, int] = {}
        for mark, name in sorted(mapped.items()):
            if name != BEST_EFFORT and found.setdefault(name, mark) != mark:
                raise contradiction(self._facts.file, head.line, f"{found[name]} and {mark} both lead to {name}")
        return found

    def _domain(self, head: Fact, queues: Queues, trust: Trust) -> None:
        """A domain says what it must, and nothing else."""
        facts = self._facts
        domain = facts.one("queues.domain", head.line, trust=trust.value)
        inbound = tuple((facts.converted(f, int, "mark"), f.values["queue"]) for f in self._in(trust, "queues.in"))
        outbound = tuple((f.values["queue"], facts.converted(f, int, "mark")) for f in self._in(trust, "queues.out"))
        if inbound != queues.inbound(trust) or outbound != queues.outbound():
            raise contradiction(facts.file, domain.line, f"its marks and queues do not fit those of line {head.line}")

    def _in(self, trust: Trust, name: str) -> list[Fact]:
        return self._facts.all(name, trust=trust.value)

    def _of_comware(self, head: Fact) -> Queues:
        facts = self._facts
        for name in ("control", "controlled", "keep", "plain", "edge"):
            facts.one(f"queues.{name}", head.line)
        marks = facts.one("queues.marks", head.line)
        found = {}
        for bound in facts.all("queues.bound"):
            name = bound.values["queue"]
            if bound.values["same"] != name:
                raise contradiction(facts.file, bound.line, f"the behaviour of {name} is called service-{name}")
            facts.one("queues.class", bound.line, queue=name)
            facts.one("queues.behavior", bound.line, queue=name)
            share = facts.one("queues.share", bound.line, queue=name)
            if (share.values["form"] == EXPEDITED) != (name == EXPEDITED):
                raise contradiction(facts.file, share.line, f"{name} is queued by `queue {name[:2]}`")
            found[name] = (self._mark(facts.one("queues.mark", bound.line, queue=name)), share)
        if not found:
            raise missing(facts.file, head.line, "a class")
        queues = self._sorted(found)
        if [self._mark(fact) for fact in facts.all("queues.kept")] != [queue.mark for queue in queues.all]:
            raise contradiction(facts.file, marks.line, "marks that are kept at borders are those of classes")
        return queues

    def _mark(self, fact: Fact) -> int:
        """A mark from Comware's word for it."""
        found = next((mark for mark in range(64) if Queue("", mark, 0).word == fact.values["mark"]), None)
        if found is None:
            raise self._facts.wrong(fact, f"`{fact.values['mark']}` is no mark")
        return found

    def _sorted(self, found: dict[str, tuple[int, Fact]]) -> Queues:
        made = [Queue(name, mark, self._facts.converted(fact, int, "percent")) for name, (mark, fact) in found.items()]
        return Queues(tuple(sorted(made, key=lambda queue: queue.mark)))
