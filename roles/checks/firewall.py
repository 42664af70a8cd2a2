"""The firewall and what listens behind it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from province.host import HostRole
from roles.probe import Answer, Probe, Verdict, not_applicable, passed_if

RULESET = "nft list ruleset"
SOCKETS = "ss -H -tuln"
_PORTS: dict[HostRole, tuple[range, ...]] = {
    HostRole.LOG: (range(123, 124), range(6514, 6515)),
    # Live migration over TLS, consoles, tunnels (OpenStack Installation Guide, "Firewalls and default ports").
    HostRole.COMPUTE: (
        *(range(16514, 16515), range(5900, 6924), range(49152, 49216), range(4789, 4790)),
        range(6081, 6082),
    ),
    HostRole.DATABASE: (range(3306, 3307), range(4444, 4445), range(4567, 4569)),
    HostRole.EXCHANGE: (range(443, 444),),
}
_CLEAR = {"21": "ftp", "23": "telnet", "69": "tftp", "512": "rexec", "513": "rlogin", "514": "rsh or syslog"}


def firewall_probes(role: HostRole) -> list[Probe]:
    allowed = (range(22, 23), *_PORTS.get(role, ()))
    probes = [
        Probe("hst-firewall-default", RULESET, "input: policy drop, and it knows sessions", _firewall_default),
        Probe("hst-firewall-rules", RULESET, "each rule that opens a port names its sources", _firewall_rules),
        Probe("hst-intrusion-record", RULESET, "what is refused on its way in is logged", _intrusion_record),
        Probe(
            "hst-listening",
            SOCKETS,
            f"ports {_words(allowed)} alone, besides the loopback",
            lambda answer: _listening(answer, allowed),
        ),
        Probe("hst-plain-protocols", SOCKETS, f"nothing listens on {', '.join(_CLEAR)}", _plain_protocols),
    ]
    if role is not HostRole.COMPUTE:
        probes += [
            Probe(f"hst-firewall-{name}", RULESET, f"{hook}: policy drop", partial(_closed, hook))
            for name, hook in (("forward", "forward"), ("outgoing", "output"))
        ]
    return probes


def _words(ports: Iterable[range]) -> str:
    return ", ".join(str(one.start) if len(one) == 1 else f"{one.start}-{one.stop - 1}" for one in ports)


def _closed_hooks(answer: Answer) -> set[str]:
    return set(re.findall(r"hook (input|forward|output) [^;]*; policy drop", answer.text))


def _firewall_default(answer: Answer) -> Verdict:
    stateful = "ct state" in answer.text
    words = f"policy drop at: {', '.join(sorted(_closed_hooks(answer))) or 'nothing'}"
    right = "input" in _closed_hooks(answer) and stateful
    return passed_if(right, f"{words}; {'stateful' if stateful else 'not stateful'}")


def _closed(hook: str, answer: Answer) -> Verdict:
    return passed_if(
        hook in _closed_hooks(answer), f"policy drop at: {', '.join(sorted(_closed_hooks(answer))) or 'nothing'}"
    )


def _firewall_rules(answer: Answer) -> Verdict:
    opening = [line.strip() for line in answer.text.splitlines() if "dport" in line and "accept" in line]
    bare = [line for line in opening if "saddr" not in line]
    right = bool(opening) and not bare and "input" in _closed_hooks(answer)
    return passed_if(right, "; ".join(bare) or f"{len(opening)} rules, each with its sources")


def _intrusion_record(answer: Answer) -> Verdict:
    found = re.search(r"log prefix \"[^\"]+\"", answer.text)
    return passed_if(bool(found) and "input" in _closed_hooks(answer), found[0] if found else "nothing is logged")


def _outside(answer: Answer) -> set[str]:
    """Ports that listen on more than the loopback."""
    sockets = [line.split()[4].rpartition(":") for line in answer.text.splitlines() if len(line.split()) > 4]
    return {port for address, _, port in sockets if not address.startswith(("127.", "[::1]"))}


def _listening(answer: Answer, allowed: Iterable[range]) -> Verdict:
    outside = sorted(int(port) for port in _outside(answer))
    extra = [port for port in outside if not any(port in one for one in allowed)]
    return passed_if(22 in outside and not extra, f"listens on {', '.join(map(str, outside)) or 'nothing'}")


def _plain_protocols(answer: Answer) -> Verdict:
    found = sorted(f"{_CLEAR[port]} on {port}" for port in _outside(answer) & set(_CLEAR))
    return passed_if(bool(answer.text) and "22" in _outside(answer) and not found, ", ".join(found) or "none listens")


def peer_probes(name: str, ipv4: str, ipv6: str) -> list[Probe]:
    """Checks of the host at these addresses that another host answers: a port that nobody opened is silent."""
    return [
        Probe(
            f"hst-closed-port-{family}",
            f"ping -c 1 -W 5 {address} >/dev/null && echo alive;"
            f" timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/9'; echo rc=$?",
            f"{name} answers a ping, and its port 9 nothing at all",
            _silent,
        )
        for family, address in (("ipv4", ipv4), ("ipv6", ipv6))
    ]


def _silent(answer: Answer) -> Verdict:
    if answer.code == 125:
        return not_applicable("there is no other host to measure it from")
    if answer.text == "alive\nrc=124":
        return passed_if(True, "reachable; no answer from the port within 2 s")
    said = " ".join(answer.text.split())
    return passed_if(False, f"the port answered, or there is no path to the host: {said}")
