"""Filter ``zy_signed``: a host's request for a certificate, signed by the log transport's authority."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # Ansible loads this file by its path, wherever it was installed

from roles.authority import Authority  # noqa: E402 - needs the path above


def zy_signed(request: str, folder: str, name: str) -> str:
    """``{{ request | zy_signed(folder, inventory_hostname) }}`` is a certificate as PEM."""
    return Authority(Path(folder).expanduser()).sign(request, name)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[[str, str, str], str]]:
        return {"zy_signed": zy_signed}
