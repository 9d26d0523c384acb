"""Pauses read as days that count once."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.domain import Span
from models.store import merge_spans

FIRST = date(2027, 2, 1)

spans = st.tuples(st.integers(0, 20), st.none() | st.integers(0, 6)).map(lambda drawn: build_span(*drawn))


def build_span(offset: int, length: int | None) -> Span:
    first = FIRST + timedelta(days=offset)
    return Span(first=first, last=None if length is None else first + timedelta(days=length))


def test_spans_that_touch_are_one() -> None:
    assert merge_spans(
        [
            Span(first=date(2027, 2, 6), last=date(2027, 2, 8)),
            Span(first=date(2027, 2, 1), last=date(2027, 2, 5)),
            Span(first=date(2027, 2, 10), last=date(2027, 2, 10)),
        ]
    ) == (
        Span(first=date(2027, 2, 1), last=date(2027, 2, 8)),
        Span(first=date(2027, 2, 10), last=date(2027, 2, 10)),
    )


def test_a_span_without_an_end_swallows_what_follows() -> None:
    open_end = Span(first=date(2027, 2, 3), last=None)
    assert merge_spans([Span(first=date(2027, 2, 4), last=date(2027, 2, 9)), open_end]) == (open_end,)


@given(st.lists(spans, max_size=5))
def test_merged_spans_hold_the_same_days_apart_from_each_other(given_spans: list[Span]) -> None:
    merged = merge_spans(given_spans)

    for day in (FIRST + timedelta(days=number) for number in range(-1, 40)):
        assert any(day in span for span in merged) == any(day in span for span in given_spans)
    for before, after in pairwise(merged):
        assert before.last is not None
        assert after.first > before.last + timedelta(days=1)
