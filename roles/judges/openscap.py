"""What OpenSCAP's results say of a host, in the form of every judge that is not ours. Pure.

The results are XCCDF 1.2 (NISTIR 7275 r4 §6.6): a ``rule-result`` for each rule, with ``result`` pass, fail, error,
unknown, notapplicable, notchecked, notselected, informational or fixed.
"""

from __future__ import annotations

from xml.etree import ElementTree

from roles.judges.report import Finding, Report

PROFILE = "xccdf_org.ssgproject.content_profile_anssi_np_nt28_high"
"""The strictest that the guide has for Debian: ANSSI's NP-NT28, high."""
_XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
_PREFIX = "xccdf_org.ssgproject.content_rule_"
_UNTOLD = ("error", "unknown")


def read_results(text: str) -> Report:
    """Findings are rules that failed or could not be told; ``index`` counts the passed among all that were judged.

    Raises ValueError where a run did not come to its end, or judged nothing: no rule of it would apply to the host.
    """
    if "<!DOCTYPE" in text:
        raise ValueError("the results declare entities, which OpenSCAP's never do")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"the results have no end: {error}") from error
    titles = {rule.get("id"): rule.findtext(f"{_XCCDF}title", "") for rule in root.iter(f"{_XCCDF}Rule")}
    results = [(one.get("idref", ""), one.findtext(f"{_XCCDF}result", "")) for one in root.iter(f"{_XCCDF}rule-result")]
    passed = [rule for rule, result in results if result == "pass"]
    found = [
        Finding(rule.removeprefix(_PREFIX), f"{titles.get(rule, '')}{' (could not be told)' * (result in _UNTOLD)}")
        for rule, result in results
        if result in ("fail", *_UNTOLD)
    ]
    if not passed and not found:
        raise ValueError("no rule was judged")
    return Report(100 * len(passed) // (len(passed) + len(found)), tuple(sorted(found, key=lambda one: one.test)))
