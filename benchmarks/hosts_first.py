"""The first hardening of a bare host, with proof of access and confirmation, against the same settings task by task.

The peer neither keeps a way back nor proves access, and loads less than we do; ``n`` is the number of settings.
"""

from __future__ import annotations

from typing import Any

from benchmarks._host import PEER, bare_host, ours, peer, promise, row, seconds, show


def run() -> list[dict[str, Any]]:
    with bare_host() as lab:
        wanted = promise(lab)
        theirs = seconds(lambda: peer(lab, wanted))
    with bare_host() as lab:
        promise(lab)  # the connection is open in both cases
        mine = seconds(lambda: ours(lab))
    return [row("hosts-first", mine, {PEER: theirs}, len(wanted))]


if __name__ == "__main__":
    show(run())
