"""Sharing agreements (共享协议) in the cloud: legs of both sides in the exchange zone, and the rules between them.

A server of either side gets one port in its region's exchange network, however many agreements it is party to. That
network has no router. All its ports deny everything, in and out, but the agreed ports between the agreed servers, and
only while the agreement holds. The groups belong to the platform: a tenant cannot widen them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from province.cloud import Zone
from province.errors import Place, ZyError
from province.province import Province
from province.standard import Labels, agreement_description, region_labels, server_name, system_labels
from province.system import Endpoint, SharingAgreement, common
from stacks.plan.rule import Direction, Peer, SecurityGroup, rules


@dataclass(frozen=True, slots=True)
class ExchangePort:
    """A server's leg in the exchange zone."""

    server: str
    project: str
    """Code of the system that it belongs to."""
    labels: Labels
    groups: tuple[str, ...]
    versions: tuple[int, ...]
    """Of IP: a system of IPv6 alone has no IPv4 here, either."""

    @property
    def name(self) -> str:
        return f"{self.server}-exchange"


@dataclass(frozen=True, slots=True)
class ExchangeAddresses:
    """An address group with the addresses of exchange ports, which Neutron gives them."""

    name: str
    description: str
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """All agreements in force inside one region."""

    ports: tuple[ExchangePort, ...]
    addresses: tuple[ExchangeAddresses, ...]
    groups: tuple[SecurityGroup, ...]
    shared_with: tuple[str, ...]
    """Codes of the systems whose projects see the exchange network."""


def plan_exchange(province: Province, region: str, today: date) -> Exchange:
    """Raises ``ZY-CLD-001`` for an agreement in force between two regions."""
    agreements = sorted(in_force(province, region, today), key=lambda agreement: agreement.code)
    labels = region_labels(province, region, Zone.EXCHANGE)
    groups: dict[str, list[str]] = {}
    owner: dict[str, str] = {}
    for agreement in agreements:
        for side, endpoint in _sides(agreement):
            for server in servers_of(province, endpoint):
                groups.setdefault(server, []).append(_side_name(region, agreement, side))
                owner[server] = endpoint.system
    ports = tuple(
        ExchangePort(
            server,
            owner[server],
            _exchange_labels(province, owner[server]),
            tuple(sorted(groups[server])),
            province.systems[owner[server]].families.versions,
        )
        for server in sorted(groups)
    )
    return Exchange(
        ports=ports,
        addresses=tuple(a for agreement in agreements for a in _addresses(province, region, agreement)),
        groups=tuple(g for agreement in agreements for g in _groups(province, region, agreement, labels)),
        shared_with=tuple(sorted(set(owner.values()))),
    )


def in_force(province: Province, region: str, today: date) -> Iterator[SharingAgreement]:
    """Agreements of a region's systems that hold today."""
    for agreement in province.agreements.values():
        provider, consumer = (province.systems[e.system].region for e in (agreement.provider, agreement.consumer))
        if region not in (provider, consumer) or not agreement.holds(today):
            continue
        if provider != consumer:
            raise ZyError(
                "ZY-CLD-001",
                f"the agreement joins systems in two regions ({provider} and {consumer});"
                " only agreements inside one region can be made so far",
                place=Place(target=f"agreements/{agreement.code}"),
                fix="place both systems in one region, or end the agreement (valid_until)",
            )
        yield agreement


def servers_of(province: Province, endpoint: Endpoint) -> tuple[str, ...]:
    """Names of the servers of one side of an agreement."""
    system = province.systems[endpoint.system]
    count = system.workloads[endpoint.workload].count
    return tuple(server_name(system, endpoint.workload, number) for number in range(1, count + 1))


def in_exchange(province: Province, region: str, today: date) -> frozenset[tuple[str, str]]:
    """Systems and workloads of a region whose servers have a leg in the exchange zone."""
    parties = (end for agreement in in_force(province, region, today) for _, end in _sides(agreement))
    return frozenset((end.system, end.workload) for end in parties)


def _sides(agreement: SharingAgreement) -> tuple[tuple[str, Endpoint], ...]:
    return ("provider", agreement.provider), ("consumer", agreement.consumer)


def _side_name(region: str, agreement: SharingAgreement, side: str) -> str:
    return f"{region}-{agreement.code}-{side}"


def _exchange_labels(province: Province, system: str) -> Labels:
    return replace(system_labels(province, province.systems[system]), zone=Zone.EXCHANGE.value)


def _addresses(province: Province, region: str, agreement: SharingAgreement) -> Iterator[ExchangeAddresses]:
    for side, endpoint in _sides(agreement):
        yield ExchangeAddresses(
            _side_name(region, agreement, side),
            f"{agreement.name} · {agreement.resource}",
            servers_of(province, endpoint),
        )


def _groups(province: Province, region: str, agreement: SharingAgreement, labels: Labels) -> Iterator[SecurityGroup]:
    provider, consumer = (_side_name(region, agreement, side) for side in ("provider", "consumer"))
    text = agreement_description(agreement)
    versions = common(*(province.systems[end.system].families for _, end in _sides(agreement)))
    inward = rules(Direction.INGRESS, agreement.ports, {"consumer": Peer(addresses=consumer)}, versions)
    outward = rules(Direction.EGRESS, agreement.ports, {"provider": Peer(addresses=provider)}, versions)
    yield SecurityGroup(provider, text, labels, tuple(inward), closed=True)
    yield SecurityGroup(consumer, text, labels, tuple(outward), closed=True)
