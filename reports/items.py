"""The report `items`: how many met each tip and resource, how its questions were answered, what is remembered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.domain import ItemKind
from models.tables import EnrolmentRow, MailItemRow, MailRow
from models.transitions import in_state, is_nudge
from reports.answering import ANSWERS
from reports.editions import Figures, Part, read_part, tell
from reports.opening import OPENS
from reports.remembered import RECALL
from reports.report import Cell, Chart, Column, Muted, Report, ReportContext, Share, Sheet, Suppressed
from reports.suppression import NO_ANSWERS, AnswerFigures, Count
from reports.weeks import last_turn, turn_into

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
    watched: Count  # mails that brought it and could be seen opened
    opened: Count  # those of them that were, within seven days


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsReport:
    """Answers and recall are as they were at the turn of the week; what was met and asked is as it is now."""

    as_of: datetime
    turned: datetime
    rows: tuple[ItemProgress, ...]
    answers_removed: int  # enrolments that ended so long ago; of what they were sent, only `met_by` tells


# ---------------------------------------------------------------- reading


def read_items(session: Session, context: ReportContext) -> ItemsReport:
    """Every tip and resource of the programmes, and any that went out and is in config no more; tips first, by name.

    An id that several programmes use is one item. The number of queries does not grow with that of leaders.
    """
    turn = last_turn(context.now)
    week = turn.date()
    answers, recall, opens = (read_part(session, context, part, week) for part in (ANSWERS, RECALL, OPENS))
    sent = (read_part(session, context, SENT, week), _count_sent(session, since=turn))
    met_by, prompts = Counter[str](), Counter[str]()
    for one in sent:
        met_by.update(one["met_by"])
        prompts.update(one["prompts"])
    kinds: dict[str, ItemKind] = {item: cast(ItemKind, kind) for one in sent for item, kind in one["kinds"].items()}
    kinds |= {item.id: item.kind for programme in context.programmes.values() for item in programme.items.values()}
    shown = [
        item for _, item in sorted((kind != "tip", item) for item, kind in kinds.items() if kind in ("tip", "resource"))
    ]
    removed = select(func.count()).select_from(EnrolmentRow).where(EnrolmentRow.kept_counts.is_not(None))
    return ItemsReport(
        as_of=context.now,
        turned=turn,
        rows=tuple(
            _row(
                item,
                kinds[item],
                met_by=met_by[item],
                prompts=prompts[item],
                answers=_answers_of(item, answers["items"]),
                recall=tell(recall["items"].get(item)),
                opens=[tell(figure) for figure in opens.get(item, (0, 0))],
            )
            for item in shown
        ),
        answers_removed=session.scalar(removed) or 0,
    )


def _row(
    item: str,
    kind: ItemKind,
    *,
    met_by: int,
    prompts: int,
    answers: AnswerFigures,
    recall: float | Suppressed | None,
    opens: Sequence[Count],
) -> ItemProgress:
    return ItemProgress(
        item=item,
        kind=kind,
        met_by=met_by,
        prompts=prompts,
        answered=answers.answered,
        using=answers.using,
        nearly=answers.nearly,
        forgot=answers.forgot,
        retrievability_now=recall,
        watched=opens[0],
        opened=opens[1],
    )


def _answers_of(item: str, figures: Mapping[str, list[Any]]) -> AnswerFigures:
    if item not in figures:
        return NO_ANSWERS
    answered, using, nearly, forgot = map(tell, figures[item])
    return AnswerFigures(answered=answered, using=using, nearly=nearly, forgot=forgot)


def work_out_sent(session: Session, _: ReportContext, week: date) -> Figures:
    """What had been sent before the turn; what was since is counted where the report is read."""
    return _count_sent(session, until=turn_into(week))


SENT = Part(name="sent", work_out=work_out_sent)


def _count_sent(session: Session, *, since: datetime | None = None, until: datetime | None = None) -> Figures:
    """By item: the enrolments that met it, its questions whose answers are still there, and its kind."""
    gone: list[ColumnElement[bool]] = [is_nudge(), in_state("sent")]
    if until is not None:
        gone.append(MailRow.ended_at < until)
    if since is not None:  # the date is what an index knows of; in no zone is it further from UTC's
        gone += [MailRow.ended_at >= since, MailRow.local_date >= since.date() - timedelta(days=1)]
    joined = select(MailItemRow.item, MailItemRow.kind).join(MailRow, MailRow.id == MailItemRow.mail_id).where(*gone)
    met = joined.add_columns(func.count(MailRow.enrolment_id.distinct()))
    met = met.where(MailItemRow.placed.in_(("new", "with"))).group_by(MailItemRow.item, MailItemRow.kind)
    asked = joined.add_columns(func.count(MailItemRow.question))
    asked = asked.join(EnrolmentRow, EnrolmentRow.id == MailRow.enrolment_id).where(EnrolmentRow.kept_counts.is_(None))
    met_by, prompts, kinds = Counter[str](), Counter[str](), dict[str, str]()
    for counted, rows in ((met_by, met), (prompts, asked.group_by(MailItemRow.item, MailItemRow.kind))):
        for item, kind, number in session.execute(rows):
            kinds.setdefault(item, kind)
            counted[item] += number
    return {"met_by": met_by, "prompts": prompts, "kinds": kinds}


# ---------------------------------------------------------------- laying out


def lay_out_items(report: ItemsReport) -> Sheet:
    """A line each, and what the words mean."""
    numbers = ("Met by", "Prompts", "Answered", "Using", "Nearly", "Forgot", "Remembered", "Opened")
    rows = tuple(_cells(row) for row in report.rows)
    hidden = "Hidden: too few people stand behind the figure, or behind what would be new in it."
    return Sheet(
        title=f"Tips and resources on {report.as_of:%d %B %Y, %H:%M} UTC",
        columns=(Column("Item"), Column("Kind"), *(Column(title, numeric=True) for title in numbers)),
        rows=rows,
        chart=Chart("bars", "Item", ("Remembered",)),
        notes=(
            f"Answers, and what is remembered, are as of Monday {report.turned:%d %B}, without the latest of too few.",
            "Remembered: predicted by the planner's model of memory, the mean over those who met it.",
            "Opened: of the mails that brought it, where opens are seen, those that were opened within seven days.",
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
    remembered = NOTHING if recall is None else HIDDEN if isinstance(recall, Suppressed) else Share(recall)
    shown = (HIDDEN if isinstance(count, Suppressed) else count for count in counts)
    return (row.item, row.kind, row.met_by, row.prompts, *shown, remembered, _say_opened(row.watched, row.opened))


def _say_opened(watched: Count, opened: Count) -> Cell:
    if isinstance(watched, Suppressed) or isinstance(opened, Suppressed):
        return HIDDEN
    return Share(opened / watched) if watched else NOTHING


ITEMS = Report(
    name="items",
    summary="What was met of each tip and resource, answered, and is remembered.",
    read=read_items,
    lay_out=lay_out_items,
)
