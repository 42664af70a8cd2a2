"""Hardening of a host that is hardened already: nothing may change. The peer compares setting by setting."""

from __future__ import annotations

from typing import Any

from benchmarks._host import PEER, bare_host, ours, peer, promise, row, seconds, show


def run() -> list[dict[str, Any]]:
    with bare_host() as lab:
        wanted = promise(lab)
        ours(lab)
        peer(lab, wanted)
        mine, theirs = seconds(lambda: ours(lab)), seconds(lambda: peer(lab, wanted))
    return [row("hosts-second", mine, {PEER: theirs}, len(wanted))]


if __name__ == "__main__":
    show(run())
