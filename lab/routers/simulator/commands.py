"""Commands that read or change a router as a whole: commit, try, confirm, take back, roll back, save, show."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from lab.routers.simulator import state
from lab.routers.simulator.grammar import Fault, Wrong
from lab.routers.simulator.router import Router
from lab.routers.simulator.talk import Effect, Pause
from lab.routers.simulator.tree import copy, show

if TYPE_CHECKING:
    from lab.routers.simulator.session import Session

Doing = Generator[Effect, str, None]
Action = Callable[["Session", re.Match[str]], Doing]
_TRIAL_SECONDS = (60, 65535, 600)  # least, most, unless given: command reference of `commit`
_DELAY_MINUTES = (1, 65535)
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When the simulated clock was zero."""


def _commit(session: Session, found: re.Match[str]) -> Doing:
    """VRP: make the candidate run, for good or on trial; or confirm what is on trial."""
    given, router = found.groupdict(), session.router
    if router.trial is not None:
        yield from _confirm(session, given.get("persist") or "")
    elif session.edits:
        seconds = int(given.get("time") or _TRIAL_SECONDS[2])
        if not _TRIAL_SECONDS[0] <= seconds <= _TRIAL_SECONDS[1]:
            yield from session.refused(Wrong(Fault.WRONG, found.start("time")))
            return
        why_not = _obstacle(session, given.get("label") or "")
        if why_not:
            yield from session.lines((why_not,))
            return
        yield Pause(router.faults.commit_seconds)
        if given.get("trial"):
            router.try_out(seconds, session.number, given.get("persist") or "")
        tree = copy(router.running)
        for edit in session.edits:
            edit.apply(tree)
        router.become(tree, given.get("label") or "", session.user)
        session.discard()
        if given.get("trial"):
            yield from session.lines(
                (
                    "Committing..done.",
                    "Info: The system enters the trial configuration mode. The system will revert to previous"
                    f" configuration if the trial configuration is not confirmed in {seconds} seconds.",
                )
            )


def _obstacle(session: Session, label: str) -> str:
    """Why a commit cannot be; empty when it can."""
    router = session.router
    if router.faults.locked_by or router.lock not in (None, session.number):
        who = router.faults.locked_by or f"session {router.lock}"
        return f"Error: The configuration is locked by {who}."
    if label and any(commit.label == label for commit in router.commits):
        return f"Error: The label {label} already exists."
    return ""


def _confirm(session: Session, persist: str) -> Doing:
    trial = session.router.trial
    if trial is None or trial.persist != persist or not (persist or trial.session == session.number):
        yield from session.lines(("Error: The trial configuration was committed by another user.",))
        return
    yield Pause(session.router.faults.commit_seconds)
    session.router.trial = None


def _abort(session: Session, found: re.Match[str]) -> Doing:
    trial = session.router.trial
    if trial is None or trial.persist != (found["persist"] or ""):
        yield from session.lines(("Error: No such trial configuration is running.",))
        return
    question = "Warning: The trial configuration will be rolled back. Are you sure to continue? [Y/N]:"
    if (yield from session.ask(question, "YN")) == "Y":
        yield Pause(session.router.faults.commit_seconds)
        session.router.take_back()


def _discard(session: Session, _found: re.Match[str]) -> Doing:
    session.discard()
    yield from ()


def _lock(session: Session, _found: re.Match[str]) -> Doing:
    if session.router.faults.locked_by or session.router.lock not in (None, session.number):
        yield from session.lines(("Error: The configuration is locked by another user.",))
        return
    session.router.lock = session.number


def _unlock(session: Session, _found: re.Match[str]) -> Doing:
    if session.router.lock == session.number:
        session.router.lock = None
    yield from ()


