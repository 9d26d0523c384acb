"""One mail to oneself, through the real transport: how it looks in a mail program, and whether it arrives."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

import typer

from commands.casting import Enrolled, Wish, cast, read_content, read_date
from commands.printing import print_json, print_lines
from commands.wiring import OUT_OF_SERVICE, CommandError, wiring_of
from config.reading.setting_fields import mask_url
from config.settings import Settings
from emails.addresses import to_ascii
from emails.compose import Composed
from emails.envelope import Envelope, TransportError
from emails.transport import open_transport
from rehearsal.storyboard.casting import Part, RehearsalError
from rehearsal.storyboard.item import find_part, find_scenes
from rehearsal.storyboard.mails import make_composer, write_mail
from rehearsal.storyboard.walking import NONE, walk

SUBJECT_BEGINS = "[Test] "
TEST_PATH = "/test"  # below the public address: there is no page, so whatever is pressed records nothing


def send_test(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="Your own address.")],
    item: Annotated[str, typer.Option(metavar="ID", help="The item whose mail is wanted.")],
    role: Annotated[str, typer.Option(metavar="ROLE", help="The role in which it would come.")],
    start: Annotated[
        date | None, typer.Option(metavar="DATE", parser=read_date, help="The start date, as `rehearse` takes it.")
    ] = None,
    enrolled: Enrolled = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Send yourself the mail that brings an item, as a leader in that role would get it.

    Its links lead nowhere, and no leader, plan or report is touched.
    """
    wiring = wiring_of(context)
    settings = (config := read_content(wiring)).settings
    wish = Wish(roles=(role,), starts=(start,) if start else (), enrolled=enrolled)
    try:
        part = _hand_over(find_part(cast(config, wiring, wish), item), email, now=wiring.clock())
        composer = make_composer(settings, url=settings.public_url + TEST_PATH)
        walked = walk(part, NONE)
        scene = find_scenes(walked, item)[0]
        mail = write_mail(composer, walked, scene, at=wiring.clock(), subject_begins=SUBJECT_BEGINS).composed
    except RehearsalError as error:
        raise CommandError(str(error)) from error
    answer = _deliver(settings, mail, email)
    through = mask_url(settings.mail_url)
    if as_json:
        told = {"to": email, "item": item, "role": role, "subject": mail.subject, "through": through, "answer": answer}
        print_json(told)
    else:
        print_lines([f"“{mail.subject}” went to {email} through {through}, which said: {answer}"])


def _hand_over(part: Part, email: str, *, now: datetime) -> Part:
    """The part with its mail going to somebody who exists; each time under another Message-ID, so that none is taken
    for one that came before. Raises CommandError for what is no address."""
    try:
        to_ascii(email)
    except ValueError as error:
        raise CommandError(str(error)) from error
    leader = replace(part.enrolment.leader, email=email, key=f"{part.enrolment.leader.key} {email} {now.isoformat()}")
    return replace(part, enrolment=replace(part.enrolment, leader=leader))


def _deliver(settings: Settings, mail: Composed, email: str) -> str:
    """What the mail server said. Raises CommandError where it did not take the mail, or may not have."""
    try:
        transport = open_transport(settings.mail_url, virtual=settings.allow_time_travel)
        try:
            return transport.deliver(Envelope(mail.envelope_sender, email, mail.message))
        finally:
            transport.close()
    except TransportError as error:
        what = "may have arrived or not" if error.kind == "in_doubt" else "was not sent"
        words = f"the mail to {email} through {mask_url(settings.mail_url)} {what}: {error.detail}"
        raise CommandError(words, exit_code=OUT_OF_SERVICE) from error
