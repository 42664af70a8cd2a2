"""What hardened hosts do, seen from outside and not from our files; bare hosts are tried first, and fail."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from shlex import quote

import pytest

from tests.lab.hosts_of_the_inventory import Lab, started

APP, LOG, BASTION = "gd-app-1", "gd-log-1", "gd-bastion-1"
STRONG, OTHER, WEAK = "9#Kv.tReq2_mZx7w", "pL4=wezT8+uqHc3N", "qmzufhwtkvbx"
PERSON = f"""
useradd -m person; echo person:{STRONG} | chpasswd; chage -m 0 person
login() {{ echo $1 | runuser -u nobody -- su person -c true >/dev/null 2>&1 && echo in || echo out; }}
change() {{ printf '%s\\n' $1 $2 $2 | runuser -u person -- passwd >&- 2>&- && echo changed || echo refused; }}
change {STRONG} {WEAK}
echo person:{OTHER} | chpasswd
for n in 1 2 3 4 5; do login wrong >/dev/null; done
login {OTHER}; faillock --user person --reset; login {OTHER}
userdel --force --remove person 2>/dev/null
"""


def person(lab: Lab) -> str:
    """A weak password, and the right one after five failures and again after the lock was lifted."""
    return " ".join(lab.on(APP, f"sudo bash -c {quote(PERSON)}; true").split())


def module(lab: Lab) -> str:
    """Loading a protocol that no government host needs."""
    return lab.on(APP, "sudo modprobe rds 2>/dev/null && { sudo modprobe -r rds; echo loaded; } || echo refused")


def port(lab: Lab) -> str:
    """A service that somebody starts, asked for by another host."""
    serve = "sudo systemd-run --quiet --unit=stray python3 -m http.server 8099"
    lab.on(
        APP, f"{serve}; for n in 1 2 3 4 5 6 7 8 9; do ss -Hltn 'sport = :8099' | grep -q . && exit; sleep 0.3; done"
    )
    knock = "timeout 3 bash -c 'exec 3<>/dev/tcp/10.99.0.11/8099' && echo open || echo closed"
    seen = lab.on(LOG, knock)
    lab.on(APP, "sudo systemctl stop stray")
    return seen


def arrives(lab: Lab, wanted: str, within: float) -> bool:
    """Whether a text stands among what the log host has of the application host within so many seconds."""
    limit = time.monotonic() + within
    while lab.run(LOG, f"sudo grep -rqs {quote(wanted)} /var/log/zhengyun/10.99.0.11").returncode != 0:
        if time.monotonic() > limit:
            return False
        time.sleep(0.3)
    return True


def event(lab: Lab) -> str:
    """What a person did as root, on the log host: the audit's own record of it."""
    mark = f"zy-{uuid.uuid4().hex[:12]}"
    lab.on(APP, f"sudo /bin/true {mark}")
    return "arrived" if arrives(lab, f'a1="{mark}"', 10) else "lost"


def stranger(lab: Lab) -> str:
    """Records sent without a certificate of the authority: the log host neither takes them nor speaks plainly."""
    mark = f"zy-{uuid.uuid4().hex[:12]}"
    send = f"echo '<13>1 - h x - - - {mark}' | timeout 5 openssl s_client -connect 10.99.0.13:6514 -ign_eof"
    lab.run(APP, f"{send} >/dev/null 2>&1; echo '<13>x: {mark}' >/dev/tcp/10.99.0.13/6514")
    lab.on(APP, f"logger known-{mark}")
    if not arrives(lab, f"known-{mark}", 10):
        return "no records at all"
    return "taken" if arrives(lab, f" {mark}", 0) else "refused"


def integrity(lab: Lab) -> str:
    """A program that somebody changed, in the next comparison's alarm on the log host."""
    compare = "sudo systemctl start zy-integrity.service"
    lab.run(APP, f"{compare}; sudo sh -c 'echo >>/usr/bin/tzselect'; {compare}; sudo sed -i '$d' /usr/bin/tzselect")
    return "alarm" if arrives(lab, "/usr/bin/tzselect", 5) else "silence"


def malware(lab: Lab) -> str:
    """A file that a signature carried there by hand knows, in the scan's alarm on the log host."""
    sign = "$(sha256sum /srv/sample | cut -d' ' -f1):$(stat -c %s /srv/sample):Lab.Sample:73"
    plant = f'echo "malicious code" >/srv/sample; mkdir -p /var/lib/clamav; echo "{sign}" >/var/lib/clamav/lab.hsb'
    lab.run(APP, f"sudo sh -c {quote(plant)}; sudo systemctl start zy-malware.service; sudo rm /srv/sample")
    return "alarm" if arrives(lab, "Lab.Sample.UNOFFICIAL FOUND", 5) else "silence"


def recording(lab: Lab) -> str:
    """What an administrator saw on the bastion, played back."""
    lab.run(BASTION, "sudo runuser -u wang-lei -- sudo -n /usr/bin/systemctl restart cron.service")
    return "recorded" if lab.run(BASTION, "sudo sudoreplay -l | grep -q 'restart cron'").returncode == 0 else "nothing"


Behaviour = Callable[[Lab], str]
BEHAVIOURS: Mapping[Behaviour, tuple[str, str]] = {
    person: ("changed in in", "refused out in"),
    module: ("loaded", "refused"),
    port: ("open", "closed"),
    event: ("lost", "arrived"),
    stranger: ("no records at all", "refused"),
    integrity: ("silence", "alarm"),
    malware: ("silence", "alarm"),
    recording: ("nothing", "recorded"),
}
"""What is seen on bare hosts, and on hardened ones."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    with started("zy-test-acts", tmp_path_factory.mktemp("hosts")) as lab:
        bare = {act.__name__: act(lab) for act in BEHAVIOURS}
        scanned = Lab(lab.fleet, replace(lab.room, variables={"baseline_waivers": {}}))  # the inventory waives scans
        scanned.apply(scanned.room.plan([]))
        hardened = {act.__name__: act(lab) for act in BEHAVIOURS}
    return {name: (bare[name], hardened[name]) for name in bare}


@pytest.mark.parametrize("act", BEHAVIOURS, ids=lambda act: act.__name__)
def test_hardening_changes_what_a_host_does(act: Behaviour, seen: dict[str, tuple[str, str]]) -> None:
    assert seen[act.__name__] == BEHAVIOURS[act]
