"""The first hardening of a bare host, with proof of access and confirmation, against the same settings task by task.

The peer neither keeps a way back nor proves access, and loads less than we do; ``n`` is the number of settings. Public
roles (``benchmarks/_public.py``) do other things than ours, so they are compared by the setting: ``by setting`` has
seconds per setting that we change, and per task that they run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import _public
from benchmarks._host import HOST, PEER, bare_host, ours, peer, promise, row, seconds, show


def run() -> list[dict[str, Any]]:
    with bare_host() as lab:
        wanted = promise(lab)
        theirs = seconds(lambda: peer(lab, wanted))
    with bare_host() as lab:
        promise(lab)  # the connection is open in both cases
        mine = seconds(lambda: ours(lab))
    told = {role.name: _first_run(folder, role) for folder, role in _public.peers()}
    by_setting = {"ours": f"{mine / len(wanted):.3f} s"} | {name: one.by_task() for name, one in told.items()}
    return [row("hosts-first", mine, {PEER: theirs}, len(wanted)) | {"by setting": by_setting}]


def _first_run(folder: Path, role: _public.PublicRole) -> _public.Told:
    with bare_host() as lab:
        return _public.run(folder, role, lab, HOST)


if __name__ == "__main__":
    show(run())
