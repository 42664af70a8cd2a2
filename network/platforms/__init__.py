"""One module per router platform; here, and only here, a router's platform chooses its module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from network.device import Connect, Device
from network.platforms.comware import ComwareRouter
from network.platforms.frr import FrrRouter
from network.platforms.hosts import Hosts
from network.platforms.vrp import VrpRouter
from province.errors import Place, ZyError
from province.extranet import Platform
from province.province import Province


class OpenDevice(Device, Protocol):
    """A device whose session is opened and closed."""

    def open(self) -> None: ...

    def close(self) -> None: ...


def connector(province: Province, ssh_config: Path) -> Connect:
    """A function that opens a session with a router of this province, by what ``ssh_config`` says of it.

    It raises ``ZY-NET-035`` for a platform whose configurations are rendered, and whose routers are not driven yet.
    """
    hosts = Hosts(ssh_config)
    makers: Mapping[Platform, Callable[[str], OpenDevice]] = {
        Platform.FRR: lambda router: FrrRouter(router, ssh_config),
        Platform.COMWARE: lambda router: ComwareRouter(router, hosts),
        Platform.VRP: lambda router: VrpRouter(router, hosts),
    }

    def connect(router: str) -> Session:
        platform = province.routers[router].platform
        if platform not in makers:
            raise ZyError(
                "ZY-NET-035",
                f"routers of the platform {platform} are not driven yet, only rendered and checked offline",
                place=Place(target=router),
                fix="leave it out with --limit; `zy network render` writes its configuration for you to load",
            )
        return Session(makers[platform](router))

    return connect


class Session:
    """A session for a ``with`` statement: opened on entry, closed on the way out."""

    def __init__(self, device: OpenDevice) -> None:
        self._device = device

    def __enter__(self) -> Device:
        try:
            self._device.open()
        except BaseException:  # what was opened half is closed; the error goes on
            self._device.close()
            raise
        return self._device

    def __exit__(self, *_exception: object) -> None:
        self._device.close()