def _rollback(session: Session, found: re.Match[str]) -> Doing:
    commits, (kind, name) = session.router.commits, (found["kind"], found["name"])
    if kind == "last":
        wanted = [commits[-int(name) - 1]] if len(commits) > int(name) else []
    else:
        wanted = [one for one in commits if name == (one.label if kind == "label" else str(one.number))]
    if not wanted:
        yield from session.lines(("Error: The rollback point does not exist.",))
        return
    question = "Warning: This operation will revert configuration changes to the previous state. Continue? [Y/N]:"
    if (yield from session.ask(question, "YN")) == "Y":
        yield Pause(session.router.faults.commit_seconds)
        session.router.become(copy(wanted[0].tree), "", session.user)


def _save(session: Session, found: re.Match[str]) -> Doing:
    """Keep what runs, for the next start or under a name."""
    router, name = session.router, found["file"]
    if found.groupdict().get("force") is None and (yield from session.ask(router.dialect.words["save"], "YN")) == "N":
        return
    if name:
        router.files[name] = copy(router.running)
    else:
        router.saved = copy(router.running)
    yield from session.lines((router.dialect.words["saved"],))


def _delay(session: Session, found: re.Match[str]) -> Doing:
    """Comware: whatever is changed from now on is taken back unless it is confirmed."""
    minutes = int(found["minutes"])
    if not _DELAY_MINUTES[0] <= minutes <= _DELAY_MINUTES[1]:
        yield from session.refused(Wrong(Fault.WRONG, found.start("minutes")))
        return
    session.router.try_out(minutes * 60.0, session.number)


def _confirm_delay(session: Session, _found: re.Match[str]) -> Doing:
    if session.router.trial is None:
        yield from session.lines(("The configuration commit delay is not set.",))
        return
    session.router.trial = None


def _replace(session: Session, found: re.Match[str]) -> Doing:
    """Comware: make a file's configuration run, by what differs."""
    router = session.router
    if found["file"] not in router.files:
        yield from session.lines(("The file does not exist.",))
        return
    question = "Current configuration will be lost, save current configuration? [Y/N]:"
    if (yield from session.ask(question, "YN")) == "Y":
        router.saved = copy(router.running)
    yield Pause(router.faults.commit_seconds)
    router.become(copy(router.files[found["file"]]))
    yield from session.lines(
        (
            "Now replacing the current configuration. Please wait ...",
            f"Succeeded in replacing current configuration with the file {found['file']}.",
        )
    )


def _show_trial(session: Session, _found: re.Match[str]) -> Doing:
    trial = session.router.trial
    if trial is None:
        yield from session.lines(("Trial status: INACTIVE",))
        return
    left = max(0, round(trial.ends - session.router.clock()))
    yield from session.lines(
        ("Trial status: ACTIVE", f"Persist ID: {trial.persist or '-'}", f"Remaining time (s): {left}")
    )


def _show_clock(session: Session, _found: re.Match[str]) -> Doing:
    yield from session.lines((f"{_clock(session):%H:%M:%S.000 UTC %a %m/%d/%Y}",))


def _list_files(session: Session, _found: re.Match[str]) -> Doing:
    at = f"{_clock(session):%b %d %Y %H:%M:%S}"
    rows = (f"{place:>4} -rw-        1024 {at}   {name}" for place, name in enumerate(sorted(session.router.files)))
    yield from session.lines(("Directory of flash:", *rows, "", "524288 KB total (262144 KB free)"))


def _delete_file(session: Session, found: re.Match[str]) -> Doing:
    if session.router.files.pop(found["file"], None) is None:
        yield from session.lines(("The file does not exist.",))
        return
    yield from session.lines((f"Deleting {found['file']}...Done.",))


def _clock(session: Session) -> datetime:
    return _EPOCH + timedelta(seconds=session.router.clock())


def _show_commits(session: Session, _found: re.Match[str]) -> Doing:
    rows = (
        f"{place:<5}{one.number:<14}{one.label or '-':<32}{one.user or '-'}"
        for place, one in enumerate(reversed(session.router.commits), start=1)
    )
    yield from session.lines(("No.  CommitId      Label                           User", "-" * 72, *rows))


