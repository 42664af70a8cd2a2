#!/usr/bin/env python3
"""Ansible's own door to the province: ``ansible-playbook -i roles/dynamic_inventory.py roles/site.yml``.

Environment: ``ZY_INVENTORY`` (folder, default ``inventories/lab``), ``ZY_SSH_CONFIG`` (ssh_config(5) for all hosts;
without it ssh reads the operator's own). Mistakes in the inventory are told on stderr; the exit code is then 2.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # Ansible runs this file by its path, wherever it was installed

from province.errors import ZyError, ZyErrors  # noqa: E402 - needs the path above
from province.load import load  # noqa: E402 - the same
from province.window import CHINA  # noqa: E402 - the same
from roles.inventory import ansible_inventory  # noqa: E402 - the same


def main(argv: list[str]) -> int:
    """``--list`` prints everything; ``--host`` nothing more, since ``--list`` holds all variables."""
    if argv[:1] == ["--host"]:
        print("{}")
        return 0
    folder = Path(os.environ.get("ZY_INVENTORY", ROOT / "inventories" / "lab"))
    named = os.environ.get("ZY_SSH_CONFIG")
    try:
        today = datetime.now(CHINA).date()
        inventory = ansible_inventory(load(folder), Path(named).absolute() if named else None, today)
    except ZyErrors as error:
        return _tell(error.errors)
    except ZyError as error:
        return _tell([error])
    print(json.dumps(inventory, indent=2, sort_keys=True))
    return 0


def _tell(errors: list[ZyError]) -> int:
    for error in errors:
        print(f"{error.place}: {error}; {error.fix}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
