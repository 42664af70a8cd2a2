"""The page and the documents for assessors: complete, true to the verdicts, and safe from what names contain."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from policies.judge import RuleError, Verdict
from policies.standing import Open, standing
from province.load import load
from province.province import Province
from tests.unit.policies.sample import NASTY, sample
from zhengyun.judging import Judgement
from zhengyun.report.assessment import write_assessment
from zhengyun.report.conformity import (
    FIELDS,
    conformity_html,
    embedded,
    evidence_lines,
    owner_rows,
    packed,
    past,
    region_rows,
    state,
    system_rows,
)
from zhengyun.report.oscal import control_id, documents
from zhengyun.report.workbook import workbook

LAB = Path(__file__).parents[3] / "inventories" / "lab"


@pytest.fixture(scope="module")
def lab() -> Province:
    return load(LAB)


@pytest.fixture(scope="module")
def made(lab: Province, tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    return sample(lab, tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def page(made: Judgement, lab: Province) -> str:
    return conformity_html(made, lab)


class Elements(HTMLParser):
    """Every element of a page, with its attributes, and the data that it embeds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == ("script", {"type": "application/json", "id": "data"}):
            self.data += data


def judged_count(made: Judgement) -> int:
    return sum(len(verdict.judged) for verdict in made.verdicts)


def test_every_clause_and_every_judgement_is_on_the_page(page: str, made: Judgement) -> None:
    elements = Elements(page)
    rows = [attributes["data-verdict"] for _, attributes in elements.tags if "data-verdict" in attributes]
    assert rows == [verdict.verdict for verdict in made.verdicts]
    data = json.loads(elements.data)
    assert len(data["rows"]) == judged_count(made) > 200
    assert data["fields"] == list(FIELDS)


def test_names_are_never_markup(page: str) -> None:
    elements = Elements(page)
    assert not [tag for tag, _ in elements.tags if tag in ("img", "iframe", "link")]
    assert len([tag for tag, _ in elements.tags if tag == "script"]) == 2
    assert not [a for _, attributes in elements.tags for a in attributes if a.startswith("on") or a in ("src", "href")]
    assert "49" not in elements.data.split("7*7")[1][:5]
    assert NASTY in json.loads(elements.data)["texts"]


def test_embedding_keeps_the_data_and_ends_no_script() -> None:
    hostile = {"a": ["</script>", "<!--", "&", "\u2028", '"', "政务"]}
    assert json.loads(embedded(hostile)) == hostile
    assert not re.search(r"[<>&\u2028]", embedded(hostile))


def test_page_loads_nothing_and_switches_language(page: str) -> None:
    assert "http" not in page.replace("http-equiv", "")
    assert page.count('class="zh"') == page.count('class="en"')


def test_failures_come_first_and_owners_are_counted(made: Judgement) -> None:
    judged = [one for verdict in made.verdicts for one in verdict.judged]
    rows = packed(iter(judged), {})
    shown = [rows["texts"][row[1]] for row in rows["rows"]]
    assert shown == sorted(shown, key=["failed", "advice", "waived", "skipped", "passed"].index)
    assert sum(sum(row.counts.values()) for row in owner_rows(made)) == len(judged)
    assert {state(one) for one in judged} >= {"failed", "advice", "passed"}


def test_what_lies_in_a_region_or_belongs_to_a_system_is_counted_there(made: Judgement, lab: Province) -> None:
    judged = [one.object for verdict in made.verdicts for one in verdict.judged]
    regions = {row.code: sum(row.counts.values()) for row in region_rows(made, lab)}
    assert regions["gz"] == sum(one in ("region-gz", "tenant-zct") or one.startswith("gz-") for one in judged) > 0
    assert sum(regions.values()) == len(judged) - judged.count("province")
    systems = {row.code: sum(row.counts.values()) for row in system_rows(made, lab)}
    assert systems == {code: judged.count(f"tenant-{code}") for code in lab.systems}
    assert systems["rkk"] > 0


def test_page_tells_what_changed_since_the_last_report(made: Judgement, lab: Province) -> None:
    now = standing("gd", made.made, made.verdicts)
    clause = next(clause for clause, verdict in now.verdicts.items() if verdict is Verdict.FAILED)
    breach = Open(clause=clause, check="gone-check", object=NASTY)
    before = now.model_copy(update={"verdicts": {**now.verdicts, clause: Verdict.PASSED}, "open": (breach,)})
    assert past(made, lab, [before] * 20).trend == [*[before] * 11, now]
    page = conformity_html(made, lab, [before])
    assert f"新增不符合 {len(now.open)} 项" in page
    assert page.count(">新增不符合<") == min(len(now.open), 200) > 0
    assert page.count("变差") == 1
    assert "gone-check" in page
    assert not [tag for tag, _ in Elements(page).tags if tag == "img"]
    assert "没有变化" in conformity_html(made, lab, [now])
    assert "与上次报告相比" not in conformity_html(made, lab)


