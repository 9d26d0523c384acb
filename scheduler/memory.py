"""What a leader probably remembers: the forgetting curve, and what an appearance, an answer or silence does to it.

The curve and its updates are FSRS-6 (github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm). FSRS expects an
answer to each review; most of our questions get none. So a belief moves by a weighted mean over what may have happened:
the mail was read or not, the item was recalled or not, each weighed by Bayes' rule. All times are days since the start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from math import exp, log
from operator import attrgetter
from typing import Final

from models.domain import Answer, Appearance, Belief, Memory
from scheduler.assumptions import (
    ANSWER_LIKELIHOOD,
    OPEN_RATE_PRIOR,
    OPEN_SIGNAL,
    READ_IF_OPENED,
    READ_UNCLICKED,
    READ_UNSEEN,
    SILENCE_AFTER_DAYS,
    W,
)

DECAY: Final = W[20]
FACTOR: Final = 0.9 ** (-1 / DECAY) - 1  # makes retrievability 0.9 when the elapsed days equal the stability
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
LEAST_STABILITY_DAYS: Final = 0.001
LEAST_RECALL: Final = 1e-9

BLANK: Final = Memory(beliefs={}, opened=OPEN_RATE_PRIOR[0], unopened=OPEN_RATE_PRIOR[1])


def recall_probability(elapsed_days: float, stability_days: float) -> float:
    """Retrievability, 0 to 1, so many days after an exposure (FSRS-6)."""
    return (1 + FACTOR * max(elapsed_days, 0.0) / stability_days) ** -DECAY


def retrievability(belief: Belief, day: float) -> float:
    """The belief's retrievability on a day, 0 to 1."""
    return recall_probability(day - belief.last_exposure_day, belief.stability_days)


def initial_stability_days(grade: int) -> float:
    """FSRS-6: the stability after a first review graded 1 to 4."""
    return W[grade - 1]


def initial_difficulty(grade: int) -> float:
    """FSRS-6: the difficulty after a first review, before it is clamped to 1 to 10."""
    return W[4] - exp(W[5] * (grade - 1)) + 1


def next_difficulty(difficulty: float, grade: int) -> float:
    """FSRS-6: linear damping, then reversion towards an easy item's difficulty; 1 to 10."""
    damped = difficulty - W[6] * (grade - 3) * (10 - difficulty) / 9
    return _clamped(W[7] * initial_difficulty(EASY) + (1 - W[7]) * damped)


def stability_recalled(stability_days: float, difficulty: float, recall: float) -> float:
    """FSRS-6: the stability, in days, after a review answered Good."""
    growth = exp(W[8]) * (11 - difficulty) * stability_days ** -W[9] * (exp((1 - recall) * W[10]) - 1)
    return stability_days * (1 + growth)


def stability_forgotten(stability_days: float, difficulty: float, recall: float) -> float:
    """FSRS-6: the stability, in days, after a review answered Again."""
    relearnt = W[11] * difficulty ** -W[12] * ((stability_days + 1) ** W[13] - 1) * exp((1 - recall) * W[14])
    return max(min(relearnt, stability_days / exp(W[17] * W[18])), LEAST_STABILITY_DAYS)


def recall_days(stability_days: float, first_elapsed_day: float, last_elapsed_day: float) -> float:
    """The area under the recall curve between two days after an exposure, in days remembered (closed form)."""
    return (
        stability_days
        / (FACTOR * (1 - DECAY))
        * (
            (1 + FACTOR * last_elapsed_day / stability_days) ** (1 - DECAY)
            - (1 + FACTOR * first_elapsed_day / stability_days) ** (1 - DECAY)
        )
    )


def prompt_gain_days(belief: Belief, *, day: float, horizon_day: float) -> float:
    """Days of remembering up to the horizon that a prompt on `day` is expected to add."""
    left = max(horizon_day - day, 0.0)
    elapsed = max(day - belief.last_exposure_day, 0.0)
    recall = recall_probability(elapsed, belief.stability_days)
    asked = recall * recall_days(stability_recalled(belief.stability_days, belief.difficulty, recall), 0, left)
    asked += (1 - recall) * recall_days(stability_forgotten(belief.stability_days, belief.difficulty, recall), 0, left)
    return asked - recall_days(belief.stability_days, elapsed, elapsed + left)


def remember(history: Iterable[Appearance], *, today: float | None = None) -> Memory:
    """The memory after a leader's appearances, in any order. `today`: the day from which silence is judged."""
    memory = BLANK
    ordered = sorted(history, key=attrgetter("day", "nudge", "item"))
    for _, appearances in groupby(ordered, key=attrgetter("nudge")):
        memory = absorb(memory, tuple(appearances), today=today)
    return memory


def believe(history: Iterable[Appearance], *, today: float | None = None) -> dict[str, Belief]:
    """The beliefs after a leader's appearances, by item."""
    return dict(remember(history, today=today).beliefs)


