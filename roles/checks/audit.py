"""The audit: on, recording, and protected. Pure."""

from __future__ import annotations

import re

from roles.probe import Answer, Probe, Verdict, passed_if


def audit_probes(nonce: str) -> list[Probe]:
    event = (
        f"/bin/true zy-verify-{nonce}; for n in 1 2 3 4 5 6 7 8 9 10; do"
        f" ausearch -k zy-privileged --start recent </dev/null 2>/dev/null | grep -B3 -A1 zy-verify-{nonce} && exit 0;"
        " sleep 0.3; done; exit 1"
    )
    return [
        Probe(
            "hst-audit-on",
            "auditctl -s; auditctl -l",
            "enabled, a daemon takes the records, rules for identity, rights, time and modules are loaded",
            _audit_on,
        ),
        Probe(
            "hst-audit-event",
            event,
            "a record of the command just run, with time, login user and success",
            _audit_event,
        ),
        Probe(
            "hst-audit-protected",
            "systemctl show -p RefuseManualStop auditd; stat -c '%a %U' /var/log/audit /var/log/audit/audit.log",
            "the service refuses to be stopped by hand; records belong to root and nobody else may read or write them",
            _audit_protected,
        ),
        Probe(
            "hst-audit-capacity",
            "grep -hE '^(max_log_file|num_logs|max_log_file_action|.*(left|full)_action) *=' /etc/audit/auditd.conf",
            "at least 100 MiB in rotated files; a full disk stops neither the audit nor the host",
            _audit_capacity,
        ),
    ]


def _audit_on(answer: Answer) -> Verdict:
    enabled = re.search(r"^enabled [12]$", answer.text, re.MULTILINE)
    daemon = re.search(r"^pid [1-9]\d*$", answer.text, re.MULTILINE)
    wanted = ("/etc/passwd", "/etc/sudoers", "clock_settime", "init_module", "execve")
    missing = [what for what in wanted if what not in answer.text]
    rules = sum(1 for line in answer.text.splitlines() if line.startswith("-"))
    state = f"{'on' if enabled else 'off'}, {'daemon runs' if daemon else 'no daemon'}, {rules} rules"
    return passed_if(bool(enabled and daemon) and not missing, f"{state}, missing: {', '.join(missing) or 'none'}")


def _audit_event(answer: Answer) -> Verdict:
    found = re.search(r"type=SYSCALL msg=audit\(([\d/:. ]+)\).*success=yes.* auid=(\S+)", answer.text)
    if not found or found[2] in ("unset", "4294967295"):
        return passed_if(False, "no record of the command was found")
    return passed_if(True, f"recorded at {found[1]}, login user {found[2]}, success=yes")


def _audit_protected(answer: Answer) -> Verdict:
    modes = re.findall(r"^(\d+) (\w+)$", answer.text, re.MULTILINE)
    kept = len(modes) == 2 and all(owner == "root" and int(mode, 8) & 0o027 == 0 for mode, owner in modes)
    return passed_if("RefuseManualStop=yes" in answer.text and kept, "; ".join(answer.text.splitlines()))


def _audit_capacity(answer: Answer) -> Verdict:
    seen = dict(re.findall(r"^(\w+) *= *(\S+)$", answer.text, re.MULTILINE))
    size, count = (int(seen.get(key, "0")) for key in ("max_log_file", "num_logs"))
    harsh = sorted(f"{key} {value}" for key, value in seen.items() if value.upper() in ("HALT", "SINGLE", "SUSPEND"))
    right = size * count >= 100 and seen.get("max_log_file_action", "").upper() == "ROTATE" and not harsh
    return passed_if(right, f"{count} files of {size} MiB; {', '.join(harsh) or 'nothing stops'}")
