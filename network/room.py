"""The network as a room: plan, apply, verify and remove the configuration of the extranet's routers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from network.backup import Backups
from network.change import Bounds, Order, Push
from network.config import candidate, digest
from network.device import Connect
from network.diff import Change, changes
from network.expect import Expected, due, expected
from network.history import History
from network.intent import RouterIntent, intents
from network.offline.check import check, fabric_of
from network.platforms import connector
from network.render import render
from network.seen import Seen, see
from network.topology import refusals
from network.verify import verify
from network.waves import Rollout, Wave, waves
from network.withdrawal import Withdrawal
from province.errors import ZyError, ZyErrors
from province.province import Province
from province.record import Action, Beat, Check, Finding, Outcome, Result, RoomName, RoomPlan, Step

_FINE = frozenset({Outcome.CHANGED, Outcome.UNCHANGED})


class NetworkRoom:
    """Implements :class:`province.record.Room` for all routers of a province.

    ``ssh_config`` names every router (user, key, known hosts, way in). Copies of configurations go below
    ``state_dir``. ``connect`` is for tests; by default each router's platform is spoken to over ssh.
    """

    name = RoomName.NETWORK

    def __init__(
        self,
        province: Province,
        ssh_config: Path,
        state_dir: Path,
        bounds: Bounds | None = None,
        connect: Connect | None = None,
        rollout: Rollout | None = None,
    ) -> None:
        self._province = province
        self._ssh_config = ssh_config
        self._state = state_dir
        self._backups = Backups(state_dir / "backups")
        self.history = History(state_dir / "history")
        self._bounds = bounds or Bounds()
        self._connect = connect or connector(province, ssh_config)
        self._rollout = rollout or Rollout()

    @cached_property
    def intents(self) -> dict[str, RouterIntent]:
        """Raises :class:`ZyErrors` (``ZY-NET-001`` …) when the extranet cannot be configured as declared."""
        return intents(self._province)

    def render(self, limit: Sequence[str]) -> dict[str, str]:
        """Our part of each router's configuration; needs no router."""
        return {router: render(self.intents[router]) for router in self._chosen(limit)}

    def plan(self, limit: Sequence[str]) -> RoomPlan:
        """Raises :class:`ZyErrors` when the model or a router does not let itself be planned.

        A router that cannot be reached is a finding, and is left out: it holds up no other, and the next plan has it.
        """
        refused = refusals(self._province, self._chosen(limit))
        if refused:
            raise ZyErrors(refused)
        found = self.findings()
        wanted = self.render(limit)
        seen = self._see(limit)
        drafts = _drafts(seen, wanted)
        planned = waves(self._province, list(drafts), seen.bare, self._rollout)
        plan = _plan(seen, drafts, {wave.name: self._orders(planned, wave, drafts, seen) for wave in planned})
        return plan.model_copy(update={"findings": (*plan.findings, *found)})

    def findings(self) -> list[Finding]:
        """What offline verification finds in the configurations of all routers; needs none of them.

        Raises :class:`ZyErrors` (``ZY-NET-031`` … ``034``) when a configuration cannot be read back.
        """
        return check(fabric_of(self._province, self.intents, self.render(())))

    def destroy_plan(self) -> RoomPlan:
        """Every router back to what it had before us: its name and its way to the management network."""
        seen = self._see(())
        drafts = _drafts(seen, dict.fromkeys(seen.running, ""))
        orders = [draft.order(seen.running[router], Expected()) for router, draft in drafts.items()]
        return _plan(seen, drafts, {"routers": orders} if orders else {})

    def live(self, limit: Sequence[str]) -> str:
        return self._see(limit).digest()

    def apply(self, plan: RoomPlan, step: Step, beat: Beat) -> list[Result]:
        """One wave, all or nothing. When it fails, the waves before it are taken back too: so is the change."""
        before = [one for wave in takewhile(lambda wave: step not in wave, plan.waves) for one in wave]
        withdrawal = Withdrawal.of(plan, self._state / "withdrawals")
        why = withdrawal.why()
        if why is None:
            results = self._push(plan, [step], beat).run()
            self._record(plan, step, results, beat)
            if not before or all(result.outcome in _FINE for result in results):
                return results
            why = f"the wave {step.name} failed"
            withdrawal.decide(why)
        else:
            results = self._push(plan, [step], beat).withdraw(why)
        results += self._push(plan, before, beat).withdraw(why)
        withdrawal.done()
        return results

    def verify(self, limit: Sequence[str]) -> list[Check]:
        chosen = {router: self.intents[router] for router in self._chosen(limit)}
        return verify(self._province, chosen, self._connect, self._ssh_config)

    def backup(self, limit: Sequence[str] = ()) -> Seen:
        """Record the running configurations; what was seen, those that do not answer too."""
        seen = self._see(limit)
        self.history.record(seen.running, "backup")
        return seen

    def plan_back(self, router: str, configuration: str) -> RoomPlan:
        """The plan that makes an earlier configuration, the device's own part left as it is, run again."""
        seen = self._see((router,))
        drafts = _drafts(seen, {router: configuration})
        orders = [draft.order(seen.running[one], Expected()) for one, draft in drafts.items()]
        return _plan(seen, drafts, {"back": orders} if orders else {})

    def _record(self, plan: RoomPlan, step: Step, results: Sequence[Result], beat: Beat) -> None:
        """What changed routers had, and have. The change is done: a history that fails is said, and undoes nothing."""
        changed = {one.target: plan.payload["orders"][one.target] for one in results if one.outcome is Outcome.CHANGED}
        before = {router: self._backups.recall(router, order["base"]) for router, order in changed.items()}
        try:
            self.history.record({router: text for router, text in before.items() if text}, f"before {step.name}")
            self.history.record({router: order["candidate"] for router, order in changed.items()}, step.name)
        except ZyError as error:
            beat(f"{error}; {error.fix}")

    def _push(self, plan: RoomPlan, steps: Sequence[Step], beat: Beat) -> Push:
        targets = [target for step in steps for target in step.targets]
        orders = [Order.model_validate(plan.payload["orders"][router]) for router in targets]
        return Push(orders, self._connect, self._backups, beat, self._bounds, self._aaa_server)

    def _aaa_server(self, router: str) -> str:
        """Routers of one city ask one AAA server."""
        return self._province.sites[self._province.routers[router].site].division[:4]

    def _see(self, limit: Sequence[str]) -> Seen:
        return see(self._chosen(limit), self._connect, self._bounds)

    def _chosen(self, limit: Sequence[str]) -> list[str]:
        return sorted(router for router in self._province.routers if not limit or router in limit)

    def _orders(self, planned: Sequence[Wave], wave: Wave, drafts: Mapping[str, Draft], seen: Seen) -> list[Order]:
        """A wave has to bring what its own and earlier routers, and the unchanged ones, can bring."""
        later = {router for one in planned[planned.index(wave) + 1 :] for router in one.routers}
        settled = set(seen.running) - later
        return [drafts[one].order(seen.running[one], self._due(one, settled, seen)) for one in wave.routers]

    def _due(self, router: str, settled: set[str], seen: Seen) -> Expected:
        intent = self.intents[router]
        wanted = expected(self._province, intent, settled)
        later = expected(self._province, intent, self._province.routers)
        return due(wanted, later, seen.live[router], seen.running[router])


