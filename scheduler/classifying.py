"""The rules run backwards over the raw log: each event's grade kept beside it, and given anew when it changes.

Reports and planning grade by the rules as they are now, mail by mail. What only the log as a whole shows, crowds, they
take from the grades kept here.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Credence
from models.events import read_events
from models.grades import KeptGrade, keep_grades, read_fetches, read_grades, read_hit_mails, read_ungraded
from models.store import get_state, read_sent_mails, set_state
from scheduler.crowds import Footprint, find_crowds
from scheduler.grading import grade_sent
from scheduler.telltales import CROWD_SPAN, EDITION

AT_ONCE = 500  # mails graded between two writes
GRADED = "graded"  # the edition of the rules that all of the log was graded by, and up to when
LOOK_BACK = timedelta(hours=1)  # an event may be written later than it says, and waits while its mail is on its way


@dataclass(slots=True)
class Classified:
    """What was graded, and what came of it. `moved`: how many events went from one grade to another; None: had none."""

    mails: int = 0
    events: int = 0
    grades: Counter[Credence] = field(default_factory=Counter[Credence])
    moved: Counter[tuple[Credence | None, Credence]] = field(default_factory=Counter[tuple[Credence | None, Credence]])


def classify(database: Database, *, since: datetime | None = None, now: datetime) -> Classified:
    """Grade every mail that was hit since then, or ever. The log itself stays as it is."""
    with database.reading() as session:
        crowds = _find_crowds(session, since=since)
        mails = read_hit_mails(session, since=since)
    done = _grade(database, {*mails, *crowds}, crowds)
    if since is None:
        _note(database, now)
    return done


def classify_recent(database: Database, *, now: datetime) -> Classified:
    """Grade what has come in since the last time; all of the log, where other rules graded it."""
    with database.reading() as session:
        edition, _, until = (get_state(session, GRADED) or "").partition(" ")
    if edition != EDITION:
        return classify(database, now=now)
    with database.reading() as session:
        fresh, first = read_ungraded(session, since=datetime.fromisoformat(until) - LOOK_BACK)
        if first is None:
            return Classified()
        crowds = _find_crowds(session, since=first)
    done = _grade(database, {*fresh, *crowds}, crowds)
    _note(database, now)
    return done


def _note(database: Database, now: datetime) -> None:
    with database.sessions.begin() as session:
        set_state(session, GRADED, f"{EDITION} {now.isoformat()}")


def _find_crowds(session: Session, *, since: datetime | None) -> Mapping[int, Collection[int]]:
    """The events of crowds by mail; those from shortly before `since` on, as a crowd gathers within its span."""
    fetches = read_fetches(session, since=None if since is None else since - CROWD_SPAN)
    return find_crowds(
        Footprint(event_id=event, mail_id=mail, enrolment_id=enrolment, at=at, origin=origin, agent=agent)
        for event, mail, enrolment, at, origin, agent in fetches
    )


def _grade(database: Database, mails: Collection[int], crowds: Mapping[int, Collection[int]]) -> Classified:
    """Grade these mails, and keep what is not kept so already."""
    done, ordered = Classified(), sorted(mails)
    for first in range(0, len(ordered), AT_ONCE):
        portion = ordered[first : first + AT_ONCE]
        with database.reading() as session:
            changed = _grade_portion(session, portion, crowds, done)
        if changed:
            with database.sessions.begin() as session:
                keep_grades(session, changed)
    return done


def _grade_portion(
    session: Session, mails: Sequence[int], crowds: Mapping[int, Collection[int]], done: Classified
) -> dict[int, dict[int, KeptGrade]]:
    """The grades of these mails' events that are not kept so already, by mail; all are counted in `done`."""
    events, kept = read_events(session, mails), read_grades(session, mails)
    changed: dict[int, dict[int, KeptGrade]] = {}
    for mail in read_sent_mails(session, mails):
        own = events.get(mail.id, ())
        numbers = [event.id or 0 for event in own]  # what is read from the log has one
        crowd = {*crowds.get(mail.id, ()), *(number for number in numbers if _was_in_crowd(kept.get(number)))}
        for hit in grade_sent(mail, own, crowd).hits:
            number = hit.event.id or 0
            grade = KeptGrade(credence=hit.credence, why=hit.why, crowd=number in crowd, edition=EDITION)
            before = kept.get(number)
            if before != grade:
                changed.setdefault(mail.id, {})[number] = grade
            if before is None or before.credence != hit.credence:
                done.moved[None if before is None else before.credence, hit.credence] += 1
            done.grades[hit.credence] += 1
        done.mails += 1
        done.events += len(own)
    return changed


def _was_in_crowd(kept: KeptGrade | None) -> bool:
    """Once a crowd, always one, as long as the rules are the same: what showed it may since have been deleted."""
    return kept is not None and kept.crowd and kept.edition == EDITION
