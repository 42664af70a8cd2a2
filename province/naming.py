"""Names of everything that the suite makes (统一命名): one table of forms, and both ways through it.

A name joins codes by hyphens, and codes hold hyphens themselves, so a name alone does not say where one code ends:
``gz-a-b`` may be system ``a-b`` of region ``gz`` or workload ``b`` of system ``a``. Names are therefore read against
the inventory, whose codes are known. An inventory in which one name could be read in two ways is refused
(``ZY-INV-041``), so in every inventory that loads, :func:`parse` is the exact inverse of :meth:`Form.format`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from province.cloud import Zone
from province.province import Province


class Kind(StrEnum):
    """Kinds of objects that have names. Names of one kind never collide; names of two kinds may be the same."""

    DOMAIN = "domain"
    GROUP = "group"
    ROLE = "role"
    PROJECT = "project"
    AGGREGATE = "host-aggregate"
    FLAVOR = "flavor"
    IMAGE = "image"
    NETWORK = "network"
    SUBNET = "subnet"
    ADDRESS_SCOPE = "address-scope"
    SUBNET_POOL = "subnet-pool"
    QOS_POLICY = "qos-policy"
    ROUTER = "router"
    PORT = "port"
    SECURITY_GROUP = "security-group"
    ADDRESS_GROUP = "address-group"
    SERVER_GROUP = "server-group"
    SERVER = "server"
    VOLUME = "volume"
    DNS_ZONE = "dns-zone"
    DNS_RECORD = "dns-record"
    STACK = "stack"
    HOST = "host"
    EXTRANET_ROUTER = "extranet-router"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to name a kind: what the thing belongs to, and its template."""

    kind: Kind
    of: str
    template: str

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.template))

    def format(self, **values: str) -> str:
        """The name. Raises :class:`KeyError` for a field that is not given."""
        return self.template.format_map(values)


FORMS: tuple[Form, ...] = (
    Form(Kind.DOMAIN, "region", "{region}-government"),
    Form(Kind.GROUP, "duty", "{region}-{duty}-admins"),
    Form(Kind.ROLE, "duty", "{region}-{duty}-admin"),
    Form(Kind.PROJECT, "platform", "{region}-platform"),
    Form(Kind.PROJECT, "system", "{region}-{system}"),
    Form(Kind.AGGREGATE, "availability zone", "{region}-{az}"),
    Form(Kind.FLAVOR, "province", "{flavor}"),
    Form(Kind.IMAGE, "region", "{region}-{image}"),
    Form(Kind.NETWORK, "zone", "{region}-{zone}"),
    Form(Kind.NETWORK, "system", "{region}-{system}"),
    Form(Kind.SUBNET, "zone", "{region}-{zone}-{family}"),
    Form(Kind.SUBNET, "system", "{region}-{system}-{family}"),
    Form(Kind.ADDRESS_SCOPE, "region", "{region}-{family}"),
    Form(Kind.SUBNET_POOL, "region", "{region}-{range}-{family}"),
    Form(Kind.QOS_POLICY, "region", "{region}-{class}"),
    Form(Kind.ROUTER, "zone", "{region}-{zone}"),
    Form(Kind.PORT, "zone gateway", "{region}-{zone}-gateway"),
    Form(Kind.PORT, "system gateway", "{region}-{system}-gateway"),
    Form(Kind.PORT, "server", "{region}-{system}-{workload}-{number}"),
    Form(Kind.PORT, "server exchange", "{region}-{system}-{workload}-{number}-exchange"),
    Form(Kind.SECURITY_GROUP, "zone", "{region}-{zone}"),
    Form(Kind.SECURITY_GROUP, "workload", "{region}-{system}-{workload}"),
    Form(Kind.SECURITY_GROUP, "agreement", "{region}-{agreement}-{side}"),
    Form(Kind.ADDRESS_GROUP, "pool", "{region}-{pool}"),
    Form(Kind.ADDRESS_GROUP, "agreement", "{region}-{agreement}-{side}"),
    Form(Kind.SERVER_GROUP, "workload", "{region}-{system}-{workload}"),
    Form(Kind.SERVER, "workload", "{region}-{system}-{workload}-{number}"),
    Form(Kind.VOLUME, "server", "{region}-{system}-{workload}-{number}-data"),
    Form(Kind.DNS_ZONE, "region", "{region}.{domain}."),
    Form(Kind.DNS_RECORD, "workload", "{workload}.{system}.{region}.{domain}."),
    Form(Kind.STACK, "province", "province"),
    Form(Kind.STACK, "region", "region-{region}"),
    Form(Kind.STACK, "system", "tenant-{system}"),
    Form(Kind.STACK, "adopted", "adopted-{adopted}"),
    Form(Kind.HOST, "province", "{host}"),
    Form(Kind.EXTRANET_ROUTER, "province", "{router}"),
)

_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "duty": ("system", "audit", "security"),
        "family": ("ipv4", "ipv6"),
        "pool": ("extranet", "bastions"),
        "range": ("zone", "system"),
        "side": ("provider", "consumer"),
        "zone": tuple(zone.value for zone in Zone),
    }
)
"""Fields whose words are the standard's own."""

_WIDE = ("region", "system", "workload")
"""Fields whose codes depend on the one before."""


def form(kind: Kind, of: str) -> Form:
    """The form of that kind for what belongs to ``of``. Raises :class:`KeyError` when there is none."""
    return _BY_OWNER[kind, of]


