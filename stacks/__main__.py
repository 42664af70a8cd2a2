"""What ``pulumi`` runs: the program of the stack that it names.

The inventory is Pulumi's config ``zhengyun:inventory``, or ``$ZY_INVENTORY``, or ``inventories/lab``; agreements are
judged on the day ``zhengyun:today`` or ``$ZY_TODAY`` (ISO 8601), else today.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Pulumi puts this folder on the path instead of the one that holds our packages
    here = Path(__file__).resolve().parent
    sys.path[:] = [str(here.parent), *(entry for entry in sys.path if Path(entry or ".").resolve() != here)]
    from stacks.program import main

    main()
