"""A question of a mail: think, look, say how it went in one press."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy.orm import Session

from models.domain import Answer, QuestionKind
from models.events import read_events
from models.outbox import drop_planned
from models.store import SentMailItem
from scheduler.evidence import ANSWERS, grade_mail
from web.mails import LinkedMail, find_mail, mark_page, note_arrival, read_token
from web.nonces import Subject
from web.pages import link_own_pages, render
from web.presses import STALE_PAGE, check_page, keep_press
from web.site import GivenSite, Site
from web.telling import find_told
from web.wording import WORDS

NO_ANSWER = "No answer came with that, so nothing was kept. Please press one of the three buttons."

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
        if shown_at is None or answer not in ANSWERS:
            problem = STALE_PAGE if answer in ANSWERS else NO_ANSWER
            return _question_page(session, site, subject, mail, line, kind=kind, problem=problem)

    def keep(session: Session) -> None:
        is_new = keep_press(
            session,
            site,
            request,
            kind="answer",
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
        nonce=mark_page(session, site, subject, mail_id=mail.id),
        answered=_read_answer(session, mail, line) is not None,
        own=own,
    )


def _thanks_page(
    session: Session, site: Site, subject: Subject, mail: LinkedMail, line: SentMailItem, *, kind: QuestionKind
) -> Response:
    told = find_told(site, mail.enrolment, line.item)
    answer = _read_answer(session, mail, line)
    return render(
        site,
        "answered.html",
        chosen="" if answer is None else WORDS[kind].name(answer),
        consequence=WORDS[kind].consequence,
        question=None if told is None else told.question(kind),
        reminder=None if told is None else told.reminder(late=line.late),
        words=WORDS[kind],
        nonce=mark_page(session, site, subject, mail_id=mail.id),
        own=link_own_pages(site, mail.enrolment.id, mail.id),
    )


def _read_answer(session: Session, mail: LinkedMail, line: SentMailItem) -> Answer | None:
    """The answer that counts: the last one."""
    events = read_events(session, [mail.id]).get(mail.id, ())
    return grade_mail(events, accepted_at=None, links=0).answers.get(line.position)
