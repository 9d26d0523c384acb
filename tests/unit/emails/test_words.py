"""Short forms of longer words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.words import count, first_name, first_sentence, shorten, write_date, write_day


@pytest.mark.parametrize(
    ("words", "length", "short"),
    [
        ("Build trust first", 30, "Build trust first"),
        ("Tell partners about risks early and clearly", 28, "Tell partners about risks…"),
        ("Say hello to system leaders before you start", 28, "Say hello to system leaders…"),
        ("Find the one problem you all want fixed", 24, "Find the one problem…"),
        ("Ask first, then listen well", 11, "Ask first…"),
        ("Supercalifragilistic", 10, "Supercali…"),
    ],
)
def test_words_are_cut_where_they_make_sense(words: str, length: int, short: str) -> None:
    assert shorten(words, length) == short


@given(st.text(alphabet="abc the, ", max_size=80), st.integers(min_value=4, max_value=40))
def test_shortened_words_fit(words: str, length: int) -> None:
    assert len(shorten(words, length)) <= length


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Steve looks back. He writes.", "Steve looks back."),
        ("It costs 2.5 hours. Then", "It costs 2.5 hours."),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_the_first_sentence_ends_at_a_mark_before_a_blank(words: str, sentence: str) -> None:
    assert first_sentence(words) == sentence


@pytest.mark.parametrize(
    ("name", "called"), [("Amina Khan", "Amina"), ("Dr. Sam Sample", "Sam"), ("Prof Dame Jo Lee", "Jo"), ("Dr", "Dr")]
)
def test_nobody_is_called_by_a_title(name: str, called: str) -> None:
    assert first_name(name) == called


def test_dates_days_and_numbers_read_as_words() -> None:
    assert write_date(date(2027, 1, 4)) == "4 January 2027"
    assert [write_day(day) for day in (-21, -1, 0, 1, 100)] == [
        "21 days to go",
        "One day to go",
        "Your first day",
        "Day 1",
        "Day 100",
    ]
    assert [count(number, "tip", "tips") for number in (0, 1, 9)] == ["no tips", "one tip", "9 tips"]
