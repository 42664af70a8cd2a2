"""Stands for the ovn-controllers of one region: all of its hypervisors and gateways, in one small process.

It does what Neutron and Nova wait for: registers each chassis in the OVN southbound database, answers configuration
sequence numbers (so agents are alive), and claims a port that is bound to one of its hosts (so the port becomes
ACTIVE) once Neutron has not touched it for a moment: a real port is claimed when the hypervisor has plugged it, well
after the request that bound it. Claimed at once, it is up before Neutron has stored its binding, and Neutron then
looks ten times in five seconds and gives up for ever.

It stands for nothing else: there is no Open vSwitch, no flow, no packet, no DHCP, no metadata. ACTIVE means bound. What
the logical network would let through is proven by ovn-trace on the real databases.

    python chassis.py REMOTE SOUTHBOUND_SCHEMA HOST...

Runs inside the OpenStack environment: the only non-standard import is ``ovs``. Standard: ovn-sb(5).
"""

from __future__ import annotations

import math
import sys
import time
import uuid
from typing import Any

from ovs.db import idl as ovs_idl  # type: ignore[import-not-found]  # not installed where mypy runs
from ovs.poller import Poller  # type: ignore[import-not-found]  # not installed where mypy runs

_COLUMNS = {
    "Chassis": ["name", "hostname", "encaps", "other_config", "external_ids", "nb_cfg"],
    "Chassis_Private": ["name", "chassis", "nb_cfg", "nb_cfg_timestamp", "external_ids"],
    "Encap": ["type", "ip", "options", "chassis_name"],
    "SB_Global": ["nb_cfg"],
    "Port_Binding": [
        "logical_port",
        "type",
        "options",
        "chassis",
        "requested_chassis",
        "up",
        "parent_port",
        "ha_chassis_group",
        "gateway_chassis",
        "external_ids",
    ],
    "HA_Chassis_Group": ["name", "ha_chassis"],
    "HA_Chassis": ["chassis", "priority"],
    "Gateway_Chassis": ["name", "chassis", "priority"],
}
_POLL_MS = 5000  # a look at the clock, should no change come
_PAUSE_MS = 50  # before a failed transaction is tried again
_PLUG = 0.7  # s without a change by Neutron, before a port is plugged


def other_config(number: int) -> dict[str, str]:
    """What ovn-controller publishes of its Open vSwitch; every host is a gateway to physnet1."""
    return {
        "ovn-bridge-mappings": "physnet1:br-ex",
        "ovn-chassis-mac-mappings": "",
        "datapath-type": "system",
        "iface-types": "geneve,system,tap,vxlan",
        "is-interconn": "false",
        "port-up-notif": "true",
        "ovn-monitor-all": "false",
        "ovn-cms-options": f"enable-chassis-as-gw,availability-zones=az{1 if number % 2 else 2}",
        "ovn-ct-lb-related": "true",
        "ovn-enable-lflow-cache": "true",
    }


