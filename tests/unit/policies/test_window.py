"""Windows and freezes: for each target and moment whether it may change, until when that holds, and by what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.window import Calendar, Hours, Standing, beijing
from province.record import RoomName
from province.selector import Target
from province.window import CHINA, Freeze, Window

# 2026-12-01 is a Tuesday


def at(day: int, clock: str, month: int = 12) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, month, day, hours, minutes, tzinfo=CHINA)


def window(since: str, until: str, days: str = "", targets: str = "*", code: str = "w") -> Window:
    block: dict[str, Any] = {"code": code, "name": "窗口", "name_en": "w", "targets": targets.split()}
    return Window.model_validate(block | {"from": since, "until": until} | ({"days": days.split()} if days else {}))


def freeze(first: str, last: str, targets: str = "*") -> Freeze:
    block = {"code": "f", "name": "封网", "name_en": "f", "targets": targets.split(), "first": first, "last": last}
    return Freeze.model_validate(block)


BY_DAY = window("09:00", "18:00")
NIGHT = window("23:00", "05:00", "tue thu")
SUNDAY_NIGHT = window("22:00", "06:00", "sun")
SATURDAY = window("00:00", "24:00", "sat")
UNTIL_MIDNIGHT = window("20:00", "00:00", "tue")
MEETING = freeze("2026-12-03", "2026-12-04")


@pytest.mark.parametrize(
    ("one", "moment", "is_open"),
    [
        (BY_DAY, at(1, "08:59"), False),
        (BY_DAY, at(1, "09:00"), True),
        (BY_DAY, at(1, "17:59"), True),
        (BY_DAY, at(1, "18:00"), False),
        (NIGHT, at(1, "22:59"), False),
        (NIGHT, at(1, "23:00"), True),
        (NIGHT, at(2, "00:00"), True),
        (NIGHT, at(2, "04:59"), True),
        (NIGHT, at(2, "05:00"), False),
        (NIGHT, at(2, "23:30"), False),
        (NIGHT, at(1, "04:00"), False),  # Monday night did not open
        (SUNDAY_NIGHT, at(6, "23:00"), True),
        (SUNDAY_NIGHT, at(7, "05:59"), True),  # Monday, of the next week
        (SUNDAY_NIGHT, at(7, "22:00"), False),
        (SATURDAY, at(4, "23:59"), False),
        (SATURDAY, at(5, "00:00"), True),
        (SATURDAY, at(5, "23:59"), True),
        (SATURDAY, at(6, "00:00"), False),
        (UNTIL_MIDNIGHT, at(1, "23:59"), True),
        (UNTIL_MIDNIGHT, at(2, "00:00"), False),
    ],
)
def test_a_window_is_open_in_its_hours_alone(one: Window, moment: datetime, is_open: bool) -> None:
    assert one.covers(moment) is is_open
    assert Hours((one,)).open_at(moment) is is_open


def test_hours_are_beijings_whatever_the_clock_is_set_to() -> None:
    """09:00 in Beijing is 01:00 UTC, and a Tuesday night there is still a Tuesday afternoon in London."""
    assert BY_DAY.covers(datetime(2026, 12, 1, 1, tzinfo=UTC))
    assert not BY_DAY.covers(datetime(2026, 12, 1, 0, 59, tzinfo=UTC))
    assert not BY_DAY.covers(datetime(2026, 12, 1, 10, tzinfo=UTC))
    assert NIGHT.covers(datetime(2026, 12, 1, 15, tzinfo=UTC))
    assert NIGHT.covers(datetime(2026, 12, 1, 20, 59, tzinfo=UTC)), "Wednesday 04:59 in Beijing"
    early = window("01:00", "05:00", "wed")
    assert early.covers(datetime(2026, 12, 1, 18, tzinfo=UTC)), "Tuesday there, Wednesday in Beijing"
    assert BY_DAY.covers(datetime(2026, 7, 1, 1, tzinfo=UTC)), "no daylight saving"


def test_a_freeze_holds_on_its_first_and_its_last_day() -> None:
    held = Hours(freezes=(MEETING,))
    moments = (at(2, "23:59"), at(3, "00:00"), at(4, "23:59"), at(5, "00:00"))
    assert [held.open_at(moment) for moment in moments] == [True, False, False, True]


def test_a_target_that_nothing_is_for_is_open_for_ever() -> None:
    assert Hours().open_at(at(1, "12:00"))
    assert Hours().turn(at(1, "12:00")) is None


@pytest.mark.parametrize(
    ("hours", "moment", "turn"),
    [
        (Hours((BY_DAY,)), at(1, "08:00"), at(1, "09:00")),
        (Hours((BY_DAY,)), at(1, "09:00"), at(1, "18:00")),
        (Hours((BY_DAY,)), at(1, "18:00"), at(2, "09:00")),
        (Hours((NIGHT,)), at(2, "01:00"), at(2, "05:00")),
        (Hours((NIGHT,)), at(4, "06:00"), at(8, "23:00")),  # from Friday over the week's end
        (Hours((SATURDAY,)), at(6, "00:00"), at(12, "00:00")),  # a whole week but a day
        (Hours((window("09:00", "10:00", "tue"),)), at(1, "11:00"), at(8, "09:00")),  # the same day of next week
        (Hours((NIGHT, BY_DAY)), at(2, "04:00"), at(2, "05:00")),
        (Hours((NIGHT, window("05:00", "06:00"))), at(2, "04:00"), at(2, "06:00")),  # one goes over into the other
        (Hours((BY_DAY,), (MEETING,)), at(2, "19:00"), at(5, "09:00")),  # two openings fall into the freeze
        (Hours((NIGHT,), (MEETING,)), at(3, "01:00"), at(8, "23:00")),
        (Hours((window("23:00", "05:00"),), (MEETING,)), at(2, "23:30"), at(3, "00:00")),
        (Hours((window("23:00", "05:00"),), (MEETING,)), at(3, "12:00"), at(5, "00:00")),  # ends inside a window
        (Hours((), (MEETING,)), at(1, "12:00"), at(3, "00:00")),
        (Hours((), (MEETING, freeze("2026-12-05", "2026-12-31"))), at(3, "12:00"), datetime(2027, 1, 1, tzinfo=CHINA)),
        (Hours((), (MEETING,)), at(5, "00:00"), None),
        (Hours((window("00:00", "24:00"),)), at(5, "00:00"), None),
        (Hours((NIGHT,), (freeze("2026-01-01", "2026-11-30"),)), at(1, "12:00", 6), at(1, "23:00")),  # months ahead
    ],
)
def test_when_it_turns(hours: Hours, moment: datetime, turn: datetime | None) -> None:
    assert hours.turn(moment) == turn


CLOCKS = st.sampled_from(["00:00", "00:30", "05:00", "09:00", "18:00", "23:00"])
DAYS = st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, max_size=3, unique=True)
WINDOWS = (
    st.tuples(CLOCKS, CLOCKS, DAYS).filter(lambda w: w[0] != w[1]).map(lambda w: window(w[0], w[1], " ".join(w[2])))
)
FREEZES = st.tuples(st.integers(1, 9), st.integers(0, 12)).map(
    lambda f: freeze(f"2026-12-{f[0]:02}", f"2026-12-{f[0] + f[1]:02}")
)


@settings(deadline=None)  # of a busy machine
@given(st.lists(WINDOWS, max_size=3), st.lists(FREEZES, max_size=2), st.integers(0, 20 * 48))
def test_it_turns_when_a_watch_at_the_door_would_see_it(
    windows: list[Window], freezes: list[Freeze], half_hours: int
) -> None:
    """Against asking every half hour, at which all of them begin and end."""
    hours, moment = Hours(tuple(windows), tuple(freezes)), at(1, "00:00") + timedelta(minutes=30 * half_hours)
    now = hours.open_at(moment)
    later = (moment + timedelta(minutes=30 * number) for number in range(1, 40 * 48))
    assert hours.turn(moment) == next((one for one in later if hours.open_at(one) is not now), None)


def router(name: str) -> Target:
    return Target(RoomName.NETWORK, name, {"router": name, "region": name[:2], "department": ""})


def where(name: str) -> tuple[RoomName, str]:
    return RoomName.NETWORK, name


GZ = window("23:00", "05:00", "tue thu", "region=gz", "gz-night")
CORE = window("00:00", "06:00", "sat", "gd-pe-? gd-p-1", "core")
CALENDAR = Calendar(
    (GZ, CORE),
    (freeze("2026-12-03", "2026-12-04", "router=gz-pe-1 tenant-*"),),
    {where(one.name): one for one in map(router, ("gz-pe-1", "gz-pe-2", "gd-pe-1", "free"))},
)


def test_selectors_choose_whom_they_are_for() -> None:
    pe1 = CALENDAR.hours(where("gz-pe-1"))
    assert ([one.code for one in pe1.windows], [one.code for one in pe1.freezes]) == (["gz-night"], ["f"])
    assert CALENDAR.hours(where("gz-pe-2")) == Hours((GZ,))
    assert CALENDAR.hours(where("gd-pe-1")) == Hours((CORE,))
    assert CALENDAR.hours(where("free")) == Hours()


def test_what_the_inventory_no_longer_has_is_found_by_its_name() -> None:
    assert CALENDAR.hours((RoomName.CLOUD, "tenant-gone")).freezes
    assert CALENDAR.hours(where("gd-pe-9")) == Hours((CORE,))
    gone = Calendar((window("00:00", "01:00", targets="stack=tenant-*"),))
    assert gone.hours((RoomName.CLOUD, "tenant-gone")).windows
    assert gone.hours(where("tenant-gone")) == Hours(), "a router is no stack"


def test_standings_put_together_what_is_held_alike() -> None:
    places = [where(name) for name in ("gz-pe-2", "gz-pe-1", "gd-pe-1", "free")]
    on_saturday = CALENDAR.standings(places, at(5, "01:00"))
    assert on_saturday == [
        Standing(("gz-pe-1",), False, at(8, "23:00"), (GZ,)),
        Standing(("gz-pe-2",), False, at(8, "23:00"), (GZ,)),
        Standing(("gd-pe-1",), True, at(5, "06:00"), (CORE,)),
    ]
    both = Calendar((GZ,), (), CALENDAR.known)
    assert both.standings(places, at(1, "23:00")) == [Standing(("gz-pe-1", "gz-pe-2"), True, at(2, "05:00"), (GZ,))]


def test_a_freeze_is_named_before_the_windows() -> None:
    (frozen,) = CALENDAR.standings([where("gz-pe-1")], at(3, "23:30"))
    assert frozen.words == "freeze f 封网; opens 2026-12-08 23:00 UTC+8"
    (closing,) = Calendar((), (MEETING,)).standings([where("any")], at(1, "12:00"))
    assert closing.words == "freeze f 封网; closes 2026-12-03 00:00 UTC+8"
    (open_,) = CALENDAR.standings([where("gz-pe-2")], at(1, "23:00"))
    assert open_.words == "window gz-night 窗口; closes 2026-12-02 05:00 UTC+8"


def test_several_are_open_when_all_of_them_are() -> None:
    late = window("04:00", "08:00", "wed sat", "late", "late")
    calendar = Calendar((*CALENDAR.windows, late), CALENDAR.freezes, CALENDAR.known)
    assert calendar.opening([where("gz-pe-1"), where("late")], at(1, "12:00")) == at(2, "04:00")
    assert calendar.opening([where("gz-pe-1"), where("late")], at(2, "04:00")) == at(9, "04:00")
    assert calendar.opening([where("gd-pe-1"), where("late"), where("free")], at(1, "12:00")) == at(5, "04:00")
    assert calendar.opening([where("gz-pe-1"), where("gd-pe-1")], at(1, "12:00")) is None


def test_moments_are_told_in_beijings_time() -> None:
    assert beijing(datetime(2026, 12, 1, 16, 30, tzinfo=UTC)) == "2026-12-02 00:30 UTC+8"


@pytest.mark.parametrize(
    ("since", "until"),
    [("9:00", "18:00"), ("24:00", "18:00"), ("09:00", "24:01"), ("09:00", "25:00"), ("09:60", "10:00")],
)
def test_a_window_wants_real_clocks(since: str, until: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        window(since, until)
