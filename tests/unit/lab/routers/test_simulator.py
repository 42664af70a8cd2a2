"""The simulated command line, typed into without any network; time stands still unless a test moves it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from lab.routers.simulator.dialect import COMWARE7, VRP8, Dialect
from lab.routers.simulator.faults import Blow, Faults, Trigger
from lab.routers.simulator.router import Router
from lab.routers.simulator.sample import startup
from lab.routers.simulator.session import Session
from lab.routers.simulator.talk import Pause, Stop, Terminal
from lab.routers.simulator.tree import parse, show


@dataclass
class Bench:
    """A router, and sessions with it."""

    dialect: Dialect = VRP8
    faults: Faults = field(default_factory=Faults)
    now: float = 0.0
    paused: float = 0.0
    stopped: Stop | None = None
    sessions: int = 0

    def __post_init__(self) -> None:
        self.router = Router("R1", self.dialect, parse(startup("R1", self.dialect.name)), lambda: self.now, self.faults)

    def session(self, columns: int = 511) -> tuple[Session, Terminal]:
        self.sessions += 1
        session = Session(self.router, self.sessions, "ops")
        self.router.sessions.add(self.sessions)
        terminal = Terminal(session.run(), columns)
        self.enter(terminal)
        return session, terminal

    def enter(self, terminal: Terminal, *lines: str) -> str:
        """Type lines; all that is said, without carriage returns."""
        terminal.type("".join(f"{line}\n" for line in lines))
        while (effect := terminal.advance()) is not None:
            if isinstance(effect, Pause):
                self.paused += effect.seconds
            else:
                self.stopped = effect
                break
        return terminal.said().replace("\r", "")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_prompts_follow_views_candidate_and_name(bench: Bench) -> None:
    _, terminal = bench.session()
    assert bench.enter(terminal, "system-view").endswith("\n[~R1]")
    assert bench.enter(terminal, "interface GigabitEthernet 0/1/0").endswith("\n[~R1-GigabitEthernet0/1/0]")
    assert bench.enter(terminal, "description x").endswith("\n[*R1-GigabitEthernet0/1/0]")
    assert bench.enter(terminal, "quit", "sysname R2").endswith("\n[*R1]"), "the name holds from the commit on"
    assert bench.enter(terminal, "commit").endswith("\n[~R2]")
    assert bench.enter(terminal, "quit").endswith("\n<R2>")


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("ip adress 10.0.0.1 30", 3, "Unrecognized command"),
        ("ip address 10.0.0 30", 11, "Wrong parameter"),
        ("ip address", 10, "Incomplete command"),
        ("shutdown now", 9, "Too many parameters"),
        ("undo ip adress", 8, "Unrecognized command"),
        ("bgp 64900", 0, "Unrecognized command"),
    ],
)
def test_a_wrong_line_is_pointed_at_and_changes_nothing(bench: Bench, line: str, column: int, words: str) -> None:
    session, terminal = bench.session()
    bench.enter(terminal, "system-view", "interface GigabitEthernet0/1/0")
    prompt = session.prompt
    rows = bench.enter(terminal, line).splitlines()
    assert rows[0] == line
    assert rows[1] == " " * (len(prompt) + column) + "^"
    assert words in rows[2]
    assert rows[3] == prompt


def test_candidates_are_each_session_s_own_and_meet_at_the_commit(bench: Bench) -> None:
    _, one = bench.session()
    _, other = bench.session()
    bench.enter(one, "system-view", "interface GigabitEthernet0/1/0", "description one")
    bench.enter(other, "system-view", "interface GigabitEthernet0/1/0", "mtu 9000", "commit")
    assert " description one" not in show(bench.router.running)
    bench.enter(one, "commit")
    below = bench.router.running["interface GigabitEthernet0/1/0"]
    assert {"description one", "mtu 9000"} <= set(below)


def test_commits_get_ids_and_labels_and_can_be_gone_back_to(bench: Bench) -> None:
    _, terminal = bench.session()
    bench.enter(terminal, "system-view", "mpls", "commit label first", "quit", "mpls lsr-id 1.1.1.1", "commit", "quit")
    listed = bench.enter(terminal, "display configuration commit list")
    assert "1000000002    first" in listed
    assert "mpls lsr-id 1.1.1.1" in bench.router.running
    bench.enter(terminal, "rollback configuration to label first", "y")
    assert "mpls lsr-id 1.1.1.1" not in bench.router.running
    assert "mpls" in bench.router.running
    assert "already exists" in bench.enter(terminal, "system-view", "mpls lsr-id 2.2.2.2", "commit label first")


def test_a_trial_ends_by_its_timer(bench: Bench) -> None:
    _, terminal = bench.session()
    said = bench.enter(terminal, "system-view", "sysname R2", "commit trial 60")
    assert "not confirmed in 60 seconds" in said
    assert said.endswith("[*R2]")
    assert "locked" in bench.enter(terminal, "mpls"), "nothing is changed during a trial"
    bench.now = 59.0
    assert "Remaining time (s): 1" in bench.enter(terminal, "display configuration trial status")
    bench.now = 60.0
    assert bench.enter(terminal, "quit").endswith("<R1>")


def test_a_trial_of_this_session_dies_with_it_unless_it_persists(bench: Bench) -> None:
    session, terminal = bench.session()
    bench.enter(terminal, "system-view", "sysname R2", "commit trial 60")
    session.closed()
    assert bench.router.name == "R1"
    session, terminal = bench.session()
    bench.enter(terminal, "system-view", "sysname R2", "commit trial 60 persist mine")
    session.closed()
    assert bench.router.name == "R2"
    _, terminal = bench.session()
    assert "Error" in bench.enter(terminal, "system-view", "commit persist yours")
    bench.enter(terminal, "commit persist mine")
    bench.now = 1000.0
    assert bench.enter(terminal, "quit").endswith("<R2>")


def test_a_trial_is_aborted_only_after_a_yes(bench: Bench) -> None:
    _, terminal = bench.session()
    bench.enter(terminal, "system-view", "sysname R2", "commit trial 60")
    assert bench.enter(terminal, "abort trial").endswith("[Y/N]:")
    assert bench.enter(terminal, "n").endswith("[*R2]")
    assert bench.enter(terminal, "abort trial", "maybe", "y").endswith("[~R1]")


@pytest.mark.parametrize(
    ("answer", "prompt", "kept"), [("y", "<R1>", True), ("n", "<R1>", False), ("c", "[*R1]", False)]
)
def test_leaving_with_uncommitted_lines_asks(bench: Bench, answer: str, prompt: str, kept: bool) -> None:
    _, terminal = bench.session()
    asked = bench.enter(terminal, "system-view", "mpls", "quit", "quit")
    assert asked.endswith("[Y(yes)/N(no)/C(cancel)]:")
    assert bench.enter(terminal, answer).endswith(prompt)
    assert ("mpls" in bench.router.running) is kept


def test_long_output_comes_in_pages_unless_they_are_off(bench: Bench) -> None:
    _, terminal = bench.session()
    assert bench.enter(terminal, "display current-configuration").endswith("---- More ----")
    terminal.type("q")
    assert bench.enter(terminal).endswith("<R1>")
    bench.enter(terminal, "screen-length 0 temporary")
    whole = bench.enter(terminal, "display current-configuration")
    assert "---- More" not in whole
    assert parse(whole.split("Version\n")[1].split("return")[0]) == bench.router.running


def test_the_echo_wraps_at_the_right_edge(bench: Bench) -> None:
    _, terminal = bench.session(columns=20)
    assert " \x1b[1D" in bench.enter(terminal, "system-view", "interface GigabitEthernet0/1/0")


def test_a_setting_with_a_value_is_replaced_and_undone_by_its_name(bench: Bench) -> None:
    _, terminal = bench.session()
    bench.enter(terminal, "system-view", "interface GigabitEthernet0/1/0", "ip address 10.9.9.9 30", "commit")
    assert [line for line in bench.router.running["interface GigabitEthernet0/1/0"] if line.startswith("ip a")] == [
        "ip address 10.9.9.9 30"
    ]
    bench.enter(terminal, "undo ip address", "commit")
    assert "ip address 10.9.9.9 30" not in bench.router.running["interface GigabitEthernet0/1/0"]
    assert "does not exist" in bench.enter(terminal, "undo ip address")


def test_binding_a_vpn_clears_addresses(bench: Bench) -> None:
    _, terminal = bench.session()
    bench.enter(terminal, "system-view", "interface GigabitEthernet0/1/0", "ip binding vpn-instance a", "commit")
    assert list(bench.router.running["interface GigabitEthernet0/1/0"]) == ["ip binding vpn-instance a"]


def test_another_s_lock_stops_the_commit() -> None:
    bench = Bench(faults=Faults(locked_by="netconf-user"))
    _, terminal = bench.session()
    assert "locked by netconf-user" in bench.enter(terminal, "system-view", "mpls", "commit")
    assert "mpls" not in bench.router.running


def test_a_lock_of_one_session_stops_the_other_s_commit_until_it_ends(bench: Bench) -> None:
    holder, one = bench.session()
    _, other = bench.session()
    bench.enter(one, "lock configuration")
    assert "locked" in bench.enter(other, "system-view", "mpls", "commit")
    holder.closed()
    assert "Error" not in bench.enter(other, "commit")


@pytest.mark.parametrize(("blow", "done"), [(Blow.DROP, False), (Blow.DROP_AFTER, True), (Blow.HANG, False)])
def test_a_blow_in_the_middle_of_a_commit(blow: Blow, done: bool) -> None:
    bench = Bench(faults=Faults(triggers=(Trigger("commit.*", blow),), commit_seconds=4.0))
    _, terminal = bench.session()
    bench.enter(terminal, "system-view", "mpls", "commit")
    assert bench.stopped is (Stop.HANG if blow is Blow.HANG else Stop.END)
    assert ("mpls" in bench.router.running) is done
    assert bench.paused == (4.0 if done else 0.0)


def test_a_restart_begins_with_what_was_saved() -> None:
    bench = Bench(faults=Faults(triggers=(Trigger("display version", Blow.REBOOT),)))
    _, terminal = bench.session()
    bench.enter(terminal, "system-view", "mpls", "commit", "quit", "quit", "save", "y")
    bench.enter(terminal, "system-view", "netconf", "commit", "quit", "quit", "display version")
    assert "mpls" in bench.router.running
    assert "netconf" not in bench.router.running


def test_neighbours_that_are_down_or_not_configured_are_not_shown() -> None:
    bench = Bench(faults=Faults(down=frozenset({"fd44:1::1"})))
    _, terminal = bench.session()
    bench.enter(terminal, "screen-length 0 temporary")
    assert "GigabitEthernet0/1/0" in bench.enter(terminal, "display isis peer")
    assert "in established state : 0" in bench.enter(terminal, "display bgp vpnv4 all peer")
    bench.enter(terminal, "system-view", "interface GigabitEthernet0/1/0", "shutdown", "commit", "quit", "quit")
    assert "Total Peer(s): 0" in bench.enter(terminal, "display isis peer")


def test_neighbours_come_up_some_time_after_a_change() -> None:
    bench = Bench(faults=Faults(settles=30.0))
    _, terminal = bench.session()
    bench.enter(terminal, "screen-length 0 temporary")
    assert "Total Peer(s): 0" in bench.enter(terminal, "display isis peer")
    bench.now = 30.0
    assert "Total Peer(s): 1" in bench.enter(terminal, "display isis peer")
    assert "in established state : 1" in bench.enter(terminal, "display bgp vpnv4 all peer")


def test_comware_changes_at_once_and_takes_back_what_is_not_confirmed() -> None:
    bench = Bench(dialect=COMWARE7)
    session, terminal = bench.session()
    assert bench.enter(terminal, "system-view").endswith("[R1]"), "no mark: there is no candidate"
    assert bench.enter(terminal, "configuration commit delay 1", "sysname R2").endswith("[R2]")
    session.closed()
    assert bench.router.name == "R2", "unlike VRP's, the timer does not care for sessions"
    bench.now = 60.0
    _, terminal = bench.session()
    assert bench.enter(terminal, "system-view").endswith("[R1]")
    bench.enter(terminal, "configuration commit delay 1", "sysname R2", "configuration commit")
    bench.now = 200.0
    assert bench.enter(terminal, "quit").endswith("<R2>")


def test_comware_replaces_its_configuration_with_a_file() -> None:
    bench = Bench(dialect=COMWARE7)
    _, terminal = bench.session()
    bench.enter(terminal, "save before.cfg force", "system-view", "sysname R2", "snmp-agent")
    said = bench.enter(terminal, "configuration replace file before.cfg", "n")
    assert "Succeeded" in said
    assert said.endswith("[R1]")
    assert " % Unrecognized command" in bench.enter(terminal, "snmp-agent2")
