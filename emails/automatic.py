"""Whether a person or a machine wrote a mail, by its headers."""

import re
from email.message import Message
from typing import Literal

from emails.raw_headers import read_header

IncomingKind = Literal["reply", "automatic", "report"]

# Signs of a machine, each enough by itself (RFC 3834, and what mail programs did before it).
_AUTOMATIC_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "list-id",
    "feedback-id",
)
_PRECEDENCES = {"bulk", "junk", "list", "auto_reply"}
_NOBODY = re.compile(r"(no-?reply|do-?not-?reply)@.*")
# Weak signs: two of them are one.
_AWAY = re.compile(
    r"out of (the )?office|automatic reply|auto(matic)?[- ]?(reply|response)|on (annual )?leave|on holiday|away from|"
    r"abwesenheit|automatische antwort|absence|réponse automatique|fuera de la oficina|respuesta automática|"
    r"fuori sede|risposta automatica|afwezig|automatisch antwoord|frånvar|poissa|allan o'r swyddfa|ymateb awtomatig",
    re.IGNORECASE,
)
_WEAK_HEADERS = ("x-auto-response-suppress", "x-ms-exchange-inbox-rules-loop", "x-ms-exchange-generated-message-source")


def tell_kind(message: Message, sender: str, subject: str, envelope_sender: str) -> tuple[IncomingKind, str]:
    """What the mail is, and the sign that told it; a report is on a delivery. `envelope_sender` "": nobody."""
    if why := _tell_report(message, sender):
        return "report", why
    if not envelope_sender or message.get_content_type() == "multipart/report":
        return "automatic", "nobody in the envelope" if not envelope_sender else "that it was read"
    submitted = read_header(message, "auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return "automatic", "Auto-Submitted"
    if read_header(message, "precedence").strip().lower() in _PRECEDENCES:
        return "automatic", "Precedence"
    for name in _AUTOMATIC_HEADERS:
        if name in message:
            return "automatic", name.title()
    if _NOBODY.fullmatch(sender):
        return "automatic", "from an address that nobody reads"
    weak = [name for name in _WEAK_HEADERS if name in message]
    if len(weak) + bool(_AWAY.search(subject)) > 1:
        return "automatic", "several small signs"
    return "reply", ""


def _tell_report(message: Message, sender: str) -> str:
    """The sign of a report on a delivery, or nothing. One that somebody has read a mail is none."""
    if sender.startswith(("mailer-daemon@", "postmaster@")) or "x-failed-recipients" in message:
        return "from a mail server"
    of_type = message.get_content_type() == "multipart/report"
    reading = "disposition-notification" in read_header(message, "content-type").lower()
    return "a report by its type" if of_type and not reading else ""
