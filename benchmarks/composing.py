"""How long it takes to compose one mail, beside EmailMessage making its bytes alone, and the limit of 1 ms."""

from collections.abc import Callable
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from itertools import cycle
from pathlib import Path

from benchmarks.measuring import print_figures, time_each
from config.load import load_programme
from config.settings import Settings
from emails.compose import Composed
from rehearsal.storyboard.casting import cast_parts
from rehearsal.storyboard.mails import make_composer, write_mail
from rehearsal.storyboard.walking import HALF, walk

LIMIT_MS = 1.0
ROUNDS_A_MAIL = 5
CONFIG = Path(__file__).parents[1] / "config"


def run() -> None:
    """Prints the medians over every mail of the hundred days in each role, to somebody who answers half."""
    settings = Settings()
    programme = load_programme(CONFIG / "first-100-days")
    composer = make_composer(settings)
    parts = cast_parts(settings, {programme.id: programme}, roles=(), starts=(date(2027, 1, 11),))
    scenes = [(walked, scene) for walked in (walk(part, HALF) for part in parts) for scene in walked.scenes]
    mails = [write_mail(composer, walked, scene).composed for walked, scene in scenes]
    own, theirs = time_each(
        _in_turn([lambda walked=walked, scene=scene: write_mail(composer, walked, scene) for walked, scene in scenes]),
        _in_turn([_prepare(mail) for mail in mails]),
        rounds=ROUNDS_A_MAIL * len(mails),
    )
    rows = [
        [words, f"{seconds * 1000:.2f}", f"{seconds / theirs:.2f}", f"{seconds * 1000 / LIMIT_MS:.2f}"]
        for words, seconds in (("First100: words, HTML, bytes", own), ("EmailMessage: bytes alone", theirs))
    ]
    title = f"Composing, templates compiled (median of {len(mails)} mails, {ROUNDS_A_MAIL} times each)"
    print_figures(title, ["one mail", "ms", "beside EmailMessage", f"of the limit of {LIMIT_MS:g} ms"], rows)


def _in_turn(acts: list[Callable[[], object]]) -> Callable[[], object]:
    """One act that does them one after the other, one a call."""
    turns = cycle(acts)

    def act() -> object:
        return next(turns)()

    return act


def _prepare(mail: Composed) -> Callable[[], bytes]:
    """Building the same mail by EmailMessage, from the same headers and the same parts."""
    headers = [
        (name, value)
        for name, value in message_from_bytes(mail.message, policy=SMTP).items()
        if name not in {"Content-Type", "MIME-Version"}
    ]

    def build() -> bytes:
        message = EmailMessage(policy=SMTP)
        for name, value in headers:
            message[name] = str(value)
        message.set_content(mail.text, cte="quoted-printable")
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        return message.as_bytes()

    return build
