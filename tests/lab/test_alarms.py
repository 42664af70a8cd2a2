"""Alarms in Debian's own Prometheus and Alertmanager: their tools judge the files, their servers carry an alarm."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from policies.alarm import alarms, routing, rules
from policies.metric import exposition, metrics
from province.load import load
from province.province import Province
from tests.unit.policies.alarming import CASES, HOURS, Series, full, with_waiver
from zhengyun.commands.alarm import as_yaml
from zhengyun.places import Places
from zhengyun.toolchain.tools import Monitoring

ROOT = Path(__file__).parents[2]
NAMES = ("lab", "guangdong")


@pytest.fixture(scope="module")
def programs() -> Path:
    return Monitoring.locate(Places.here().cache).folder


@pytest.fixture(scope="module")
def lab() -> Province:
    return with_waiver(load(ROOT / "inventories" / "lab"))


def judged(*command: str | Path, text: str = "") -> str:
    """What a tool says of it; it must be content."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def written(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(as_yaml(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_tools_accept_the_files(programs: Path, tmp_path: Path, name: str) -> None:
    province = load(ROOT / "inventories" / name)
    province = with_waiver(province) if name == "lab" else province
    found = alarms(province)
    said = judged(programs / "promtool", "check", "rules", written(tmp_path / "rules.yml", rules(found)))
    assert f"SUCCESS: {len(found)} rules found" in said
    said = judged(programs / "amtool", "check-config", written(tmp_path / "am.yml", routing(province, found)))
    assert "SUCCESS" in said


def test_tool_accepts_the_figures(programs: Path, lab: Province) -> None:
    text = exposition(metrics(full(lab, datetime.now(UTC))))
    assert judged(programs / "promtool", "check", "metrics", text=text) == ""


def trial(alarm: str, series: Series, owners: str) -> dict[str, Any]:
    """A test of promtool: the alarm fires so often for each owner, and for nobody else."""
    steady = f"+0x{2 * HOURS}"
    return {
        "interval": "30m",
        "input_series": [{"series": name, "values": f"{value}{steady}"} for name, value in sorted(series.items())],
        "promql_expr_test": [
            {
                "expr": f'count by (owner) (ALERTS{{alertname="{alarm}", alertstate="firing"}})',
                "eval_time": f"{HOURS}h",
                "exp_samples": [
                    {"labels": f'{{owner="{owner}"}}', "value": times}
                    for owner, times in Counter(owners.split()).items()
                ],
            }
        ],
    }


@pytest.mark.parametrize("name", CASES)
def test_alarm_fires_when_it_must_and_only_then(programs: Path, lab: Province, tmp_path: Path, name: str) -> None:
    written(tmp_path / "rules.yml", rules(alarms(lab)))
    cases = [*CASES[name].fires, *((series, "") for series in CASES[name].rests)]
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "30m",
        "tests": [trial(name, series, owners) for series, owners in cases],
    }
    judged(programs / "promtool", "test", "rules", written(tmp_path / "tests.yml", document))


