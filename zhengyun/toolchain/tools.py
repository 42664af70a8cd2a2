"""Where the built tools lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from province.errors import ZyError
from zhengyun.toolchain.catalogue import CATALOGUE
from zhengyun.toolchain.store import State, Store


@dataclass(frozen=True, slots=True)
class Tools:
    """What the cloud room and the change engine run. Folders hold the executables of their name."""

    pulumi: Path
    """Folder of ``pulumi`` and of its Python language host."""
    provider: Path
    """Folder of ``pulumi-resource-openstack`` and its ``schema.json``."""
    temporal: Path
    """Folder of ``temporal``."""

    @classmethod
    def locate(cls, cache: Path) -> Tools:
        """The tools in this cache or on PATH; builds nothing. Raises ZY-TOOL-003 where one is missing."""
        found = _located(cache, ("pulumi", "provider", "temporal"))
        return cls(pulumi=found["pulumi"], provider=found["provider"], temporal=found["temporal"])


@dataclass(frozen=True, slots=True)
class Monitoring:
    """What the alarms are tried with."""

    folder: Path
    """Folder of ``prometheus``, ``promtool``, ``prometheus-alertmanager`` and ``amtool``."""

    @classmethod
    def locate(cls, cache: Path) -> Monitoring:
        """The programs in this cache or on PATH; builds nothing. Raises ZY-TOOL-003 where they are missing."""
        return cls(_located(cache, ("monitoring",))["monitoring"])


@dataclass(frozen=True, slots=True)
class Auditors:
    """Programs that judge hosts and are not ours."""

    folders: Mapping[str, Path]
    """By name, the folder of a program and of all that it reads; to be copied to a host."""

    @classmethod
    def locate(cls, cache: Path) -> Auditors:
        """The programs in this cache; builds nothing. Raises ZY-TOOL-003 where one is missing."""
        return cls(_located(cache, ("lynis", "openscap")))


@dataclass(frozen=True, slots=True)
class LabParts:
    """What the lab runs from."""

    kernel: Path
    """Folder of ``linux`` and ``modules``."""
    host_image: Path
    """Folder of ``root.ext4``."""
    router_image: Path
    """Folder of ``root.ext4``."""
    openstack: Path
    """Folder of the OpenStack environment and its database seed."""

    @classmethod
    def locate(cls, cache: Path) -> LabParts:
        """The lab's parts in this cache; builds nothing. Raises ZY-TOOL-003 where one is missing."""
        found = _located(cache, ("kernel", "host-image", "router-image", "openstack"))
        return cls(
            kernel=found["kernel"],
            host_image=found["host-image"],
            router_image=found["router-image"],
            openstack=found["openstack"],
        )


def guest_parts(cache: Path) -> tuple[Path, Path]:
    """Folders of the guests' kernel and of the hosts' image in this cache. Raises ZY-TOOL-003 where one is missing."""
    found = _located(cache, ("kernel", "host-image"))
    return found["kernel"], found["host-image"]


def _located(cache: Path, names: Iterable[str]) -> dict[str, Path]:
    wanted = tuple(names)
    placed = Store(cache, CATALOGUE).place(wanted)
    missing = [placed[name].part for name in wanted if placed[name].state is State.MISSING]
    if missing:
        raise ZyError(
            "ZY-TOOL-003",
            f"not built yet, or built from older sources: {', '.join(part.title for part in missing)}",
            fix=f"run `./zy setup` (about {sum(part.minutes for part in missing):.0f} minutes)",
        )
    return {name: placed[name].path for name in wanted}
