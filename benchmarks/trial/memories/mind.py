"""What every memory model of the trial can do."""

from typing import Protocol

from benchmarks.trial.arrays import Bools, Floats


class Mind(Protocol):
    """The true memories of a cohort; all arrays are leaders × items. What was never read is never recalled."""

    def recall(self, day: float) -> Floats:
        """The probability, 0 to 1, that each item comes to mind."""
        ...

    def expose(self, day: float, *, read: Bools, recalled: Bools, tested: Bools) -> None:
        """Items are read, after they came to mind or did not; `tested`: the reader was asked to recall."""
        ...

    def expected_gain(self, day: float, horizon_day: float) -> Floats:
        """Days of recall up to the horizon that reading a question now adds on average: what only an oracle knows."""
        ...
