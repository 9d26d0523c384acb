"""The simulated leaders: their habits, and what each does about a mail.

Everything random is drawn before the first mail, so every rule meets the same leaders with the same luck.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.trial import assumptions as world
from benchmarks.trial.arrays import Bools, Floats, Ints

SILENCE, FORGOT, NEARLY, USING = range(4)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Leaders and their luck: numbers between 0 and 1, one for each thing that may happen or not."""

    open_rate: Floats  # by leader, as the next three
    willingness: Floats
    absent_from: Floats  # leaders × absences; infinite where there is none
    absent_until: Floats
    opening: Floats  # leaders × mails, as the next two
    seeing: Floats
    clicking: Floats
    reading: Floats  # leaders × mails × items, as the next three
    recalling: Floats
    responding: Floats
    choosing: Floats

    def __len__(self) -> int:
        return len(self.open_rate)

    def one(self, leader: int) -> "Cohort":
        """The cohort of this leader alone."""
        only = slice(leader, leader + 1)
        return Cohort(*(getattr(self, name)[only] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Reaction:
    """What came of one mail."""

    opened: Bools  # by leader; known to nobody else
    open_seen: Bools  # by leader
    click_seen: Bools  # by leader, on the new resource
    read: Bools  # leaders × items, as the next two
    recalled: Bools
    answers: Ints  # SILENCE, FORGOT, NEARLY or USING


def draw_cohort(seed: int, *, leaders: int, mails: int, items: int) -> Cohort:
    """Leaders drawn from a seed."""
    random = np.random.default_rng([seed, 1])
    most = 4
    begins = random.uniform(-28, 100, (leaders, most))
    lasts = np.where(random.random((leaders, most)) < world.LONG_ABSENCE, 14.0, 7.0)
    there = np.arange(most) < random.poisson(world.ABSENCES, leaders)[:, None]
    absent_from = np.where(there, begins, np.inf)
    return Cohort(
        open_rate=random.beta(*world.OPEN_RATE, leaders),
        willingness=random.beta(*world.WILLINGNESS, leaders),
        absent_from=absent_from,
        absent_until=absent_from + lasts,
        opening=random.random((leaders, mails)),
        seeing=random.random((leaders, mails)),
        clicking=random.random((leaders, mails)),
        reading=random.random((leaders, mails, items)),
        recalling=random.random((leaders, mails, items)),
        responding=random.random((leaders, mails, items)),
        choosing=random.random((leaders, mails, items)),
    )


def react(
    cohort: Cohort, recall: Floats, *, mail: int, day: float, asked: Bools, new: Bools, new_resources: Bools
) -> Reaction:
    """What the leaders do about one mail. `recall`, `asked` and the new items are leaders × items."""
    away = ((cohort.absent_from <= day) & (day < cohort.absent_until)).any(axis=1)
    opened = (cohort.opening[:, mail] < cohort.open_rate) & ~away
    open_seen = cohort.seeing[:, mail] < np.where(opened, world.OPEN_SEEN_IF_OPENED, world.OPEN_SEEN_IF_NOT)
    likely = np.where(new_resources, world.RESOURCE_READ_IF_OPENED, world.READ_IF_OPENED)
    read = opened[:, None] & (asked | new) & (cohort.reading[:, mail] < likely)
    click_seen = (read & new_resources).any(axis=1) & (cohort.clicking[:, mail] < world.CLICK_SEEN_IF_READ)
    recalled = asked & (cohort.recalling[:, mail] < recall)
    willing = cohort.willingness[:, None] * np.where(recalled, 1.0, world.WILLING_IF_FORGOTTEN)
    answered = read & asked & (cohort.responding[:, mail] < willing)
    answers = np.where(recalled, _pick(world.ANSWERS_IF_RECALLED, cohort.choosing[:, mail]), 0)
    answers = np.where(recalled, answers, _pick(world.ANSWERS_IF_FORGOTTEN, cohort.choosing[:, mail]))
    return Reaction(opened, open_seen, click_seen, read, recalled, np.where(answered, answers, SILENCE))


def _pick(shares: tuple[float, float, float], luck: Floats) -> Ints:
    """FORGOT, NEARLY or USING, as often as their shares say."""
    return FORGOT + np.searchsorted(np.cumsum(shares[:2]), luck, side="right").astype(np.int64)
