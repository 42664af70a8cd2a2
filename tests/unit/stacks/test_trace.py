"""Packets as ovn-trace gets them, and what is read from its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.trace import Flow, TracePort, trace

A = TracePort("a", "net1", "fa:16:3e:00:00:01", "10.0.0.1", "fd00::1", gateway_mac="fa:16:3e:00:00:99")
B = TracePort("b", "net1", "fa:16:3e:00:00:02", "10.0.0.2", "fd00::2")
FAR = TracePort("f", "net2", "fa:16:3e:00:00:03", "10.1.0.3", "fd01::3")


def test_neighbour_is_addressed_by_its_own_mac() -> None:
    match = Flow(A, B, 5432, 6).match()
    assert "eth.dst==fa:16:3e:00:00:02" in match
    assert "ip6.src==fd00::1 && ip6.dst==fd00::2" in match
    assert "tcp.dst==5432" in match


def test_what_is_far_is_addressed_by_the_gateway() -> None:
    assert "eth.dst==fa:16:3e:00:00:99" in Flow(A, FAR, 443, 4).match()


def test_without_a_gateway_nothing_far_is_reached(tmp_path: Path) -> None:
    assert trace(str(tmp_path / "absent"), "unix:x", Flow(B, FAR, 443, 4)).delivered is False


@pytest.mark.parametrize(("output", "delivered"), [("b", True), ("c", False)])
def test_delivered_means_output_to_the_target(tmp_path: Path, output: str, delivered: bool) -> None:
    program = tmp_path / "ovn-trace"
    program.write_text(f"#!/bin/sh\necho 'output to \"{output}\"'\n")
    program.chmod(0o755)
    traced = trace(str(program), "unix:x", Flow(A, B, 22, 4))
    assert traced.delivered is delivered
    assert "neutron-net1" in traced.command


def test_trace_that_cannot_run_is_no_proof(tmp_path: Path) -> None:
    program = tmp_path / "ovn-trace"
    program.write_text("#!/bin/sh\necho no database >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(OSError, match="no database"):
        trace(str(program), "unix:x", Flow(A, B, 22, 4))


def test_a_balancer_is_addressed_and_told_whom_to_choose() -> None:
    flow = Flow(A, B, 443, 6, balancer="fd00::9")
    assert "ip6.dst==fd00::9 " in flow.match()
    assert f"eth.dst=={B.mac}" in flow.match()
    assert flow.choice() == [f"--lb-dst=[{B.ipv6}]:443"]
    assert Flow(A, B, 443, 4, balancer="10.0.0.9").choice() == [f"--lb-dst={B.ipv4}:443"]
    assert Flow(A, B, 443, 4).choice() == []
