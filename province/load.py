"""Read an inventory: every file of a folder, as one province. All mistakes are found in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml  # type: ignore[import-untyped] # its stubs are not worth a dependency for one call
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from province.addressing import LockFile, allocate
from province.document import Document, KeyPath, read_document
from province.errors import Place, ZyError, ZyErrors
from province.evidence import read_evidence
from province.manifest import claim_flaw, evidence_flaws
from province.naming_flaws import naming_flaws
from province.province import Province
from province.references import flaws
from province.source import Shaping, Source

LOCK_NAME = "addresses.lock.yaml"
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def load(folder: Path) -> Province:
    """The province that ``folder`` declares. Raises :class:`ZyErrors` with every mistake, each located."""
    return read(folder)[0]


def read(folder: Path) -> tuple[Province, Source]:
    """The province, and where each of its values was written. Raises as :func:`load` does."""
    source = Source(_documents(folder))
    try:
        if not source.errors:
            source.shape(Shaping.model_validate(source.shaping()))
        if source.errors:
            raise ZyErrors(source.errors)
        province = Province.model_validate(source.merged)
    except ValidationError as error:
        raise ZyErrors(_together(source, _located(error, source))) from error
    # names are judged once everything that they are made of is there
    found = flaws(province) or list(naming_flaws(province))
    wrong = [
        (f.path, ZyError(f.code, f.message + source.note(f.path), place=source.place(f.path), fix=f.fix)) for f in found
    ]
    wrong += _missing_images(folder, province, source)
    manifests, unproven = _manifests(folder, province, source)
    wrong += unproven
    if wrong:
        raise ZyErrors(_together(source, wrong))
    return province.with_slots(_read_lock(folder, province).slots).with_manifests(manifests), source


def _together(source: Source, errors: list[tuple[KeyPath, ZyError]]) -> list[ZyError]:
    """One mistake in a pattern or profile is one error, however many blocks it has spoilt."""
    alike: dict[object, list[ZyError]] = {}
    for number, (path, error) in enumerate(errors):
        key = (error.code, str(error.place), path[-1:]) if source.is_filled_in(path) else number
        alike.setdefault(key, []).append(error)
    return [several[0] if len(several) == 1 else _first_of(several) for several in alike.values()]


def _first_of(several: list[ZyError]) -> ZyError:
    first = several[0]
    words = f"{first.message} (and {len(several) - 1} more like it, from the same place)"
    return ZyError(first.code, words, place=first.place, fix=first.fix)


def unallocated(province: Province, folder: Path) -> dict[str, list[str]]:
    """Keys that have no slot in the lock file yet, by pool."""
    held = _read_lock(folder, province).slots
    missing = {pool: sorted(set(keys) - set(held.get(pool, {}))) for pool, keys in province.wanted().items()}
    return {pool: keys for pool, keys in missing.items() if keys}


def write_allocations(province: Province, folder: Path) -> dict[str, list[str]]:
    """Give every key a slot and write the lock file (atomically); returns what was new, by pool."""
    new = unallocated(province, folder)
    slots = allocate(province.wanted(), _read_lock(folder, province).slots)
    content = {
        "pools": _prefixes(province),
        "slots": {pool: dict(sorted(keys.items(), key=lambda item: item[1])) for pool, keys in sorted(slots.items())},
    }
    path = folder / LOCK_NAME
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write("# Written by `zy allocate`; commit it. A slot, once given, is never changed (地址分配记录).\n")
        yaml.dump(content, stream, Dumper=_DUMPER, default_flow_style=False, sort_keys=False)
    partial.replace(path)
    return new


def _missing_images(folder: Path, province: Province, source: Source) -> Iterator[tuple[KeyPath, ZyError]]:
    for code, image in province.images.items():
        if not (folder / image.source).is_file():
            path = ("images", code, "source")
            words, fix = f"there is no file {image.source} in the inventory", "put the image there, or name one that is"
            yield path, ZyError("ZY-INV-017", words, place=source.place(path), fix=fix)


def _manifests(
    folder: Path, province: Province, source: Source
) -> tuple[dict[str, str], list[tuple[KeyPath, ZyError]]]:
    """Digests of the images' manifests, and what of the images' claims of hardening is not borne out."""
    digests: dict[str, str] = {}
    wrong: list[tuple[KeyPath, ZyError]] = []
    for code, image in province.images.items():
        path: KeyPath = ("images", code, "manifest" if image.manifest else "hardening_level")
        flaws_of_image = [one for one in (claim_flaw(image),) if one]
        if image.manifest:
            try:
                evidence = read_evidence(folder / image.manifest)
            except ZyError as error:
                wrong.append((path, ZyError(error.code, error.message, place=source.place(path), fix=error.fix)))
            else:
                digests[code] = evidence.sha256
                flaws_of_image += evidence_flaws(image, evidence)
        for flaw in flaws_of_image:
            words = f"the image {code}: {flaw.message}"
            wrong.append((path, ZyError(flaw.code, words, place=source.place(path), fix=flaw.fix)))
    return digests, wrong


def _prefixes(province: Province) -> dict[str, list[str]]:
    pools = province.identity.pools.by_name()
    return {name: [str(prefix) for prefix in pair if prefix is not None] for name, pair in sorted(pools.items())}


def _documents(folder: Path) -> list[Document]:
    if not folder.is_dir():
        raise ZyErrors(
            [
                ZyError(
                    "ZY-INV-001",
                    "there is no such folder",
                    place=Place(file=str(folder)),
                    fix="name the inventory's folder with -i DIR or $ZY_INVENTORY",
                )
            ]
        )
    paths = sorted(p for p in folder.rglob("*.yaml") if p.name != LOCK_NAME and not p.name.startswith("."))
    documents: list[Document] = []
    errors: list[ZyError] = []
    for path in paths:
        try:
            document = read_document(path, str(path))
        except ZyError as error:
            errors.append(error)
            continue
        if document is not None:
            documents.append(document)
    if errors:
        raise ZyErrors(errors)
    if not documents:
        empty = Place(file=str(folder))
        raise ZyErrors(
            [ZyError("ZY-INV-001", "no .yaml file here declares anything", place=empty, fix="add province.yaml")]
        )
    return documents


def _located(error: ValidationError, source: Source) -> list[tuple[KeyPath, ZyError]]:
    return [(detail["loc"], _explain(detail, source)) for detail in error.errors(include_url=False)]


_OWNERS = ("responsible", "supervising")


def _explain(detail: ErrorDetails, source: Source) -> ZyError:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    place, last, kind = source.place(path), _field(path), detail["type"]
    if kind == "extra_forbidden":
        fix = "check the spelling against `zy schema`, or remove it"
        return ZyError("ZY-INV-012", f"`{last}` is not a known key", place=place, fix=fix)
    if kind == "missing" and last in _OWNERS:
        words = "responsible subject (责任主体)" if last == "responsible" else "supervising subject (监管主体)"
        fix = f"add `{last}:` with id, name and contact"
        return ZyError("ZY-INV-014", f"{_owner(path)} has no {words}", place=place, fix=fix)
    if kind == "missing":
        return ZyError("ZY-INV-013", f"`{last}` is missing in {_owner(path)}", place=place, fix=f"add `{last}:`")
    said = detail["msg"].removeprefix("Value error, ") + source.note(path)
    if kind.endswith("_type") or kind in ("int_parsing", "float_parsing", "int_from_float"):
        return ZyError("ZY-INV-015", f"`{last}`: {said}{_seen(detail)}", place=place, fix=_type_fix(kind))
    return ZyError(
        "ZY-INV-016", f"`{last}`: {said}{_seen(detail)}", place=place, fix="use a value that is allowed here"
    )


def _field(path: tuple[str | int, ...]) -> str:
    """Name of the field at the end of a path; an item of a list is ``ports[0]``."""
    if len(path) > 1 and isinstance(path[-1], int):
        return f"{path[-2]}[{path[-1]}]"
    return str(path[-1]) if path else ""


def _owner(path: tuple[str | int, ...]) -> str:
    return "/".join(str(part) for part in path[:-1]) or "the inventory"


def _seen(detail: ErrorDetails) -> str:
    value = detail.get("input")
    return f", not {value!r}" if isinstance(value, str | int | float | bool) or value is None else ""


def _type_fix(kind: str) -> str:
    if kind == "string_type":
        return 'put it in quotes, as in "440000"'
    return "write the kind of value that the message names"


def _read_lock(folder: Path, province: Province) -> LockFile:
    path = folder / LOCK_NAME
    if not path.exists():
        return LockFile()
    document = read_document(path, str(path))
    try:
        lock = LockFile.model_validate(document.plain() if document else {})
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        place = document.place(detail["loc"]) if document else Place(file=str(path))
        raise ZyErrors([_damaged(place, f"{'/'.join(map(str, detail['loc']))}: {detail['msg']}")]) from error
    wrong = list(_lock_errors(document, lock, province)) if document else []
    if wrong:
        raise ZyErrors(wrong)
    return lock


def _lock_errors(document: Document, lock: LockFile, province: Province) -> Iterator[ZyError]:
    for pool, slots in lock.slots.items():
        doubled = len(slots) - len(set(slots.values()))
        if doubled or any(slot < 0 for slot in slots.values()):
            yield _damaged(document.place(("slots", pool)), f"two keys of {pool} hold one slot, or a slot is negative")
    for pool, prefixes in lock.pools.items():
        now = _prefixes(province).get(pool)
        if now is not None and now != prefixes:
            yield ZyError(
                "ZY-INV-036",
                f"the pool {pool} was {', '.join(prefixes)} when addresses were given, and is {', '.join(now)} now:"
                " everything in it would be renumbered",
                place=document.place(("pools", pool)),
                fix="put the pool back; to renumber on purpose, remove its entries from the lock file",
            )


def _damaged(place: Place, what: str) -> ZyError:
    return ZyError("ZY-INV-035", f"the allocations are damaged: {what}", place=place, fix="restore it from git")
