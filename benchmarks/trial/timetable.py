"""When the mails of the trial leave and what each introduces: the same for every rule."""

from dataclasses import dataclass

import numpy as np

from benchmarks.trial.arrays import Floats
from benchmarks.trial.assumptions import LAST_MAIL_DAY, MAIL_WEEKDAYS, RESOURCE_MAILS, TIP_MAILS


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: its day, the item it introduces, and how many prompts it has room for."""

    number: int
    day: int
    new: int | None  # an item's index
    room: int


@dataclass(frozen=True, slots=True)
class Timetable:
    """All mails in order. Items are numbered as they are introduced."""

    mails: tuple[Mail, ...]
    introduced_day: Floats  # by item
    resources: frozenset[int]

    @property
    def items(self) -> int:
        return len(self.introduced_day)


def lay_timetable(*, prompts: int) -> Timetable:
    """43 mails; an item can be asked from the mail after its own, so early mails hold fewer prompts."""
    days = [day for day in range(LAST_MAIL_DAY + 1) if day % 7 in MAIL_WEEKDAYS]
    numbers = sorted((*TIP_MAILS, *RESOURCE_MAILS))
    item_of = {number: item for item, number in enumerate(numbers)}
    mails = tuple(
        Mail(number, day, item_of.get(number), min(prompts, sum(1 for other in numbers if other < number)))
        for number, day in enumerate(days)
    )
    return Timetable(
        mails,
        np.array([days[number] for number in numbers], dtype=np.float64),
        frozenset(item_of[number] for number in RESOURCE_MAILS),
    )
