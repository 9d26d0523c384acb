"""The letter of the week to an admin: who needs a person most, and what else waits for one."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.settings import Settings
from emails.letter import Button, Letter, Prose
from emails.markdown import to_html, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Needy:
    """A leader about whom a person should do something."""

    name: str
    organisation: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What waits for a person, as far as one account sees it. `needy`: who needs one most; `more`: how many others."""

    needy: tuple[Needy, ...]
    more: int
    doubts: int  # mails of which nobody knows whether they arrived
    corrections: int  # that leaders ask for
    config_problems: int

    @property
    def is_empty(self) -> bool:
        return not (self.needy or self.doubts or self.corrections or self.config_problems)


def write_week(week: Week, settings: Settings) -> Letter:
    """The letter of a week in which something waits."""
    people = len(week.needy) + week.more
    subject = f"{_count(people, 'leader needs', 'leaders need')} you" if people else "Something waits for you"
    if week.more:
        words = "These three need somebody most, and the overview leads to each of them and to the others."
    elif people:
        words = "Something about each of them is for a person to do."
    else:
        words = "No leader needs you this week, but something else does."
    return Letter(
        kind="notice",
        subject=subject,
        preheader="What waits for a person this week, and where.",
        kicker="",
        headline=subject,
        body=Prose(html=to_html(words, {}, styles={}), text=to_text(words, {})),
        points=(*map(_tell, week.needy), *_list_rest(week)),
        numbered=False,
        button=Button("Open the overview", f"{settings.public_url}/admin"),
        why_you=f"{settings.brand_name} writes to you once a week at most, because you have an account here. Whoever "
        "runs it can switch this off.",
        choices=None,
    )


def _tell(one: Needy) -> str:
    return f"{one.name}, {one.organisation}: {'; '.join(one.problems)}"


def _list_rest(week: Week) -> Sequence[str]:
    lines = (
        (week.more, "more leader has", "more leaders have", "something to look at"),
        (week.corrections, "leader asks", "leaders ask", "for a correction"),
        (week.doubts, "mail is", "mails are", "in doubt: see Delivery"),
        (week.config_problems, "thing is", "things are", "wrong in the config"),
    )
    return [f"{_count(number, one, many)} {rest}" for number, one, many, rest in lines if number]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
