"""An item of the programme in words for one reader: its question, or all of it told again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emails.markdown import replace_tokens, to_html
from emails.occasion import token_values
from models.domain import Enrolment, Item, Question, QuestionKind, Resource, Tip
from web.site import Site


@dataclass(frozen=True, slots=True)
class Part:
    heading: str
    html: str  # safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A tip or resource as it stood in the mail."""

    title: str
    parts: tuple[Part, ...]
    url: str | None = None
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An item, and what the named tokens in its words stand for."""

    item: Item
    values: Mapping[str, str]

    def fill(self, words: str) -> str:
        """An author's words with their tokens replaced."""
        return replace_tokens(words, self.values)

    def prose(self, source: str) -> str:
        """An author's Markdown as safe HTML."""
        return to_html(source, self.values)

    def question(self, kind: QuestionKind) -> Question | None:
        """The item's question of that kind, if it has one."""
        question = self.item.question(kind)
        if question is None:
            return None
        return replace(question, ask=self.fill(question.ask), answer=self.fill(question.answer))

    def title(self, *, late: bool = False) -> str:
        """The item's title, of a tip its headline. `late`: in its late wording."""
        if late and isinstance(self.item, Tip) and self.item.late is not None:
            return self.fill(self.item.late.headline)
        return self.fill(self.item.title)

    def reminder(self, *, late: bool) -> Reminder | None:
        """What there is to say again; None for an item of no such kind. `late`: in its late wording."""
        if isinstance(self.item, Tip):
            return self._remind_tip(self.item, late=late)
        if isinstance(self.item, Resource):
            return self._remind_resource(self.item)
        return None

    def _remind_tip(self, tip: Tip, *, late: bool) -> Reminder:
        why, action = tip.why, tip.action
        if late and tip.late is not None:
            why, action = tip.late.why, tip.late.action
        parts = (Part("", self.prose(why)), Part("Ten minutes", self.prose(action)))
        return Reminder(title=self.title(late=late), parts=parts)

    def _remind_resource(self, resource: Resource) -> Reminder:
        minutes = "1 minute" if resource.minutes == 1 else f"{resource.minutes} minutes"
        return Reminder(
            title=self.fill(resource.title),
            parts=(Part("", self.prose(resource.covers)),),
            url=resource.url,
            link_text=f"{self.fill(resource.read)} ({minutes})",
        )


def find_told(site: Site, enrolment: Enrolment, item: str) -> Told | None:
    """The item as config has it today for this enrolment; None where item, role or programme are gone."""
    programme = site.programmes().get(enrolment.programme)
    if programme is None or enrolment.role not in programme.roles or item not in programme.items:
        return None
    return Told(programme.items[item], token_values(site.settings, programme, enrolment))
