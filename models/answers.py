"""Which answers were given to questions, and in which week: for aggregates, which take them as they stood then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain import Answer
from models.tables import EnrolmentRow, EventRow, LeaderRow, MailItemRow, MailRow

_AT_ONCE = 5_000  # rows fetched at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """An answer to one question. `week`: the Monday, in UTC, of the week in which it was given."""

    person: str
    item: str
    week: date
    answer: Answer


def read_answers(session: Session, *, until: datetime) -> Iterator[GivenAnswer]:
    """The answers given before that instant to questions of mails that were sent; one query, read as it is wanted.

    What counts of a question is what was said last in the week of its first answer, for good: a later change of mind
    would show as a difference between two weeks, which is about one person. "Not read yet" is no answer.
    """
    columns = (EventRow.mail_id, EventRow.position, EventRow.at, EventRow.kind, EventRow.value, MailItemRow.item)
    rows = (
        select(*columns, LeaderRow.key)
        .join(MailRow, MailRow.id == EventRow.mail_id)
        .join(MailItemRow, (MailItemRow.mail_id == EventRow.mail_id) & (MailItemRow.position == EventRow.position))
        .join(EnrolmentRow, EnrolmentRow.id == MailRow.enrolment_id)
        .join(LeaderRow, LeaderRow.id == EnrolmentRow.leader_id)
        .where(
            EventRow.kind.in_(("answer", "unread")),
            EventRow.method == "POST",
            EventRow.at < until,
            MailRow.kind == "nudge",
            MailRow.state == "sent",
            EnrolmentRow.kept_counts.is_(None),
        )
        .order_by(EventRow.mail_id, EventRow.position, EventRow.id)
    )
    question: tuple[int | None, int | None] | None = None
    said: GivenAnswer | None = None  # of the question at hand, by the end of its week
    for mail_id, position, at, kind, value, item, person in session.execute(rows.execution_options(yield_per=_AT_ONCE)):
        if (mail_id, position) != question:
            if said is not None:
                yield said
            question, said = (mail_id, position), None
        week = at.date() - timedelta(days=at.weekday())
        if said is not None and said.week != week:
            continue
        answer = value.get("answer")
        if kind == "unread":
            said = None
        elif answer in ("forgot", "nearly", "using"):
            said = GivenAnswer(person=person, item=item, week=week, answer=answer)
    if said is not None:
        yield said
