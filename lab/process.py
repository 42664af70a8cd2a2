"""Plain processes, supervised through our own pid files.

A process is known by *pid + start time + boot*, never by pid or name alone: a recycled pid is not ours and
is never signalled. A process gets a session of its own, is never our child, and outlives the command that
started it. A later command, also one that follows ``kill -9`` of the first, adopts it by reading the same
pid file. The new process writes the pid file itself, before it becomes the program: there is no moment at
which a started program is unrecorded.

    web = Process("web", run=home / "run", log=home / "log/web.log")
    web.start(["python3", "-m", "http.server"], env={"PATH": os.environ["PATH"]})
    web.alive()         # True
    web.stop(grace=5)   # TERM to the program, after five seconds KILL to all of its session
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from province.errors import Place, ZyError

# noclobber makes creation exclusive: of two shells that race for one name, one records itself, the other
# gives up. $$ and its start time survive exec. Both lines come from the kernel: the pid file needs no clock.
_RECORD_AND_BECOME = """\
set -C
read -r boot </proc/sys/kernel/random/boot_id && read -r stat <"/proc/$$/stat" || exit 125
printf '%s\\n%s\\n' "$boot" "$stat" 2>/dev/null >"$1" || exit 125
shift
exec "$@"
"""
_RECORDED_WITHIN = 10.0  # s; a shell's start on a crowded machine
_DEAD_WITHIN = 30.0  # s; between KILL and the kernel's having removed the process
_POLL = 0.02  # s


@dataclass(frozen=True, slots=True)
class Identity:
    """One process of this machine. ``start``: clock ticks since boot (proc(5), stat, field 22)."""

    boot: str
    pid: int
    start: int


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


@dataclass(frozen=True, slots=True)
class _Stat:
    """The fields of proc(5) ``stat`` that we use: 1 pid, 3 state, 6 session, 22 start time."""

    pid: int
    state: str
    session: int
    start: int


def _parse_stat(line: str) -> _Stat:
    """Read one stat line. Field 2, the program's name, may itself hold spaces and parentheses."""
    pid = int(line.split(" ", 1)[0])
    rest = line.rsplit(")", 1)[1].split()
    return _Stat(pid=pid, state=rest[0], session=int(rest[3]), start=int(rest[19]))


def _stat(pid: int) -> _Stat | None:
    """A running process's stat; None when it is gone or only a zombie that nobody has reaped."""
    try:
        stat = _parse_stat(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if stat.state in "ZX" else stat


def identify(pid: int) -> Identity | None:
    """Who has this pid now; None when nobody has."""
    stat = _stat(pid)
    return None if stat is None else Identity(_boot(), pid, stat.start)


def send(identity: Identity, number: signal.Signals) -> bool:
    """Signal exactly this process: False when it is gone, also when its pid belongs to another by now."""
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return False
    try:
        if identify(identity.pid) != identity:  # asked after the handle was taken: the handle cannot move on
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def session_of(*leaders: Identity) -> list[Identity]:
    """All live processes of the sessions that ``leaders`` opened, also when a leader itself is dead.

    The kernel does not hand out a pid while a session of that number has members, so a member found under
    our number is ours unless the number's own process is another one by now.
    """
    boot = _boot()
    ours = {one.pid for one in leaders if one.boot == boot and identify(one.pid) in (None, one)}
    if not ours:
        return []
    stats = [_stat(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [Identity(boot, stat.pid, stat.start) for stat in stats if stat is not None and stat.session in ours]


@dataclass(frozen=True, slots=True)
class Process:
    """One named process: pid file ``<run>/<name>.pid``, standard output and error appended to ``log``."""

    name: str
    run: Path
    log: Path

    @property
    def pidfile(self) -> Path:
        return self.run / f"{self.name}.pid"

    def recorded(self) -> Identity | None:
        """Whom the pid file names, dead or alive; None when there is no (complete) pid file."""
        try:
            boot, stat = self.pidfile.read_text(encoding="utf-8", errors="replace").splitlines()
            parsed = _parse_stat(stat)
        except (FileNotFoundError, ValueError, IndexError):
            return None
        return Identity(boot, parsed.pid, parsed.start)

    def identity(self) -> Identity | None:
        """The live process, or None."""
        recorded = self.recorded()
        return recorded if recorded is not None and identify(recorded.pid) == recorded else None

    def alive(self) -> bool:
        return self.identity() is not None

    def start(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None) -> bool:
        """Start ``argv`` with exactly ``env``, in a session of its own; False when it runs already.

        Returns once the process is recorded, not once it is ready. What a dead predecessor left in its
        session is killed first, so that a worker without its master does not keep the port.

        Raises ZY-LAB-101 when the process cannot be started.
        """
        if self.alive():
            return False
        self.stop(grace=0)
        self.pidfile.unlink(missing_ok=True)  # an empty one, of a shell killed within its first milliseconds
        self.run.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        recorder = ["/bin/sh", "-c", _RECORD_AND_BECOME, "sh", str(self.pidfile)]
        command = ["/usr/bin/setsid", "--fork", *recorder, *argv]
        with self.log.open("ab") as log:
            try:
                subprocess.run(
                    command,
                    env=dict(env),
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    check=True,
                )
            except (OSError, subprocess.CalledProcessError) as failure:
                raise self._not_started(str(failure)) from failure
        limit = time.monotonic() + _RECORDED_WITHIN
        while self.recorded() is None:
            if time.monotonic() > limit:
                raise self._not_started("it did not record itself")
            time.sleep(_POLL)
        return True

    def stop(self, grace: float = 10.0) -> None:
        """End the process and its session: TERM to the program, after ``grace`` seconds KILL to the rest.

        Raises ZY-LAB-102 when something survives KILL.
        """
        stop_all([self], grace)

    def tail(self, lines: int = 15) -> str:
        """The end of the log, for an error message; empty when there is no log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 65536))
                text = log.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _not_started(self, why: str) -> ZyError:
        return ZyError(
            "ZY-LAB-101",
            f"{self.name} could not be started: {why}",
            place=Place(target=self.name),
            fix=f"read {self.log}, mend what it says and run the command again",
        )


def stop_all(processes: Iterable[Process], grace: float = 10.0) -> None:
    """Stop several processes at once; ``grace`` seconds hold for all together, not for each.

    Raises ZY-LAB-102 when something survives KILL.
    """
    leaders = {process: recorded for process in processes if (recorded := process.recorded()) is not None}
    for leader in leaders.values():
        send(leader, signal.SIGTERM)
    _wait_gone(list(leaders.values()), grace)
    limit = time.monotonic() + _DEAD_WITHIN
    while left := session_of(*leaders.values()):  # again: a member may fork between our look and our signal
        if time.monotonic() > limit:
            names = ", ".join(process.name for process, leader in leaders.items() if session_of(leader))
            raise ZyError(
                "ZY-LAB-102",
                f"{names}: does not stop, pid {', '.join(str(member.pid) for member in left)} survives KILL",
                place=Place(target=names),
                fix="see what it waits for with `ps -o pid,stat,wchan,args` (state D: the kernel), retry",
            )
        for member in left:
            send(member, signal.SIGKILL)
        _wait_gone(left, 1.0)
    for process in leaders:
        process.pidfile.unlink(missing_ok=True)


def _wait_gone(identities: list[Identity], seconds: float) -> None:
    """Wait until all are gone, or until the seconds are over."""
    limit = time.monotonic() + seconds
    left = identities
    while left and time.monotonic() < limit:
        left = [identity for identity in left if identify(identity.pid) == identity]
        if left:
            time.sleep(_POLL)
