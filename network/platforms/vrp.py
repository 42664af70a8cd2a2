"""Huawei VRP8 (NE and CE): a candidate, tried out under the device's own timer, confirmed from another session.

``commit trial SECONDS label L persist ID`` (command reference of NetEngine 8000, `commit`): with ``persist`` the trial
outlives our session, so another one, of another process if ours was killed, confirms it (``commit persist ID``) or
takes it back (``abort trial persist ID``). Without either the device takes it back by itself.
"""

from __future__ import annotations

import re
import secrets

from network.expect import Expected
from network.platforms.hosts import Hosts
from network.platforms.remedy import Forms
from network.platforms.shell import PATIENCE, Patience
from network.platforms.shell_router import ShellRouter, established, full_names
from province.errors import Place, ZyError

PERSIST = "zhengyun"
"""Our trials' name on the device: the same for every run, so that a resumed change finds those of a killed one."""
_STATE = ("display isis peer", "display segment-routing ipv6 local-sid end-dt46 forwarding")
_FAMILIES = {
    "ipv4": "display bgp peer",
    "ipv6": "display bgp ipv6 peer",
    "vpnv4": "display bgp vpnv4 all peer",
    "vpnv6": "display bgp vpnv6 all peer",
}
_SHORTEST_TRIAL = 60  # s, the least that `commit trial` takes

FORMS = Forms(
    valued=re.compile(
        r"(?:sysname|description|mtu|ipv6 mtu|is-level|cost-style|is-name|router-id|route-distinguisher|tnl-policy"
        r"|ip address(?= \S+ \S+$)|ip binding vpn-instance|isis (?:ipv6 )?(?:cost|enable)|isis circuit-type"
        r"|encapsulation source-address|segment-routing ipv6 locator|ipv6 enable topology"
        r"|peer \S+ (?:as-number|description|connect-interface|route-limit|timer)|mpls lsr-id|idle-timeout"
        r"|ip-dscp-inbound \d+|ip-dscp-outbound \S+ \S+|queue (?:be|af\d|ef)|trust upstream"
        r"|maximum load-balancing|index \d+|user-interface maximum-vty|ospfv3 \d+ area)(?= )"
    ),
    undone=(
        # a rule entered over another would change what it names, not all of it
        (re.compile(r"(rule \d+) .*"), r"undo \1"),
        (re.compile(r"(peer \S+) as-number .*"), r"undo \1"),
        (re.compile(r"(acl (?:ipv6 )?name \S+) advance"), r"undo \1"),
        (re.compile(r"(traffic classifier \S+) operator .*"), r"undo \1"),
        (re.compile(r"(classifier \S+) behavior .*"), r"undo \1"),
        (re.compile(r"(queue \S+ (?:wfq|pq)) .*"), r"undo \1"),
    ),
    lasting=re.compile(r"interface [A-Za-z0-9-]*(?:Ethernet|GE)[\d/]+"),
    clears=re.compile(r"ip binding vpn-instance "),
    views=re.compile(
        r"(?:interface \S+|isis \d+|ospfv3 \d+|bgp \d+|ip vpn-instance \S+|vpn-instance \S+|ipv[46]-family( .*)?"
        r"|l2vpn-family evpn|aaa|segment-routing( ipv6)?|locator .*|route-policy .*|acl .*|area \S+|netconf|mpls"
        r"|traffic (?:classifier|behavior|policy) .*|diffserv domain \S+|port-queue-template \S+"
        r"|user-interface vty .*)$"
    ),
)


class VrpRouter(ShellRouter):
    """One session with a VRP8 router; a :class:`network.device.Device`."""

    forms = FORMS
    paging_off = "screen-length 0 temporary"
    chunk = 32
    """About a screen: as much as people paste, and VTYs buffer."""

    def __init__(self, name: str, hosts: Hosts, patience: Patience = PATIENCE) -> None:
        super().__init__(name, hosts, patience)
        self._trial_seconds: int | None = None

    def trial(self) -> float | None:
        said = self._done("display configuration trial status")
        left = re.search(r"Remaining time \(s\): (\d+)", said)
        return float(left[1]) if left and "INACTIVE" not in said else None

    def arm(self, seconds: int) -> None:
        """The timer starts with the trial commit itself: this only says how long it will be."""
        self._trial_seconds = max(seconds, _SHORTEST_TRIAL)

    def load(self, candidate: str) -> None:
        if self._trial_seconds is None:
            raise RuntimeError("arm comes before load")
        refused = self._enter(candidate)
        if refused is not None:
            self._discard(asks=refused.asks)
            raise self._rejected(refused)
        label = f"zy-{secrets.token_hex(4)}"
        self._commit(f"commit trial {self._trial_seconds} label {label} persist {PERSIST}")
        self._done("quit")

    def confirm(self) -> None:
        """The trial ends with what runs now, and a restart begins with it."""
        self._done("system-view")
        self._commit(f"commit persist {PERSIST}")
        self._done("quit")
        self._saved(self._answered("save", "y"))

    def abort(self) -> None:
        self._done("system-view")
        said = self._answered(f"abort trial persist {PERSIST}", "y")
        if said.error:
            raise ZyError(
                "ZY-NET-064",
                f"a trial that is not ours runs on it, and it refuses to end it: {said.error}",
                place=Place(target=self.name),
                fix="ask who is at work there (`display configuration trial status`); wait until that trial is over",
            )
        self._done("quit")

    def live(self) -> Expected:
        """What a router says of a protocol that it does not run counts as nothing up."""
        isis, segments, *families = self._shown([*_STATE, *_FAMILIES.values()])
        sessions = [
            f"{vpn} {family.replace('vpnv', 'ipv')} {peer}" if vpn else f"{family} {peer}"
            for family, said in zip(_FAMILIES, families, strict=True)
            for vpn, peer in established(said)
        ]
        return Expected(
            adjacencies=adjacencies(isis),
            sessions=tuple(sorted(sessions)),
            segments=tuple(sorted(set(re.findall(r"^VPN Name\s*: (\S+)", segments, re.MULTILINE)))),
        )

    def _commit(self, command: str) -> None:
        said = self._said([command], self._patience.commit)[0]
        failed = said.error or ("it asks back" if said.asks else "")
        failed = failed or ("it could not be committed" if "Failed to" in said.text else "")
        if not failed:
            return
        self._discard(asks=said.asks)
        place = Place(target=self.name)
        if "lock" in failed.lower():
            fix = "wait until they are done (`display configuration lock`), then push again"
            raise ZyError("ZY-NET-060", f"somebody else holds its configuration: {failed}", place=place, fix=fix)
        fix = "read what the device says against its release notes; nothing was committed"
        raise ZyError("ZY-NET-067", f"it does not commit: {failed}", place=place, fix=fix)

    def _discard(self, *, asks: bool) -> None:
        """Leave nothing in the candidate; a refusal here only says that it was empty."""
        self._said([*(["n"] if asks else []), "clear configuration candidate"])


def adjacencies(said: str) -> tuple[str, ...]:
    """Ports with a neighbour that is Up, from ``display isis peer``."""
    return full_names(iter(re.findall(r"^\s*\S+\*?\s+(\S+)\s+\S+\s+Up\s", said, re.MULTILINE)))
