"""What a leader says, by a button or in a reply: logged, and counted to what they remember at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.domain import Event
from models.events import record_event
from models.linked import LinkedMail, prove_delivery
from scheduler.remembering import remember_now


def hear(session: Session, event: Event, mail: LinkedMail, *, now: datetime) -> bool:
    """Log what was said about a mail; False for what is in the log already. Whoever says it has the mail."""
    prove_delivery(session, mail, now=now)
    is_new = record_event(session, event)
    if is_new and mail.id:
        remember_now(session, (mail.enrolment,))
    return is_new
