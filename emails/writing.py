"""A nudge becomes a letter: what all kinds of mail share, and one function a kind."""

from dataclasses import replace

from emails.letter import Box, Button, Letter, LetterKind
from emails.listing import list_resources, list_rider, write_record, write_source
from emails.occasion import NudgeOccasion
from emails.problems import ComposeError
from emails.prompting import ask_prompts, write_prompt_subject
from emails.reply_words import say_reply_words
from emails.words import SUBJECT_LENGTH, first_sentence, shorten, write_date, write_day
from models.domain import WELCOME, CheckIn, Item, Message, Opening, PlannedItem, Resource, Tip

_TITLE_LENGTH = 28  # characters of a title in a link
_PREHEADER_LENGTH = 90


def write_letter(occasion: NudgeOccasion) -> Letter:
    """The letter for a nudge. ComposeError where content is missing or makes no sense."""
    lead = next((planned for planned in occasion.nudge.items if planned.placed not in ("with", "prompt")), None)
    where = occasion.where(lead.item if lead else "questions alone")
    try:
        return _write_prompts_alone(occasion) if lead is None else _write_item(occasion, lead)
    except ValueError as error:  # a named token that means nothing
        raise ComposeError(str(error), where) from error


def _write_item(occasion: NudgeOccasion, lead: PlannedItem) -> Letter:
    item = occasion.item(lead)
    position = occasion.nudge.items.index(lead)
    match item:
        case Tip():
            return _write_tip(occasion, item, lead)
        case Resource():
            return _write_resource(occasion, item, position)
        case CheckIn():
            return _write_check_in(occasion, item, position)
        case Message(id=message) if message == WELCOME:
            return _write_welcome(occasion, item)
        case Message():
            return _write_closing(occasion, item)
        case _:
            raise ComposeError(f"nobody knows how to write a {type(item).__name__}", occasion.where(item.id))


def _begin(occasion: NudgeOccasion, kind: LetterKind, *, subject: str, preheader: str, headline: str) -> Letter:
    """What every letter has: the top, riders, prompts and the footer."""
    nudge, programme = occasion.nudge, occasion.programme
    tracking = occasion.enrolment.leader.tracking
    return Letter(
        kind=kind,
        subject=shorten(occasion.fill(subject), SUBJECT_LENGTH),
        preheader=occasion.fill(preheader),
        kicker=_say_day(occasion),
        headline=occasion.fill(headline),
        openings=tuple(_say_opening(occasion, opening) for opening in nudge.openings),
        riders=tuple(list_rider(occasion, at) for at, planned in enumerate(nudge.items) if planned.placed == "with"),
        prompts_heading="Looking back",
        prompts=ask_prompts(occasion),
        why_you=f"{occasion.settings.brand_name} writes to you because your organisation enrolled you in "
        f"{programme.name}.",
        reply_words=say_reply_words(occasion),
        choices=Button("Pause, change, leave, or see how your data is kept", occasion.choices_url),
        pixel_url=occasion.links.url("o", occasion.mail_id) if tracking else None,
        trap_url=occasion.links.url("t", occasion.mail_id) if tracking else None,
    )


def _say_day(occasion: NudgeOccasion) -> str:
    """Where in the hundred days the mail stands; a pause before the start leaves the count behind the calendar."""
    has_started = occasion.nudge.local_date >= occasion.enrolment.start_date
    return "Your first days" if occasion.nudge.day < 0 and has_started else write_day(occasion.nudge.day)


def _say_opening(occasion: NudgeOccasion, opening: Opening) -> str:
    if opening == "welcome_back":
        return "Welcome back. Your days stood still while you were away, and nothing is lost: we go on from here."
    start = write_date(occasion.enrolment.start_date)
    return f"Your start date is now {start}, so what is still to come has moved with it."


def _begin_with(occasion: NudgeOccasion, kind: LetterKind, item: Item) -> Letter:
    return _begin(occasion, kind, subject=item.subject, preheader=item.preheader, headline=item.title)


def _write_tip(occasion: NudgeOccasion, tip: Tip, planned: PlannedItem) -> Letter:
    if not planned.late:
        letter, why, action = _begin_with(occasion, "tip", tip), tip.why, tip.action
    elif tip.late is None:
        raise ComposeError("it comes late but has no late wording; write one or set when_late", occasion.where(tip.id))
    else:
        why, action = tip.late.why, tip.late.action
        preheader = shorten(first_sentence(occasion.prose(why).text), _PREHEADER_LENGTH)
        letter = _begin(occasion, "tip", subject=tip.late.subject, preheader=preheader, headline=tip.late.headline)
    return replace(letter, body=occasion.prose(why), box=Box("Ten minutes", occasion.prose(action)))


def _write_resource(occasion: NudgeOccasion, resource: Resource, position: int) -> Letter:
    url = occasion.resource_url(resource, position)
    if url is None:
        raise ComposeError(
            "it has no address to read it at; put it under `with:` of a tip", occasion.where(resource.id)
        )
    minutes = "One minute" if resource.minutes == 1 else f"{resource.minutes} minutes"
    return replace(
        _begin_with(occasion, "resource", resource),
        byline=write_source(resource),
        body=occasion.prose(resource.covers),
        box=Box(f"{minutes} to read", occasion.prose(resource.read)),
        button=Button(f"Open “{shorten(resource.title, _TITLE_LENGTH)}”", url),
    )


def _write_check_in(occasion: NudgeOccasion, check_in: CheckIn, position: int) -> Letter:
    return replace(
        _begin_with(occasion, "check-in", check_in),
        body=occasion.prose(check_in.body),
        points=tuple(occasion.fill(ask) for ask in check_in.asks),
        button=Button("Finish this check-in", occasion.links.url("c", occasion.mail_id, position)),
    )


def _write_welcome(occasion: NudgeOccasion, message: Message) -> Letter:
    if not occasion.asks_about_tracking:
        button = Button("See and change your choices", occasion.choices_url)
        return replace(_begin_with(occasion, "welcome", message), body=occasion.prose(message.body), button=button)
    button = Button("Choose whether we may see what you open", occasion.choices_url)
    body = occasion.prose(f"{message.body}\n\n{message.choice}")
    return replace(_begin_with(occasion, "welcome", message), body=body, button=button)


def _write_closing(occasion: NudgeOccasion, message: Message) -> Letter:
    return replace(
        _begin_with(occasion, "closing", message),
        body=occasion.prose(message.body),
        box=Box("Your record", write_record(occasion.history)),
        button=Button("Open all of it on your page", occasion.days_url),
        listings=list_resources(occasion.programme, occasion.history),
    )


def _write_prompts_alone(occasion: NudgeOccasion) -> Letter:
    subject, preheader = write_prompt_subject(occasion)
    letter = _begin(occasion, "questions", subject=subject, preheader=preheader, headline="What has stayed with you?")
    return replace(letter, prompts_heading="", body=occasion.prose("Think first, then see how near you were."))
