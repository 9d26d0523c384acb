"""The privacy notice: what the software does, and in its place or after it what the organisation says."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from config.reading.own_words import read_own_words
from config.settings import Settings
from emails.markdown import to_html
from models.retained import WITHDRAWN_DAYS
from web.sight import WhatHrSees, tell_what_hr_sees
from web.site import Site

# The sections by their place on the page: a section of the organisation's own with such a heading stands there.
HEADINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "controller": "Who is responsible",
        "kept": "What is kept",
        "why": "Why",
        "basis": "Lawful basis",
        "how-long": "How long",
        "who": "Who sees it",
        "program": "What a program decides",
        "rights": "Your rights",
        "complain": "How to complain",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyNotice:
    """`own`: heading → safe HTML, in place of ours; `more`: the same, after ours."""

    headings: Mapping[str, str]
    own: Mapping[str, str]
    more: Mapping[str, str]
    controller: str
    hr_contact: str
    sight: WhatHrSees  # of everybody
    seen_if_watched: tuple[str, ...]  # and more of those whose opens and clicks are recorded
    asked: bool  # they agree to that themselves, in one programme at least
    decided: bool  # the organisation has decided it, in one programme at least
    replies: bool  # mail of theirs is read, by the program
    events_days: int
    audit_months: int
    withdrawn_days: int


def read_privacy_notice(site: Site) -> PrivacyNotice:
    """The notice for this installation as its settings stand."""
    settings, ways = site.settings, set(site.tracking().values())
    own = _read_own(settings)
    seen, watched = (tell_what_hr_sees(settings, watched=watched).seen for watched in (False, True))
    return PrivacyNotice(
        headings=HEADINGS,
        own={heading: html for heading, html in own.items() if heading in HEADINGS.values()},
        more={heading: html for heading, html in own.items() if heading not in HEADINGS.values()},
        controller=settings.controller or "",
        hr_contact=settings.hr_contact or "",
        sight=tell_what_hr_sees(settings, watched=False),
        seen_if_watched=tuple(line.says for line in watched if line not in seen),
        asked="ask" in ways,
        decided="on" in ways,
        replies=settings.replies is not None,
        events_days=settings.retain_events_days,
        audit_months=settings.retain_audit_months,
        withdrawn_days=WITHDRAWN_DAYS,
    )


def _read_own(settings: Settings) -> Mapping[str, str]:
    if settings.privacy_notice is None:
        return {}
    return {heading: to_html(words, {}) for heading, words in read_own_words(settings.privacy_notice).items()}