class Chassis:
    """The stand-in: follows the southbound database and answers each change with one transaction."""

    def __init__(self, remote: str, schema: str, hosts: list[str]) -> None:
        helper = ovs_idl.SchemaHelper(schema)
        for table, columns in _COLUMNS.items():
            helper.register_columns(table, columns)
        self._idl = ovs_idl.Idl(remote, helper)
        self._hosts = hosts
        self._touched: dict[str, tuple[str | None, float]] = {}  # by port: its revision, and since when we know it

    def serve(self) -> None:
        """Run for ever; ends with the process. The database server may come and go."""
        transaction: Any = None
        answered = -1
        while True:
            self._idl.run()
            pause = _POLL_MS
            due = self._idl.change_seqno != answered or self._wait_to_plug() == 0
            if self._idl.has_ever_connected() and (transaction or due):
                if transaction is None:
                    answered = self._idl.change_seqno
                    transaction = self._answer()
                status = transaction.commit()
                if status != ovs_idl.Transaction.INCOMPLETE:
                    failed = status not in (ovs_idl.Transaction.SUCCESS, ovs_idl.Transaction.UNCHANGED)
                    if failed:
                        print(f"transaction {status}: {transaction.get_error()}", flush=True)
                        answered, pause = -1, _PAUSE_MS
                    transaction = None
                    if not failed:
                        continue
            poller = Poller()
            self._idl.wait(poller)
            if transaction:
                transaction.wait(poller)
            wait = self._wait_to_plug()
            poller.timer_wait(pause if wait is None else min(pause, wait))
            poller.block()

    def _rows(self, table: str) -> list[Any]:
        return list(self._idl.tables[table].rows.values())

    def _answer(self) -> Any:
        transaction = ovs_idl.Transaction(self._idl)
        if not self._register(transaction):  # a new chassis has no row to point at before it is committed
            self._claim_ports()
            self._acknowledge()
        return transaction

    def _register(self, transaction: Any) -> bool:
        known = {chassis.name for chassis in self._rows("Chassis")}
        missing = False
        for number, host in enumerate(self._hosts, 1):
            name = str(uuid.uuid5(uuid.NAMESPACE_DNS, host))
            if name in known:
                continue
            missing = True
            encap = transaction.insert(self._idl.tables["Encap"])
            encap.type, encap.ip = "geneve", f"127.1.0.{number}"
            encap.options, encap.chassis_name = {"csum": "true"}, name
            chassis = transaction.insert(self._idl.tables["Chassis"])
            chassis.name, chassis.hostname = name, host
            chassis.encaps, chassis.other_config = [encap], other_config(number)
            private = transaction.insert(self._idl.tables["Chassis_Private"])
            private.name, private.chassis = name, [chassis]
        return missing

    def _claim_ports(self) -> None:
        ports = {port.logical_port: port for port in self._rows("Port_Binding")}
        for port in ports.values():
            if port.type in ("", "l2gateway", "vtep"):
                bound = ports.get(port.parent_port[0], port) if port.parent_port else port
                owner = bound.requested_chassis[0] if bound.requested_chassis else None
            elif port.type in ("chassisredirect", "external"):
                owner = best_gateway(port)
            else:
                continue
            if (port.chassis[0] if port.chassis else None) != owner:
                if owner and port.type == "" and not self._settled(port):
                    continue
                port.chassis = [owner] if owner else []
            self._touched.pop(port.logical_port, None)
            if port.type in ("", "external") and (port.up[0] if port.up else None) != bool(owner):
                port.up = [bool(owner)]
        for gone in self._touched.keys() - ports.keys():
            del self._touched[gone]

    def _settled(self, port: Any) -> bool:
        """Whether Neutron has left this port alone long enough to plug it."""
        revision, now = port.external_ids.get("neutron:revision_number"), time.monotonic()
        known, since = self._touched.get(port.logical_port, (None, now))
        if port.logical_port not in self._touched or known != revision:
            self._touched[port.logical_port] = (revision, now)
            return False
        return now - since >= _PLUG

    def _wait_to_plug(self) -> int | None:
        """Milliseconds until the next port may be plugged; None without one."""
        if not self._touched:
            return None
        first = min(since for _, since in self._touched.values())
        return max(0, math.ceil((first + _PLUG - time.monotonic()) * 1000))

    def _acknowledge(self) -> None:
        now = int(time.time() * 1000)
        for wanted in self._rows("SB_Global"):
            for private in self._rows("Chassis_Private"):
                if private.nb_cfg != wanted.nb_cfg:
                    private.nb_cfg, private.nb_cfg_timestamp = wanted.nb_cfg, now


def best_gateway(port: Any) -> Any:
    """The chassis of the highest priority among those that may hold this gateway port; None without one."""
    offered = [x for group in port.ha_chassis_group for x in group.ha_chassis if x.chassis]
    offered = offered or [x for x in port.gateway_chassis if x.chassis]
    return max(offered, key=lambda x: x.priority).chassis[0] if offered else None


if __name__ == "__main__":
    Chassis(sys.argv[1], sys.argv[2], sys.argv[3:]).serve()
