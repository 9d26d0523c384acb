"""A fresh link: mailed to the leader who asks for it on a page, and good for half an hour.

A mail may be forwarded, or read by somebody else. What is for the leader's eyes alone opens with such a link only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from emails.links import Purpose
from emails.noticing import FRESH_LINK_SUBJECT
from models.domain import Notice
from models.linked import LinkedMail
from models.notices import post_notice, take_back_notices
from models.tables import MailRow
from web.nonces import Subject
from web.site import Site

GOOD_FOR = timedelta(minutes=30)
APART = timedelta(minutes=5)  # of two such mails at least: nobody fills a mailbox by somebody's link
ON_ITS_WAY = "A link went to your mailbox a moment ago. For one to another page, press again in five minutes."
SENT = "A link is on its way to your mailbox. It works for 30 minutes."
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshPage:
    """A page that a fresh link opens, in words for the mail that carries it."""

    purpose: Purpose
    to: str  # "a link to read your notes"
    button: str


MY_DATA = FreshPage(purpose="d", to="see, take away or erase your data", button="Open my data")


def is_fresh(site: Site, subject: Subject) -> bool:
    """Whether the link that was followed carries an end, and that has not come yet."""
    end = subject.numbers[2:]
    return bool(end) and (site.now() - _EPOCH) // _SECOND < end[0]


def send_fresh_link(session: Session, site: Site, mail: LinkedMail, page: FreshPage) -> str:
    """Mail the leader a fresh link to this page, unless one went a moment ago; what to say of it."""
    if _was_sent(session, mail.enrolment.id, since=site.now() - APART):
        return ON_ITS_WAY
    take_back_notices(session, mail.enrolment.id, "fresh_link")
    end = (site.now() + GOOD_FOR - _EPOCH) // _SECOND
    values = {
        "minutes": f"{GOOD_FOR // _MINUTE}",
        "purpose": page.to,
        "button": page.button,
        "url": site.links.url(page.purpose, mail.enrolment.id, mail.id, end),
    }
    leader = mail.enrolment.leader
    notice = Notice(says="fresh_link", values=values)
    post_notice(session, notice, recipient=leader.email, enrolment_id=mail.enrolment.id, now=site.now())
    return SENT


def _was_sent(session: Session, enrolment_id: int, *, since: datetime) -> bool:
    posted = select(MailRow.notice, MailRow.subject).where(
        MailRow.enrolment_id == enrolment_id, MailRow.kind != "nudge", MailRow.created_at > since
    )
    return any(
        subject == FRESH_LINK_SUBJECT or (notice is not None and notice["says"] == "fresh_link")
        for notice, subject in session.execute(posted)  # once it is sent, a notice is gone and its subject is left
    )
