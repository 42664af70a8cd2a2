"""What a host offers to somebody who has no business there, asked from where we are. Pure."""

from __future__ import annotations

import shlex

from roles.probe import Answer, Probe, Verdict, passed_if


def outside_probes(name: str, ssh_config: str) -> list[Probe]:
    """Logins that must be refused. They run here, not on the host."""
    ssh = f"ssh -F {shlex.quote(ssh_config)} -o BatchMode=yes -o ControlPath=none -o ConnectTimeout=8"
    password = "-o PubkeyAuthentication=no -o PreferredAuthentications=password,keyboard-interactive"
    return [
        Probe(
            "hst-login-password",
            f"{ssh} {password} {name} true",
            "refused, with keys as the only method on offer",
            _refused,
        ),
        Probe(
            "hst-login-root",
            f"{ssh} -l root {name} true",
            "refused, with keys as the only method on offer",
            _refused,
        ),
    ]


def _refused(answer: Answer) -> Verdict:
    words = [line for line in answer.text.splitlines() if "Permission denied" in line]
    right = answer.code == 255 and bool(words) and words[-1].rstrip(".").endswith("(publickey)")
    return passed_if(right, words[-1] if words else f"ended with {answer.code}: {answer.text[-200:]}")
