"""OpenSCAP's results are read as XCCDF says, and half of them are none."""

from __future__ import annotations

import pytest

from roles.judges.openscap import read_results
from roles.judges.report import Finding

RULE = "xccdf_org.ssgproject.content_rule_"
RESULTS = f"""<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2">
<Rule id="{RULE}partition_for_var"><title>Ensure /var Located On Separate Partition</title></Rule>
<TestResult>
<rule-result idref="{RULE}partition_for_var"><result>fail</result></rule-result>
<rule-result idref="{RULE}a_passed"><result>pass</result></rule-result>
<rule-result idref="{RULE}b_passed"><result>pass</result></rule-result>
<rule-result idref="{RULE}c_error"><result>error</result></rule-result>
<rule-result idref="{RULE}d_left_out"><result>notselected</result></rule-result>
<rule-result idref="{RULE}e_of_others"><result>notapplicable</result></rule-result>
</TestResult></Benchmark>"""


def test_what_failed_or_could_not_be_told_is_found() -> None:
    report = read_results(RESULTS)
    assert report.index == 50
    assert report.findings == (
        Finding("c_error", " (could not be told)"),
        Finding("partition_for_var", "Ensure /var Located On Separate Partition"),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "have no end"),
        (RESULTS[:-20], "have no end"),
        (RESULTS.replace("pass<", "notapplicable<").replace("fail<", "notchecked<").replace("error<", "x<"), "no rule"),
        ('<!DOCTYPE lol [<!ENTITY a "b">]>' + RESULTS, "entities"),
    ],
)
def test_half_of_them_are_none(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_results(text)
