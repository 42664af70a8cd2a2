"""Accounts, passwords and separated duties, as PAM, shells and sudo apply them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from province.administrator import Duty
from province.host import HostRole
from roles.people import Person
from roles.probe import Answer, Probe, Verdict, passed_if

_QUALITY = """python3 - <<'END'
import ctypes
lib = ctypes.CDLL("libpwquality.so.1")
lib.pwquality_default_settings.restype = ctypes.c_void_p
settings = ctypes.c_void_p(lib.pwquality_default_settings())
lib.pwquality_read_config(settings, None, None)
for word in ("password1", "Passw0rd", "gT7#xQ", "qmzufhwtkvbx"):
    print(word, lib.pwquality_check(settings, word.encode(), None, b"someone", None))
print("strong", lib.pwquality_check(settings, b"9#Kv!tReq2&mZx7w", None, b"someone", None))
END
grep -c '^password.*pam_pwquality' /etc/pam.d/common-password"""
_DUTIES = {
    Duty.SYSTEM: "/usr/bin/systemctl restart cron.service",
    Duty.AUDIT: "/usr/sbin/ausearch -m LOGIN",
    Duty.SECURITY: "/usr/sbin/nft list ruleset",
}
"""A command that this duty alone may give."""
_CAN_LOG_IN = "$3 > 0 && $7 !~ /(nologin|false|sync)$/"
"""In awk, of a line of /etc/passwd."""
_OWN_USERS = {HostRole.COMPUTE: frozenset({"nova"}), HostRole.DATABASE: frozenset({"postgres"})}
"""Accounts of services that need a shell there: Nova copies disks between compute nodes by ssh."""
_SURPLUS = """awk -F: '$3 > 0 && $3 < 1000 && $7 !~ /(nologin|false|sync)$/ {print "shell", $1}' /etc/passwd
awk -F: -v today=$(($(date +%s) / 86400)) 'FNR == NR {if (_CAN_LOG_IN) open[$1] = 1; next}
$8 != "" && $8 <= today && $1 in open {print "expired", $1}' /etc/passwd /etc/shadow
awk -F: '_CAN_LOG_IN {print $1, $6}' /etc/passwd | while read -r a home; do
[ "$a" = "$SUDO_USER" ] || cat "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2" 2>/dev/null |
grep -Ev '^[[:space:]]*(#|$)' | sed "s|^|key $a |"
done
wc -l </etc/passwd""".replace("_CAN_LOG_IN", _CAN_LOG_IN)
"""An account that ended and has no shell either stays as a record. Who asks (automation) is no person."""
_KEY = re.compile(r"\b((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2})(?:\s|$)")
_FILES = """stat -c '%n %a %U' /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/sudoers /etc/ssh/ssh_host_*_key
find /etc -xdev -type f -perm /002 | head -5 | sed 's/$/ 0 anybody/'"""


def account_probes(role: HostRole, people: Sequence[Person]) -> list[Probe]:
    needed = _OWN_USERS.get(role, frozenset())
    return [
        Probe(
            "hst-password-quality",
            _QUALITY,
            "four weak passwords refused, a strong one accepted, PAM asks for it",
            _password_quality,
        ),
        Probe(
            "hst-password-age",
            "grep -E '^PASS_MAX_DAYS' /etc/login.defs",
            "at most 90 days",
            _password_age,
        ),
        Probe(
            "hst-failure-lock",
            "cd /etc/pam.d && grep -hs '^[^#].*pam_faillock' common-auth common-account system-auth password-auth;"
            " grep -E '^ *(deny|unlock_time) *=' /etc/security/faillock.conf",
            "counted and refused by PAM after at most 5 failures, for at least 10 min",
            _failure_lock,
        ),
        Probe(
            "hst-idle-shell",
            "runuser -u nobody -- bash -lc 'echo TMOUT=$TMOUT; unset TMOUT 2>/dev/null || echo readonly; umask'",
            "within 15 min, not to be switched off; umask 027 or stricter",
            _idle_shell,
        ),
        Probe(
            "hst-default-accounts",
            'passwd -S root; awk -F: \'$3 == 0 && $1 != "root" {print "uid0", $1}\' /etc/passwd;'
            ' awk -F: \'$2 == "" {print "empty", $1}\' /etc/shadow',
            "root locked; no other account with uid 0 or an empty password",
            _default_accounts,
        ),
        Probe(
            "hst-separated-duties",
            _rights(people),
            "nobody but the inventory's people has rights; each may do their own duty, none another's or everything",
            partial(_separated_duties, people=people),
        ),
        Probe(
            "hst-unique-ids",
            "for n in 1 3; do cut -d: -f$n /etc/passwd | sort | uniq -d | sed 's/^/twice /'; done; wc -l </etc/passwd",
            "no name and no number stands twice",
            _unique_ids,
        ),
        Probe(
            "hst-surplus-accounts",
            _SURPLUS,
            f"no service's account has a shell, besides {', '.join(sorted(needed)) or 'none'};"
            " no account has expired; nobody and no key can log in but the inventory's",
            partial(_surplus_accounts, needed=needed, people=people),
        ),
        Probe(
            "hst-file-access",
            _FILES,
            "all of root; shadow files and keys are read by nobody else; nothing in /etc may be written by everybody",
            _file_access,
        ),
        Probe(
            "hst-command-record",
            _sudo(people),
            "sudo keeps a log of its own and gives each command a terminal",
            _command_record,
        ),
        *_recording(role, people),
    ]


def _rights(people: Sequence[Person]) -> str:
    """Who may do what by sudo: of each person whether they are there and what they may, and who else may anything."""
    may = "sudo -n -l -U $a {} >/dev/null 2>&1 && echo $a {}"
    asked = "; ".join(may.format(command, duty) for duty, command in (*_DUTIES.items(), ("/bin/sh", "all")))
    names = " ".join(person.account for person in people)
    return f"""export LC_ALL=C; for a in {names}; do getent passwd $a >/dev/null && echo $a here; {asked}; done
