"""Many different things close together, and one reader at the mails of many."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scheduler.crowds import Footprint, find_crowds
from scheduler.runs import find_runs

NOON = datetime(2027, 1, 12, 12, tzinfo=UTC)
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def fetch(event: int, reader: int, *, after: float, **fields: Any) -> Footprint:
    """A fetch of a mail of this reader's, so many seconds after noon."""
    fields = {"origin": "here", "agent": "Outlook", **fields}
    at = NOON + timedelta(seconds=after)
    return Footprint(event_id=event, mail_id=100 + reader, enrolment_id=reader, at=at, **fields)


def test_one_reader_at_the_mails_of_three_within_a_minute_is_a_crowd_from_the_first_on() -> None:
    fetches = [fetch(1, 1, after=0), fetch(2, 2, after=30), fetch(3, 3, after=60)]
    assert find_crowds(fetches) == {101: {1}, 102: {2}, 103: {3}}


def test_two_colleagues_in_one_minute_are_no_crowd_nor_are_three_in_more() -> None:
    assert find_crowds([fetch(1, 1, after=0), fetch(2, 2, after=1), fetch(3, 1, after=2)]) == {}
    assert find_crowds([fetch(1, 1, after=0), fetch(2, 2, after=30), fetch(3, 3, after=60.1)]) == {}


def test_hits_of_other_addresses_and_agents_make_no_crowd_together() -> None:
    apart = [
        fetch(1, 1, after=0),
        fetch(2, 2, after=0, agent="Thunderbird"),
        fetch(3, 3, after=0, origin="there"),
        fetch(4, 4, after=0, origin="there"),
    ]
    assert find_crowds(apart) == {}


def test_an_image_proxy_and_who_does_not_say_who_they_are_make_none() -> None:
    for fields in ({"agent": GMAIL}, {"agent": ""}, {"origin": ""}):
        assert find_crowds([fetch(number, number, after=number, **fields) for number in range(5)]) == {}


def test_what_came_long_before_and_after_a_crowd_is_left_alone() -> None:
    fetches = [fetch(0, 1, after=-61), *(fetch(number, number, after=0) for number in (1, 2, 3)), fetch(4, 1, after=61)]
    assert find_crowds(fetches) == {101: {1}, 102: {2}, 103: {3}}


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 5)), max_size=40), st.integers(1, 5), st.integers(0, 30))
def test_runs_are_those_of_the_plain_definition(seen: list[tuple[int, int]], least: int, seconds: int) -> None:
    marks = [(NOON + timedelta(seconds=second), what) for second, what in sorted(seen)]
    span = timedelta(seconds=seconds)
    expected: set[int] = set()
    for first in range(len(marks)):
        for last in range(first, len(marks)):
            together = marks[first : last + 1]
            if together[-1][0] - together[0][0] <= span and len({what for _, what in together}) >= least:
                expected.update(range(first, last + 1))
    assert find_runs(marks, span=span, least=least) == expected


def test_a_flood_is_searched_in_a_moment() -> None:
    marks = [(NOON + timedelta(milliseconds=number), number % 7) for number in range(200_000)]
    assert len(find_runs(marks, span=timedelta(seconds=60), least=3)) == 200_000