def _show_candidate(session: Session, _found: re.Match[str]) -> Doing:
    yield from session.lines(show(session.candidate))


def _show_isis(session: Session, _found: re.Match[str]) -> Doing:
    router = session.router
    ports = state.adjacencies(router.running, router.faults.down) if router.settled else []
    if not router.dialect.candidate:
        yield from session.lines(_comware_isis(ports))
        return
    head = ("", f"{'Peer information for ISIS(1)':>54}", "")
    names = "  System Id     Interface          Circuit Id        State HoldTime Type     PRI"
    rows = (
        f"0000.0000.{index:04d} {port:<18} {index:010d}        Up    23s      L2       --"
        for index, port in enumerate(ports, 1)
    )
    yield from session.lines((*head, names, "-" * 80, *rows, "", f"Total Peer(s): {len(ports)}"))


def _comware_isis(ports: Sequence[str]) -> Iterator[str]:
    yield from ("", f"{'Peer information for IS-IS(1)':>54}", f"{'-' * 29:>54}", "")
    for index, port in enumerate(ports, 1):
        yield f" System ID: 0000.0000.{index:04d}"
        yield f" Interface: {port.replace('GigabitEthernet', 'GE'):<23} Circuit Id: ---"
        yield " State: Up     HoldTime: 23s          Type: L2           PRI: --"
        yield ""


def _show_bgp(session: Session, found: re.Match[str]) -> Doing:
    router = session.router
    family, vpn = (found["family"] or "ipv4").strip(), found.groupdict().get("vpn") or ""
    if not router.settled:
        peers = []
    elif vpn:  # Comware shows a VPN instance's peers under its family
        all_peers = state.peers(router.running, f"vpnv{family[-1]}", router.faults.down)
        peers = [replace(peer, vpn="") for peer in all_peers if peer.vpn == vpn]
    else:
        peers = list(state.peers(router.running, family, router.faults.down))
    up = sum(peer.up for peer in peers)
    rows = [
        "",
        f" BGP local router ID : {_router_id(router)}",
        f" Total number of peers : {len(peers)}                 Peers in established state : {up}",
        "",
        "  Peer            V          AS  MsgRcvd  MsgSent  OutQ  Up/Down       State  PrefRcv",
    ]
    shown = ""
    for peer in peers:
        if peer.vpn != shown:
            shown = peer.vpn
            rows += ["", f"  VPN-Instance {shown}, Router ID {_router_id(router)}:"]
        how = "Established" if peer.up else "Active"
        rows.append(f"  {peer.address:<15} 4 {peer.asn:>11}      287      287     0 04:05:22 {how:>11}        0")
    yield from session.lines(rows)


def _router_id(router: Router) -> str:
    bgp = next((below for line, below in router.running.items() if line.startswith("bgp ")), {})
    return next((line.split()[1] for line in bgp if line.startswith("router-id ")), "0.0.0.0")


def _show_segments(session: Session, _found: re.Match[str]) -> Doing:
    rows = [
        row
        for index, vpn in enumerate(state.segments(session.router.running), 1)
        for row in (f"SID         : FD00::{index:X}:0/128         FuncType : End.DT46", f"VPN Name    : {vpn}", "")
    ]
    yield from session.lines(("My Local-SID End.DT46 Forwarding Table", "-" * 40, "", *rows))


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "commit": _commit,
        "abort": _abort,
        "discard": _discard,
        "lock": _lock,
        "unlock": _unlock,
        "rollback": _rollback,
        "save": _save,
        "delay": _delay,
        "confirm_delay": _confirm_delay,
        "replace": _replace,
        "show_trial": _show_trial,
        "show_clock": _show_clock,
        "list_files": _list_files,
        "delete_file": _delete_file,
        "show_commits": _show_commits,
        "show_candidate": _show_candidate,
        "show_isis": _show_isis,
        "show_bgp": _show_bgp,
        "show_segments": _show_segments,
    }
)
