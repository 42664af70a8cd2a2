"""H3C Comware 7 (CR, SR): lines take effect as they are entered, under a timer that brings back what was before.

``configuration commit delay MINUTES`` starts the timer, ``configuration commit`` ends it, ``configuration replace
file`` goes back at once (Comware 7 configuration guide, configuration file management). The device does not say
whether a timer runs, and a killed run leaves nobody who knows. So arming also saves what runs to a file whose name is
the time, by the device's own clock, at which the timer ends: it says that a change is on trial, until when, and is
what an abort goes back to.

The guarantee is weaker than VRP's: until the timer or we take a change back, half of it may run. Lines go out one at a
time and stop at the first that is refused.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from network.expect import Expected
from network.platforms.remedy import Forms
from network.platforms.shell_router import ShellRouter, established, full_names
from province.errors import Place, ZyError

_TRIAL = re.compile(r"\bzy-(\d{8}t\d{6})\.cfg\b")
_STAMP = "%Y%m%dt%H%M%S"
_CLOCK = re.compile(r"(\d\d:\d\d:\d\d)\S* \S+ \w{3} (\d\d/\d\d/\d{4})")

FORMS = Forms(
    valued=re.compile(
        r"(?:sysname|description|mtu|is-level|cost-style|is-name|router-id|route-distinguisher|ip address"
        r"|ip binding vpn-instance|isis (?:ipv6 )?(?:cost|enable)|isis circuit-type|encapsulation source-address"
        r"|segment-routing ipv6 locator|peer \S+ (?:as-number|description|connect-interface|timer)"
        r"|remark dscp|ospfv3 \d+ area|vlan-type dot1q vid|password hash"
        r"|aaa session-limit ssh|idle-timeout)(?= )"
    ),
    undone=(
        # a rule entered over another would change what it names, not all of it
        (re.compile(r"(rule \d+) .*"), r"undo \1"),
        (re.compile(r"(queue (?:af|ef)) .*"), r"undo \1"),  # one share raised before another is lowered may be too much
        (re.compile(r"(peer \S+) as-number .*"), r"undo \1"),
        (re.compile(r"(traffic classifier \S+) operator .*"), r"undo \1"),
        (re.compile(r"(classifier \S+) behavior .*"), r"undo \1"),
    ),
    lasting=re.compile(r"interface [A-Za-z0-9-]*(?:Ethernet|GE|GigE)[\d/]+"),
    clears=re.compile(r"ip binding vpn-instance "),
    views=re.compile(
        r"(?:interface \S+|isis \d+|ospfv3 \d+|bgp \d+|ip vpn-instance \S+|address-family .*|segment-routing ipv6"
        r"|locator .*|route-policy .*|acl .*|area \S+|local-user .*|line vty .*"
        r"|traffic (?:classifier|behavior) .*|qos policy \S+)$"
    ),
)


class ComwareRouter(ShellRouter):
    """One session with a Comware 7 router; a :class:`network.device.Device`."""

    forms = FORMS
    paging_off = "screen-length disable"
    chunk = 1

    def trial(self) -> float | None:
        mark = self._mark()
        if mark is None:
            return None
        left = (mark - self._clock()).total_seconds()
        if left > 0:
            return left
        self._forget(mark)  # its timer ran out and has brought the old configuration back
        return None

    def arm(self, seconds: int) -> None:
        minutes = math.ceil(seconds / 60)
        ends = self._clock() + timedelta(minutes=minutes)
        self._saved(self._said([f"save {_file(ends)} force"], self._patience.commit)[0])
        self._done("system-view")
        self._done(f"configuration commit delay {minutes}")
        self._done("quit")

    def load(self, candidate: str) -> None:
        refused = self._enter(candidate)
        if refused is not None:
            raise self._rejected(refused)
        self._done("return")

    def confirm(self) -> None:
        mark = self._mark()
        self._done("system-view")
        self._done("configuration commit")
        self._done("quit")
        self._saved(self._said(["save force"], self._patience.commit)[0])
        if mark is not None:
            self._forget(mark)

    def abort(self) -> None:
        mark = self._mark()
        if mark is None:
            fix = "wait until its timer is over, then plan again"
            raise ZyError("ZY-NET-064", "no trial of ours is on it", place=Place(target=self.name), fix=fix)
        self._done("system-view")
        said = self._answered(f"configuration replace file {_file(mark)}", "n")
        if said.error or "Succeeded" not in said.text:
            fix = "its own timer brings the old configuration back; look at it then"
            message = f"it does not go back at once: {said.error or said.text.strip()[:80]}"
            raise ZyError("ZY-NET-067", message, place=Place(target=self.name), fix=fix)
        self._done("configuration commit")
        self._done("quit")
        self._forget(mark)

    def live(self) -> Expected:
        running = self.running()
        vpns = re.findall(r"^ ip vpn-instance (\S+)", running, re.MULTILINE)
        families = [("vpnv4", ""), ("vpnv6", ""), ("ipv4", ""), ("ipv6", "")]
        families += [(family, vpn) for vpn in vpns for family in ("ipv4", "ipv6")]
        tables = [f"display bgp peer {family}{f' vpn-instance {vpn}' if vpn else ''}" for family, vpn in families]
        isis, segments, *peers = self._shown(
            ["display isis peer", "display segment-routing ipv6 local-sid end-dt46", *tables]
        )
        sessions = [
            f"{vpn} {family} {peer}".strip()
            for (family, vpn), said in zip(families, peers, strict=True)
            for _, peer in established(said)
        ]
        return Expected(
            adjacencies=adjacencies(isis),
            sessions=tuple(sorted(sessions)),
            segments=tuple(sorted(set(re.findall(r"^VPN (?:Name|instance)\s*: (\S+)", segments, re.MULTILINE)))),
        )

    def _mark(self) -> datetime | None:
        """When our trial ends, by the file that says so."""
        found = _TRIAL.search(self._done("dir"))
        return datetime.strptime(found[1], _STAMP) if found else None

    def _forget(self, mark: datetime) -> None:
        self._done(f"delete /unreserved {_file(mark)}")

    def _clock(self) -> datetime:
        said = self._done("display clock")
        found = _CLOCK.search(said)
        if found is None:
            fix = "set its clock (`clock datetime`, or NTP)"
            message = f"it shows no time that we can read: {said.strip()[:60]}"
            raise ZyError("ZY-NET-019", message, place=Place(target=self.name), fix=fix)
        return datetime.strptime(f"{found[2]} {found[1]}", "%m/%d/%Y %H:%M:%S")


def _file(ends: datetime) -> str:
    return f"zy-{ends:{_STAMP}}.cfg"


def adjacencies(said: str) -> tuple[str, ...]:
    """Ports with a neighbour that is Up, from ``display isis peer``: a block of lines for each neighbour."""
    blocks = re.split(r"^\s*System ID\s*:", said, flags=re.MULTILINE)[1:]
    ports = (re.search(r"Interface\s*:\s*(\S+)", block) for block in blocks if re.search(r"State\s*:\s*Up\b", block))
    return full_names(port[1] for port in ports if port)
