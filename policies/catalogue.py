"""The control catalogue (控制目录): every technical clause of GB/T 22239-2019 level 3, and what judges it.

A clause is judged by what its ``checks`` name: ids of checks on the live system (``cloud.server.*``, ``hst-audit-on``;
a final ``*`` stands for any rest) and names of policy rules (``mandatory-labels``). What they do not see is said in
``unmeasured`` and is attested by people; a clause without checks is attested as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails

from province.clause import CLAUSES, Clause
from province.declared import Declared
from province.document import Document, read_document
from province.errors import Place, ZyError, ZyErrors

HERE = Path(__file__).parent / "controls"
SCHEMA_NAME = "catalogue.schema.json"
HIGH_RISK_GUIDE = "T/ISEAA 001-2020"
"""网络安全等级保护测评高风险判定指引: which nonconformities make a system fail its assessment."""


class Room(StrEnum):
    """Where a clause is enforced or proven."""

    CLOUD = "cloud"
    HOST = "host"
    NETWORK = "network"
    PROCESS = "process"


class Scope(StrEnum):
    """What must exist so that a clause applies."""

    PLATFORM = "platform"
    SYSTEMS = "systems"
    HOSTS = "hosts"
    ROUTERS = "routers"
    IMPORTANT_DATA = "important-data"


class Attester(StrEnum):
    """Who attests: the platform's operator, or each department that owns what the clause is about."""

    OPERATOR = "operator"
    DEPARTMENTS = "departments"


class Combine(StrEnum):
    """How several checks make one verdict."""

    ALL = "all"
    ANY = "any"


Pattern = Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]*\*?$")]


class Control(Declared):
    """One clause."""

    title: str = Field(min_length=1, description="Chinese; our own paraphrase (中文要点).")
    title_en: str = Field(min_length=1)
    rooms: frozenset[Room] = Field(min_length=1)
    applies_to: Scope = Scope.PLATFORM
    attested_by: Attester
    checks: tuple[Pattern, ...] = Field(default=(), description="Ids of checks, names of policy rules; * at the end.")
    combine: Combine = Combine.ALL
    unmeasured: str = Field(default="", description="What the checks do not see, in Chinese.")
    unmeasured_en: str = ""
    high_risk: str = Field(default="", description=f"The case of {HIGH_RISK_GUIDE} that names the clause.")

    @model_validator(mode="after")
    def _whole(self) -> Control:
        if bool(self.unmeasured) != bool(self.unmeasured_en):
            raise ValueError("`unmeasured` and `unmeasured_en` stand together")
        if self.unmeasured and not self.checks:
            raise ValueError("`unmeasured` without `checks`: then all of it is attested anyway")
        return self


_FILE: TypeAdapter[dict[str, Control]] = TypeAdapter(dict[Clause, Control])


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All clauses, in the standard's order."""

    controls: Mapping[str, Control]

    def get(self, clause: str) -> Control:
        """Raises ``ZY-POL-022`` for a clause that is none."""
        if clause not in self.controls:
            control = clause.partition(" ")[0] or "?"
            near = [known for known in self.controls if known.startswith(control)]
            raise ZyError(
                "ZY-POL-022",
                f"the catalogue has no clause {clause!r}",
                fix=f"use one of: {', '.join(near[:8])}" if near else "see zy policy list",
            )
        return self.controls[clause]


def load(folder: Path = HERE) -> Catalogue:
    """The catalogue of a folder. Raises :class:`ZyErrors` with every mistake (``ZY-POL-021``), each located."""
    controls: dict[str, Control] = {}
    errors: list[ZyError] = []
    for path in sorted(folder.glob("*.yaml")):
        document = read_document(path, str(path))
        if document is None:
            continue
        try:
            found = _FILE.validate_python(document.plain())
        except ValidationError as error:
            errors += [_located(detail, document) for detail in error.errors(include_url=False)]
            continue
        errors += [
            _wrong(f"{clause} stands in another file too", document.place((clause,)))
            for clause in found
            if clause in controls
        ]
        controls |= found
    missing = [clause for clause in CLAUSES if clause not in controls]
    if missing and not errors:
        errors = [_wrong(f"{len(missing)} clauses are missing: {', '.join(missing[:5])}", Place(file=str(folder)))]
    if errors:
        raise ZyErrors(errors)
    return Catalogue({clause: controls[clause] for clause in CLAUSES})


def json_schema() -> dict[str, Any]:
    """Schema (draft 2020-12) of one file of the catalogue."""
    schema = _FILE.json_schema()
    schema["propertyNames"] = {"enum": list(CLAUSES)}
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Control catalogue (控制目录)"
    return schema


@dataclass(frozen=True, slots=True)
class Index:
    """Finds the patterns that claim an id, without trying each."""

    exact: frozenset[str]
    prefixes: frozenset[str]
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, patterns: Sequence[str]) -> Index:
        prefixes = frozenset(pattern[:-1] for pattern in patterns if pattern.endswith("*"))
        exact = frozenset(pattern for pattern in patterns if not pattern.endswith("*"))
        return cls(exact, prefixes, tuple(sorted({len(prefix) for prefix in prefixes})))

    def claiming(self, id_: str) -> list[str]:
        """Patterns that match ``id_``."""
        found = [f"{id_[:length]}*" for length in self.lengths if id_[:length] in self.prefixes]
        return [id_, *found] if id_ in self.exact else found


def _located(detail: ErrorDetails, document: Document) -> ZyError:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    said = detail["msg"].removeprefix("Value error, ")
    return _wrong(f"{'/'.join(map(str, path))}: {said}", document.place(path))


def _wrong(what: str, place: Place) -> ZyError:
    return ZyError(
        "ZY-POL-021", f"the control catalogue: {what}", place=place, fix="mend it against catalogue.schema.json"
    )
