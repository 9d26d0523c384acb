"""Working days, holidays, zones and the UTC instants they give."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain import Span
from scheduler.calendar import closed_because, day_number, first_sendable_date, slot_on
from tests.builders import at, build_leader


def test_a_weekday_is_open() -> None:
    assert closed_because(build_leader(), date(2027, 1, 11)) is None


@pytest.mark.parametrize(
    ("holidays", "day", "reason"),
    [
        ("GB-ENG", date(2027, 3, 29), "holiday: Easter Monday"),
        ("GB-SCT", date(2027, 3, 29), None),
        ("GB-SCT", date(2026, 11, 30), "holiday: Saint Andrew's Day"),
        ("GB-ENG", date(2026, 12, 28), "holiday: Boxing Day (observed)"),
        ("none", date(2026, 12, 25), None),
    ],
)
def test_holidays_are_those_of_the_leaders_own_place(holidays: str, day: date, reason: str | None) -> None:
    assert closed_because(build_leader(holidays=holidays), day) == reason


def test_a_day_off_in_a_part_time_week_and_an_away_day_are_closed() -> None:
    leader = build_leader(working_days=(1, 2), away=(Span(first=date(2027, 2, 16), last=date(2027, 2, 17)),))
    assert closed_because(leader, date(2027, 2, 15)) == "Monday is not a working day"
    assert closed_because(leader, date(2027, 2, 16)) == "away"
    assert closed_because(leader, date(2027, 2, 23)) is None


@pytest.mark.parametrize(
    ("zone", "send_at", "day", "slot"),
    [
        ("Europe/London", time(8, 30), date(2027, 1, 11), "2027-01-11 08:30"),
        ("Europe/London", time(8, 30), date(2027, 7, 12), "2027-07-12 07:30"),
        ("Europe/London", time(1, 30), date(2027, 3, 28), "2027-03-28 01:00"),  # skipped: the first minute after
        ("Europe/London", time(1, 30), date(2027, 10, 31), "2027-10-31 00:30"),  # comes twice: the first
        ("Asia/Kathmandu", time(8, 30), date(2027, 1, 11), "2027-01-11 02:45"),
        ("Australia/Lord_Howe", time(2, 15), date(2027, 10, 3), "2027-10-02 15:30"),  # half an hour is skipped
        ("Africa/Cairo", time(0, 15), date(2027, 4, 30), "2027-04-29 22:00"),  # a day without a midnight
    ],
)
def test_a_slot_is_a_local_time_that_exists(zone: str, send_at: time, day: date, slot: str) -> None:
    assert slot_on(build_leader(time_zone=zone, send_at=send_at), day) == at(slot)


def test_a_date_that_a_zone_skipped_is_closed() -> None:
    leader = build_leader(time_zone="Pacific/Apia", holidays="none")
    assert slot_on(leader, date(2011, 12, 30)) is None
    assert closed_because(leader, date(2011, 12, 30)) == "this date does not exist in Pacific/Apia"


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2027-01-11 06:00", date(2027, 1, 11)),
        ("2027-01-11 12:00", date(2027, 1, 11)),
        ("2027-01-11 16:29", date(2027, 1, 11)),
        ("2027-01-11 16:30", date(2027, 1, 12)),
    ],
)
def test_mail_leaves_today_only_while_the_send_window_is_open(now: str, first: date) -> None:
    assert first_sendable_date(build_leader(), at(now)) == first


def test_a_window_late_in_the_day_ends_with_the_day() -> None:
    leader = build_leader(send_at=time(22, 0))
    assert first_sendable_date(leader, at("2027-01-11 23:59")) == date(2027, 1, 11)
    assert first_sendable_date(leader, at("2027-01-12 00:01")) == date(2027, 1, 12)


def test_the_start_date_is_day_zero_and_the_day_before_minus_one() -> None:
    start = date(2027, 1, 11)
    assert [day_number(start, (), start + timedelta(days=n)) for n in (-1, 0, 100)] == [-1, 0, 100]


def test_paused_days_are_not_counted_and_a_day_in_two_pauses_counts_once() -> None:
    pauses = (
        Span(first=date(2027, 1, 20), last=date(2027, 1, 24)),
        Span(first=date(2027, 1, 23), last=date(2027, 1, 26)),
    )
    assert day_number(date(2027, 1, 11), pauses, date(2027, 1, 19)) == 8
    assert day_number(date(2027, 1, 11), pauses, date(2027, 1, 26)) == 8
    assert day_number(date(2027, 1, 11), pauses, date(2027, 1, 27)) == 9


@given(
    st.sampled_from(["Europe/London", "Pacific/Apia", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    st.dates(date(2025, 1, 1), date(2029, 12, 31)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
def test_every_slot_falls_on_its_local_date_and_not_before_its_time(zone: str, day: date, send_at: time) -> None:
    leader = build_leader(time_zone=zone, send_at=send_at)
    slot = slot_on(leader, day)
    assert slot is not None
    local = slot.astimezone(ZoneInfo(zone))
    assert local.date() == day
    assert local.time().replace(tzinfo=None) >= send_at
