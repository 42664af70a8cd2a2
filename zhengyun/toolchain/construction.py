"""Building one part, in a process of its own: locked, into a temporary sibling, renamed when complete.

The process does the renaming itself: where only the command that started it is killed, the work is finished
and the next command finds it done. Where this process is killed, the next build removes the remains.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from province.errors import Place, ZyError
from zhengyun.toolchain.command import CommandFailed
from zhengyun.toolchain.part import Job, Log, Part
from zhengyun.toolchain.store import RECORD, Placed, State, Store, remove

_NICE = 5  # a build of minutes leaves the machine usable
_TAIL = 15  # lines of the log that an error shows


def construct(store: Store, part: Part, built: Mapping[str, Path], answer: Connection) -> None:
    """Run in a fresh process: build one part and send where it lies, or the error, through ``answer``."""
    os.setpgid(0, 0)  # one group with everything that the build starts, so that all of it can be stopped
    os.nice(_NICE)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    log = store.log(part)
    log.parent.mkdir(parents=True, exist_ok=True)
    with locked(store.lock(part)):
        # Looked up only now: another run may have built it meanwhile, or its sources have changed.
        placed = store.place([part.name])[part.name]
        error = _logged(store, placed, built, log) if placed.state is State.MISSING else None
    with suppress(BrokenPipeError):  # whoever asked is gone; the part is built all the same
        answer.send((error.code, error.message, error.place, error.fix) if error else placed.path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock; the kernel lets it go when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_locked(path: Path) -> bool:
    """Whether another process holds this lock now."""
    if not path.exists():
        return False
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _logged(store: Store, placed: Placed, built: Mapping[str, Path], log: Path) -> ZyError | None:
    """Build with all output in the log; what goes wrong becomes an error for the reader."""
    with log.open("w", encoding="utf-8", buffering=1) as file, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            _build(store, placed, built, lambda line: print(line, file=file))
        except ZyError as error:
            print(error, file=file)
            place = error.place if str(error.place) else Place(file=str(log))
            return ZyError(error.code, error.message, place=place, fix=error.fix)
        except CommandFailed as cause:
            return failed(placed, log, cause)
        except Exception as cause:  # the build's own process: every failure is reported, none hidden
            traceback.print_exc(file=file)
            return failed(placed, log, cause)
    return None


def failed(placed: Placed, log: Path, cause: object) -> ZyError:
    """The error of a build that ended badly, with the end of its log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    tail = "\n".join(f"    {line}" for line in lines[-_TAIL:])
    return ZyError(
        "ZY-TOOL-002",
        f"{placed.part.title} could not be built: {cause}\n{tail}",
        place=Place(file=str(log)),
        fix="read the log, mend the cause (network, disk, memory), run `./zy setup` again: it goes on from here",
    )


def _build(store: Store, placed: Placed, built: Mapping[str, Path], log: Log) -> None:
    part, folder = placed.part, store.folder(placed.part)
    folder.mkdir(parents=True, exist_ok=True)
    for remains in folder.glob(".*"):
        remove(remains)
    # A name of its own: what a killed build may still have running cannot write into this one.
    temporary = folder / f".{placed.path.name}-{os.getpid()}"
    out, work = temporary / "out", temporary / "work"
    out.mkdir(parents=True)
    work.mkdir()
    start = time.monotonic()
    part.build(Job(out=out, work=work, cache=store.cache, built=built, log=log))
    record = {
        "seconds": round(time.monotonic() - start, 1),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (out / RECORD).write_text(json.dumps(record) + "\n", encoding="utf-8")
    remove(placed.path)  # an incomplete folder of that name
    out.rename(placed.path)
    remove(temporary)