_BY_OWNER = {(form.kind, form.of): form for form in FORMS}


@dataclass(frozen=True, slots=True)
class Name:
    """A name with what it is made of."""

    form: Form
    values: Mapping[str, str]

    def __str__(self) -> str:
        return self.form.format(**self.values)


@dataclass(frozen=True)
class Codes:
    """The codes of an inventory, as names are made of them."""

    province: Province

    def choices(self, field: str, bound: Mapping[str, str]) -> Iterable[str]:
        """What may stand in a field, when the fields before it are ``bound``; numbers have no end, so none of them."""
        if field in _WORDS:
            return self._zones(bound) if field == "zone" else _WORDS[field]
        if field == "system":
            return self._systems[bound["region"]] if "region" in bound else tuple(self.province.systems)
        if field == "workload":
            return tuple(self.province.systems[bound["system"]].workloads)
        if field == "az":
            return tuple(self.province.regions[bound["region"]].availability_zones)
        if field == "agreement":
            return self._agreements[bound["region"]]
        return self._plain[field]

    def _zones(self, bound: Mapping[str, str]) -> tuple[str, ...]:
        offered = self.province.regions[bound["region"]].zones
        return tuple(zone.value for zone in Zone if zone in offered)

    @cached_property
    def _plain(self) -> Mapping[str, tuple[str, ...]]:
        one = self.province
        return {
            "region": tuple(one.regions),
            "adopted": tuple(one.adopted),
            "image": tuple(one.images),
            "class": tuple(one.service_classes),
            "flavor": tuple(one.flavors),
            "host": tuple(one.hosts),
            "router": tuple(one.routers),
            "domain": (one.identity.domain,),
        }

    @cached_property
    def _systems(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {region: [] for region in self.province.regions}
        for code, system in self.province.systems.items():
            found.setdefault(system.region, []).append(code)
        return found

    @cached_property
    def _agreements(self) -> Mapping[str, list[str]]:
        """Both sides' regions: an agreement has objects in each."""
        found: dict[str, list[str]] = {region: [] for region in self.province.regions}
        for code, agreement in self.province.agreements.items():
            for system in (agreement.provider.system, agreement.consumer.system):
                if system in self.province.systems:
                    region = found.setdefault(self.province.systems[system].region, [])
                    region += [code] if code not in region else []
        return found


def declared(province: Province) -> Iterator[Name]:
    """Every name that the inventory gives. Of numbered things the first and the last: those between are like them."""
    codes = Codes(province)
    for each in FORMS:
        for values in _fillings(codes, each.fields, {}):
            yield Name(each, values)


def parse(province: Province, kind: Kind, name: str) -> Name | None:
    """What a name says; ``None`` when the inventory knows nothing of that name.

    Servers are read under any number: also those that the inventory has ceased to want.
    """
    return next(readings(province, kind, name), None)


def readings(province: Province, kind: Kind, name: str) -> Iterator[Name]:
    """Every way to read a name: at most one where the inventory has passed its checks."""
    codes = Codes(province)
    for each in FORMS:
        if each.kind is kind:
            parts = [part for part in re.split(r"({\w+})", each.template) if part]
            for values in _matches(codes, parts, name, {}):
                if _fits(codes, values):
                    yield Name(each, values)


def _fillings(codes: Codes, fields: tuple[str, ...], bound: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    first = next((field for field in _in_order(fields) if field not in bound), None)
    if first is None:
        yield bound
        return
    for choice in _numbers(codes, bound) if first == "number" else codes.choices(first, bound):
        yield from _fillings(codes, fields, {**bound, first: choice})


def _in_order(fields: tuple[str, ...]) -> list[str]:
    """Wider before narrower: a workload is known once its system is."""
    return [*(field for field in _WIDE if field in fields), *(field for field in fields if field not in _WIDE)]


def _numbers(codes: Codes, bound: Mapping[str, str]) -> tuple[str, ...]:
    count = codes.province.systems[bound["system"]].workloads[bound["workload"]].count
    return ("1",) if count == 1 else ("1", str(count))


def _matches(codes: Codes, parts: list[str], text: str, bound: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    if not parts:
        if not text:
            yield bound
        return
    part, rest = parts[0], parts[1:]
    if not part.startswith("{"):
        if text.startswith(part):
            yield from _matches(codes, rest, text.removeprefix(part), bound)
        return
    field = part[1:-1]
    for choice in _beginnings(codes, field, text, bound):
        yield from _matches(codes, rest, text.removeprefix(choice), {**bound, field: choice})


def _fits(codes: Codes, values: Mapping[str, str]) -> bool:
    """Whether the parts belong together: a DNS record names its workload before the system that has it."""
    bound: dict[str, str] = {}
    for field in (field for field in _WIDE if field in values):
        if values[field] not in codes.choices(field, bound):
            return False
        bound[field] = values[field]
    return True


def _beginnings(codes: Codes, field: str, text: str, bound: Mapping[str, str]) -> list[str]:
    """Choices for a field that ``text`` begins with."""
    if field == "number":
        return re.findall(r"^[1-9][0-9]*", text)
    if field == "workload" and "system" not in bound:
        return re.findall(r"^[a-z0-9-]+", text)
    return [choice for choice in codes.choices(field, bound) if text.startswith(choice)]
