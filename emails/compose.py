"""A planned nudge becomes a message: its letter, both parts, and the headers that every mail carries."""

from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime

from config.settings import Settings
from emails.addresses import to_ascii
from emails.letter import Letter
from emails.links import Links
from emails.mime import write_mailbox, write_message, write_words
from emails.occasion import Occasion, token_values
from emails.problems import ComposeError
from emails.rendering import Templates
from emails.writing import write_letter
from models.domain import Enrolment, History, PlannedNudge, Programme

__all__ = ["ComposeError", "Composed", "Composer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A mail ready to leave. `text` and `html` are its parts before they were encoded into `message`."""

    subject: str
    message_id: str
    message: bytes
    text: str
    html: str
    envelope_sender: str


class Composer:
    """Writes mail for one installation. Its templates are compiled once, here."""

    def __init__(self, settings: Settings, links: Links) -> None:
        self._settings = settings
        self._links = links
        try:
            sender = to_ascii(settings.sender_address)
            self._templates = Templates(brand_name=settings.brand_name, brand_colour=settings.brand_colour)
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
        occasion = Occasion(
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
        letter = replace(letter, subject=subject_begins + letter.subject)
        text, html = self._templates.render(letter)
        message_id = self._name_message(occasion)
        headers = [
            *self._address(occasion, letter),
            ("Date", format_datetime(now)),
            ("Message-ID", message_id),
            *self._mark_as_list(occasion),
        ]
        return Composed(
            subject=letter.subject,
            message_id=message_id,
            message=write_message(headers, text=text, html=html, seed=message_id),
            text=text,
            html=html,
            envelope_sender=f"bounce+{self._links.token('b', mail_id)}@{self._domain}",
        )

    def _name_message(self, occasion: Occasion) -> str:
        """A Message-ID that stays the same for the same mail, and that nobody else can guess."""
        facts = (occasion.mail_id, occasion.enrolment.leader.key, occasion.nudge.slot.isoformat())
        return f"<{occasion.mail_id}.{self._links.fingerprint(repr(facts))}@{self._domain}>"

    def _address(self, occasion: Occasion, letter: Letter) -> list[tuple[str, str]]:
        settings, leader = self._settings, occasion.enrolment.leader
        headers = [
            ("From", write_mailbox(settings.sender_name, settings.sender_address, where="sender_name")),
            ("To", write_mailbox(leader.name, leader.email, where=f"the leader {leader.key}")),
            ("Subject", write_words(letter.subject, where="the subject")),
        ]
        if settings.reply_to:
            headers.insert(2, ("Reply-To", write_mailbox("", settings.reply_to, where="reply_to")))
        return headers

    def _mark_as_list(self, occasion: Occasion) -> list[tuple[str, str]]:
        """What tells mail programs that a machine sent this, on which list, and how to leave with one click."""
        numbers = (occasion.enrolment.id, occasion.mail_id)
        leave_url = self._links.url("u", *numbers)
        leave_mail = f"mailto:{self._sender}?subject=unsubscribe%20{self._links.token('u', *numbers)}"
        programme = occasion.programme
        return [
            ("List-Id", f"<{programme.id}.{self._domain}>"),
            ("List-Unsubscribe", f"<{leave_url}>, <{leave_mail}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("Feedback-ID", f"{occasion.nudge.items[0].item}:{programme.id}:nudge:first100"),
        ]
