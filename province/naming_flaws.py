"""Whether an inventory keeps to the standard: no name has two meanings, and all texts fit their services."""

from __future__ import annotations

from collections.abc import Iterator

from province.carrier import CARRIERS
from province.flaw import Flaw
from province.naming import Kind, Name, declared
from province.province import Province
from province.standard import agreement_description, description

_SECTIONS = {
    "image": "images",
    "class": "service_classes",
    "flavor": "flavors",
    "host": "hosts",
    "router": "routers",
    "agreement": "agreements",
    "adopted": "adopted",
    "system": "systems",
    "region": "regions",
}
"""Section of the code that a name was made of, the most particular first."""


def naming_flaws(province: Province) -> Iterator[Flaw]:
    """Flaws ``ZY-INV-040`` (name too long), ``-041`` (two readings), ``-042`` (description too long)."""
    seen: dict[tuple[Kind, str], Name] = {}
    for name in declared(province):
        text = str(name)
        first = seen.setdefault((name.form.kind, text), name)
        if first is not name:
            yield _two_readings(text, name, first)
        carrier = CARRIERS[name.form.kind]
        if len(text) > carrier.name:
            yield Flaw(
                "ZY-INV-040",
                f"the {name.form.kind} would be called {text}: {len(text)} characters,"
                f" and {carrier.service} takes {carrier.name}",
                _path(name),
                "shorten one of the codes that the name is made of",
            )
    yield from _descriptions(province)


def _two_readings(text: str, name: Name, first: Name) -> Flaw:
    def told(one: Name) -> str:
        return f"the {one.form.of} ({', '.join(one.values.values())})"

    return Flaw(
        "ZY-INV-041",
        f"the {name.form.kind} {text} could be of {told(first)} or of {told(name)}",
        _path(name),
        "give one of them another code",
    )


def _descriptions(province: Province) -> Iterator[Flaw]:
    limit = CARRIERS[Kind.NETWORK].description
    texts = [(("systems", code, "name"), description(system)) for code, system in province.systems.items()]
    texts += [(("agreements", code, "name"), agreement_description(one)) for code, one in province.agreements.items()]
    for path, text in texts:
        if len(text) > limit:
            yield Flaw(
                "ZY-INV-042",
                f"its description would have {len(text)} characters, and Neutron takes {limit}",
                path,
                "shorten the name (for an agreement: or the resource)",
            )


def _path(name: Name) -> tuple[str, ...]:
    values = name.values
    field = next((field for field in _SECTIONS if field in values), None)
    if field is None:
        return ("province",)
    workload = ("workloads", values["workload"]) if field == "system" and "workload" in values else ()
    return (_SECTIONS[field], values[field], *workload)