def test_configuration_of_the_page_is_sound(programs: Path, lab: Province, tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/alarms.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(rule_files.*?)```", page, re.DOTALL)
    (tmp_path / "prometheus.yml").write_text(shown, encoding="utf-8")
    written(tmp_path / "zhengyun.rules.yml", rules(alarms(lab)))
    assert f"{len(alarms(lab))} rules found" in judged(
        programs / "promtool", "check", "config", tmp_path / "prometheus.yml"
    )


class Web(ThreadingHTTPServer):
    """Gives the figures to Prometheus, and takes what Alertmanager posts, by path."""

    def __init__(self, figures: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.figures = figures
        self.posted: dict[str, list[dict[str, Any]]] = {}

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self._answer(self.server.figures.encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posted.setdefault(self.path, []).extend(body["alerts"])
        self._answer(b"")

    def _answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing of it: pytest's own output is enough."""


@contextmanager
def web(figures: str) -> Iterator[Web]:
    server = Web(figures)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def running(log: Path, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that ends when its test does."""
    with log.open("wb") as stream:
        server = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, cwd=log.parent)
        try:
            yield server
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def with_share(programs: Path) -> list[str | Path]:
    """Run what follows where the packages' own files lie in /usr/share, which is compiled into Debian's programs."""
    share = programs / "share"
    if not share.is_dir():  # the packages are installed
        return []
    return ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /usr/share && shift && exec "$@"', "sh", share]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alarmed(province: Province, web: Web) -> Province:
    """Every subject takes its alarms at a path of its own."""
    departments = {}
    for code, department in province.departments.items():
        both = {
            post: subject.model_copy(update={"alarm_webhook": f"http://{web.address}/{subject.id}"})
            for post, subject in (("responsible", department.responsible), ("supervising", department.supervising))
        }
        departments[code] = department.model_copy(update=both)
    return province.model_copy(update={"departments": departments})


def with_agreement_ended(province: Province) -> Province:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    ended = {
        code: agreement.model_copy(update={"valid_until": yesterday}) for code, agreement in province.agreements.items()
    }
    return province.model_copy(update={"agreements": ended})


def told(web: Web, alarm: str) -> set[str]:
    """Paths at which an alarm was posted."""
    return {
        path
        for path, alerts in list(web.posted.items())
        if any(alert["labels"]["alertname"] == alarm for alert in alerts)
    }


def wait_for(web: Web, alarm: str, paths: set[str], servers: Sequence[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + 90
    while not told(web, alarm) >= paths:
        assert time.monotonic() < deadline, f"{alarm} reached {told(web, alarm)}; all: {web.posted}"
        assert all(server.poll() is None for server in servers)
        time.sleep(0.2)


def test_alarm_reaches_its_owners(programs: Path, lab: Province, tmp_path: Path) -> None:
    ended = with_agreement_ended(lab)
    with ExitStack() as stack:
        here = stack.enter_context(web(exposition(metrics(full(ended, datetime.now(UTC))))))
        province = alarmed(ended, here)
        found = alarms(province)
        port, manager = free_port(), free_port()
        written(tmp_path / "rules.yml", rules(found))
        way = routing(province, found)
        way["route"]["group_wait"] = "1s"  # instead of Alertmanager's half minute
        written(tmp_path / "alertmanager.yml", way)
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]},
            "scrape_configs": [{"job_name": "node", "static_configs": [{"targets": [here.address]}]}],
        }
        written(tmp_path / "prometheus.yml", config)
        servers = [
            stack.enter_context(
                running(
                    tmp_path / "alertmanager.log",
                    *with_share(programs),
                    programs / "prometheus-alertmanager",
                    f"--config.file={tmp_path}/alertmanager.yml",
                    f"--storage.path={tmp_path}/alertmanager",
                    f"--web.listen-address=127.0.0.1:{manager}",
                    "--cluster.listen-address=",
                )
            ),
            stack.enter_context(
                running(
                    tmp_path / "prometheus.log",
                    programs / "prometheus",
                    f"--config.file={tmp_path}/prometheus.yml",
                    f"--storage.tsdb.path={tmp_path}/data",
                    f"--web.listen-address=127.0.0.1:{port}",
                )
            ),
        ]
        wait_for(here, "AgreementExpired", {"/gat-tech", "/gat-sec", "/zsj-ops", "/zsj-sec"}, servers)
        wait_for(here, "LogsLost", {"/zsj-ops", "/zsj-sec"}, servers)
        wait_for(here, "Drifted", {"/gat-tech"}, servers)
    assert told(here, "AgreementExpired") == {"/gat-tech", "/gat-sec", "/zsj-ops", "/zsj-sec"}
    assert told(here, "LogsLost") == {"/zsj-ops", "/zsj-sec"}
    assert told(here, "Drifted") == {"/gat-tech"}  # a warning: its supervising subject is not told
    (lost,) = [alert for alert in here.posted["/zsj-ops"] if alert["labels"]["alertname"] == "LogsLost"]
    assert lost["annotations"]["summary_en"] == "Records of the host gd-app-1 do not leave, arrive or stay"
    assert lost["annotations"]["owner_contact"] == province.departments["zsj"].responsible.contact
