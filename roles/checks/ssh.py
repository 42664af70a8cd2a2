"""Remote administration by ssh, as the running configuration of sshd tells it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from province.host import HostRole
from roles.people import Person
from roles.probe import Answer, Probe, Verdict, not_applicable, passed_if

SSHD = "sshd -T"
_WEAK = re.compile(r"cbc|3des|arcfour|md5|sha1|-96|umac-64|group1-|group14-sha1|group-exchange-sha1|nistp")
_FACTORS = """for a in %s; do
[ -s /home/$a/.ssh/authorized_keys ] || continue
sshd -T -C user=$a,host=client,addr=192.0.2.1 | sed -n "s/^authenticationmethods/$a/p"
done; echo asked"""


def ssh_probes(role: HostRole, people: Sequence[Person]) -> list[Probe]:
    passes_on = "local" if role is HostRole.BASTION else "no"
    return [
        Probe(
            "hst-ssh-authentication",
            SSHD,
            "no password, keyboard-interactive, empty password or root login",
            _ssh_authentication,
        ),
        Probe(
            "hst-ssh-limits",
            SSHD,
            "at most 4 tries, at most 60 s to log in, idle sessions end within 15 min",
            _ssh_limits,
        ),
        Probe(
            "hst-ssh-algorithms",
            SSHD,
            "no CBC, 3DES, RC4, MD5, SHA-1, 96-bit MAC or NIST curve",
            _ssh_algorithms,
        ),
        Probe(
            "hst-second-factor",
            _FACTORS % " ".join(person.account for person in people),
            "who of the administrators has a key must show a code as well",
            _second_factor,
        ),
        Probe("hst-ssh-host-key", SSHD, "Ed25519 or RSA with SHA-2, no NIST curve and no SHA-1", _ssh_host_key),
        Probe(
            "hst-ssh-forwarding",
            SSHD,
            f"no agent, X11, tunnel or remote port is passed on; connections: {passes_on}",
            lambda answer: _ssh_forwarding(answer, passes_on),
        ),
        Probe("hst-ssh-record", SSHD, "log level VERBOSE, and a banner", _ssh_record),
    ]


def _settings(answer: Answer) -> dict[str, str]:
    """``sshd -T`` as a mapping; of a repeated key the last value."""
    return {key: value for key, _, value in (line.partition(" ") for line in answer.text.splitlines())}


def _ssh_authentication(answer: Answer) -> Verdict:
    keys = ("permitrootlogin", "passwordauthentication", "kbdinteractiveauthentication", "permitemptypasswords")
    seen = {key: _settings(answer).get(key, "unknown") for key in keys}
    return passed_if(set(seen.values()) == {"no"}, ", ".join(f"{key} {value}" for key, value in seen.items()))


def _ssh_limits(answer: Answer) -> Verdict:
    seen = _settings(answer)
    names = ("maxauthtries", "logingracetime", "clientaliveinterval", "clientalivecountmax")
    tries, grace, interval, count = (int(seen.get(name, "0") or 0) for name in names)
    right = 0 < tries <= 4 and 0 < grace <= 60 and 0 < interval * count <= 900
    return passed_if(right, f"{tries} tries, {grace} s to log in, idle ends after {interval * count} s (0: never)")


def _ssh_algorithms(answer: Answer) -> Verdict:
    seen = _settings(answer)
    offered = [name for key in ("ciphers", "macs", "kexalgorithms") for name in seen.get(key, "").split(",") if name]
    weak = sorted(name for name in offered if _WEAK.search(name))
    return passed_if(bool(offered) and not weak, f"weak: {', '.join(weak) or 'none'} of {len(offered)}")


def _ssh_host_key(answer: Answer) -> Verdict:
    offered = [name for name in _settings(answer).get("hostkeyalgorithms", "").split(",") if name]
    weak = sorted(name for name in offered if _WEAK.search(name) or name in ("ssh-rsa", "ssh-dss"))
    return passed_if(bool(offered) and not weak, f"weak: {', '.join(weak) or 'none'} of {len(offered)}")


def _ssh_forwarding(answer: Answer, passes_on: str) -> Verdict:
    seen, keys = _settings(answer), ("x11forwarding", "allowagentforwarding", "permittunnel", "gatewayports")
    right = seen.get("allowtcpforwarding") == passes_on and all(seen.get(key) == "no" for key in keys)
    return passed_if(right, ", ".join(f"{key} {seen.get(key, 'unknown')}" for key in ("allowtcpforwarding", *keys)))


def _ssh_record(answer: Answer) -> Verdict:
    level, banner = (_settings(answer).get(key, "none") for key in ("loglevel", "banner"))
    return passed_if(level == "VERBOSE" and banner not in ("none", ""), f"log level {level}, banner {banner}")


def _second_factor(answer: Answer) -> Verdict:
    *rows, last = answer.text.splitlines() or [""]
    if last == "asked" and not rows:
        return not_applicable("no administrator has a key to log in with yet")
    two = [row for row in rows if "publickey,keyboard-interactive" in row]
    return passed_if(last == "asked" and two == rows, "; ".join(rows) or "no answer")
