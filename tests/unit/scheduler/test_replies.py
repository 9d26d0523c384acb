"""What a leader writes back is understood by a small grammar, or not at all."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain import ItemKind
from scheduler.replies import Answers, Asked, Pause, Plain, understand

TODAY = date(2027, 1, 12)
TIP: tuple[ItemKind, ...] = ("tip",)
TWO: tuple[ItemKind, ...] = ("tip", "resource")


def read(words: str, questions: tuple[ItemKind, ...] = ()) -> Asked | None:
    return understand(words, questions=questions, today=TODAY)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("knew it", "using"),
        ("Knew it!", "using"),
        ("I’m not sure.", None),
        ("Yes", "using"),
        ("using it, thanks", "using"),
        ("*Nearly*", "nearly"),
        ("I forgot.", "forgot"),
        ("I didn’t know", "forgot"),
        ("No", "forgot"),
        ("Hi,\n\nforgot\n\nSam", "forgot"),
        ("Thanks, knew it", "using"),
        ("CAUTION: External sender\nNearly", "nearly"),
        ("not read yet", None),
        ("knew it because we did it last week", None),
        ("well\nknew it", None),
    ],
)
def test_one_word_answers_the_only_question(words: str, answer: str | None) -> None:
    assert read(words, TIP) == (answer and Answers({1: answer}))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "words",
    [
        "1 knew it, 2 forgot",
        "1. Yes\n2. Forgot it",
        "1: yes 2: did not know",
        "Q1 - got it; Q2 - forgot",
        "question 1: knew it\n\nquestion 2: forgotten\n\nBest wishes\nSam",
        "1 knew it and 2 forgot. Thanks",
        "#1 knew it\n#2 forgot",
    ],
)
def test_several_questions_are_answered_by_their_numbers(words: str) -> None:
    assert read(words, TWO) == Answers({1: "using", 2: "forgot"})


@pytest.mark.parametrize(
    "words", ["knew it", "both", "1 knew it, 3 forgot", "1 knew it\n2 who knows", "10 yes", "1", ""]
)
def test_what_leaves_open_which_question_is_meant_answers_none(words: str) -> None:
    assert read(words, TWO) is None


def test_one_of_several_may_be_answered_alone() -> None:
    assert read("2 nearly", TWO) == Answers({2: "nearly"})


def test_something_may_not_have_been_read_yet() -> None:
    assert read("2 not read yet", TWO) == read("2 no", TWO) == Answers({2: "unread"})
    assert read("1 not read yet", TWO) is None


def test_where_nothing_was_asked_nothing_is_answered() -> None:
    assert read("knew it") is None
    assert read("1 knew it") is None


# ---------------------------------------------------------------- choices


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("pause", None),
        ("Please pause my e-mails", None),
        ("pause two weeks", date(2027, 1, 25)),
        ("Pause for a fortnight.", date(2027, 1, 25)),
        ("pause 10 days", date(2027, 1, 21)),
        ("pause a day", date(2027, 1, 12)),
        ("pause until 3 March", date(2027, 3, 3)),
        ("I’d like to pause until Wednesday, 3rd of March", date(2027, 3, 3)),
        ("pause the emails till Mar 3", date(2027, 3, 3)),
        ("pause up to and including 2027-03-03", date(2027, 3, 3)),
        ("pause until 3/3", date(2027, 3, 3)),
        ("pause until 3.3.2027", date(2027, 3, 3)),
        ("pause until 5 January", date(2028, 1, 5)),
    ],
)
def test_a_pause_has_an_end_or_none(words: str, until: date | None) -> None:
    assert read(words) == Pause(until)


@pytest.mark.parametrize(
    "words",
    ["pause until I say so", "pause for a while", "pause until 30 February", "pause 0 days", "pause until 3/13/2027"],
)
def test_a_pause_whose_end_is_not_understood_is_none(words: str) -> None:
    assert read(words) is None


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("STOP", "leave"),
        ("Hi, please stop sending me these e-mails. Thanks", "leave"),
        ("unsubscribe", "leave"),
        ("Please unsubscribe me from this programme", "leave"),
        ("I want to leave the programme", "leave"),
        ("No more emails please", "leave"),
        ("resume", "resume"),
        ("Please stop the pause", "resume"),
        ("come back", "return"),
        ("Done!", "done"),
    ],
)
def test_plain_wishes(words: str, wish: str) -> None:
    asked = read(words)
    assert isinstance(asked, Plain)
    assert asked.wish == wish


@pytest.mark.parametrize(
    "words",
    [
        "I have not stopped thinking about it",
        "leave it with me",
        "I am on leave until 3 March",
        "Who do I stop by to see?",
        "I will pause there",
        "return to sender",
        "What is this?\nstop",
    ],
)
def test_words_that_only_hold_a_wish_are_none(words: str) -> None:
    assert read(words, TIP) is None


# ---------------------------------------------------------------- whatever comes


@given(st.text(max_size=400), st.lists(st.sampled_from(["tip", "resource"]), max_size=4))
def test_whatever_is_written_something_or_nothing_is_understood(words: str, kinds: list[ItemKind]) -> None:
    asked = understand(words, questions=tuple(kinds), today=TODAY)
    if isinstance(asked, Answers):
        assert set(asked.given) <= set(range(1, len(kinds) + 1))


@given(
    st.lists(
        st.sampled_from(["pause", "until", "3", "march", "two", "weeks", "stop", "knew it", "1", "q2", "yes", "\n"])
    )
)
def test_any_heap_of_the_grammars_own_words_is_read(parts: list[str]) -> None:
    read(" ".join(parts), TWO)
