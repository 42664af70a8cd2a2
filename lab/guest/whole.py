"""A guest that writes to a whole copy of its image: what is left on it at the end is an image itself."""

from __future__ import annotations

import os
import subprocess
import sys

from lab.guest.guest import RUNNER, Guest
from lab.guest.seed import INIT

_LAST_BOOT_WITHIN = 300  # s; a record of file integrity is made in it


class WholeGuest(Guest):
    """Like any guest, without a copy-on-write file."""

    __slots__ = ()

    def start(self, seed: bytes) -> bool:
        """As ``Guest.start``; the first start copies the image."""
        if not self.disk.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            copy = ["cp", "--sparse=always", str(self.parts.root), str(self.disk)]
            subprocess.run(copy, check=True)
            self.disk.chmod(0o600)
        return super().start(seed)

    def last_boot(self, script: str) -> str:
        """Boot once more with nothing but ``script``, a file of the guest, as its first process; what it printed.

        Nothing else runs, so nothing writes to the disk behind its back. It must end by a poweroff. Raises
        ``subprocess.TimeoutExpired``.
        """
        log = self.folder / "last-boot.log"
        command = [f"init={script}" if word == f"init={INIT}" else word for word in self.command()]
        runner = [sys.executable, "-I", "-S", str(RUNNER), log.name, *(w for w in command if not w.startswith("vec0"))]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "TMPDIR": "/dev/shm"}
        with subprocess.Popen(
            self.network.inside(runner), cwd=self.folder, env=environment, stdin=subprocess.DEVNULL
        ) as running:
            try:
                running.wait(_LAST_BOOT_WITHIN)
            finally:
                running.terminate()  # the runner then ends the guest
        return log.read_text(encoding="utf-8", errors="replace")

    def _root_disk(self) -> str:
        return f"ubd0={self.disk.name}"
