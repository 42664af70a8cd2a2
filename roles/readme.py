"""The role's README, from its argument specs and its catalogue: ``python -m roles.readme`` writes it anew. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ruamel.yaml import YAML

from province.host import HostRole
from province.record import JsonObject
from roles.catalogue import PROVEN, Catalogue, Control, load_catalogue

ROLE = Path(__file__).parent / "baseline"
_HEAD = """\
# baseline: MLPS level 3 on a host (等保三级主机基线)

<!-- Written by `python -m roles.readme` from meta/argument_specs.yml and vars/main/: do not edit. -->

{description}

Each control area is a file of `vars/main/`: its controls (clause, title, reason, settings), and how the area is brought
in line. Tags are areas (`ssh`), controls (`hst-ssh-limits`) and clauses (`8.1.4.1-c`); each chooses the areas that hold
it, since one file on a host serves several controls. An area is switched off by its toggle (`baseline_ssh: false`), a
control by `baseline_waivers: {{hst-ssh-limits: the written reason}}`; the audit then tells the reason.

```
export ZY_SSH_CONFIG=…                     # ssh_config(5) that reaches the hosts
ansible-playbook -i roles/dynamic_inventory.py roles/site.yml --check --diff
ansible-playbook -i roles/dynamic_inventory.py roles/site.yml --tags firewall     # one area alone
ansible-playbook -i roles/dynamic_inventory.py roles/site.yml --tags 8.1.4.1-c    # one clause
ansible-playbook -i roles/dynamic_inventory.py roles/restore.yml                  # as before the first run
zy hosts audit                                                                    # judges, changes nothing
```

## How it works
- One round trip for all areas: the module `zy_settings` compares files, keys, kernel settings, accounts, units and what
  is loaded, and changes what differs. Check mode reports exactly that; a second run changes nothing.
- Candidates are validated by their own program (`sshd -t`, `nft -c`, `visudo -c`) before they replace anything.
- **Nobody is locked out.** Before accounts, PAM, sudo, ssh and nftables are touched, `guard.py` on the host keeps what
  was and starts a timer. A second, new connection with sudo must work; then the change is confirmed. If it does not, or
  if the run dies, everything is put back: at once, by the timer (`baseline_guard_seconds`), or at the next boot.
- **Everything can be put back.** What a thing was before the very first touch stays in `/var/lib/zhengyun/hardening`
  on the host; `restore.yml` restores it and leaves nothing of ours but records (logs, sudo's recordings).
- **Keys stay where they belong.** For the log transport each host makes its own key and asks for a certificate; the
  key of the authority stays in `baseline_authority` on the controller, outside of the repository.
- A setting that the running kernel does not have is reported as not applicable, never as done.

## Systems
Units and files have their names in `vars/main/systems.yml`. "Not run": names from general knowledge, not checked on it.

"""
_STATES = {system.value: "applied and proven in the lab" for system in PROVEN}


def readme(specs: JsonObject, catalogue: Catalogue, systems: JsonObject) -> str:
    """The whole text, in Markdown."""
    main = specs["argument_specs"]["main"]
    parts = [_HEAD.format(description=" ".join(main["description"]))]
    parts += [_table(("system", "state", "packages that its image holds"), map(_system, systems.items()))]
    parts += ["\n## Controls\n"]
    parts += [_table(("control", "clauses", "what", "why", "hosts"), map(_control, catalogue.values()))]
    parts += [
        "\n## Variables\n",
        _table(("variable", "type", "default", "what"), map(_option, main["options"].items())),
    ]
    return "".join(parts)


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    titles = tuple(head)
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _system(item: tuple[str, JsonObject]) -> tuple[str, ...]:
    name, names = item
    return (name, _STATES.get(name, "**not run**"), ", ".join(names["packages"]))


def _control(control: Control) -> tuple[str, ...]:
    hosts = "all" if set(control.roles) == set(HostRole) else ", ".join(role.value for role in control.roles)
    what = f"{control.title} ({control.title_zh})"
    why = f"{control.why} *To be attested:* {control.attest}" if control.attest else control.why
    return (f"`{control.id}`", ", ".join(control.clauses), what, why, hosts)


def _option(option: tuple[str, JsonObject]) -> tuple[str, ...]:
    name, spec = option
    default = f"`{spec['default']}`" if "default" in spec else "see `defaults/main.yml`"
    return (f"`{name}`", str(spec["type"]), default, str(spec["description"]))


def current() -> str:
    """The README as the files of now ask for it."""
    yaml = YAML(typ="safe")
    systems = yaml.load(ROLE / "vars" / "main" / "systems.yml")["baseline_systems"]
    return readme(yaml.load(ROLE / "meta" / "argument_specs.yml"), load_catalogue(), systems)


if __name__ == "__main__":
    (ROLE / "README.md").write_text(current(), encoding="utf-8")
