"""Cinder's driver of the lab: its own fake driver, plus image copies that copy nothing, so that bootable volumes work.

Stands for the storage array. Cinder's side is real (database, quota, states, attachments); no block is ever written.
Runs inside the OpenStack environment only.
"""

from __future__ import annotations

from typing import Any

from cinder.tests.fake_driver import FakeLoggingVolumeDriver  # type: ignore[import-not-found]  # not installed here


class LabVolumeDriver(FakeLoggingVolumeDriver):  # type: ignore[misc]  # nor known to mypy
    """See the module."""

    def clone_image(self, *_: Any) -> tuple[dict[str, Any], bool]:
        return {}, True

    def copy_image_to_volume(self, *_: Any, **__: Any) -> None:
        pass

    def copy_volume_to_image(self, *_: Any, **__: Any) -> None:
        pass

    def retype(self, *_: Any) -> tuple[bool, None]:
        return True, None
