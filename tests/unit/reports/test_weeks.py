from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reports.weeks import last_turn, week_of, weeks_ending_in
from tests.builders import at


def test_a_week_turns_on_monday_at_midnight_in_utc() -> None:
    assert last_turn(at("2027-02-07 23:59")) == at("2027-02-01 00:00")
    assert last_turn(at("2027-02-08 00:00")) == at("2027-02-08 00:00")
    assert week_of(at("2027-02-08 00:30", "Europe/Paris")) == date(2027, 2, 1)


def test_a_week_belongs_to_the_month_of_its_sunday() -> None:
    assert weeks_ending_in(date(2027, 1, 1)) == (date(2026, 12, 28), date(2027, 1, 25))
    assert weeks_ending_in(date(2027, 2, 1)) == (date(2027, 2, 1), date(2027, 2, 22))


@given(month=st.dates(date(2020, 1, 1), date(2040, 1, 1)).map(lambda day: day.replace(day=1)))
def test_each_week_is_in_one_month_and_none_is_left_out(month: date) -> None:
    following = (month + timedelta(days=31)).replace(day=1)
    assert weeks_ending_in(following)[0] == weeks_ending_in(month)[1] + timedelta(days=7)