@dataclass(frozen=True, slots=True)
class Draft:
    """What a router that has to change shall become, and what differs."""

    router: str
    candidate: str
    blocks: tuple[Change, ...]

    def order(self, running: str, state: Expected) -> Order:
        return Order(
            router=self.router,
            base=digest(running),
            candidate=self.candidate,
            blocks=len(self.blocks),
            expected=state,
        )

    def actions(self) -> Iterator[Action]:
        for one in self.blocks:
            yield Action(target=self.router, object=one.block, operation=one.operation, diff=one.diff, risk=one.risk)


def _drafts(seen: Seen, wanted: Mapping[str, str]) -> dict[str, Draft]:
    """Of the routers that answer, those that differ from what is wanted of them (our part)."""
    found = {}
    for router, running in seen.running.items():
        after = candidate(running, wanted[router])
        blocks = tuple(changes(running, after))
        if blocks:
            found[router] = Draft(router, after, blocks)
    return found


def _plan(seen: Seen, drafts: Mapping[str, Draft], orders: Mapping[str, Sequence[Order]]) -> RoomPlan:
    waves_ = ((Step(name=name, targets=tuple(order.router for order in wave)),) for name, wave in orders.items())
    payload = {order.router: order.model_dump(mode="json") for wave in orders.values() for order in wave}
    return RoomPlan(
        room=RoomName.NETWORK,
        actions=tuple(action for draft in drafts.values() for action in draft.actions()),
        findings=tuple(seen.findings()),
        waves=tuple(waves_),
        live=seen.digest(),
        payload={"orders": payload} if payload else {},
    )
