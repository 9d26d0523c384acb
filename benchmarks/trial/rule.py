"""What a rule is: it sees what the product could see, and ranks the items.

The rules say on which day an item is due. Asked are the items due earliest, so the longest overdue first, and where too
few are due the soonest due: every place of every mail is filled.
"""

from dataclasses import dataclass
from typing import Protocol

from benchmarks.trial.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Seen:
    """What the product could see of one mail, once two days have passed."""

    day: float
    new: int | None
    asked: Bools  # leaders × items
    answers: Ints  # leaders × items
    open_seen: Bools  # by leader
    click_seen: Bools  # by leader, on the new item


def touched_in(seen: Seen) -> Bools:
    """Leaders × items: what the mail held, new or asked."""
    touched = seen.asked.copy()
    if seen.new is not None:
        touched[:, seen.new] = True
    return touched


class Rule(Protocol):
    """Chooses what each leader is asked, and learns from what came back."""

    def rank(self, day: float) -> Floats:
        """Leaders × items: the lowest are asked; infinite for what was not introduced yet."""
        ...

    def learn(self, seen: Seen) -> None: ...
