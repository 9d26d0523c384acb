"""The report `leader`: one person, mail by mail: what was sent, what came back as far as HR may know, and holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.among import among
from models.domain import Answer, Enrolment, ItemKind, MailState, PlacedAs
from models.store import SentMail, find_enrolment_ids, read_enrolments, read_sent
from models.tables import OPEN_STATES, EnrolmentRow, MailRow, PauseRow
from reports.leaders import NOT_TRACKED, NOTHING
from reports.progress import LeaderProgress, sum_up
from reports.report import Cell, Column, Muted, Report, ReportContext, ReportError, Sheet
from reports.standing import NudgeFate, read_fates
from scheduler.returns import Returned, read_returns

REMOVED = Muted("removed")  # with the answers, so long after the programme


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidItem:
    """One item of a mail. `answer`: using, nearly or forgot, where that may be shown and one was given."""

    item: str
    kind: ItemKind
    placed: PlacedAs
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStory:
    """One nudge that has left or failed to."""

    programme: str
    day: int | None
    at: datetime  # when it came to its state
    state: MailState
    subject: str
    items: tuple[SaidItem, ...]
    opened: bool | None  # None: not tracked
    engaged: bool | None  # answered, marked, checked in or followed; None: not sent, or what came back was removed
    checked_in: bool | None  # None: likewise, or it carried no check-in


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Time in which nothing is sent. `until` None: no end yet."""

    programme: str
    why: str  # paused, held, left, withdrawn
    by: str  # leader, config, admin
    since: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMail:
    """The mail that is planned. It is decided again when it leaves."""

    programme: str
    slot: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderReport:
    """One person. `progress` has a row for each programme, as in the report `leaders`; `rows` the mails, in order."""

    as_of: datetime
    answers_shown: bool
    progress: tuple[LeaderProgress, ...]
    rows: tuple[MailStory, ...]
    holds: tuple[Hold, ...]
    next: tuple[NextMail, ...]


# ---------------------------------------------------------------- reading


def read_leader(session: Session, context: ReportContext) -> LeaderReport:
    """The person of the context's address. Raises ReportError where there is none."""
    ids = find_enrolment_ids(session, context.email or "")
    if not ids:
        raise ReportError(f"nobody with the address {context.email} is enrolled; `report leaders` lists who is")
    enrolments = read_enrolments(session, tracking=context.tracking, ids=ids)
    sent = {mail.id: mail for mail in read_sent(session, ids)}
    fates, returned = read_fates(session, ids), read_returns(session, enrolments)
    back = {each.mail.id: each for own in returned.values() for each in own}
    stories = [
        _tell_mail(enrolment, fate, sent.get(fate.id), back.get(fate.id), answers=context.answers_visible)
        for enrolment in enrolments
        for fate in fates.get(enrolment.id, ())
        if fate.state not in OPEN_STATES
    ]
    return LeaderReport(
        as_of=context.now,
        answers_shown=context.answers_visible,
        progress=sum_up(session, context, enrolments, fates, returned),
        rows=tuple(sorted(stories, key=lambda story: story.at)),
        holds=_read_holds(session, ids),
        next=_read_next(session, ids),
    )


def _tell_mail(
    enrolment: Enrolment, fate: NudgeFate, mail: SentMail | None, returned: Returned | None, *, answers: bool
) -> MailStory:
    known = None if enrolment.kept_counts is not None else returned
    items = () if mail is None else mail.items
    given: Mapping[int, Answer] = known.evidence.answers if known is not None and answers else {}
    asked = any(item.kind == "check-in" for item in items)
    return MailStory(
        programme=enrolment.programme,
        day=None if mail is None else mail.day,
        at=fate.at,
        state=fate.state,
        subject="" if mail is None else mail.subject,
        items=tuple(
            SaidItem(item=item.item, kind=item.kind, placed=item.placed, answer=given.get(item.position))
            for item in items
        ),
        opened=known.evidence.opened if known is not None and known.watched else None,
        engaged=None if known is None else known.engaged,
        checked_in=known.evidence.checked_in if known is not None and asked else None,
    )


def _read_holds(session: Session, ids: Iterable[int]) -> tuple[Hold, ...]:
    own = among(EnrolmentRow.id, tuple(ids))
    holds: list[Hold] = []
    pauses = select(EnrolmentRow.programme, PauseRow.by, PauseRow.first, PauseRow.last)
    paused = pauses.join(PauseRow, PauseRow.enrolment_id == EnrolmentRow.id).where(own)
    for programme, by, first, last in session.execute(paused):
        holds.append(Hold(programme=programme, why="paused", by=by, since=first, until=last))
    stops = (EnrolmentRow.config_status, EnrolmentRow.held_at, EnrolmentRow.withdrawn_at, EnrolmentRow.left_at)
    for programme, status, held, withdrawn, left in session.execute(select(EnrolmentRow.programme, *stops).where(own)):
        by = "config" if status == "withdrawn" else "admin"
        named = (("held", "config", held), ("withdrawn", by, withdrawn), ("left", "leader", left))
        holds += [
            Hold(programme=programme, why=why, by=by, since=at.date(), until=None)
            for why, by, at in named
            if at is not None
        ]
    return tuple(sorted(holds, key=lambda hold: (hold.since, hold.why)))


