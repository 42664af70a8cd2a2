"""Judge a whole province: 5,000 resources by every cloud rule, 2,000 routers and 500 hosts by every clause (aim: 10 s).

The peer is regorus, Microsoft's Rego engine in Rust (package opa-eval): the labels rule, written in Rego, on the same
resources, a call per resource as conftest and Gatekeeper make it. Both must find the same violations.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._policy import machine, measured
from policies.cloud.pack import PACK, violations
from policies.cloud.rules import NETWORK, RULE, SERVER, SUBNET, Resource, judge_labels
from province.load import load
from province.record import Check, RoomName, Status
from province.standard import LABEL_KEYS, Labels
from zhengyun.judging import judgement
from zhengyun.report.evidence import Verification

LAB = Path(__file__).parents[1] / "inventories" / "lab"
LABELS = Labels("440000", "zsj", "gdbos", "public", "3", "important", "zsj-ops", "zsj-sec")
RESOURCES, ROUTERS, HOSTS = 5_000, 2_000, 500
HOST_CHECKS = 45
REGO = """
package labels
import rego.v1
required := %s
missing contains key if { some key in required; not input.labels[key] }
"""
PEER = """
import json, sys, time, opa_eval
inputs = open(sys.argv[1]).read().splitlines()
rule = opa_eval.OpaEval(sys.argv[2], query="data.labels.missing")
began = time.perf_counter()
bad = sum(len(rule.evaluate_parsed(one)) > 0 for one in inputs)
print(json.dumps({"seconds": time.perf_counter() - began, "bad": bad}))
"""


def resources() -> list[Resource]:
    """Servers, networks, subnets and rules; every hundredth server lacks a label."""
    made: list[Resource] = []
    for number in range(RESOURCES // 4):
        labels = LABELS.as_metadata()
        if number % 100 == 0:
            del labels["zy:responsible"]
        network = f"urn:network-{number}"
        opened = {"direction": "ingress", "protocol": "tcp", "portRangeMin": 443, "remoteIpPrefix": "10.0.0.0/8"}
        opened["securityGroupId"] = f"group-{number // 20}"
        made += [
            Resource(f"urn:server-{number}", SERVER, f"server-{number}", {"metadata": labels}),
            Resource(network, NETWORK, f"network-{number}", {"tags": LABELS.as_tags()}),
            Resource(f"urn:rule-{number}", RULE, f"rule-{number}", opened),
            Resource(
                f"urn:subnet-{number}",
                SUBNET,
                f"subnet-{number}",
                {"tags": LABELS.as_tags(), "ipVersion": 4 + 2 * (number % 2)},
                {"networkId": (network,)},
            ),
        ]
    return made


def checks() -> Iterator[Check]:
    """What verifications of so many routers and hosts give; every fiftieth fails."""
    ids = ("network.reachable", "network.isis", "network.bgp", "network.srv6", "network.isolation.ipv4")
    for number in range(ROUTERS):
        yield from (_check(f"{id_}.r{number}", RoomName.NETWORK, f"r{number}", number) for id_ in ids)
    for number in range(HOSTS):
        named = [f"hst-kernel-{index}" for index in range(HOST_CHECKS - 4)]
        for id_ in ("hst-audit-on", "hst-audit-protected", "hst-listening", "hst-time", *named):
            yield _check(id_, RoomName.HOSTS, f"h{number}", number)


def _check(id_: str, room: RoomName, target: str, number: int) -> Check:
    status = Status.FAILED if number % 50 == 0 else Status.PASSED
    return Check(
        id=id_, title=id_, title_zh=id_, room=room, target=target, status=status, expected="on", actual=f"{number}",
        evidence="ssh", clause="",
    )  # fmt: skip


def run() -> list[dict[str, Any]]:
    province, made, found = load(LAB), resources(), tuple(checks())
    now = datetime.now(UTC)
    verification = Verification(
        province="gd", began=now, ended=now, checks=found, targets={room: () for room in RoomName}
    )
    began = time.perf_counter()
    breaches = sum(len(list(violations(one, made))) for one in PACK)
    in_cloud = time.perf_counter() - began
    judged = judgement(province, None, verification, now)
    whole = time.perf_counter() - began
    assert breaches
    assert len(judged.verdicts) == 111
    total = RESOURCES + len(found)
    return [
        *_labels(made),
        {
            "name": "judge a whole province (cloud rules and every clause)",
            "unit": "s",
            "ours": round(whole, 3),
            "peers": {"aim": 10.0},
            "ratio": round(10.0 / whole, 2),
            "n": total,
            "machine": machine(),
            "of which cloud": round(in_cloud, 3),
        },
    ]


def _labels(made: list[Resource]) -> list[dict[str, Any]]:
    servers = [resource for resource in made if resource.type == SERVER] * 4
    began = time.perf_counter()
    bad = sum(bool(list(judge_labels(resource))) for resource in servers)
    ours = time.perf_counter() - began
    with TemporaryDirectory() as folder:
        inputs, rego = Path(folder, "inputs.jsonl"), Path(folder, "labels.rego")
        inputs.write_text("\n".join(json.dumps({"labels": resource.properties["metadata"]}) for resource in servers))
        rego.write_text(REGO % json.dumps(list(LABEL_KEYS)))
        peer = measured("opa-eval==0.1.1", PEER, str(inputs), str(rego))
    assert peer["bad"] == bad, "both must find the same"
    return [
        {
            "name": "labels rule on 5,000 resources",
            "unit": "s",
            "ours": round(ours, 4),
            "peers": {"regorus (opa-eval 0.1.1)": round(peer["seconds"], 4)},
            "ratio": round(peer["seconds"] / ours, 2),
            "n": len(servers),
            "machine": machine(),
        }
    ]


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
