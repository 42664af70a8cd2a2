"""What assessors open, judged by their own tools: the page in a real Chromium, OSCAL by compliance-trestle.

trestle wants another paramiko than netmiko gives us, so it runs in an environment of its own, which uv makes and keeps.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from policies.judge import Verdict
from policies.location import Location, locations
from province.load import load
from province.province import Province
from tests.unit.policies.sample import sample
from zhengyun.judging import Judgement
from zhengyun.places import Places
from zhengyun.report.assessment import write_assessment

LAB = Path(__file__).parents[2] / "inventories" / "lab"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
STEPS = """
<script>
const seen = {rows: [], title: document.title};
const look = (id, value) => { field(id).value = value; filter(); seen.rows.push([found.length, body.rows.length]); };
look("state", "");
look("state", "failed"); look("state", "");
look("owner", "gat"); look("owner", "");
look("clause", "8.1.4.3 a"); look("clause", "");
look("search", "HST-AUDIT-ON"); look("search", "no such words");
look("search", "onerror"); look("search", "");
look("region", "gz"); look("region", "");
look("system", "rkk"); look("system", "");
more.click(); seen.more = body.rows.length;
dispatchEvent(new Event("beforeprint")); seen.printed = body.rows.length;
field("verdict").value = "failed"; clauses();
seen.clauses = [...document.querySelectorAll("#clauses tr[data-verdict]")].filter((row) => !row.hidden).length;
const visible = () => getComputedStyle(document.querySelector("h2 .en")).display !== "none";
seen.english = [visible()]; field("language").click(); seen.english.push(visible());
seen.images = document.images.length;
document.body.innerHTML = "<pre id=seen></pre>"; document.getElementById("seen").textContent = JSON.stringify(seen);
</script>
"""
VALIDATE = """
import sys
from pathlib import Path
from trestle.oscal import assessment_plan, assessment_results, catalog, component, poam
KINDS = {"mlps3-catalog": catalog.Catalog, "component-definition": component.ComponentDefinition,
    "assessment-plan": assessment_plan.AssessmentPlan, "assessment-results": assessment_results.AssessmentResults,
    "poam": poam.PlanOfActionAndMilestones}
for name, kind in KINDS.items():
    assert kind.oscal_read(Path(sys.argv[1]) / f"{name}.json") is not None, name
"""


@pytest.fixture(scope="module")
def lab() -> Province:
    return load(LAB)


@pytest.fixture(scope="module")
def made(lab: Province, tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    return sample(lab, tmp_path_factory.mktemp("sample"), hosts=60)


@pytest.fixture(scope="module")
def report(lab: Province, made: Judgement, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_assessment(made, lab, folder)
    return folder


def test_page_in_a_browser(report: Path, made: Judgement, lab: Province, tmp_path: Path) -> None:
    """Over 2,000 judgements with hostile names: filters, search, print and language work, and nothing is run."""
    text = (report / "conformity.html").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(text.replace("</body>", f"{STEPS}</body>"), encoding="utf-8")
    command = [
        "chromium",
        *FLAGS,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        f"file://{tmp_path}/page.html",
    ]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    found = re.search(r'<pre id="seen">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-500:]
    seen = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    judged = [one for verdict in made.verdicts for one in verdict.judged]
    counts = [row[0] for row in seen["rows"]]
    assert len(judged) > 2000
    assert counts[0] == counts[2] == counts[4] == counts[6] == counts[10] == len(judged)
    assert counts[3] == sum(one.owner.department == "gat" for one in judged)
    assert counts[5] == sum(one.clause == "8.1.4.3 a" for one in judged)
    assert counts[7] == sum("hst-audit-on" in f"{one.check} {one.title_en}" for one in judged)
    assert (counts[8], counts[9] > 0) == (0, True)
    places = [locations(lab).get(one.object, Location()) for one in judged]
    assert counts[11] == sum(place.region == "gz" for place in places) > 0
    assert counts[13] == sum(place.system == "rkk" for place in places) > 0
    assert all(shown == min(200, count) for count, shown in seen["rows"])
    assert (seen["more"], seen["printed"]) == (400, len(judged))
    assert seen["clauses"] == sum(verdict.verdict is Verdict.FAILED for verdict in made.verdicts)
    assert seen["english"] == [False, True]
    assert seen["images"] == 0
    assert "owned" not in seen["title"]


def validated(folder: Path) -> subprocess.CompletedProcess[str]:
    uv = shutil.which("uv") or str(Places.here().cache / "bootstrap" / "bin" / "uv")
    command = [uv, "run", "--quiet", "--no-project", "--python", "3.11", "--with", "compliance-trestle==5.2.0"]
    return subprocess.run(
        [*command, "python", "-c", VALIDATE, str(folder)], capture_output=True, text=True, check=False, timeout=600
    )


def test_oscal_by_trestle(report: Path) -> None:
    done = validated(report / "oscal")
    assert done.returncode == 0, done.stderr


def test_trestle_refuses_what_is_wrong(report: Path, tmp_path: Path) -> None:
    shutil.copytree(report / "oscal", tmp_path / "oscal")
    path = tmp_path / "oscal" / "assessment-results.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"not-satisfied"', '"unsatisfied"'), encoding="utf-8")
    assert validated(tmp_path / "oscal").returncode != 0
