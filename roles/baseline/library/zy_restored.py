#!/usr/bin/python
"""Put back everything that the roles ever changed on a host: see DOCUMENTATION."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-untyped] # has no types

DOCUMENTATION = r"""
module: zy_restored
short_description: a host as it was before the first run of the roles
description:
  - Restores the record that zy_settings keeps, by the host's own guard.py, and removes the record.
  - A host that has no record is as it was, and nothing changes.
options: {}
"""
HOME = Path("/var/lib/zhengyun/hardening")
GUARD = HOME / "guard.py"


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    if not GUARD.exists():
        module.exit_json(changed=False, diff=[])
    shown = subprocess.run(
        ["/usr/bin/python3", str(GUARD), "show", str(HOME / "original")], capture_output=True, text=True, check=True
    )
    diff = [
        {"before_header": c["object"], "after_header": c["object"], "before": c["before"], "after": c["after"]}
        for c in json.loads(shown.stdout)
    ]
    if not module.check_mode:
        done = subprocess.run(
            ["/usr/bin/python3", str(GUARD), "restore", str(HOME / "original")],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            module.fail_json(msg=f"ZY-HST-023: not everything could be put back: {done.stderr.strip()}")
        shutil.rmtree(HOME)
        with contextlib.suppress(OSError):  # others may keep something of theirs beside us
            HOME.parent.rmdir()
    module.exit_json(changed=True, diff=diff)


if __name__ == "__main__":
    main()