def absorb(memory: Memory, appearances: Sequence[Appearance], *, today: float | None = None) -> Memory:
    """The memory after one more nudge, whose items these are. `today` None: long enough ago for silence to count."""
    day = appearances[0].day
    silent = today is None or today - day >= SILENCE_AFTER_DAYS
    opened = _opened_probability(memory, appearances, silent=silent)
    beliefs = dict(memory.beliefs)
    for appearance in appearances:
        read = appearance.exposure * _read_probability(appearance, opened=opened, open_rate=memory.open_rate)
        before = None if appearance.introduced else beliefs.get(appearance.item)
        beliefs[appearance.item] = (
            _introduced(appearance, read=read)
            if before is None
            else _moved(before, appearance, read=read, silent=silent)
        )
    if not _says_something(appearances, silent=silent):
        return replace(memory, beliefs=beliefs)
    return Memory(beliefs=beliefs, opened=memory.opened + opened, unopened=memory.unopened + 1 - opened)


def _says_something(appearances: Sequence[Appearance], *, silent: bool) -> bool:
    """Whether a nudge teaches anything of how often this leader opens mail; one that may not have arrived does not."""
    if _proven(appearances):
        return True
    arrived = all(appearance.exposure == 1.0 for appearance in appearances)
    asked = any(not appearance.introduced for appearance in appearances)
    return silent and arrived and (asked or _open_signal(appearances) is not None)


def _proven(appearances: Sequence[Appearance]) -> bool:
    return any(appearance.answer is not None or appearance.clicked for appearance in appearances)


def _open_signal(appearances: Sequence[Appearance]) -> bool | None:
    """Whether the mail was seen to be opened; None where nothing can be seen."""
    seen = {appearance.opened for appearance in appearances}
    return True if True in seen else False if False in seen else None


def _opened_probability(memory: Memory, appearances: Sequence[Appearance], *, silent: bool) -> float:
    """P(the mail was opened | its open signal where one can be seen, the silence of its questions)."""
    if _proven(appearances):
        return 1.0
    odds = memory.open_rate / (1 - memory.open_rate)
    signal = _open_signal(appearances)
    if signal is not None:
        seen_if_opened, seen_if_not = OPEN_SIGNAL if signal else (1 - OPEN_SIGNAL[0], 1 - OPEN_SIGNAL[1])
        odds *= seen_if_opened / seen_if_not
    if silent:
        for appearance in appearances:
            belief = None if appearance.introduced else memory.beliefs.get(appearance.item)
            if belief is not None:
                unanswered = _mixed(ANSWER_LIKELIHOOD[None], retrievability(belief, appearance.day))
                odds *= 1 - READ_IF_OPENED * (1 - unanswered)
    return odds / (1 + odds)


def _read_probability(appearance: Appearance, *, opened: float, open_rate: float) -> float:
    if appearance.answer is not None or appearance.clicked:
        return 1.0
    if appearance.kind == "resource" and appearance.introduced:
        visible = appearance.opened is not None if appearance.click_visible is None else appearance.click_visible
        return READ_UNCLICKED if visible else open_rate * READ_UNSEEN
    return opened * READ_IF_OPENED


def _introduced(appearance: Appearance, *, read: float) -> Belief:
    stability_days = initial_stability_days(GOOD)
    return Belief(
        stability_days, _clamped(initial_difficulty(GOOD)), appearance.day - _elapsed_days(stability_days, read)
    )


def _moved(belief: Belief, appearance: Appearance, *, read: float, silent: bool) -> Belief:
    """The belief after a prompt that was read with probability `read`."""
    recall = retrievability(belief, appearance.day)
    stability_days, difficulty = belief.stability_days, belief.difficulty
    if appearance.question != "reflection":  # which asks for thought, not for recall: an exposure and no more
        recalled = _recalled_probability(appearance.answer, recall) if appearance.answer or silent else recall
        grown = log(stability_recalled(stability_days, difficulty, recall))
        shrunk = log(stability_forgotten(stability_days, difficulty, recall))
        stability_days = exp((1 - read) * log(stability_days) + read * (recalled * grown + (1 - recalled) * shrunk))
        if appearance.answer in ("forgot", "nearly"):
            difficulty = next_difficulty(difficulty, AGAIN if appearance.answer == "forgot" else HARD)
    now = (1 - read) * recall + read
    return Belief(stability_days, difficulty, appearance.day - _elapsed_days(stability_days, now))


def _recalled_probability(answer: Answer | None, recall: float) -> float:
    """P(recalled | answer or silence), by Bayes' rule."""
    not_recalled, recalled = ANSWER_LIKELIHOOD[answer]
    return recall * recalled / (recall * recalled + (1 - recall) * not_recalled)


def _mixed(likelihood: tuple[float, float], recall: float) -> float:
    return (1 - recall) * likelihood[0] + recall * likelihood[1]


def _elapsed_days(stability_days: float, recall: float) -> float:
    """The inverse of the curve: how many days after an exposure retrievability has fallen to `recall`."""
    return stability_days / FACTOR * (max(recall, LEAST_RECALL) ** (-1 / DECAY) - 1)


def _clamped(difficulty: float) -> float:
    return min(max(difficulty, 1.0), 10.0)
