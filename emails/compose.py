"""What is to be said becomes a message: its letter, both parts, and the headers that every mail carries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime

from config.settings import Settings
from emails.addresses import to_ascii
from emails.brand import find_brand
from emails.digesting import write_digest
from emails.letter import Letter
from emails.links import Links
from emails.mime import write_mailbox, write_message, write_words
from emails.noticing import write_notice
from emails.occasion import NudgeOccasion, Occasion, token_values
from emails.problems import ComposeError
from emails.rendering import Templates
from emails.weekly import Week, write_week
from emails.writing import write_letter
from models.digests import Digest
from models.domain import Enrolment, History, Leader, Notice, PlannedNudge, Programme

__all__ = ["ComposeError", "Composed", "Composer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A mail ready to leave. `text` and `html` are its parts before they were encoded, `letter` what they say.

    `html` is empty where the leader wants plain text.
    """

    subject: str
    message_id: str
    message: bytes
    text: str
    html: str
    letter: Letter
    envelope_sender: str


class Composer:
    """Writes mail for one installation. Its templates are compiled once, here."""

    def __init__(self, settings: Settings, links: Links) -> None:
        self._settings = settings
        self._links = links
        try:
            sender = to_ascii(settings.sender_address)
            self._templates = Templates(find_brand(settings, links))
        except ValueError as error:
            raise ComposeError(str(error), "settings") from error
        self._sender = sender
        self._domain = sender.rpartition("@")[2]

    def compose_nudge(
        self,
        nudge: PlannedNudge,
        *,
        mail_id: int,
        enrolment: Enrolment,
        programme: Programme,
        history: History,
        now: datetime,
        subject_begins: str = "",
    ) -> Composed:
        """The whole mail. The same arguments give the same bytes. `subject_begins` marks one that is not for real.

        A mail is tracked (pixel, links to resources through us) only when `enrolment.leader.tracking` says so. Raises
        ComposeError for content that is missing or cannot be sent.
        """
        occasion = NudgeOccasion(
            settings=self._settings,
            links=self._links,
            programme=programme,
            enrolment=enrolment,
            history=history,
            nudge=nudge,
            mail_id=mail_id,
            values=token_values(self._settings, programme, enrolment),
        )
        letter = write_letter(occasion)
        return self._finish(
            replace(letter, subject=subject_begins + letter.subject),
            mail_id=mail_id,
            leader=enrolment.leader,
            to=self._write_leader(enrolment),
            named_by=nudge.slot,
            date=now,
            marks=[
                *self._mark_as_list(occasion),
                ("Feedback-ID", f"{nudge.items[0].item}:{programme.id}:nudge:first100"),
            ],
        )

    def compose_notice(
        self,
        notice: Notice,
        *,
        recipient: str,
        mail_id: int,
        enrolment: Enrolment,
        programme: Programme,
        posted_at: datetime,
        now: datetime,
    ) -> Composed:
        """The whole mail of a notice about an enrolment, to its leader or to somebody else; never tracked.

        Raises ComposeError for a notice that lacks what its words need.
        """
        occasion = Occasion(
            settings=self._settings,
            links=self._links,
            programme=programme,
            enrolment=enrolment,
            mail_id=mail_id,
            values=token_values(self._settings, programme, enrolment),
        )
        letter = write_notice(occasion, notice)
        feedback = ("Feedback-ID", f"{notice.says}:{programme.id}:notice:first100")
        if letter.choices is None:  # not to the leader, who alone may leave
            to, marks = write_mailbox("", recipient, where="the recipient of a notice"), [feedback]
        else:
            to, marks = self._write_leader(enrolment), [*self._mark_as_list(occasion), feedback]
        leader = enrolment.leader
        return self._finish(letter, mail_id=mail_id, leader=leader, to=to, named_by=posted_at, date=now, marks=marks)

    def compose_digest(
        self, digest: Digest, *, recipient: str, mail_id: int, posted_at: datetime, now: datetime
    ) -> Composed:
        """The whole mail that tells HR what became of config; about no enrolment, never tracked."""
        return self._finish(
            write_digest(digest, self._settings),
            mail_id=mail_id,
            leader=None,
            to=write_mailbox("", recipient, where="the recipient of a digest"),
            named_by=posted_at,
            date=now,
            marks=[("Feedback-ID", "config:hr:digest:first100")],
        )

    def compose_week(self, week: Week, *, recipient: str, mail_id: int, posted_at: datetime, now: datetime) -> Composed:
        """The whole mail that tells an account what waits for a person; never tracked."""
        return self._finish(
            write_week(week, self._settings),
            mail_id=mail_id,
            leader=None,
            to=write_mailbox("", recipient, where="the recipient of a week's mail"),
            named_by=posted_at,
            date=now,
            marks=[("Feedback-ID", "week:admin:digest:first100")],
        )

    def _finish(
        self,
        letter: Letter,
        *,
        mail_id: int,
        leader: Leader | None,
        to: str,
        named_by: datetime,
        date: datetime,
        marks: Sequence[tuple[str, str]],
    ) -> Composed:
        """A letter's mail. `named_by` is an instant that stays the mail's own whenever it is composed; `leader` is whom
        it is about."""
        text, html = self._templates.render(letter, plain=leader is not None and leader.plain)
        message_id = self._name_message(mail_id, leader, named_by)
        headers = [
            ("From", write_mailbox(self._settings.sender_name, self._settings.sender_address, where="sender_name")),
            ("To", to),
            *self._ask_replies(),
            ("Subject", write_words(letter.subject, where="the subject")),
            ("Date", format_datetime(date)),
            ("Message-ID", message_id),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            *marks,
        ]
        return Composed(
            subject=letter.subject,
            message_id=message_id,
            message=write_message(headers, text=text, html=html or None, seed=message_id),
            text=text,
            html=html,
            letter=letter,
            envelope_sender=f"bounce+{self._links.token('b', mail_id)}@{self._domain}",
        )

    def _name_message(self, mail_id: int, leader: Leader | None, named_by: datetime) -> str:
        """A Message-ID that stays the same for the same mail, and that nobody else can guess."""
        facts = (mail_id, "" if leader is None else leader.key, named_by.isoformat())
        return f"<{mail_id}.{self._links.fingerprint(repr(facts))}@{self._domain}>"

    def _write_leader(self, enrolment: Enrolment) -> str:
        leader = enrolment.leader
        return write_mailbox(leader.name, leader.email, where="the leader's name and address")

    def _ask_replies(self) -> list[tuple[str, str]]:
        if self._settings.reply_to is None:
            return []
        return [("Reply-To", write_mailbox("", self._settings.reply_to, where="reply_to"))]

    def _mark_as_list(self, occasion: Occasion) -> list[tuple[str, str]]:
        """What tells mail programs on which list this is, and how to leave with one click."""
        numbers = (occasion.enrolment.id, occasion.mail_id)
        leave_url = self._links.url("u", *numbers)
        leave_mail = f"mailto:{self._sender}?subject=unsubscribe%20{self._links.token('u', *numbers)}"
        return [
            ("List-Id", f"<{occasion.programme.id}.{self._domain}>"),
            ("List-Unsubscribe", f"<{leave_url}>, <{leave_mail}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
