"""What mails say: the same in both parts, all of what their items hold, and something else before they are opened."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from emails.budgets import judge_length
from models.domain import CheckIn, Item, Message, PlannedItem, Resource, Tip
from tests.integration.mail.gallery import Mail, write_gallery, write_rehearsal
from tests.integration.mail.variants import shipped_programme

ADDRESS = re.compile(r"https?://\S+")
WORD = re.compile(r"\w+(?:['’-]\w+)*")
NUMBER = re.compile(r"(?m)^\d\. ")
TOKEN = re.compile(r"\{\{\w+\}\}")
SUBJECT_LENGTH: Final = 45
LINKS_SHOWN: Final = 5
ALONE: Final = {"welcome", "check-in", "closing", "notice"}  # kinds of mail that hold one thing
RUN: Final = 4  # words in a row that subject and preheader may not share


@pytest.fixture(scope="module")
def mails() -> tuple[Mail, ...]:
    return (*write_gallery(), *write_rehearsal())


@pytest.fixture(scope="module")
def formatted(mails: tuple[Mail, ...]) -> tuple[Mail, ...]:
    return tuple(mail for mail in mails if not mail.is_plain)


def list_words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def words_of_text(mail: Mail) -> list[str]:
    """The words of the text part, save addresses and the numbers of lists."""
    return list_words(NUMBER.sub("", ADDRESS.sub("", mail.text)))


def words_of_page(mail: Mail) -> list[str]:
    """The words that the HTML part shows, save the brand at its top and the numbers of questions."""
    shown = NUMBER.sub("", mail.page.words.strip())
    if mail.variant.settings.brand_logo:
        return list_words(shown)
    brand, _, below = shown.partition("\n")
    assert brand == mail.variant.settings.brand_name, mail.name
    return list_words(below)


# ---------------------------------------------------------------- both parts


def test_both_parts_say_the_same_words_in_the_same_order(formatted: tuple[Mail, ...]) -> None:
    for mail in formatted:
        assert words_of_text(mail) == words_of_page(mail), mail.name


def test_both_parts_have_the_same_links_in_the_same_order(formatted: tuple[Mail, ...]) -> None:
    for mail in formatted:
        assert ADDRESS.findall(mail.text) == [address for _, address in mail.page.links], mail.name


def test_a_mail_says_all_that_its_items_have_to_say(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        said = " ".join(words_of_text(mail))
        for planned in mail.items:
            for words in list_sayings(planned):
                for piece in TOKEN.split(words):
                    assert " ".join(list_words(piece)) in said, (mail.name, words)


def list_sayings(planned: PlannedItem) -> Iterator[str]:
    """What an item's mail must hold, in the editor's own words."""
    item: Item = shipped_programme().items[planned.item]
    match planned.placed, item:
        case "prompt", _:
            assert planned.question is not None
            yield from (question.ask for question in item.questions if question.kind == planned.question)
        case "with", _:
            yield item.title
        case _, Tip(late=late) if planned.late and late is not None:
            yield from (late.headline, late.why, late.action)
        case _, Tip(title=title, why=why, action=action):
            yield from (title, why, action)
        case _, Resource(title=title, covers=covers, read=read, minutes=minutes):
            yield from (title, covers, read, f"{minutes} minutes" if minutes > 1 else "one minute")
        case _, CheckIn(title=title, body=body, asks=asks):
            yield from (title, body, *asks)
        case _, Message(title=title, body=body):
            yield from (title, body)
        case _:
            pytest.fail(f"nobody knows what {planned.item} has to say")


def test_the_text_is_wrapped_and_each_address_has_a_line_of_its_own(mails: tuple[Mail, ...]) -> None:
    lines = [(mail.name, line) for mail in mails for line in mail.text.splitlines()]

    assert [(name, line) for name, line in lines if len(line) > 72 and "://" not in line and " " in line.strip()] == []
    assert [(name, line) for name, line in lines if "://" in line and not ADDRESS.fullmatch(line.strip())] == []


# ---------------------------------------------------------------- seen before it is opened


def test_subjects_are_short_enough_for_a_telephone(mails: tuple[Mail, ...]) -> None:
    assert {mail.composed.subject for mail in mails if not 0 < len(mail.composed.subject) <= SUBJECT_LENGTH} == set()


def test_the_line_after_the_subject_says_something_else(formatted: tuple[Mail, ...]) -> None:
    seen = {(mail.composed.subject, " ".join(mail.page.hidden.split())) for mail in formatted}

    assert [(subject, line) for subject, line in seen if not line or share_words(subject, line)] == []


def share_words(subject: str, line: str) -> bool:
    """Whether one begins as the other does, or holds four words of it in a row."""
    one, other = list_words(subject), list_words(line)
    shorter = min(len(one), len(other))
    runs = {tuple(other[at : at + RUN]) for at in range(len(other) - RUN + 1)}
    return one[:shorter] == other[:shorter] or any(tuple(one[at : at + RUN]) in runs for at in range(len(one)))


@pytest.mark.parametrize(
    ("subject", "line", "shares"),
    [
        ("Three calls to make", "Three calls to make, and why", True),
        ("Say it: ring one partner today", "How to ring one partner today", True),
        ("Ring one partner", "Then ring one partner", False),
        ("Day 30", "Five minutes, and no marks", False),
    ],
)
def test_words_in_common_are_found(subject: str, line: str, shares: bool) -> None:
    assert share_words(subject, line) is shares


# ---------------------------------------------------------------- how much it is


def test_a_mail_shows_few_links_and_each_says_where_it_leads(mails: tuple[Mail, ...]) -> None:
    for mail in mails:
        words = [" ".join(words.split()) for words, _ in mail.page.links]
        assert len(words) <= LINKS_SHOWN, mail.name
        assert len(set(words)) == len(words), (mail.name, words)
        assert all(len(words) > len("click here") for words in words), (mail.name, words)


def test_a_mail_that_holds_one_thing_keeps_its_number_of_words() -> None:
    judged = {
        mail.name: judge_length(mail.composed.letter) for mail in write_gallery() if mail.composed.letter.kind in ALONE
    }

    assert {name: says for name, says in judged.items() if says} == {}


def test_no_mail_is_larger_than_sixty_kilobytes(mails: tuple[Mail, ...]) -> None:
    assert {mail.name: len(mail.composed.message) for mail in mails if len(mail.composed.message) > 60_000} == {}


def test_a_page_reads_well_on_a_small_screen_in_the_dark_and_aloud(formatted: tuple[Mail, ...]) -> None:
    for mail in formatted:
        page = mail.page
        metas = {attributes.get("name"): attributes.get("content") for tag, attributes in page.tags if tag == "meta"}
        assert metas["viewport"] == "width=device-width, initial-scale=1", mail.name
        assert metas["color-scheme"] == "light dark", mail.name
        assert "@media (prefers-color-scheme: dark)" in page.html, mail.name
        assert [tag for tag, _ in page.tags].count("h1") == 1, mail.name
        assert {attributes.get("role") for tag, attributes in page.tags if tag == "table"} == {"presentation"}, (
            mail.name
        )
        assert not any(tag in {"link", "script", "iframe"} for tag, _ in page.tags), mail.name
        assert "@import" not in page.html, mail.name
