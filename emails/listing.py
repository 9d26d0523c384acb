"""Things to read as single lines: riders, and the closing mail's record and list of all resources."""

import re

from emails.letter import Listed, Listing, Prose
from emails.occasion import NudgeOccasion
from emails.words import count, first_sentence, wrap
from models.domain import History, Programme, Resource, Tip

_NAMED_AUTHORS = 2
_BETWEEN_NAMES = re.compile(r", and |, | and ")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def list_rider(occasion: NudgeOccasion, position: int) -> Listed:
    """The line for an item that comes along."""
    item = occasion.item(occasion.nudge.items[position])
    if isinstance(item, Resource):
        return Listed(
            title=item.title,
            source=_join(item.publisher, _year(item.published)),
            covers=first_sentence(occasion.prose(item.covers).text),
            url=occasion.resource_url(item, position),
        )
    return Listed(
        title=item.title, covers=first_sentence(occasion.prose(item.why).text) if isinstance(item, Tip) else ""
    )


def write_source(resource: Resource) -> str:
    """Who wrote a resource, who published it and when, as far as that is known."""
    author = resource.author or ""
    people = _BETWEEN_NAMES.split(author)
    if len(people) > _NAMED_AUTHORS:
        author = f"{people[0]} and others"
    if author and " by " not in f" {author} ":
        author = f"By {author}"
    return _join(author[:1].upper() + author[1:], resource.publisher, resource.published, by=" · ")


def list_resources(programme: Programme, history: History) -> tuple[Listing, ...]:
    """All resources of the programme by name, those that were sent first. The leader's page links to them."""
    sent = {item.item for nudge in history.nudges for item in nudge.items if item.placed in ("new", "with")}
    resources = [item for item in programme.items.values() if isinstance(item, Resource)]
    groups = {
        "Resources you met": [resource for resource in resources if resource.id in sent],
        "More to read": [resource for resource in resources if resource.id not in sent],
    }
    return tuple(
        Listing(heading, tuple(Listed(title=resource.title) for resource in group))
        for heading, group in groups.items()
        if group
    )


def write_record(history: History) -> Prose:
    """What the leader met and answered, in one sentence."""
    items = [item for nudge in history.nudges for item in nudge.items]
    met = {(item.kind, item.item) for item in items if item.placed in ("new", "with")}
    tips, resources = (sum(kind == wanted for kind, _ in met) for wanted in ("tip", "resource"))
    words = f"You met {count(tips, 'tip', 'tips')} and {count(resources, 'resource', 'resources')}"
    asked = [item for item in items if item.placed == "prompt"]
    answered = sum(item.answer is not None for item in asked)
    if answered:
        words += f", and answered {answered} of {count(len(asked), 'question', 'questions')}"
    return Prose(html=f'<p style="margin:0 0 12px">{words}.</p>', text=wrap(f"{words}."))


def _year(published: str | None) -> str | None:
    found = _YEAR.search(published or "")
    return found[0] if found else published


def _join(*parts: str | None, by: str = ", ") -> str:
    return by.join(part for part in parts if part)
