"""Records on their way to the log host, and there. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from province.host import HostRole
from roles.probe import Answer, Probe, Verdict, passed_if

_SIX_MONTHS = 180  # days: Cybersecurity Law, article 21
_TRUSTED = "openssl verify -CAfile /etc/zhengyun/tls/authority.crt /etc/zhengyun/tls/host.crt"
_SENDS = f"""{_TRUSTED}; logger -t zy-audit heard; n=0
while [ $n -lt 6 ]; do ss -H -tn state established 'dport = :6514' | grep . && break; n=$((n + 1)); sleep 0.3; done"""
_SERVES = """ss -H -tln 'sport = :6514'
openssl s_client -connect 127.0.0.1:6514 -CAfile /etc/zhengyun/tls/authority.crt -verify_return_error 2>&1 |
  grep -E 'Verify return code|Acceptable client certificate|alert|certificate required'"""
_ARRIVED = "find /var/log/zhengyun -name '*.log' -mmin -15 -size +0 -printf '%h\\n' 2>/dev/null | sed 's|.*/||'"
_KEPT = "systemd-tmpfiles --cat-config | grep ' /var/log/zhengyun '; stat -c '%a %U' /var/log/zhengyun"


def logging_probes(role: HostRole, servers: Sequence[str], clients: Sequence[str]) -> list[Probe]:
    """``servers``: addresses of the log hosts that this host sends to; ``clients``: of those that send to it."""
    forwarded = Probe(
        "hst-audit-forwarded",
        "pgrep -x audisp-syslog",
        "the audit's dispatcher runs",
        lambda answer: passed_if(answer.text.isdigit(), f"process {answer.text or 'none'}"),
    )
    if role is not HostRole.LOG:
        expected = f"a connection to {', '.join(servers) or 'a log host'}, with a certificate of the authority"
        sends = Probe("hst-log-transport", _SENDS, expected, lambda answer: _sends(answer, servers))
        return [forwarded, sends]
    return [
        forwarded,
        Probe("hst-log-service", _SERVES, "port 6514 speaks TLS and asks for a certificate", _serves),
        Probe("hst-log-retention", _KEPT, f"at least {_SIX_MONTHS} days; read by root and its group alone", _kept),
        Probe(
            "hst-log-arrival",
            _ARRIVED,
            f"records of {', '.join(clients) or 'this host'} within 15 min",
            lambda answer: _arrived(answer, clients),
        ),
    ]


def _sends(answer: Answer, servers: Sequence[str]) -> Verdict:
    trusted = "host.crt: OK" in answer.text
    peers = set(re.findall(r"\[?(?:::ffff:)?([\d.]+)\]?:6514", answer.text))
    right = trusted and bool(servers) and set(servers) <= peers
    words = "its certificate is good" if trusted else "no good certificate"
    return passed_if(right, f"connected to {', '.join(sorted(peers)) or 'nothing'}; {words}")


def _serves(answer: Answer) -> Verdict:
    listens = ":6514" in answer.text
    known = "Verify return code: 0 (ok)" in answer.text
    asks = "Acceptable client certificate" in answer.text or "certificate required" in answer.text
    words = (
        "listens" if listens else "does not listen",
        "proven" if known else "not proven",
        "asks" if asks else "open",
    )
    return passed_if(listens and known and asks, ", ".join(words))


def _kept(answer: Answer) -> Verdict:
    days = re.search(r"/var/log/zhengyun +\S+ +\S+ +\S+ +(\d+)d$", answer.text, re.MULTILINE)
    mode = re.search(r"^(\d+) (\w+)$", answer.text, re.MULTILINE)
    protected = mode is not None and mode[2] == "root" and int(mode[1], 8) & 0o027 == 0
    right = days is not None and int(days[1]) >= _SIX_MONTHS and protected
    return passed_if(right, f"{days[1] if days else 'no'} days; mode {mode[1] if mode else 'unknown'}")


def _arrived(answer: Answer, clients: Sequence[str]) -> Verdict:
    heard = sorted(set(answer.text.split()))
    silent = sorted(set(clients) - set(heard))
    return passed_if(
        bool(heard) and not silent, f"heard: {', '.join(heard) or 'nobody'}; silent: {', '.join(silent) or 'none'}"
    )
