"""Packets of every class of service keep their mark and their queue through the core, as the configurations read."""

from __future__ import annotations

from collections.abc import Iterator

from network.intent import Interface, RouterIntent
from network.offline.fabric import Fabric
from network.offline.verdict import listed, must, should
from network.ports import LOOPBACK
from network.queues import QUEUES, Queue, Queues, Trust, queues
from province.extranet import Platform
from province.record import Finding

_FIX = "mend the template: queues are derived from `service_classes` (network/queues.py), and must read so"
_INSTEAD = {
    Platform.FRR: "FRR queues no packets. What it has instead: its host's kernel, which forwards all alike",
    Platform.IOSXR: "no queues are rendered for IOS-XR yet. What it has instead: one queue for all",
}


def classes(fabric: Fabric) -> Iterator[Finding]:
    """``class-lost`` for each class that a router or port does not know; ``class-unqueued`` where none can be known."""
    wanted = queues(fabric.province.service_classes.values())
    if wanted is None:
        return
    for name, reading in sorted(fabric.readings.items()):
        if fabric.is_provider(name) and reading.intent.platform in QUEUES:
            yield from _lost(fabric, reading.intent, wanted)
            yield from _on_vlans(reading.intent)
    yield from _unqueued(fabric)


def _lost(fabric: Fabric, intent: RouterIntent, wanted: Queues) -> Iterator[Finding]:
    known = intent.queues.all if intent.queues else ()
    for queue in wanted.all:
        if queue not in known:
            has = next(
                (f"has {one.percent} % there" for one in known if one.mark == queue.mark), "waits with all others"
            )
            said = f"{fabric.place(intent.name, 'queues')}: a packet marked {_of(fabric, queue)} {has}"
            yield must("class-lost", intent.name, queue.name, said, _FIX)
    for port in intent.interfaces:
        side = _side(port)
        if known and side is not None and port.trust is not side:
            place = fabric.place(intent.name, f"interface {port.name}")
            said = f"{place} ({port.name}): {_harm(fabric, side, wanted.all[-1])}"
            yield must("class-lost", intent.name, port.name, said, _FIX)


def _side(port: Interface) -> Trust | None:
    """Whose marks a port must take; ``None`` for the loopback."""
    if port.name == LOOPBACK:
        return None
    return Trust.CORE if port.metric is not None else Trust.EDGE


def _harm(fabric: Fabric, side: Trust, queue: Queue) -> str:
    if side is Trust.CORE:
        return f"a packet marked {_of(fabric, queue)} comes from the core and is not told from others"
    return "a department's packet marked 48 waits with network control, before all classes"


def _of(fabric: Fabric, queue: Queue) -> str:
    code = next(c for c, one in sorted(fabric.province.service_classes.items()) if one.dscp == queue.mark)
    return f"{queue.mark} (class {code}, {queue.percent} % of the core)"


def _on_vlans(intent: RouterIntent) -> Iterator[Finding]:
    ports = [port.name for port in intent.interfaces if port.trust is Trust.CORE and not port.queued]
    if ports:
        said = f"{listed(ports)}: a VLAN of a port has no queues of its own, so classes wait with all others there"
        fix = "lead the core over whole ports, or set queues on the port below by hand"
        yield should("class-unqueued", intent.name, "VLAN", said, fix)


def _unqueued(fabric: Fabric) -> Iterator[Finding]:
    """Said once for each platform."""
    for platform, instead in _INSTEAD.items():
        core = [name for name in sorted(fabric.readings) if fabric.is_provider(name)]
        routers = [name for name in core if fabric.readings[name].intent.platform is platform]
        if routers:
            said = f"{instead}. Classes of service have no queues at {listed(routers)}"
            fix = "put a platform that queues where links are full, or take `percent_of_core` out"
            yield should("class-unqueued", routers[0], str(platform), said, fix)
