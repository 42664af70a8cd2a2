"""What programs and people leave behind, what comes in, and whether files are still what they were. Pure."""

from __future__ import annotations

import re

from roles.probe import Answer, Probe, Verdict, passed_if

_SIGNATURES = """command -v clamscan
find /var/lib/clamav -type f -mtime -7 -name '*.*d*' -printf 'signatures %f\\n' | head -3
systemctl is-active zy-malware.timer"""


def data_probes() -> list[Probe]:
    return [
        Probe(
            "hst-core-dumps",
            "ulimit -Hc",
            "a new session may write no image of memory at all",
            lambda answer: passed_if(answer.text == "0", f"limit {answer.text or 'unknown'}"),
        ),
        Probe(
            "hst-temporary-files",
            "systemctl is-active systemd-tmpfiles-clean.timer;"
            " systemd-tmpfiles --cat-config | grep -E '^[DdqQ]!? +(/var)?/tmp '",
            "/tmp and /var/tmp are cleared of what is older than 30 days, by a timer",
            _temporary_files,
        ),
        Probe(
            "hst-file-integrity",
            # the record last: one that is finished between two looks is then seen by the second
            "systemctl is-active zy-integrity.timer; systemctl show -p ActiveState zy-integrity-renew.service;"
            " stat -c 'record %s' /var/lib/zhengyun/integrity.db",
            "a daily comparison, with a record to compare with",
            _file_integrity,
        ),
        Probe(
            "hst-malware",
            _SIGNATURES,
            "a scanner, signatures of the last 7 days, a weekly scan",
            _malware,
        ),
    ]


def _temporary_files(answer: Answer) -> Verdict:
    ages = dict(re.findall(r"^[DdqQ]!? +(\S+) +\S+ +\S+ +\S+ +(\d+)d$", answer.text, re.MULTILINE))
    right = answer.text.startswith("active") and all(0 < int(ages.get(one, 0)) <= 30 for one in ("/tmp", "/var/tmp"))
    return passed_if(right, ", ".join(f"{folder} after {age} days" for folder, age in ages.items()) or "never cleared")


def _file_integrity(answer: Answer) -> Verdict:
    timer = answer.text.startswith("active")
    record = re.search(r"^record (\d+)$", answer.text, re.MULTILINE)
    making = "ActiveState=activating" in answer.text
    words = f"record of {record[1]} bytes" if record else "the first record is being made" if making else "no record"
    right = timer and (making or (record is not None and int(record[1]) > 10_000))
    return passed_if(right, f"{'daily' if timer else 'never'}; {words}")


def _malware(answer: Answer) -> Verdict:
    lines = answer.text.splitlines()
    scanner = any(line.endswith("clamscan") for line in lines)
    signatures = [line.split()[1] for line in lines if line.startswith("signatures ")]
    timer = "active" in lines
    words = f"{'a scanner' if scanner else 'no scanner'}, signatures: {', '.join(signatures) or 'none'}"
    return passed_if(scanner and bool(signatures) and timer, f"{words}, {'weekly' if timer else 'never'}")
