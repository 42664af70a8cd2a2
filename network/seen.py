"""What routers are like now: configuration and state of those that answer, and which do not answer."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from network.change import Bounds
from network.config import digest, ours, parse
from network.device import Connect
from network.expect import Expected
from network.sessions import Sessions
from province.errors import ZyError, ZyErrors
from province.record import Finding, Severity

_UNREACHABLE = "ZY-NET-010"
"""Down, or cut off. Whatever else is wrong (a host key, a login) needs a person, not another try."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Routers that answered, with what they run and what is up; and those that did not."""

    running: Mapping[str, str]
    live: Mapping[str, Expected]
    down: Mapping[str, ZyError]

    @property
    def bare(self) -> set[str]:
        """Routers that carry nothing of ours."""
        return {router for router, text in self.running.items() if not ours(parse(text))}

    def digest(self) -> str:
        """One digest of everything that was seen."""
        rows = [f"{router} {digest(text)}\n" for router, text in self.running.items()]
        rows += [f"{router} does not answer\n" for router in self.down]
        return hashlib.sha256("".join(sorted(rows)).encode()).hexdigest()

    def findings(self) -> list[Finding]:
        """What the plan leaves out for now."""
        return [
            Finding(
                rule="network.unreachable",
                severity=Severity.ADVISORY,
                object="router",
                target=router,
                message=f"it is left out of this plan: {error.message}",
                fix="bring it back; the next `zy plan` picks it up",
            )
            for router, error in sorted(self.down.items())
        ]


def see(routers: Collection[str], connect: Connect, bounds: Bounds) -> Seen:
    """Look at routers at the same time.

    Raises :class:`ZyErrors` with every router that failed when none can be reached, or when one does not let us in.
    """
    running: dict[str, str] = {}
    live: dict[str, Expected] = {}
    errors: dict[str, ZyError] = {}
    sessions = Sessions(connect, 0, bounds.logins, lambda _router: "")

    def look(router: str) -> None:
        try:
            with sessions.use(router) as device:
                text, state = device.running(), device.live()
        except ZyError as error:
            errors[router] = error
        else:
            running[router], live[router] = text, state

    with ThreadPoolExecutor(max_workers=bounds.sessions) as pool:
        list(pool.map(look, routers))
    serious = [error for error in errors.values() if error.code != _UNREACHABLE]
    if serious or (errors and not running):
        raise ZyErrors(sorted(errors.values(), key=str))
    return Seen(dict(sorted(running.items())), live, errors)