for a in $(awk -F: '{_CAN_LOG_IN} {{print $1}}' /etc/passwd); do
case " {names} $SUDO_USER " in *" $a "*) continue ;; esac
sudo -n -l -U $a 2>/dev/null | grep -q 'may run' && echo $a unlisted; done; echo asked"""


def _sudo(people: Sequence[Person]) -> str:
    return f"sudo -n -l -U {people[0].account if people else 'root'}"


def _recording(role: HostRole, people: Sequence[Person]) -> list[Probe]:
    if role is not HostRole.BASTION:
        return []
    expected = "sudo records input and output of administrators, by user"
    return [Probe("hst-session-recording", _sudo(people), expected, _session_recording)]


def _password_quality(answer: Answer) -> Verdict:
    pairs = [line.split() for line in answer.text.splitlines() if len(line.split()) == 2]
    accepted = [word for word, score in pairs if word != "strong" and int(score) >= 0]
    strong = any(word == "strong" and int(score) >= 0 for word, score in pairs)
    asked = answer.text.splitlines()[-1:] not in ([], ["0"]) and answer.code == 0
    right = len(pairs) == 5 and not accepted and strong and asked
    words = f"accepted weak: {', '.join(accepted) or 'none'}; strong {'accepted' if strong else 'refused'}"
    return passed_if(right, f"{words}; PAM {'asks' if asked else 'does not ask'}")


def _password_age(answer: Answer) -> Verdict:
    days = int(answer.text.split()[-1]) if answer.text.split()[-1:] and answer.text.split()[-1].isdigit() else 99999
    return passed_if(days <= 90, f"{days} days")


def _failure_lock(answer: Answer) -> Verdict:
    limits = {key: int(value) for key, value in re.findall(r"(deny|unlock_time) *= *(\d+)", answer.text)}
    stages = [stage for stage in ("preauth", "authfail") if f"pam_faillock.so {stage}" in answer.text]
    right = len(stages) == 2 and 0 < limits.get("deny", 0) <= 5 and limits.get("unlock_time", 0) >= 600
    return passed_if(right, f"PAM stages {', '.join(stages) or 'none'}; {limits or 'no limits'}")


def _idle_shell(answer: Answer) -> Verdict:
    seconds = int(found[1]) if (found := re.search(r"TMOUT=(\d+)", answer.text)) else 0
    umask = answer.text.splitlines()[-1] if answer.text else ""
    strict = umask.isdigit() and int(umask, 8) & 0o027 == 0o027
    right = 0 < seconds <= 900 and "readonly" in answer.text and strict
    return passed_if(right, " ".join(answer.text.split()) or "nothing set")


def _default_accounts(answer: Answer) -> Verdict:
    lines = answer.text.splitlines()
    state = lines[0].split()[1] if lines and len(lines[0].split()) > 1 else "?"
    return passed_if(state in ("L", "LK") and len(lines) == 1, "; ".join([f"root {state}", *lines[1:]]))


def _separated_duties(answer: Answer, people: Sequence[Person]) -> Verdict:
    *lines, last = answer.text.splitlines() or [""]
    right = {line for person in people for line in (f"{person.account} here", f"{person.account} {person.duty}")}
    vacant = [f"nobody has the duty {duty}" for duty in Duty if duty not in {person.duty for person in people}]
    wrong = [*(f"not {line}" for line in sorted(right - set(lines))), *(line for line in lines if line not in right)]
    seen = ", ".join(f"{person.account} {person.duty}" for person in people)
    return passed_if(last == "asked" and not wrong + vacant, "; ".join([seen or "nobody", *wrong, *vacant]))


def _unique_ids(answer: Answer) -> Verdict:
    *twice, count = answer.text.splitlines() or [""]
    return passed_if(not twice and count.isdigit(), "; ".join(twice) or f"{count} accounts, none twice")


def _surplus_accounts(answer: Answer, needed: frozenset[str], people: Sequence[Person]) -> Verdict:
    *found, count = answer.text.splitlines() or [""]
    known = {person.account: person.keys for person in people}
    surplus = [words for line in found if (words := _surplus(line, needed, known))]
    words = f"none of {count} accounts; people: {', '.join(known) or 'none'}"
    return passed_if(not surplus and count.isdigit(), "; ".join(surplus) or words)


def _surplus(line: str, needed: frozenset[str], known: Mapping[str, frozenset[str]]) -> str:
    """What is wrong about a line of the answer, or nothing."""
    kind, _, rest = line.partition(" ")
    name, _, key = rest.partition(" ")
    if name in needed and kind != "expired":
        return ""
    if kind != "key":
        return line
    if name not in known:
        return f"unlisted {name} has a key"
    read = _KEY.search(key)
    return "" if read and read[1] in known[name] else f"a key of {name} that the inventory does not have: …{key[-24:]}"


def _file_access(answer: Answer) -> Verdict:
    rows = [line.split() for line in answer.text.splitlines() if len(line.split()) == 3]
    names = {name for name, _, _ in rows}
    # Group shadow reads the shadow files on Debian; nobody else reads a key.
    wrong = [
        name
        for name, mode, owner in rows
        if owner != "root" or int(mode, 8) & (0o077 if "_key" in name else 0o137 if "shadow" in name else 0o022)
    ]
    whole = {"/etc/passwd", "/etc/shadow", "/etc/sudoers"} <= names
    return passed_if(whole and not wrong, f"open: {', '.join(wrong) or 'none'} of {len(rows)}")


def _command_record(answer: Answer) -> Verdict:
    log = re.search(r"logfile=([^,\s]+)", answer.text)
    terminal = "use_pty" in answer.text
    words = f"log {log[1] if log else 'none'}; {'a terminal' if terminal else 'no terminal'} for each command"
    return passed_if(bool(log) and terminal, words)


def _session_recording(answer: Answer) -> Verdict:
    seen = [word for word in ("log_output", "log_input", "iolog_dir=") if word in answer.text]
    return passed_if("log_output" in seen and "iolog_dir=" in seen, ", ".join(seen) or "nothing is recorded")
