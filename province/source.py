"""All files of an inventory as one: merged, patterns and profiles filled in, and where each value was written.

Sections ``tables``, ``patterns`` and ``profiles`` declare nothing by themselves; they shape what the others declare.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from province.code import CODE_WORDS, Code, is_code
from province.document import Document, KeyPath
from province.errors import Place, ZyError
from province.pattern import Pattern, PatternError, expand
from province.profile import Profile, ProfileError, built_in, resolve

SINGLE = "province"
"""The one section that is a block; all others are maps of blocks under their codes."""

_INNER = {"systems": "workloads", "regions": "availability_zones"}
"""Fields of a section's blocks that are maps of blocks, too."""


class Shaping(BaseModel):
    """Sections that shape others."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tables: dict[Code, dict[str, dict[str, Any]]] = {}
    patterns: dict[Code, Pattern] = {}
    profiles: dict[Code, Profile] = {}  # type: ignore[valid-type] # made from System, field by field


SHAPING = frozenset(Shaping.model_fields)


class Source:
    """The inventory's blocks as the model wants them (:attr:`merged`), and their places."""

    def __init__(self, documents: list[Document]) -> None:
        self.errors: list[ZyError] = []
        self.merged: dict[str, Any] = {}
        self._documents = documents
        self._origin: dict[KeyPath, Document] = {}
        self._moved: dict[KeyPath, KeyPath] = {}
        """Where something was written that was filled in elsewhere: both paths of the inventory."""
        self.profiles: dict[KeyPath, str] = {}
        """Values that a profile gave: which one."""
        for document in documents:
            for section, content in document.plain().items():
                self._merge(document, section, content)

    def place(self, path: KeyPath) -> Place:
        """Position of a value, or of the nearest block above it that was written."""
        for end in range(len(path), 0, -1):
            written = self._moved.get(path[:end])
            if written is not None:
                return self.place((*written, *path[end:]))
        document = self._origin.get(path[:2]) or self._origin.get(path[:1])
        return document.place(path) if document else Place(file=self._documents[0].shown, line=1, column=1)

    def note(self, path: KeyPath) -> str:
        """Words for who reads of a value that a profile gave: it does not stand where the system does."""
        return f" (given by the profile {self.profiles[path]})" if path in self.profiles else ""

    def is_filled_in(self, path: KeyPath) -> bool:
        """Whether a pattern or a profile gave the value, or the block that it is missing in."""
        return any(path[:end] in self._moved for end in range(len(path), 0, -1))

    def is_written(self, path: KeyPath) -> bool:
        """Whether the value was written in a file of the inventory, or filled in by one of its patterns."""
        node: Any = self.merged
        for key in path:
            if not isinstance(node, dict) or key not in node:
                return False
            node = node[key]
        return path not in self.profiles

    def shaping(self) -> dict[str, Any]:
        """The sections that shape others, as written."""
        return {section: self.merged[section] for section in SHAPING if section in self.merged}

    def shape(self, shaping: Shaping) -> None:
        """Fill in patterns, then profiles, then codes; mistakes go to :attr:`errors`."""
        written = {section: self.merged.pop(section, {}) for section in SHAPING}
        self._expand(shaping)
        self._resolve(written["profiles"])
        for section, blocks in self.merged.items():
            if section != SINGLE:
                self.merged[section] = {code: _coded(section, code, block) for code, block in blocks.items()}

    def _expand(self, shaping: Shaping) -> None:
        try:
            for block in expand(shaping.patterns, shaping.tables):
                path = (block.section, block.code)
                if block.section in SHAPING | {SINGLE}:
                    words = f"a pattern cannot declare {block.section}"
                    raise PatternError(words, block.origin[:-1])
                target = self.merged.setdefault(block.section, {})
                if (block.section,) not in self._origin:
                    self._moved[(block.section,)] = block.origin[:-1]
                if block.code in target:
                    self._duplicate(self.place(block.origin), path, self.place(path))
                    continue
                self._moved[path] = block.origin
                target[block.code] = block.content
                self._check_code(path)
        except PatternError as error:
            self.errors.append(
                ZyError(
                    "ZY-INV-046",
                    error.message,
                    place=self.place(error.path),
                    fix="see docs/reference/profiles-and-patterns.md for what a pattern may say",
                )
            )

    def _resolve(self, own: Mapping[str, Any]) -> None:
        systems = self.merged.get("systems", {})
        shaped = {
            code: block
            for code, block in systems.items()
            if isinstance(block, dict) and {"profile", "without"} & set(block)
        }
        if not shaped:
            return
        offered = {name: document.plain() for name, document in built_in().items()} | dict(own)
        for code, block in shaped.items():
            try:
                resolved = resolve(block, offered)
            except ProfileError as error:
                base = ("systems", code) if error.profile is None else ("profiles", error.profile)
                place = self.place((*base, *error.path))
                self.errors.append(ZyError(error.code, error.message, place=place, fix=error.fix))
                continue
            systems[code] = resolved.block
            for path, (profile, inside) in resolved.origins.items():
                here = ("systems", code, *path)
                self.profiles[here] = profile
                self._moved[here] = ("profiles", profile, *inside) if profile in own else ("systems", code, "profile")

    def _merge(self, document: Document, section: str, content: Any) -> None:
        known = self._origin.setdefault((section,), document)
        if not isinstance(content, dict):
            place, fix = document.place((section,)), f"write `{section}:` and its entries indented below"
            self.errors.append(ZyError("ZY-INV-015", f"`{section}` is not a map", place=place, fix=fix))
            return
        if section == SINGLE:
            if known is not document:
                self._duplicate(document.place((section,)), (section,), known.place((section,)))
                return
            self.merged[section] = content
            return
        target = self.merged.setdefault(section, {})
        for code, block in content.items():
            path = (section, code)
            if code in target:
                self._duplicate(document.place(path), path, self.place(path))
                continue
            self._origin[path] = document
            target[code] = block
            self._check_code(path)

    def _check_code(self, path: tuple[str, str]) -> None:
        """The grammar of the code, and that no block repeats it inside."""
        section, code = path
        if section != "flavors" and not is_code(code):
            words = f"{code!r} is not a code"
            self.errors.append(ZyError("ZY-INV-011", words, place=self.place(path), fix=f"use {CODE_WORDS}"))
        block = self.merged[section][code]
        self._check_codeless(path, block)
        inside = _INNER.get(section)
        if inside is not None and isinstance(block, dict) and isinstance(block.get(inside), dict):
            for name, inner in block[inside].items():
                self._check_codeless((*path, inside, name), inner)

    def _check_codeless(self, path: KeyPath, block: Any) -> None:
        if isinstance(block, dict) and "code" in block:
            place, fix = self.place((*path, "code")), "remove it; the code is the key above"
            self.errors.append(ZyError("ZY-INV-012", "`code` is not a known key", place=place, fix=fix))

    def _duplicate(self, place: Place, path: KeyPath, first: Place) -> None:
        words = f"{'/'.join(map(str, path))} is declared twice; first at {first}"
        fix = "keep one of the two, or give one another code"
        self.errors.append(ZyError("ZY-INV-010", words, place=place, fix=fix))


def _coded(section: str, code: str, block: Any) -> Any:
    """The block with its code inside, where the model wants it."""
    if not isinstance(block, dict):
        return block
    coded = {**block, "code": code}
    inside = _INNER.get(section)
    if inside is not None and isinstance(block.get(inside), dict):
        coded[inside] = {name: _coded("", name, inner) for name, inner in block[inside].items()}
    return coded
