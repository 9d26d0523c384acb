"""A notice becomes a letter: what a leader is told about a choice, and what HR is asked."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from emails.leader_letters import tell_leader
from emails.letter import Letter
from emails.occasion import Occasion
from emails.problems import ComposeError
from emails.replying import ON_REPLIES
from emails.words import write_date
from models.domain import Notice, NoticeName
from models.retained import WITHDRAWN_DAYS

FRESH_LINK_SUBJECT = "Your link, as you asked"


def write_notice(occasion: Occasion, notice: Notice) -> Letter:
    """The letter for a notice. ComposeError for one that is unknown or lacks a value."""
    where = occasion.where(f"the notice {notice.says}")
    write = _WRITERS.get(notice.says)
    if write is None:
        raise ComposeError("nobody knows how to write it", where)
    try:
        return write(occasion, notice.values)
    except KeyError as error:
        raise ComposeError(f"it lacks the value {error}", where) from error
    except ValueError as error:
        raise ComposeError(str(error), where) from error


def _write_paused(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    by_hr = "by" in values
    who = "HR has paused {{programme}} for you" if by_hr else "You asked for a pause of {{programme}}"
    if "until" not in values:
        return tell_leader(
            occasion,
            subject="Paused until you end it",
            preheader="Nothing is lost: your days stand still, and day 100 moves along.",
            headline="Your e-mails are paused",
            body=f"{who} without an end. It lasts until you end it on your own page. Your days stand still for as "
            "long, so you will miss nothing.",
            button="End or change the pause",
            by_hr=by_hr,
        )
    until = write_date(date.fromisoformat(values["until"]))
    return tell_leader(
        occasion,
        subject=f"Paused up to {until}",
        preheader="Nothing is lost: your days stand still, and day 100 moves along.",
        headline="Your e-mails are paused",
        body=f"{who} up to and including {until}. Your days stand still for as long, and then we go on from where you "
        "are now.",
        button="End or change the pause",
        by_hr=by_hr,
    )


def _write_left(occasion: Occasion, _: Mapping[str, str]) -> Letter:
    return tell_leader(
        occasion,
        subject="You have left, as you asked",
        preheader="This is the last e-mail, unless you want more of them.",
        headline="You have left {{programme}}",
        body="Somebody pressed “leave” in one of your e-mails, so no more of them will come. Was that not you, or have "
        "you thought again? One press on your page brings them back, with all that still fits into your 100 days. "
        f"It works for {WITHDRAWN_DAYS} days; then what we keep about you is erased, unless you take another "
        "programme.",
        button="Open your page to come back",
    )


def _write_consent_given(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    on = write_date(date.fromisoformat(values["on"]))
    return tell_leader(
        occasion,
        subject="Noted: we may see what you open",
        preheader="From the next e-mail on, and only for as long as you like.",
        headline="Thank you for agreeing",
        body=f"On {on} you agreed that we see which e-mails you open and which links you follow. It helps us to time "
        "our questions. The programme’s organisers see how many you opened. You can take this back at any time, and "
        "nothing else will change.",
        button="Take it back",
    )


def _write_consent_withdrawn(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    on = write_date(date.fromisoformat(values["on"]))
    return tell_leader(
        occasion,
        subject="Noted: we no longer see what you open",
        preheader="From the next e-mail on, links lead straight to what you read.",
        headline="What you open is your own affair again",
        body=f"On {on} you took back your agreement. From the next e-mail on we see neither which e-mails you open nor "
        "which links you follow. Everything else stays as it was.",
        button="See all your choices",
    )


def _write_fresh_link(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    return tell_leader(
        occasion,
        subject=FRESH_LINK_SUBJECT,
        preheader=f"It works for {values['minutes']} minutes. Please do not pass it on.",
        headline="Open your own page",
        body=f"Somebody asked on one of your pages for a link to {values['purpose']}. It works for {values['minutes']} "
        "minutes. Was that not you? Then leave it be: nobody else has been sent it.",
        button=values["button"],
        url=values["url"],
    )


def _write_correction(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    leader = occasion.enrolment.leader
    return Letter(
        kind="notice",
        subject="A leader asks for a correction",
        preheader="Nothing has changed yet: it waits for you.",
        kicker="",
        headline=f"{leader.name} asks for a correction",
        body=occasion.prose(
            f"On {write_date(date.fromisoformat(values['on']))} this leader of {{{{organisation}}}} asked for what "
            "stands below. If it is right, please change the row in leaders.yaml. Nothing changes until you do."
        ),
        points=tuple(values["asks"].splitlines()),
        numbered=False,
        why_you=f"{occasion.settings.brand_name} writes to you because its settings name this address for HR.",
        choices=None,
    )


def _write_correction_made(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    return tell_leader(
        occasion,
        subject="Put right, as you asked",
        preheader="What you told us was wrong is right now.",
        headline="Your correction has been made",
        body="You asked for what stands below, and it has been done. What is still to come follows it; nothing that "
        "you have had already is sent again.",
        button="See what holds now",
        points=tuple(values["asks"].splitlines()),
    )


def _write_correction_declined(occasion: Occasion, values: Mapping[str, str]) -> Letter:
    return tell_leader(
        occasion,
        subject="Your correction was not made",
        preheader="Everything stays as it is.",
        headline="Your correction was not made",
        body="You asked for what stands below. Whoever looks after {{programme}} has looked at it and left everything "
        "as it is. If that is wrong, please talk to them.",
        button="See what holds now",
        points=tuple(values["asks"].splitlines()),
    )


_WRITERS: Final[Mapping[NoticeName, Callable[[Occasion, Mapping[str, str]], Letter]]] = MappingProxyType(
    {
        "paused": _write_paused,
        "left": _write_left,
        "consent_given": _write_consent_given,
        "consent_withdrawn": _write_consent_withdrawn,
        "fresh_link": _write_fresh_link,
        "correction": _write_correction,
        "correction_made": _write_correction_made,
        "correction_declined": _write_correction_declined,
        **ON_REPLIES,
    }
)
