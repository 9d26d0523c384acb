"""How easily a programme reads: the SMOG grade of all its texts together, and which of them weigh most.

SMOG (G. H. McLaughlin, "SMOG grading: a new readability formula", Journal of Reading 12, 1969) tells the years of
schooling that full understanding takes, from the long words in at least 30 sentences; its standard error is 1.5 years.
A single text is shorter than that, so texts are pooled, and one text is told apart only by its long words a sentence,
the very thing that SMOG pools. Five years more than the grade is taken for the reading age.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from config.problems import Problem
from config.reading.items import FoundItem
from config.reading.passage import Places, Position
from config.reading.syllables import count_long_words
from config.reading.wording import show
from models.domain import CheckIn, Message, Tip

FEWEST_SENTENCES = 30
WORST_TEXTS = 5  # so many are named
_SCHOOL_AGE = 5  # years

_SENTENCE = re.compile(
    r"(?s)\S.*?(?:[.!?…]{1,3}[\"'”’)\]*_]{0,6}(?=\s)|(?=\n\s{0,20}\n|\n\s{0,20}(?:[-*+]|[0-9]{1,3}[.)])\s)|\Z)"
)
_ABBREVIATED = re.compile(r"(?i)\b(e\.g|i\.e|etc|vs|dr|mr|mrs|ms|prof|st)\.(?=\s+\S)")
_HEADING = re.compile(r"(?m)^#{1,6}[ \t].*$")
_UNSEEN = re.compile(r"\]\([^()\n]*\)|<[A-Za-z][^<>\s]*>|https?://\S+|\{\{\w+\}\}")


@dataclass(frozen=True, slots=True)
class _Sentence:
    words: str
    long: int
    position: Position


@dataclass(frozen=True, slots=True)
class _Read:
    """One file's sentences."""

    one: FoundItem
    sentences: tuple[_Sentence, ...]

    @property
    def long(self) -> int:
        return sum(sentence.long for sentence in self.sentences)

    @property
    def density(self) -> float:
        return self.long / len(self.sentences)


def smog_grade(*, long_words: int, sentences: int) -> float:
    """Years of schooling, from long words (three syllables and more) and sentences."""
    return 3.1291 + 1.0430 * sqrt(long_words * 30 / sentences)


def measure(found: Sequence[FoundItem]) -> tuple[float, int] | None:
    """The reading age of all these texts, and from how many sentences; None where they are too few to say."""
    return _measure([_read(one) for one in found])


def check_readability(found: Sequence[FoundItem], *, target: int, path: str) -> list[Problem]:
    """Nothing where the reading age is within the target; else that it is not, and the heaviest texts, worst first.

    `path`: where the programme stands.
    """
    read = [one for one in map(_read, found) if one.sentences]
    measured = _measure(read)
    if measured is None or measured[0] <= target:
        return []
    age, sentences = measured
    words = (
        f"the reading age is {age:.1f} (SMOG, {sentences} sentences) and should be {target} at most; use shorter words "
        "and sentences, first of all in the texts named next"
    )
    limit = ((target - _SCHOOL_AGE - 3.1291) / 1.0430) ** 2 / 30 if target > _SCHOOL_AGE + 3.1291 else 0.0
    worst = sorted((one for one in read if one.density > limit), key=lambda one: (-one.density, one.one.passage.path))
    summary = Problem(path=path, line=0, column=0, message=words, severity="warning")
    return [summary, *(_explain(one) for one in worst[:WORST_TEXTS])]


def _measure(read: Sequence[_Read]) -> tuple[float, int] | None:
    sentences = sum(len(one.sentences) for one in read)
    if sentences < FEWEST_SENTENCES:
        return None
    grade = smog_grade(long_words=sum(one.long for one in read), sentences=sentences)
    return grade + _SCHOOL_AGE, sentences


def _explain(read: _Read) -> Problem:
    heaviest = max(read.sentences, key=lambda sentence: sentence.long)
    words = (
        f"{read.long} long words in {len(read.sentences)} sentences, most in {show(heaviest.words)}; "
        "use shorter words, or more sentences"
    )
    return read.one.passage.problem_at(heaviest.position, words, severity="warning")


def _read(one: FoundItem) -> _Read:
    return _Read(one, tuple(_split(one)))


def _split(one: FoundItem) -> Iterator[_Sentence]:
    places = Places(one.body, (one.body_line, 1))
    blank = _HEADING.sub(lambda heading: " " * len(heading.group()), one.body)
    for offset, words in split_sentences(blank):
        yield _Sentence(words, count_long_words(words), places.at(offset))
    for keys, text in _front_texts(one):
        for _, words in split_sentences(text):
            yield _Sentence(words, count_long_words(words), one.passage.at(*keys))


def split_sentences(markdown: str) -> Iterator[tuple[int, str]]:
    """Each sentence as a reader sees it, and its place. A paragraph or an entry of a list ends a sentence, too."""
    text = _ABBREVIATED.sub(lambda found: f"{found.group(1)} ", markdown)  # as long as it was, so that places hold
    for found in _SENTENCE.finditer(text):
        words = " ".join(_UNSEEN.sub(" ", found.group()).split())
        if any(map(str.isalpha, words)):
            yield found.start(), words


def _front_texts(one: FoundItem) -> Iterator[tuple[tuple[str | int, ...], str]]:
    item = one.item
    for question in item.questions if item is not None else ():
        yield ("questions", question.kind, "ask"), question.ask
        yield ("questions", question.kind, "answer"), question.answer
    if isinstance(item, Tip) and item.late is not None:
        yield ("late", "why"), item.late.why
        yield ("late", "action"), item.late.action
    if isinstance(item, CheckIn):
        yield from ((("asks", place), ask) for place, ask in enumerate(item.asks))
    if isinstance(item, Message) and item.choice:
        yield ("choice",), item.choice
