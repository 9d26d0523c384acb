"""What a reply asks for, done: an answer as by a press, a choice as on the page. Else its leader hears what to write.

Each mail is dealt with once: the note that it was stands in the same transaction. Functions take a session and never
commit. Whatever is sent goes to the leader's own address, wherever the mail came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from emails.answer_names import UNREAD
from models import choices
from models.domain import BY_MAIL, Event, EventKind, Notice, NoticeName
from models.incoming import TakenAs, keep_incoming, mark_answered, was_answered
from models.linked import LinkedMail
from models.notices import post_notice
from models.outbox import drop_planned
from models.store import SentMailItem
from scheduler.hearing import hear
from scheduler.replies import Answers, Asked, Pause, Plain, ReplyAnswer

QUIET_FOR = timedelta(days=1)  # so long the same thing is not said again


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that came in: what it is known by, a keyed hash, and when."""

    name: str
    at: datetime


def list_questions(mail: LinkedMail) -> list[SentMailItem]:
    """The questions of a mail in the order in which they stand in it."""
    return [line for _, line in sorted(mail.items.items()) if line.placed == "prompt" and line.question is not None]


def obey(session: Session, arrival: Arrival, mail: LinkedMail, asked: Asked | None) -> TakenAs | None:
    """Do what a reply to this mail asks for; None where that has been done.

    `mail` without a number: it is not known which one is meant, only whose. Raises ChoiceError for what makes no sense;
    roll back then.
    """
    taken_as = _name(asked, mail)
    if not keep_incoming(
        session, arrival.name, taken_as, now=arrival.at, enrolment_id=mail.enrolment.id, mail_id=mail.id or None
    ):
        return None
    match asked:
        case Answers(given=given):
            _keep_answers(session, arrival, mail, given)
        case Pause(until=until):
            end = {} if until is None else {"until": f"{until}"}
            _hear(session, arrival, mail, "choice", {"action": "pause", **end})
            choices.pause(session, mail.enrolment.id, until=until, now=arrival.at)
        case Plain(wish="leave"):
            _hear(session, arrival, mail, "choice", {"action": "leave"})
            choices.leave(session, mail.enrolment.id, now=arrival.at)
        case Plain(wish="resume"):
            _hear(session, arrival, mail, "choice", {"action": "resume"})
            choices.resume(session, mail.enrolment.id, now=arrival.at, by_mail=True)
        case Plain(wish="return"):
            _hear(session, arrival, mail, "choice", {"action": "return"})
            choices.return_(session, mail.enrolment.id, now=arrival.at, by_mail=True)
        case Plain(wish="done") if taken_as == "check_in":
            _finish_check_in(session, arrival, mail)
        case _:
            _reply(session, arrival, mail, taken_as, "reply_not_understood")
    return taken_as


def _name(asked: Asked | None, mail: LinkedMail) -> TakenAs:
    match asked:
        case Answers():
            return "answer"
        case Pause():
            return "pause"
        case Plain(wish="leave" | "resume" | "return" as wish):
            return wish
        case Plain():
            return "check_in" if _find_check_in(mail) else "not_understood"
        case None:
            return "not_understood"


def _find_check_in(mail: LinkedMail) -> SentMailItem | None:
    return next((line for line in mail.items.values() if line.placed == "check-in"), None)


def _keep_answers(session: Session, arrival: Arrival, mail: LinkedMail, given: Mapping[int, ReplyAnswer]) -> None:
    questions, told = list_questions(mail), list[str]()
    for number, answer in sorted(given.items()):
        line = questions[number - 1]
        kind: Literal["unread", "answer"] = "unread" if answer == UNREAD else "answer"
        _hear(session, arrival, mail, kind, {"answer": answer}, position=line.position)
        told.append(f"{line.item}|{line.question}|{answer}")
    drop_planned(session, mail.enrolment.id)  # so that the next plan counts it
    _reply(session, arrival, mail, "answer", "answered", {"given": "\n".join(told)})


def _finish_check_in(session: Session, arrival: Arrival, mail: LinkedMail) -> None:
    line = _find_check_in(mail)
    _hear(session, arrival, mail, "check_in", {"done": "yes"}, position=None if line is None else line.position)
    drop_planned(session, mail.enrolment.id)
    _reply(session, arrival, mail, "check_in", "checked_in")


def _hear(
    session: Session,
    arrival: Arrival,
    mail: LinkedMail,
    kind: EventKind,
    value: Mapping[str, str],
    *,
    position: int | None = None,
) -> None:
    event = Event(
        kind=kind,
        at=arrival.at,
        mail_id=mail.id or None,
        enrolment_id=mail.enrolment.id,
        position=position,
        method=BY_MAIL,
        value={**value, "how": "mail"},
    )
    hear(session, event, mail, now=arrival.at)


def _reply(
    session: Session,
    arrival: Arrival,
    mail: LinkedMail,
    taken_as: TakenAs,
    says: NoticeName,
    values: Mapping[str, str] | None = None,
) -> None:
    """Tell the leader, unless they were told the same within a day: of the same mail, or of any not understood."""
    about = None if taken_as == "not_understood" else mail.id
    own = mail.enrolment.id
    if was_answered(session, taken_as, since=arrival.at - QUIET_FOR, of=own, mail_id=about):
        return
    notice = Notice(says=says, values=values or {})
    post_notice(session, notice, recipient=mail.enrolment.leader.email, enrolment_id=own, now=arrival.at)
    mark_answered(session, arrival.name)
