"""Syllables, sentences and the SMOG grade, and what `check` says of a programme that reads too hard."""

import math
import time
from pathlib import Path

import pytest

from config.load import check_reading_age, inspect_config
from config.reading.items import find_items
from config.reading.readability import measure, smog_grade, split_sentences
from config.reading.syllables import count_long_words, count_syllables
from tests.unit.config.folder import TIP, write_config

SHIPPED = Path(__file__).parents[3] / "config" / "first-100-days"
HARD = "Organisational accountability necessitates collaborative deliberation."
EASY = "Ask one of them what is hard."


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("cat", 1),
        ("people", 2),
        ("area", 3),
        ("something", 2),
        ("organisation", 5),
        ("organisation’s", 5),
        ("mobilise", 3),
        ("colour", 2),
        ("NHS", 3),
        ("BBC", 3),
        ("WHO", 5),
        ("two-line", 2),
        ("decision-making", 5),
        ("Gloopington", 3),
        ("gloped", 1),
        ("x", 1),
    ],
)
def test_syllables_are_counted_as_spoken(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_long_words_have_three_syllables_and_figures_are_none() -> None:
    assert count_long_words("The organisation’s 2027 plan, decided by 1,000 people: a simple idea.") == 3


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("“Is it?” she asked. It is…", ["“Is it?”", "she asked.", "It is…"]),
        ("Costs 3.5 per cent, e.g. here, says Dr. Sample.", ["Costs 3.5 per cent, e.g here, says Dr Sample."]),
        ("No stop\n\nbut two paragraphs", ["No stop", "but two paragraphs"]),
        ("Two things:\n\n- one\n- two\n\n1. three", ["Two things:", "- one", "- two", "three"]),
        ("One sentence\non two lines.", ["One sentence on two lines."]),
        ("Ask [them](https://example.org/a.b?c). See https://example.org/x. {{name}}!", ["Ask [them .", "See"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, sentences: list[str]) -> None:
    assert [words for _, words in split_sentences(text)] == sentences


def test_the_grade_is_mclaughlins() -> None:
    assert smog_grade(long_words=0, sentences=30) == pytest.approx(3.1291)
    assert smog_grade(long_words=30, sentences=30) == pytest.approx(3.1291 + 1.0430 * math.sqrt(30))
    assert smog_grade(long_words=60, sentences=60) == pytest.approx(smog_grade(long_words=30, sentences=30))


def test_the_programme_that_ships_reads_as_easily_as_the_default_target_wants() -> None:
    found, _ = find_items(SHIPPED, window=(-28, 100))
    measured = measure(found)
    assert measured is not None
    age, sentences = measured
    assert sentences > 200
    assert 12.4 < age < 13.0


def check(folder: Path, environ: dict[str, str] | None = None) -> list[str]:
    problems = check_reading_age(inspect_config(folder, environ or {}))
    assert {problem.severity for problem in problems} <= {"warning"}
    return [str(problem).removeprefix(f"{folder}/first-100-days/") for problem in problems]


def test_a_programme_over_the_target_is_warned_of_with_the_worst_text_first(tmp_path: Path) -> None:
    folder = write_config(
        tmp_path,
        programme={
            "tips/listen-first.md": TIP.replace("People tell", f"{HARD} " * 20 + "People tell"),
            "tips/share-early.md": TIP.replace("People tell", f"{EASY} {HARD} " * 20 + "People tell"),
        },
    )
    summary, first, second, *rest = check(folder)
    assert summary.startswith("programme.yaml: the reading age is ")
    assert "and should be 14 at most" in summary
    assert first == (
        "tips/listen-first.md:14:1: 102 long words in 28 sentences, most in "
        "'Organisational accountability necessitates collaborative de…'; use shorter words, or more sentences"
    )
    assert second.startswith("tips/share-early.md:14:31: 102 long words in 48 sentences")
    assert rest == []


def test_the_target_is_a_setting(tmp_path: Path) -> None:
    text = TIP.replace("People tell", f"{EASY} {EASY} {HARD} " * 20 + "People tell")
    folder = write_config(tmp_path, programme={"tips/listen-first.md": text})
    assert check(folder, {"FIRST100_READING_AGE_TARGET": "20"}) == []
    assert check(folder, {"FIRST100_READING_AGE_TARGET": "12"}) != []


def test_fewer_sentences_than_smog_needs_are_not_judged(tmp_path: Path) -> None:
    hard = "Accountability " * 60
    text = TIP.replace("People tell", f"{hard}. People tell")
    assert check(write_config(tmp_path, programme={"tips/listen-first.md": text})) == []
    text = TIP.replace("People tell", f"{hard}. {'Ask. ' * 5} People tell")
    assert check(write_config(tmp_path, programme={"tips/listen-first.md": text})) != []


def test_an_item_that_cannot_be_read_does_not_keep_the_others_from_being_measured(tmp_path: Path) -> None:
    text = TIP.replace("People tell", f"{HARD} " * 40 + "People tell")
    folder = write_config(tmp_path, programme={"tips/listen-first.md": text, "tips/share-early.md": "broken"})
    assert len(check(folder)) == 2


@pytest.mark.parametrize("text", [".", "a.", "?!", "\n", "\n \n", "a ", "](", "<a:", "a-", "- a\n", "e.g. "])
def test_strange_texts_are_measured_in_good_time(text: str) -> None:
    started = time.process_time()
    for _, words in split_sentences(text * 50_000 + "x"):
        count_long_words(words)
    assert time.process_time() - started < 5
