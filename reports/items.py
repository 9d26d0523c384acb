"""The report `items`: how many met each tip and resource, how its questions were answered, what is remembered."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from models.domain import Answer, Enrolment, History, ItemKind, Memory
from models.memories import read_memories
from models.store import read_enrolments
from reports.report import Cell, Column, Muted, Report, ReportContext, Sheet, Suppressed
from reports.suppression import AnswerFigures, Count, average, count_answers
from scheduler.calendar import local_date
from scheduler.history import read_histories
from scheduler.memory import retrievability
from scheduler.remembering import recall_today

HIDDEN = Muted("hidden")
NOTHING = Muted("–")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProgress:
    """One tip or resource. What is suppressed tells of too few people; counts of mails never are."""

    item: str
    kind: ItemKind
    met_by: int  # enrolments it went out to, new or as a rider
    prompts: int  # its questions in mails that were sent
    answered: Count
    using: Count
    nearly: Count
    forgot: Count
    retrievability_now: float | Suppressed | None  # 0 to 1, by the planner's model; None: nobody has met it


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsReport:
    as_of: datetime
    rows: tuple[ItemProgress, ...]
    answers_removed: int  # enrolments that ended so long ago; of what they were sent, only `met_by` tells


@dataclass(slots=True)
class _Tally:
    """What is known of all items so far."""

    kinds: dict[str, ItemKind] = field(default_factory=dict[str, ItemKind])
    met_by: Counter[str] = field(default_factory=Counter[str])
    prompts: Counter[str] = field(default_factory=Counter[str])
    answers: dict[str, list[tuple[str, Answer]]] = field(
        default_factory=lambda: defaultdict[str, list[tuple[str, Answer]]](list)
    )
    recall: dict[str, list[tuple[str, float]]] = field(
        default_factory=lambda: defaultdict[str, list[tuple[str, float]]](list)
    )


# ---------------------------------------------------------------- reading


def read_items(session: Session, context: ReportContext) -> ItemsReport:
    """Every tip and resource of the programmes, and any that went out and is in config no more; tips first, by name.

    An id that several programmes use is one item. The number of queries does not grow with that of leaders.
    """
    tally = _Tally()
    for programme in context.programmes.values():
        tally.kinds |= {item.id: item.kind for item in programme.items.values()}
    enrolments = read_enrolments(session, tracking=context.tracking)
    histories = read_histories(session, enrolments)
    kept = read_memories(session, histories)
    for enrolment in enrolments:
        memory = recall_today(enrolment, histories[enrolment.id], kept.get(enrolment.id), now=context.now)
        _add(tally, enrolment, histories[enrolment.id], memory, now=context.now)
    shown = [
        item
        for _, item in sorted(
            (kind != "tip", item) for item, kind in tally.kinds.items() if kind in ("tip", "resource")
        )
    ]
    figures = count_answers({item: tally.answers.get(item, []) for item in shown}, small_group=context.small_group)
    recall = average({item: tally.recall.get(item, []) for item in shown}, small_group=context.small_group)
    return ItemsReport(
        as_of=context.now,
        rows=tuple(_progress(tally, item, figures[item], recall[item]) for item in shown),
        answers_removed=sum(enrolment.kept_counts is not None for enrolment in enrolments),
    )


def _add(tally: _Tally, enrolment: Enrolment, history: History, memory: Memory, *, now: datetime) -> None:
    person = enrolment.leader.key
    met: set[str] = set()
    for seen in (item for nudge in history.nudges if not nudge.in_doubt for item in nudge.items):
        tally.kinds.setdefault(seen.item, seen.kind)
        if seen.placed in ("new", "with"):
            met.add(seen.item)
        if enrolment.kept_counts is not None:
            continue  # its answers are gone, so its questions would look like silence
        tally.prompts[seen.item] += seen.question is not None
        if seen.answer is not None:
            tally.answers[seen.item].append((person, seen.answer))
    tally.met_by.update(met)
    if enrolment.kept_counts is not None:
        return
    today = float((local_date(enrolment.leader, now) - enrolment.start_date).days)
    for item in met & memory.beliefs.keys():
        tally.recall[item].append((person, retrievability(memory.beliefs[item], today)))


def _progress(tally: _Tally, item: str, figures: AnswerFigures, recall: float | Suppressed | None) -> ItemProgress:
    return ItemProgress(
        item=item,
        kind=tally.kinds[item],
        met_by=tally.met_by[item],
        prompts=tally.prompts[item],
        answered=figures.answered,
        using=figures.using,
        nearly=figures.nearly,
        forgot=figures.forgot,
        retrievability_now=recall,
    )


# ---------------------------------------------------------------- laying out


def lay_out_items(report: ItemsReport) -> Sheet:
    """A line each, and what the words mean."""
    numbers = ("Met by", "Prompts", "Answered", "Using", "Nearly", "Forgot", "Remembered")
    rows = tuple(_cells(row) for row in report.rows)
    hidden = "Hidden: too few people stand behind the figure, or behind another that it would give away."
    return Sheet(
        title=f"Tips and resources on {report.as_of:%d %B %Y, %H:%M} UTC",
        columns=(Column("Item"), Column("Kind"), *(Column(title, numeric=True) for title in numbers)),
        rows=rows,
        notes=(
            "Remembered: predicted today by the planner's model of memory, the mean over those who met it.",
            *((hidden,) if any(HIDDEN in row for row in rows) else ()),
            *((_say_removed(report.answers_removed),) if report.answers_removed else ()),
        ),
    )


def _say_removed(enrolments: int) -> str:
    whose = "1 enrolment, which ended" if enrolments == 1 else f"{enrolments} enrolments, which ended"
    return f"Left out but for “Met by”: {whose} so long ago that the answers have been removed."


def _cells(row: ItemProgress) -> tuple[Cell, ...]:
    counts = (row.answered, row.using, row.nearly, row.forgot)
    recall = row.retrievability_now
    remembered = NOTHING if recall is None else HIDDEN if isinstance(recall, Suppressed) else f"{recall:.0%}"
    shown = (HIDDEN if isinstance(count, Suppressed) else count for count in counts)
    return (row.item, row.kind, row.met_by, row.prompts, *shown, remembered)


ITEMS = Report(
    name="items",
    summary="What was met of each tip and resource, answered, and is remembered.",
    read=read_items,
    lay_out=lay_out_items,
)
