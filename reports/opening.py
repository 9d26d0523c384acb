"""Whether mails that brought an item were opened, where opens are seen: as it stood seven days after each was sent.

A later open changes nothing, so what was told of a week stays so; and the rule of small groups is that of answers.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from models.among import among
from models.tables import ConsentRow, EnrolmentRow, EventRow, GradeRow, LeaderRow, MailItemRow, MailRow
from models.transitions import in_state, is_nudge
from reports.editions import Figures, Part
from reports.report import SUPPRESSED, ReportContext
from reports.suppression import Crowd
from reports.weeks import turn_into, week_of
from scheduler.hits import REAL

PATIENCE = timedelta(days=7)  # in which a mail is opened, or counts as not opened
_CELLS: tuple[str, ...] = ("opened", "not")
_AT_ONCE = 500  # enrolments in memory together


def work_out_opens(session: Session, context: ReportContext, week: date) -> Figures:
    """By item, [mails that could be seen opened, those that were]; both are suppressed where they tell of few."""
    crowds: dict[str, Crowd] = {}
    counts: dict[str, Counter[tuple[date, str]]] = {}
    for item, sent_in, person, opened in _read(session, context, week):
        cell = "opened" if opened else "not"
        crowds.setdefault(item, Crowd(_CELLS, small_group=context.small_group)).add(sent_in, cell, person)
        counts.setdefault(item, Counter())[sent_in, cell] += 1
    figures: dict[str, list[object]] = {}
    for item, crowd in crowds.items():
        released = crowd.release()
        told = Counter(dict.fromkeys(_CELLS, 0))
        for (sent_in, cell), number in counts[item].items():
            told[cell] += number if sent_in in released else 0
        figures[item] = [told.total(), told["opened"]] if released else [SUPPRESSED, SUPPRESSED]
    return figures


OPENS = Part(name="opens", work_out=work_out_opens)


def _read(session: Session, context: ReportContext, week: date) -> Iterator[tuple[str, date, int, bool]]:
    """Item, week of sending, person, and whether the mail was opened in time; of mails whose time is over."""
    watched = (
        select(EnrolmentRow.id, EnrolmentRow.leader_id)
        .join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
        .where(LeaderRow.assistant_reads.is_(False), EnrolmentRow.kept_counts.is_(None), _is_watched(context))
    )
    people = dict(session.execute(watched.order_by(EnrolmentRow.id)).all())
    ids = list(people)
    for begin in range(0, len(ids), _AT_ONCE):
        theirs = among(MailRow.enrolment_id, ids[begin : begin + _AT_ONCE])
        sent = (is_nudge(), in_state("sent"), MailRow.tracked, theirs)
        hits = (
            select(MailRow.id, func.min(EventRow.at))
            .join(EventRow, EventRow.mail_id == MailRow.id)
            .outerjoin(GradeRow, GradeRow.event_id == EventRow.id)
            .where(*sent, or_(EventRow.method == "POST", GradeRow.credence.in_(REAL)))
        )
        first = dict(session.execute(hits.group_by(MailRow.id)).all())
        items = (
            select(MailItemRow.item, MailRow.id, MailRow.ended_at, MailRow.enrolment_id)
            .join(MailRow, MailRow.id == MailItemRow.mail_id)
            .where(*sent, MailRow.ended_at < turn_into(week) - PATIENCE)
            .where(MailItemRow.kind.in_(("tip", "resource")), MailItemRow.placed.in_(("new", "with")))
        )
        for item, mail, sent_at, own in session.execute(items):
            if sent_at is not None and own is not None:
                yield item, week_of(sent_at), people[own], mail in first and first[mail] < sent_at + PATIENCE


def _is_watched(context: ReportContext) -> ColumnElement[bool]:
    """Whose opens may be looked at: everybody's of a programme, or theirs who agree now."""
    by_setting = {
        setting: [name for name, own in context.tracking.items() if own == setting] for setting in ("on", "ask")
    }
    newest = select(func.max(ConsentRow.id)).group_by(ConsentRow.leader_id)
    agrees = exists().where(
        ConsentRow.leader_id == EnrolmentRow.leader_id, ConsentRow.id.in_(newest), ConsentRow.tracking
    )
    return or_(
        false(),
        EnrolmentRow.programme.in_(by_setting["on"]),
        and_(EnrolmentRow.programme.in_(by_setting["ask"]), agrees),
    )
