"""Classes of service in a region: a QoS policy of Neutron for each. Pure.

A policy belongs to the platform and is shared; a system's network refers to it, so that it holds for each server's port
there. A region has them where its inventory lists ``qos``: not every Neutron has the plugin.
"""

from __future__ import annotations

from dataclasses import dataclass

from province.cloud import Service, ServiceClass
from province.naming import Kind, form
from province.province import Province
from stacks.plan.service import offers

KBIT_PER_MBIT = 1000
"""Neutron counts in kbit/s, and OVN's driver takes a kbit for 1000 bits (neutron_lib.constants.SI_BASE)."""
DIRECTIONS = ("egress", "ingress")
"""From the server and to it. OVN's driver takes both (neutron/services/qos/drivers/ovn/driver.py)."""


@dataclass(frozen=True, slots=True)
class QosPolicy:
    """What each port of a network may do at most in each direction, and the mark of what its server sends."""

    code: str
    name: str
    description: str
    kbit_per_second: int
    dscp: int


def qos_policies(province: Province, region: str) -> tuple[QosPolicy, ...]:
    """Empty where the region offers none."""
    if not offers(province, region, Service.QOS):
        return ()
    return tuple(_policy(region, each) for _, each in sorted(province.service_classes.items()))


def policy_name(region: str, code: str) -> str:
    """QoS policy of a class: ``gd-gold``."""
    return form(Kind.QOS_POLICY, "region").format(**{"region": region, "class": code})


def _policy(region: str, each: ServiceClass) -> QosPolicy:
    return QosPolicy(
        code=each.code,
        name=policy_name(region, each.code),
        description=f"{each.name} · {each.mbit_per_second} Mbit/s · DSCP {each.dscp}",
        kbit_per_second=each.mbit_per_second * KBIT_PER_MBIT,
        dscp=each.dscp,
    )
