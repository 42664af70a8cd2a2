"""The audit of a hardened host against every control, against testinfra's usual way: the same commands one by one.

Both are asked over ssh and judge the same answers; the peer keeps its connection. ``n`` is the number of controls.
"""

from __future__ import annotations

from typing import Any

import testinfra  # type: ignore[import-untyped] # has no types

from benchmarks._host import HOST, bare_host, ours, row, seconds, show
from roles.verification import inside_probes
from tests.lab.hosts_of_the_inventory import Lab


def run() -> list[dict[str, Any]]:
    with bare_host() as lab:
        ours(lab)
        judged = lab.room.audit([HOST])
        mine = min(seconds(lambda: lab.room.audit([HOST])) for _ in range(3))
        theirs = seconds(lambda: _one_by_one(lab))
    return [row("hosts-audit", mine, {"testinfra, a command at a time": theirs}, len(judged))]


def _one_by_one(lab: Lab) -> None:
    host = testinfra.get_host(f"ssh://{HOST}", ssh_config=str(lab.room.ssh_config), sudo=True)
    for command in dict.fromkeys(probe.command for probe in inside_probes(lab.room._target(HOST), "bench")):
        host.run("timeout 12 sh -c %s", command)


if __name__ == "__main__":
    show(run())
