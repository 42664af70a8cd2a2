"""Lynis' report on a host, in the form of every judge that is not ours. Pure.

The report is ``key=value`` by line; a key with ``[]`` repeats (Lynis' ``include/functions``: Report, ReportSuggestion,
ReportWarning, ReportDetails).
"""

from __future__ import annotations

import re

from roles.judges.report import Finding, Report


def read_report(text: str) -> Report:
    """Raises ValueError where a run did not come to its end: its index would be of half the tests."""
    lines = [line.partition("=") for line in text.splitlines()]
    told = {key: value for key, _, value in lines}
    if told.get("finish") != "true":
        raise ValueError("the report has no end: Lynis was stopped")
    details = [_detail(value) for key, _, value in lines if key == "details[]"]
    detailed = {finding.test for finding in details}
    plain = [_plain(value) for key, _, value in lines if key in ("warning[]", "suggestion[]")]
    # A test with details has one line for each of them, or one for all: the details say which.
    found = [*details, *(finding for finding in plain if finding.test not in detailed)]
    return Report(int(told["hardening_index"]), tuple(sorted(set(found), key=lambda f: (f.test, f.text))))


def _plain(value: str) -> Finding:
    """``test|text|detail|solution|``, a dash for what there is none of."""
    test, text, detail, *_ = value.split("|")
    return Finding(test, text if detail in ("-", "") else f"{text}: {detail}")


def _detail(value: str) -> Finding:
    """``test|service|desc:…;field:…;prefval:…;value:…;|``"""
    test, _, fields, *_ = value.split("|")
    said = dict(re.findall(r"(\w+):([^;]*);", fields))
    return Finding(test, f"{said['field']} is {said['value']}, wanted {said['prefval'] or 'another'}")
