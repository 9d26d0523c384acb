"""A mail that came in: whose it is, what it asks for, and who is to do that.

Mail of machines is let go without an answer, and so is mail of people who are no leaders. Of what a leader wrote
nothing is kept but what it was taken for.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from config.settings import Settings
from emails.incoming import Incoming, read_incoming
from emails.links import Links, Purpose
from models.choices import ChoiceError
from models.database import Database
from models.domain import ItemKind, Leader, RosterEntry, Tracking
from models.incoming import TakenAs, find_newest_enrolment, find_replied, find_reported, is_known, keep_incoming
from models.linked import LinkedMail, read_linked_mail, read_own_mail
from scheduler.calendar import local_date
from scheduler.obeying import Arrival, list_questions, obey
from scheduler.replies import Asked, Plain, understand

WAITING = "replies_waiting"  # the state that says since when their mailbox could not be read
Outcome = TakenAs | Literal["known", "automatic", "stranger"]
_Work = Callable[[Session], TakenAs | None]

_LEAVING = re.compile(r"\s*unsubscribe\s+([\w-]+)\s*", re.IGNORECASE)  # the subject that List-Unsubscribe gives
_OUR_MESSAGE_ID = re.compile(rb"<[0-9]{1,19}\.[0-9a-f]{24}@[^<>\s]{1,200}>")
# Links that a quoted mail may hold, and which of their numbers is the mail's.
_LINK_TO_MAIL: Mapping[Purpose, int] = {"a": 0, "c": 0, "m": 1, "p": 1}
_MOST_LINKS = 20  # looked at
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """All that taking mail in needs. `tracking`: the setting in force, by programme; `roster`: what HR's files say."""

    database: Database
    settings: Settings
    links: Links
    tracking: Callable[[], Mapping[str, Tracking]]
    roster: Callable[[], Iterable[RosterEntry]]
    now: Callable[[], datetime]


def receive(
    reception: Reception, raw: bytes, *, envelope_sender: str | None = None, recipients: tuple[str, ...] = ()
) -> Outcome:
    """Do what the mail asks for; when this returns, it is on disk. Raises DatabaseError, WriterBusyError.

    The arguments are those of `read_incoming`. The same mail may come again: that changes nothing.
    """
    mail = read_incoming(raw, envelope_sender=envelope_sender, recipients=recipients)
    arrival = Arrival(name=reception.links.fingerprint(f"incoming\n{mail.name}"), at=reception.now())
    with reception.database.reading() as session:
        outcome = "known" if is_known(session, arrival.name) else _take(session, reception, arrival, mail, raw)
    if not isinstance(outcome, str):
        outcome = _do(reception, outcome)
    _log.info("a mail came in: %s%s", outcome.replace("_", " "), f" ({mail.why})" if mail.why else "")
    return outcome


def _do(reception: Reception, works: tuple[_Work, _Work]) -> Outcome:
    """The first work, or where it makes no sense the other."""
    try:
        return reception.database.writer.run(works[0]) or "known"
    except ChoiceError:
        return reception.database.writer.run(works[1]) or "known"


def _take(
    session: Session, reception: Reception, arrival: Arrival, mail: Incoming, raw: bytes
) -> Outcome | tuple[_Work, _Work]:
    """What is to be done about it, and what where that makes no sense; or that there is nothing to do."""

    def work(about: LinkedMail, asked: Asked | None) -> tuple[_Work, _Work]:
        return lambda writing: obey(writing, arrival, about, asked), lambda writing: obey(writing, arrival, about, None)

    leaving = _find_leaving(session, reception, mail.subject)
    if leaving is not None:  # its token is as good as the link it stands beside, whoever sends it
        return work(leaving, Plain("leave"))
    if mail.kind == "report":
        return _take_report(session, reception, arrival, mail, raw)
    if mail.kind == "automatic" or mail.sender in _list_own_addresses(reception.settings):
        return "automatic"
    replied = _find_replied(session, reception, mail)
    if replied is None:
        own = None if mail.forged else find_newest_enrolment(session, mail.sender)
        about = None if own is None else read_own_mail(session, own, tracking=reception.tracking())
        return "stranger" if about is None else work(about, None)
    if mail.forged or mail.sender not in _list_addresses(replied.enrolment.leader, reception.roster()):
        return work(replied, None)
    questions: list[ItemKind] = [line.kind for line in list_questions(replied)]
    today = local_date(replied.enrolment.leader, arrival.at)
    return work(replied, understand(mail.own_words, questions=questions, today=today))


def _list_own_addresses(settings: Settings) -> set[str]:
    return {address.lower() for address in (settings.sender_address, settings.reply_to) if address}


def _list_addresses(leader: Leader, roster: Iterable[RosterEntry]) -> set[str]:
    """The leader's address, and those that HR's files say they had before."""
    formerly = (address.lower() for entry in roster if entry.leader.key == leader.key for address in entry.formerly)
    return {leader.email.lower(), *formerly}


# ---------------------------------------------------------------- which mail is meant


def _find_leaving(session: Session, reception: Reception, subject: str) -> LinkedMail | None:
    """The mail that mail programs unsubscribe from."""
    found = _LEAVING.fullmatch(subject)
    numbers = reception.links.read("u", found[1]) if found else None
    if numbers is None or len(numbers) != 2:
        return None
    return read_own_mail(session, *numbers, tracking=reception.tracking())


def _find_replied(session: Session, reception: Reception, mail: Incoming) -> LinkedMail | None:
    """The mail of ours that is replied to: by its Message-ID, else by a link of it that is quoted.

    Some relays give mails another Message-ID on their way out.
    """
    mail_id = find_replied(session, mail.refers_to) or _find_quoted(reception, mail.all_words)
    return None if mail_id is None else read_linked_mail(session, mail_id, tracking=reception.tracking())


def _find_quoted(reception: Reception, words: str) -> int | None:
    link = re.compile(rf"{re.escape(reception.settings.public_url)}/([acmp])/([\w-]+)")
    for found, _ in zip(link.finditer(words), range(_MOST_LINKS), strict=False):
        for purpose, place in _LINK_TO_MAIL.items():
            numbers = reception.links.read(purpose, found[2]) if found[1] == purpose else None
            if numbers is not None and len(numbers) > place:
                return numbers[place]
    return None


# ---------------------------------------------------------------- delivery reports


def _take_report(
    session: Session, reception: Reception, arrival: Arrival, mail: Incoming, raw: bytes
) -> Outcome | tuple[_Work, _Work]:
    """Keep what a mail server reports on a mail of ours, for whoever will read such reports; nobody is answered."""
    numbers = (reception.links.read("b", token) for token in mail.addressed)
    mail_ids = tuple(found[0] for found in numbers if found)
    message_ids = tuple(dict.fromkeys(found.decode("ascii", "replace") for found in _OUR_MESSAGE_ID.findall(raw)))
    about = find_reported(session, mail_ids, message_ids[:_MOST_LINKS])
    if about is None:
        return "stranger"

    def keep(writing: Session) -> TakenAs | None:
        is_new = keep_incoming(writing, arrival.name, "report", now=arrival.at, mail_id=about, message=raw)
        return "report" if is_new else None

    return keep, keep
