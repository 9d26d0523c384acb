"""What came to a leader, mail by mail, the newest week first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from emails.words import write_date
from models.domain import Enrolment, ItemKind, PlacedAs
from models.events import read_events
from models.store import SentMail, SentMailItem, read_sent
from scheduler.calendar import WEEKDAYS
from scheduler.evidence import NO_EVIDENCE, Evidence, grade_mail
from web.outlook import name_item
from web.site import Site

_NEW: Mapping[tuple[ItemKind, PlacedAs], str] = {
    ("tip", "new"): "Tip",
    ("resource", "new"): "To read",
    ("resource", "with"): "To read",
    ("tip", "with"): "Tip",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CameItem:
    """One thing in a mail. `url`: its page, where it has one; `done`: it was answered, or checked in."""

    says: str
    url: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameMail:
    on: str
    subject: str
    items: tuple[CameItem, ...]


@dataclass(frozen=True, slots=True)
class Week:
    heading: str
    mails: tuple[CameMail, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that came, and what came back."""

    mails: tuple[SentMail, ...]
    evidence: Mapping[int, Evidence]  # by mail

    @property
    def items(self) -> tuple[SentMailItem, ...]:
        return tuple(item for mail in self.mails for item in mail.items)

    @property
    def answered(self) -> int:
        """Questions with an answer."""
        return sum(len(evidence.answers) for evidence in self.evidence.values())

    def says_read(self, item: str, *, besides: int) -> bool:
        """Whether a mail other than `besides` saw the item's link followed, or its question answered."""
        return any(
            line.item == item and (line.position in evidence.clicked or line.position in evidence.answers)
            for mail in self.mails
            if mail.id != besides and (evidence := self.evidence.get(mail.id)) is not None
            for line in mail.items
        )

    @property
    def checked_in(self) -> int:
        return sum(evidence.checked_in for evidence in self.evidence.values())


def read_past(session: Session, enrolment: Enrolment) -> Past:
    """What was sent to the enrolment, or may have been."""
    mails = read_sent(session, (enrolment.id,))
    events = read_events(session, [mail.id for mail in mails])
    graded = {mail_id: grade_mail(found, accepted_at=None, links=0) for mail_id, found in events.items()}
    return Past(mails=mails, evidence=graded)


def lay_out_weeks(site: Site, enrolment: Enrolment, past: Past) -> tuple[Week, ...]:
    """The mails by calendar week, the newest first."""
    newest_first = sorted(past.mails, key=lambda mail: mail.local_date, reverse=True)
    return tuple(
        Week(_name_week(monday), tuple(_tell(site, enrolment, mail, past) for mail in mails))
        for monday, mails in groupby(newest_first, key=lambda mail: _monday(mail.local_date))
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _name_week(monday: date) -> str:
    return f"Week of {write_date(monday)}"


def _tell(site: Site, enrolment: Enrolment, mail: SentMail, past: Past) -> CameMail:
    evidence = past.evidence.get(mail.id, NO_EVIDENCE)
    return CameMail(
        on=f"{WEEKDAYS[mail.local_date.weekday()]} {write_date(mail.local_date)}",
        subject=mail.subject,
        items=tuple(_list_items(site, enrolment, mail, evidence)),
    )


def _list_items(site: Site, enrolment: Enrolment, mail: SentMail, evidence: Evidence) -> Sequence[CameItem]:
    listed: list[CameItem] = []
    for item in mail.items:
        title = name_item(site, enrolment, item.item, late=item.late)
        if item.placed == "prompt":
            url = site.links.url("a", mail.id, item.position)
            listed.append(CameItem(says=f"A question about “{title}”", url=url, done=item.position in evidence.answers))
        elif item.kind == "check-in":
            url = site.links.url("c", mail.id, item.position)
            listed.append(CameItem(says=f"Check-in: {title}", url=url, done=evidence.checked_in))
        elif (item.kind, item.placed) in _NEW:
            listed.append(CameItem(says=f"{_NEW[item.kind, item.placed]}: {title}"))
    return listed
