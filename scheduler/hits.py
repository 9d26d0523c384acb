"""Raw hits on the links of one mail → who probably made each: a person, a machine, or nobody can tell.

Passes over the hits, each giving them back graded: what a hit says alone, what hits say together, what those on other
mails say, what a pressed button lifts. The numbers stand in telltales.py.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from models.domain import BY_MAIL, Credence, Event
from scheduler.runs import find_runs
from scheduler.telltales import (
    AHEAD_OF_TIME,
    BURST_LINKS,
    BURST_SPAN,
    IMAGE_PROXIES,
    MACHINE_AGE,
    PRIVACY_PROXY,
    READING_TIME,
    SCANNER_AGENTS,
    SESSION_SPAN,
    SUSPECT_AGE,
    SWEEP_SHARE,
    SWEEP_SPAN,
    TRAP_SPAN,
)

REAL: tuple[Credence, ...] = ("human", "proxied")
_Maker = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One event, who probably made it, and the rule that said so."""

    event: Event
    credence: Credence
    why: str


def grade_hits(
    events: Iterable[Event], *, accepted_at: datetime | None, links: int, crowd: Collection[int] = ()
) -> tuple[Hit, ...]:
    """The hits of one mail in order of time, each graded.

    `events`: in the order of the log. `accepted_at`: when the mail server took the mail (None: not known, the rules of
    age stay silent). `links`: how many different links of ours the mail carries, those that nobody sees left out.
    `crowd`: the numbers of events whose maker was at the mails of many just then.
    """
    ordered = sorted(events, key=lambda event: event.at)  # stable: the log's order decides ties
    hits = tuple(_grade_alone(event, accepted_at) for event in ordered)
    hits = _condemn(hits, _find_bursts(hits, links), "many links at once")
    hits = _condemn(hits, _find_trapped(hits), "beside a link that nobody sees")
    hits = _condemn(hits, _find_in_crowd(hits, crowd), "the same reader at the mails of many")
    return _lift_sessions(hits)


def _condemn(hits: tuple[Hit, ...], caught: Collection[int], why: str) -> tuple[Hit, ...]:
    if not caught:
        return hits
    return tuple(
        replace(hit, credence="machine", why=why) if index in caught else hit for index, hit in enumerate(hits)
    )


# ---------------------------------------------------------------- what a hit says alone


def _grade_alone(event: Event, accepted_at: datetime | None) -> Hit:
    credence, why = _grade_press(event) if event.is_press else _grade_fetch(event, accepted_at)
    return Hit(event=event, credence=credence, why=why)


def _grade_press(event: Event) -> tuple[Credence, str]:
    if event.method == BY_MAIL:
        return "human", "written in a reply"
    if event.shown_at is None:
        return "proxied", "one-click, pressed in a mail client"
    if event.at - event.shown_at >= READING_TIME:
        return "human", "pressed after the page could be read"
    return "suspect", "pressed sooner than the page could be read"


def _grade_fetch(event: Event, accepted_at: datetime | None) -> tuple[Credence, str]:
    agent = event.agent.strip().lower()
    if event.kind == "trap":
        return "machine", "a link that nobody sees"
    if event.method == "HEAD":
        return "machine", "HEAD"
    if _is_ahead_of_time(event):
        return "machine", "fetched ahead of time"
    if not agent or any(part in agent for part in SCANNER_AGENTS):
        return "machine", "no agent named" if not agent else "the agent is a known scanner"
    age = SUSPECT_AGE if accepted_at is None else event.at - accepted_at
    if age < MACHINE_AGE:
        return "machine", "within 10 s of acceptance"
    if event.kind == "open" and any(part in agent for part in IMAGE_PROXIES):
        return "proxied", "through an image proxy"
    if event.kind == "open" and agent == PRIVACY_PROXY:
        return "machine", "a privacy proxy fetches every image"
    if age < SUSPECT_AGE:
        return "suspect", "within 5 min of acceptance"
    return "human", "nothing speaks against it"


def _is_ahead_of_time(event: Event) -> bool:
    return any(word in event.purpose.lower() for word in AHEAD_OF_TIME)


# ---------------------------------------------------------------- what hits say together


def _find_bursts(hits: Sequence[Hit], links: int) -> set[int]:
    """Whoever follows many links at once is a machine, and was one a moment before; so are the images it fetched."""
    fetches = [
        index
        for index, hit in enumerate(hits)
        if hit.event.kind in ("click", "page") and not _is_ahead_of_time(hit.event)  # a reader's program guesses, too
    ]
    marks = [(hits[index].event.at, _link(hits[index].event)) for index in fetches]
    swept = max(2, ceil(SWEEP_SHARE * links))  # one link alone is no sweep, however short the mail
    runs = find_runs(marks, span=BURST_SPAN, least=BURST_LINKS) | find_runs(marks, span=SWEEP_SPAN, least=swept)
    caught = {fetches[place] for place in runs}
    bursts = _instants_by_maker(hits[index].event for index in sorted(caught))
    return caught | {
        index
        for index, hit in enumerate(hits)
        if hit.event.kind == "open" and _is_near(hit.event.at, bursts.get(_maker(hit.event), ()), SWEEP_SPAN)
    }


def _find_trapped(hits: Sequence[Hit]) -> set[int]:
    """What was fetched of this mail close to a step into a trap."""
    steps = [hit.event.at for hit in hits if hit.event.kind == "trap"]
    fetched = (index for index, hit in enumerate(hits) if not hit.event.is_press) if steps else ()
    return {index for index in fetched if _is_near(hits[index].event.at, steps, TRAP_SPAN)}


def _find_in_crowd(hits: Sequence[Hit], crowd: Collection[int]) -> set[int]:
    return {index for index, hit in enumerate(hits) if hit.event.id in crowd} if crowd else set()


def _link(event: Event) -> tuple[str, int | None, str]:
    return event.kind, event.position, event.value.get("page", "")


# ---------------------------------------------------------------- what a press lifts


def _lift_sessions(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """A person who pressed a button also made the hits from the same place and agent around it."""
    pressed = (hit.event for hit in hits if hit.event.method == "POST" and hit.credence == "human" and hit.event.agent)
    presses = _instants_by_maker(pressed)
    return tuple(_lift(hit, presses.get(_maker(hit.event), ())) for hit in hits) if presses else hits


def _lift(hit: Hit, presses: Sequence[datetime]) -> Hit:
    event = hit.event
    if hit.credence in REAL or event.method != "GET" or event.kind == "trap" or _is_ahead_of_time(event):
        return hit
    if _is_near(event.at, presses, SESSION_SPAN):
        return replace(hit, credence="human", why="the same person pressed a button")
    return hit


def _instants_by_maker(events: Iterable[Event]) -> dict[_Maker, list[datetime]]:
    """When each address and agent made these; `events` in order of time."""
    instants: dict[_Maker, list[datetime]] = defaultdict(list)
    for event in events:
        instants[_maker(event)].append(event.at)
    return instants


def _is_near(at: datetime, instants: Sequence[datetime], span: timedelta) -> bool:
    """Whether one of these, in order, is no further away than that."""
    following = bisect_left(instants, at - span)
    return following < len(instants) and instants[following] <= at + span


def _maker(event: Event) -> _Maker:
    return event.origin, event.agent
