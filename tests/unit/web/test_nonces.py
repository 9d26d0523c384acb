"""The mark a page carries: whose it is, when it was shown, and that nobody else can make one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.links import Links
from web.nonces import Subject, make_nonce, name_press, read_nonce

LINKS = Links("https://nudges.example.org", (b"a secret for tests, and no other",))
QUESTION = Subject("a", (12, 3))
SHOWN_AT = datetime(2027, 1, 12, 13, 0, 0, 123000, tzinfo=UTC)
NONCE = make_nonce(LINKS, QUESTION, shown_at=SHOWN_AT, token="token-1")


def test_a_mark_tells_when_its_page_was_shown_to_the_millisecond() -> None:
    assert read_nonce(LINKS, QUESTION, NONCE) == SHOWN_AT


@given(
    since=st.timedeltas(timedelta(0), timedelta(days=300_000)),
    token=st.text("abcdefgXYZ0123456789-_", max_size=50),
)
def test_every_mark_of_ours_can_be_read(since: timedelta, token: str) -> None:
    shown_at = datetime(1980, 1, 1, tzinfo=UTC) + since
    read = read_nonce(LINKS, QUESTION, make_nonce(LINKS, QUESTION, shown_at=shown_at, token=token))
    assert read is not None
    assert timedelta(0) <= shown_at - read < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "other", [Subject("a", (12, 4)), Subject("a", (13, 3)), Subject("c", (12, 3)), Subject("a", ())]
)
def test_a_mark_serves_only_the_page_it_was_made_for(other: Subject) -> None:
    assert read_nonce(LINKS, other, NONCE) is None


def test_numbers_that_read_alike_side_by_side_are_different_pages() -> None:
    mark = make_nonce(LINKS, Subject("p", (1, 23)), shown_at=SHOWN_AT, token="token-1")
    assert read_nonce(LINKS, Subject("p", (12, 3)), mark) is None


def test_another_key_makes_other_marks() -> None:
    foreign = Links("https://nudges.example.org", (b"another key, of another house",))
    assert read_nonce(foreign, QUESTION, NONCE) is None


@given(place=st.integers(0, len(NONCE) - 1), character=st.characters(codec="latin-1"))
def test_each_character_counts(place: int, character: str) -> None:
    changed = NONCE[:place] + character + NONCE[place + 1 :]
    assert read_nonce(LINKS, QUESTION, changed) == (SHOWN_AT if changed == NONCE else None)


@given(st.text())
def test_nothing_else_is_a_mark(text: str) -> None:
    assert read_nonce(LINKS, QUESTION, text) is None


def test_a_press_is_named_by_its_page_and_its_fields() -> None:
    names = {
        name_press(LINKS, NONCE, "answer=using"),
        name_press(LINKS, NONCE, "answer=forgot"),
        name_press(LINKS, NONCE + "0", "answer=using"),
        name_press(LINKS, NONCE),
    }
    assert len(names) == 4
    assert all(len(name) == 24 for name in names)
    assert name_press(LINKS, NONCE, "answer=using") in names