def _read_next(session: Session, ids: Iterable[int]) -> tuple[NextMail, ...]:
    planned = select(EnrolmentRow.programme, MailRow.slot, MailRow.why)
    planned = planned.join(MailRow, MailRow.enrolment_id == EnrolmentRow.id)
    still = (among(EnrolmentRow.id, tuple(ids)), MailRow.kind == "nudge", MailRow.state.in_(OPEN_STATES))
    found = session.execute(planned.where(*still).order_by(MailRow.slot))
    return tuple(NextMail(programme=programme, slot=slot, why=why) for programme, slot, why in found)


# ---------------------------------------------------------------- laying out


def lay_out_leader(report: LeaderReport) -> Sheet:
    """How far the person is, then the mails, then holds and what comes next."""
    first = report.progress[0]
    return Sheet(
        title=f"{first.name} <{first.email}> on {report.as_of:%d %B %Y, %H:%M} UTC; times are in UTC",
        columns=(Column("What"), *(Column(row.programme) for row in report.progress)),
        rows=_lay_out_facts(report.progress),
        notes=tuple(f"To look at: {problem}" for row in report.progress for problem in row.problems),
        more=(_lay_out_mails(report), *_lay_out_holds(report.holds), _lay_out_next(report.next)),
    )


def _lay_out_facts(progress: tuple[LeaderProgress, ...]) -> tuple[tuple[Cell, ...], ...]:
    columns = [_facts(row) for row in progress]
    names = [name for name, _ in columns[0]]
    return tuple((name, *(column[number][1] for column in columns)) for number, name in enumerate(names))


def _facts(row: LeaderProgress) -> tuple[tuple[str, Cell], ...]:
    return (
        ("role", row.role.replace("-", " ")),
        ("organisation", row.organisation),
        ("cohort", row.cohort),
        ("start date", f"{row.start_date:%d %B %Y}"),
        ("day", row.day),
        ("status", row.status),
        ("mails sent", row.sent),
        ("opened", NOT_TRACKED if row.opened is None else row.opened),
        ("engaged", row.engaged),
        ("items met", f"{row.items_met} of {'?' if row.items_total is None else row.items_total}"),
        ("check-ins done", row.check_ins_done),
        ("last active", NOTHING if row.last_activity is None else f"{row.last_activity:%d %b %Y, %H:%M}"),
    )


def _lay_out_mails(report: LeaderReport) -> Sheet:
    answers = (Column("Answers"),) if report.answers_shown else ()
    return Sheet(
        title="Mails",
        columns=(
            *(Column(title) for title in ("When", "Day", "State", "Subject", "Brought", "Opened", "Engaged")),
            *answers,
        ),
        rows=tuple(_mail_cells(story, answers=report.answers_shown) for story in report.rows),
        notes=() if report.rows else ("Nothing was sent yet.",),
    )


def _mail_cells(story: MailStory, *, answers: bool) -> tuple[Cell, ...]:
    gone = story.state == "sent"
    engaged: Cell = (REMOVED if gone else NOTHING) if story.engaged is None else _say(story.engaged)
    opened: Cell = (NOT_TRACKED if gone else NOTHING) if story.opened is None else _say(story.opened)
    told = "; ".join(f"{item.item}: {item.answer}" for item in story.items if item.answer)
    return (
        f"{story.at:%d %b %Y, %H:%M}",
        NOTHING if story.day is None else story.day,
        story.state.replace("_", " "),
        story.subject,
        ", ".join(f"{item.item} ({item.placed})" for item in story.items),
        opened,
        "checked in" if story.checked_in else engaged,
        *((told or NOTHING,) if answers else ()),
    )


def _say(there: object) -> str:
    return "yes" if there else "no"


def _lay_out_holds(holds: tuple[Hold, ...]) -> tuple[Sheet, ...]:
    if not holds:
        return ()
    rows = tuple(
        (
            hold.programme,
            hold.why,
            hold.by,
            f"{hold.since:%d %b %Y}",
            NOTHING if hold.until is None else f"{hold.until:%d %b %Y}",
        )
        for hold in holds
    )
    titles = ("Programme", "What", "By", "Since", "Until")
    return (Sheet(title="Pauses and holds", columns=tuple(Column(title) for title in titles), rows=rows),)


def _lay_out_next(planned: tuple[NextMail, ...]) -> Sheet:
    rows = tuple((f"{mail.slot:%d %b %Y, %H:%M}", mail.programme, mail.why) for mail in planned)
    columns = (Column("When"), Column("Programme"), Column("Why")) if rows else ()
    notes = () if rows else ("No mail is planned.",)
    return Sheet(title="Next", columns=columns, rows=rows, notes=notes)


LEADER = Report(
    name="leader",
    summary="One person: what was sent when, what came back, holds, what comes next.",
    read=read_leader,
    lay_out=lay_out_leader,
    asks="email",
)
