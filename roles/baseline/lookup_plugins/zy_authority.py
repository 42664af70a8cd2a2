"""Certificate of the log transport's authority, on the controller: see DOCUMENTATION."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase  # type: ignore[import-untyped] # has no types

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # Ansible loads this file by its path, wherever it was installed

from roles.authority import Authority  # noqa: E402 - needs the path above

DOCUMENTATION = r"""
name: zy_authority
short_description: the certificate of the log transport's authority
description: Makes the authority in the folder if there is none. Its key stays in the folder.
options:
  _terms: {description: The authority's folder on the controller., required: true}
"""


class LookupModule(LookupBase):  # type: ignore[misc] # its base has no types
    def run(self, terms: list[str], _variables: Any = None, **_options: Any) -> list[str]:
        return [Authority(Path(term).expanduser()).certificate for term in terms]
