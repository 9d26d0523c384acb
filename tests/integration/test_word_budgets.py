"""Every mail that a leader can get from the programme that ships keeps its number of words."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from config.load import load_programme
from config.settings import Settings
from emails.budgets import count_footer, count_words, judge_length
from emails.letter import Asked, Box, Button, Letter, LetterKind, Prose
from models.domain import Span
from rehearsal.storyboard.casting import Part, cast_parts
from rehearsal.storyboard.mails import make_composer, write_mails
from rehearsal.storyboard.walking import READERS, walk
from tests.builders import build_letter

PROGRAMME = load_programme(Path(__file__).parents[2] / "config" / "first-100-days")
STARTS = (date(2027, 1, 11), date(2027, 7, 19))


def write_letters(parts: Sequence[Part]) -> dict[str, Letter]:
    """Each letter to each kind of reader, by where it stands; with the words to reply with, so none gets longer."""
    composer = make_composer(Settings(replies="lmtp://127.0.0.1"))
    mails = [mail for part, reader in product(parts, READERS) for mail in write_mails(composer, walk(part, reader))]
    return {mail.stem: mail.composed.letter for mail in mails}


@pytest.fixture(scope="module")
def letters() -> dict[str, Letter]:
    """Of everybody: on time, enrolled on day ten, at the fullest pace, and away for long."""
    named = {PROGRAMME.id: PROGRAMME}
    on_time = cast_parts(Settings(), named, roles=(), starts=STARTS)
    late = cast_parts(
        Settings(), named, roles=("chief-executive", "chair"), starts=[STARTS[0]], enrolled=date(2027, 1, 21)
    )
    full = [replace(part, enrolment=replace(part.enrolment, pace="full")) for part in on_time[::3]]
    paused = Span(first=date(2027, 2, 1), last=date(2027, 3, 5))
    away = [replace(part, enrolment=replace(part.enrolment, pauses=(paused,))) for part in on_time[:1]]
    found: dict[str, Letter] = {}
    for name, parts in {"on time": on_time, "late": late, "full": full, "paused": away}.items():
        found |= {f"{name} {stem}": letter for stem, letter in write_letters(parts).items()}
    return found


def test_every_mail_keeps_its_number_of_words(letters: dict[str, Letter]) -> None:
    wrong = {stem: judged for stem, letter in letters.items() if (judged := judge_length(letter))}
    assert wrong == {}


def test_every_mail_but_the_last_says_how_to_reply(letters: dict[str, Letter]) -> None:
    silent = {letter.kind for letter in letters.values() if not letter.reply_words}
    assert silent == {"closing"}


def test_every_kind_of_mail_was_counted(letters: dict[str, Letter]) -> None:
    counted: dict[LetterKind, list[int]] = defaultdict(list)
    for letter in letters.values():
        counted[letter.kind].append(count_words(letter))
    assert set(counted) == {"tip", "resource", "questions", "check-in", "welcome", "closing"}
    assert all(len(counts) >= len(STARTS) for counts in counted.values())


def test_a_mail_that_opens_after_a_pause_or_a_move_has_a_line_more(letters: dict[str, Letter]) -> None:
    assert any(letter.openings for letter in letters.values())
    letter = build_letter()
    assert count_words(replace(letter, openings=("Welcome back, at last.",))) == count_words(letter)


def test_words_are_what_is_read_above_the_footer() -> None:
    letter = build_letter(
        "Never counted",
        preheader="Nor is this.",
        kicker="Day 1",
        headline="Two words",
        body=Prose(html="", text="Read on – or not:\nhttps://example.org/a/b?c=d"),
        box=Box("Ten minutes", Prose(html="", text="Ring one partner.")),
        button=Button("Open it", "https://example.org/"),
        prompts_heading="Looking back",
        prompts=(Asked("What stayed?", "https://example.org/a"),),
    )
    assert count_words(letter) == 2 + 2 + 4 + 2 + 3 + 2 + 2 + 3
    assert count_footer(letter) == 4


def test_a_mail_that_is_too_long_or_too_short_is_named_with_its_count() -> None:
    asked = tuple(Asked("What stayed?", "https://example.org/a") for _ in range(3))
    long = build_letter(body=Prose(html="", text="word " * 150))
    assert judge_length(long) == "154 words; 150 are the most"
    assert judge_length(build_letter(prompts=asked)) == "13 words; 110 are the least"
    assert judge_length(build_letter(prompts=asked[:2])) == ""  # a first tip has nothing to ask about
    footer = build_letter(why_you="word " * 35)
    assert judge_length(footer) == "36 words in the footer; 35 are the most"
