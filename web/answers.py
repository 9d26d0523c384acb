"""A question of a mail: think, look, say how it went in one press."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy.orm import Session

from emails.answer_names import NOT_READ_YET, UNREAD
from models.domain import QuestionKind
from models.events import read_events
from models.linked import LinkedMail
from models.outbox import drop_planned
from models.store import SentMailItem
from scheduler.evidence import ANSWERS, Evidence, grade_mail
from web.mails import find_mail, mark_page, note_arrival, read_token
from web.nonces import Subject
from web.outlook import read_next
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.site import GivenSite, Site
from web.telling import find_told
from web.timeline import read_past
from web.wording import WORDS

NO_ANSWER = "No answer came with that, so nothing was kept. Please press one of the buttons."
AFTER_UNREAD = "So it does not count as forgotten. It is never too late: here it is again."

router = APIRouter()


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
def show_question(request: Request, site: GivenSite, token: str) -> Response:
    """The question, its answer folded away, and the three buttons."""
    subject = read_token(site, "a", token)
    with site.database.reading() as session:
        mail, line, kind = _find_question(session, site, subject)
        page = _question_page(session, site, subject, mail, line, kind=kind)
    note_arrival(site, request, mail, kind="page", position=line.position)
    return page


@router.post("/a/{token}")
def take_answer(
    request: Request,
    site: GivenSite,
    token: str,
    answer: Annotated[str, Form()] = "",
    nonce: Annotated[str, Form()] = "",
) -> Response:
    """Keep the answer and say thank you; the page again, and nothing kept, where it cannot be told what was meant."""
    subject = read_token(site, "a", token)
    with site.database.reading() as session:
        mail, line, kind = _find_question(session, site, subject)
        shown_at = check_page(site, subject, nonce)
        known = answer in ANSWERS or (answer == UNREAD and line.kind == "resource")
        if shown_at is None or not known:
            problem = STALE_PAGE if known else NO_ANSWER
            return _question_page(session, site, subject, mail, line, kind=kind, problem=problem)

    def keep(session: Session) -> None:
        is_new = keep_press(
            session,
            site,
            request,
            kind="unread" if answer == UNREAD else "answer",
            mail=mail,
            position=line.position,
            nonce=nonce,
            shown_at=shown_at,
            value={"answer": answer},
        )
        if is_new:
            drop_planned(session, mail.enrolment.id)  # so that the next plan counts it

    site.write(keep)
    with site.database.reading() as session:
        return _thanks_page(session, site, subject, mail, line, kind=kind)


def _find_question(session: Session, site: Site, subject: Subject) -> tuple[LinkedMail, SentMailItem, QuestionKind]:
    mail_id, position = subject.numbers
    mail = find_mail(session, site, mail_id)
    line = mail.items.get(position)
    if line is None or line.question is None:
        raise HTTPException(404)
    return mail, line, line.question


def _question_page(
    session: Session,
    site: Site,
    subject: Subject,
    mail: LinkedMail,
    line: SentMailItem,
    *,
    kind: QuestionKind,
    problem: str = "",
) -> Response:
    told = find_told(site, mail.enrolment, line.item)
    question = None if told is None else told.question(kind)
    evidence = _read_evidence(session, mail)
    own = link_own_pages(site, mail.enrolment.id, mail.id)
    if question is None:
        return render(site, "gone.html", status=410, own=own)
    return render(
        site,
        "question.html",
        status=400 if problem else 200,
        problem=problem,
        question=question,
        words=WORDS[kind],
        nonce=mark_page(site, subject),
        answered=line.position in evidence.answers or line.position in evidence.unread,
        unread=_may_be_unread(session, mail, line),
        own=own,
    )


def _thanks_page(
    session: Session, site: Site, subject: Subject, mail: LinkedMail, line: SentMailItem, *, kind: QuestionKind
) -> Response:
    told = find_told(site, mail.enrolment, line.item)
    evidence = _read_evidence(session, mail)
    answer = evidence.answers.get(line.position)
    return render(
        site,
        "answered.html",
        chosen=NOT_READ_YET if answer is None else WORDS[kind].name(answer),
        consequence=AFTER_UNREAD if answer is None else WORDS[kind].consequence,
        question=None if told is None else told.question(kind),
        reminder=None if told is None else told.reminder(late=line.late),
        coming=read_next(session, site, mail.enrolment),
        words=WORDS[kind],
        unread=_may_be_unread(session, mail, line),
        nonce=mark_page(site, subject),
        own=link_own_pages(site, mail.enrolment.id, mail.id),
    )


def _read_evidence(session: Session, mail: LinkedMail) -> Evidence:
    """What was answered so far: the last answer of each question counts."""
    events = read_events(session, [mail.id]).get(mail.id, ())
    return grade_mail(events, accepted_at=None, links=0)


def _may_be_unread(session: Session, mail: LinkedMail, line: SentMailItem) -> bool:
    """Whether the question is about something to read, and no other mail says that it has been read."""
    return line.kind == "resource" and not read_past(session, mail.enrolment).says_read(line.item, besides=mail.id)