def test_rules_that_could_not_judge_are_shown(made: Judgement, lab: Province) -> None:
    raised = replace(made, seen=replace(made.seen, errors=(RuleError(rule="some-rule", error=NASTY),)))
    page = conformity_html(raised, lab)
    assert "some-rule" in page
    assert not [tag for tag, _ in Elements(page).tags if tag == "img"]


def test_every_proof_is_a_line_of_the_evidence(made: Judgement) -> None:
    digests = {sha256(line.encode()).hexdigest() for line in evidence_lines(made)}
    assert {one.proof.sha256 for verdict in made.verdicts for one in verdict.judged} == digests


def test_files(made: Judgement, lab: Province, tmp_path: Path) -> None:
    paths = write_assessment(made, lab, tmp_path)
    assert all(path.exists() for path in paths.values())
    names = ["conformity.html", "conformity.xlsx", "evidence.jsonl", "oscal"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_workbook_holds_every_row_and_no_formula(made: Judgement, lab: Province) -> None:
    first = made.verdicts[0].model_copy(update={"reason": "=HYPERLINK(1)", "reason_en": "http://x.example"})
    hostile = replace(made, verdicts=(first, *made.verdicts[1:]))
    file = workbook(hostile, lab)
    assert file == workbook(hostile, lab)
    with zipfile.ZipFile(BytesIO(file)) as book:
        sheets = [book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3)]
        texts = book.read("xl/sharedStrings.xml").decode()
        assert not [name for name in book.namelist() if "_rels/sheet" in name], "links to the outside"
    counts = [sheet.count("<row ") - 1 for sheet in sheets]
    assert counts == [len(made.verdicts), judged_count(made), len(owner_rows(made))]
    columns = [sheet.partition("</row>")[0].count("<c ") for sheet in sheets]
    assert columns == [sheet.rpartition("<row ")[2].count("<c ") for sheet in sheets]
    assert not [sheet for sheet in sheets if "<f>" in sheet or "hyperlink" in sheet]
    assert "=HYPERLINK(1)" in texts
    assert NASTY.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in texts


def findings(made: Judgement, lab: Province) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = documents(made, lab)["assessment-results.json"]["assessment-results"]["results"][0][
        "findings"
    ]
    return found


def test_oscal_satisfies_nothing_that_is_open(made: Judgement, lab: Province) -> None:
    said = {f["target"]["target-id"]: f["target"]["status"]["state"] for f in findings(made, lab)}
    good = (Verdict.PASSED, Verdict.ATTESTED, Verdict.NOT_APPLICABLE)
    for verdict in made.verdicts:
        expected = "satisfied" if verdict.verdict in good else "not-satisfied"
        assert said[f"{control_id(verdict.clause)}_smt"] == expected
    assert set(said.values()) == {"satisfied", "not-satisfied"}


def test_oscal_refers_to_what_is_there(made: Judgement, lab: Province) -> None:
    files = documents(made, lab)
    result = files["assessment-results.json"]["assessment-results"]["results"][0]
    there = {observation["uuid"] for observation in result["observations"]}
    related = {r["observation-uuid"] for f in result["findings"] for r in f.get("related-observations", [])}
    assert related == there
    components = {component["uuid"] for component in result["local-definitions"]["components"]}
    assert {s["subject-uuid"] for o in result["observations"] for s in o["subjects"]} <= components
    controls = {c["id"] for group in files["mlps3-catalog.json"]["catalog"]["groups"] for c in group["controls"]}
    chosen = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert {one["control-id"] for one in chosen} == controls
    assert len(controls) == 111


def test_oscal_is_the_same_for_the_same_facts(made: Judgement, lab: Province) -> None:
    assert documents(made, lab) == documents(made, lab)


def test_the_plan_of_action_holds_what_is_open(made: Judgement, lab: Province) -> None:
    items = documents(made, lab)["poam.json"]["plan-of-action-and-milestones"]["poam-items"]
    open_ = [v for v in made.verdicts if v.verdict in (Verdict.FAILED, Verdict.NOT_MEASURED, Verdict.WAIVED)]
    assert [item["title"].split()[0] for item in items] == [verdict.clause.split()[0] for verdict in open_]
    assert items
