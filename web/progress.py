"""How far a leader has come, as figures and as a picture of the same: bars, drawn without a script or a style."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from models.domain import CheckIn, Enrolment, ItemKind, Programme
from models.store import SentMailItem

WIDTH, ROW, BAR = 320, 44, 12  # of the picture, in its own units
LAST_DAY = 100
ANCHOR_DAYS = 3  # a check-in comes no later than so long after its day, but for rare calendars


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of two: so many of so many."""

    name: str
    so_far: int
    in_all: int

    @property
    def share(self) -> float:
        return min(self.so_far / self.in_all, 1.0) if self.in_all else 0.0

    @property
    def says(self) -> str:
        return f"{self.so_far} of {self.in_all}"


@dataclass(frozen=True, slots=True)
class Bar:
    """A measure and where it stands in the picture."""

    measure: Measure
    words_at: int
    bar_at: int
    width: int


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    bar_height: int
    bars: tuple[Bar, ...]


def measure(
    programme: Programme,
    enrolment: Enrolment,
    items: Sequence[SentMailItem],
    *,
    day: int,
    answered: int,
    checked_in: int,
) -> tuple[Measure, ...]:
    """The figures, from all items of all mails that came."""
    asked = sum(item.placed == "prompt" for item in items)
    met: set[tuple[ItemKind, str]] = {(item.kind, item.item) for item in items if item.placed != "prompt"}
    due = list(_due(programme, enrolment, day=day))
    measures = (
        Measure("Days", min(max(day, 0), LAST_DAY), LAST_DAY),
        Measure("Tips", *_count("tip", met, due)),
        Measure("Things to read", *_count("resource", met, due)),
        Measure("Questions answered", answered, asked),
        Measure("Check-ins", checked_in, _count("check-in", met, due)[1]),
    )
    return tuple(measure for measure in measures if measure.in_all)


def draw(measures: Sequence[Measure]) -> Picture:
    """The picture: one bar a measure, its words above it."""
    bars = tuple(
        Bar(measure, words_at=ROW * n + 16, bar_at=ROW * n + 23, width=round(WIDTH * measure.share))
        for n, measure in enumerate(measures)
    )
    return Picture(WIDTH, ROW * len(bars), BAR, bars)


def _due(programme: Programme, enrolment: Enrolment, *, day: int) -> Iterable[tuple[ItemKind, str]]:
    """What the leader's role brings in all, without what HR has taken out and the check-ins whose day is past."""
    role = programme.roles.get(enrolment.role)
    for name in () if role is None else role.item_ids:
        item = programme.items.get(name)
        if item is None or name in enrolment.skip or (isinstance(item, CheckIn) and item.day + ANCHOR_DAYS < day):
            continue
        yield item.kind, name


def _count(
    kind: ItemKind, met: Collection[tuple[ItemKind, str]], due: Collection[tuple[ItemKind, str]]
) -> tuple[int, int]:
    """Items of a kind that came, and those with the ones still to come."""
    came = {item for known, item in met if known == kind}
    return len(came), len(came | {item for known, item in due if known == kind})
