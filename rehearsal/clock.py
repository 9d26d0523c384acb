"""A clock that moves only when it is told to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class VirtualClock:
    """Gives the virtual instant, aware UTC; never goes back."""

    instant: datetime

    def __call__(self) -> datetime:
        return self.instant

    def move_to(self, instant: datetime) -> None:
        self.instant = max(self.instant, instant)
