"""All that a letter is written from: whom it is about, what was planned, what came before."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from config.settings import Settings
from emails.letter import Prose
from emails.links import Links
from emails.markdown import replace_tokens, to_html, to_text
from emails.problems import ComposeError
from emails.words import first_name, write_date
from models.domain import Enrolment, History, Item, PlannedItem, PlannedNudge, Programme, Resource

_STYLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "p": "margin:0 0 12px",
        "h2": "margin:16px 0 8px;font-size:18px;line-height:1.3",
        "ul": "margin:0 0 12px;padding-left:22px",
        "ol": "margin:0 0 12px;padding-left:22px",
        "li": "margin:0 0 6px",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One mail about one enrolment, about to be written."""

    settings: Settings
    links: Links
    programme: Programme
    enrolment: Enrolment
    mail_id: int
    values: Mapping[str, str]  # what the named tokens in authors' words stand for

    def fill(self, words: str) -> str:
        """An author's words with their tokens replaced."""
        return replace_tokens(words, self.values)

    def prose(self, source: str) -> Prose:
        """An author's Markdown, ready for both parts."""
        return Prose(html=to_html(source, self.values, styles=_STYLES), text=to_text(source, self.values))

    def where(self, part: str) -> str:
        return f"programme {self.programme.id}, {part}"

    @property
    def choices_url(self) -> str:
        """The leader's own page of choices."""
        return self.links.url("p", self.enrolment.id, self.mail_id)

    @property
    def days_url(self) -> str:
        """The leader's own page of the hundred days."""
        return self.links.url("m", self.enrolment.id, self.mail_id)

    @property
    def asks_about_tracking(self) -> bool:
        """Whether the leader has yet to say if opens and clicks may be seen."""
        mode = self.settings.open_tracking or self.programme.open_tracking
        return mode == "ask" and not self.enrolment.leader.tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeOccasion(Occasion):
    """One nudge, about to be written: what was planned, and what came before."""

    history: History
    nudge: PlannedNudge

    def item(self, planned: PlannedItem) -> Item:
        """The item that a plan names."""
        item = self.programme.items.get(planned.item)
        if item is None:
            raise ComposeError("it was planned, but the programme has no such item", self.where(planned.item))
        return item

    def resource_url(self, resource: Resource, position: int) -> str | None:
        """Where a resource's link leads: through us only when the leader agreed to that."""
        if resource.url is None or not self.enrolment.leader.tracking:
            return resource.url
        return self.links.url("l", self.mail_id, position)


def token_values(settings: Settings, programme: Programme, enrolment: Enrolment) -> Mapping[str, str]:
    """What each named token stands for in this enrolment's mails; ComposeError when its role is gone."""
    role = programme.roles.get(enrolment.role)
    if role is None:
        raise ComposeError("the programme has no such role", f"programme {programme.id}, role {enrolment.role}")
    return {
        "name": first_name(enrolment.leader.name),
        "organisation": enrolment.leader.organisation,
        "role": role.name,
        "start_date": write_date(enrolment.start_date),
        "programme": programme.name,
        "academy": settings.academy_name,
        "brand": settings.brand_name,
    }
