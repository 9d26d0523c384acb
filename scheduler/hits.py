"""Raw hits on the links of one mail → who probably made each: a person, a machine, or nobody can tell.

Three passes, each taking the hits and giving them back graded: what a hit says alone, what hits say together, what a
pressed button lifts. A rule that looks across mails is one more pass between the second and the third.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from models.domain import Event

Credence = Literal["human", "suspect", "machine", "proxied"]
_Link = tuple[str, int | None, str]
REAL: tuple[Credence, ...] = ("human", "proxied")

# Parts of agent names, in lower case. "barracuda": "Barracuda Sentinel (EE)", github.com/JayBizzle/Crawler-Detect
# issue 552. "edge/12.246": the frozen browser that Microsoft's and Google's filters show, github.com/jdavidbakr/
# mail-tracker issue 255. The rest name themselves so in their own documentation: gateways, crawlers, preview makers,
# and the libraries that scanners are written with; no browser or mail client carries any of them.
SCANNER_AGENTS = (
    "barracuda",
    "proofpoint",
    "mimecast",
    "edge/12.246",
    "headlesschrome",
    "bot/",
    "bot;",
    "crawler",
    "spider",
    "slurp",
    "facebookexternalhit",
    "bingpreview",
    "skypeuripreview",
    "curl/",
    "wget/",
    "python-",
    "python/",
    "aiohttp/",
    "go-http-client/",
    "apache-httpclient/",
    "java/",
    "libwww-perl/",
    "node-fetch",
    "axios/",
)
IMAGE_PROXIES = ("googleimageproxy",)  # Gmail fetches through it when a person opens the mail
PRIVACY_PROXY = "mozilla/5.0"  # bare: Apple's proxy fetches every image, opened or not
AHEAD_OF_TIME = ("prefetch", "prerender", "preview")  # what Sec-Purpose, Purpose and X-Moz say of a guess

MACHINE_AGE = timedelta(seconds=10)
SUSPECT_AGE = timedelta(minutes=5)
BURST_SPAN, BURST_LINKS = timedelta(seconds=2), 3
SWEEP_SPAN, SWEEP_SHARE = timedelta(seconds=10), 0.8
READING_TIME = timedelta(seconds=1.5)  # a person needs at least so long between page and press
SESSION_SPAN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One event, who probably made it, and the rule that said so."""

    event: Event
    credence: Credence
    why: str


def grade_hits(events: Iterable[Event], *, accepted_at: datetime | None, links: int) -> tuple[Hit, ...]:
    """The hits of one mail in order of time, each graded.

    `events`: in the order of the log. `accepted_at`: when the mail server took the mail (None: not known, the rules of
    age stay silent). `links`: how many different links of ours the mail carries.
    """
    ordered = sorted(events, key=lambda event: event.at)  # stable: the log's order decides ties
    hits = tuple(_grade_alone(event, accepted_at) for event in ordered)
    return _lift_sessions(_grade_bursts(hits, links))


# ---------------------------------------------------------------- what a hit says alone


def _grade_alone(event: Event, accepted_at: datetime | None) -> Hit:
    credence, why = _grade_press(event) if event.method == "POST" else _grade_fetch(event, accepted_at)
    return Hit(event=event, credence=credence, why=why)


def _grade_press(event: Event) -> tuple[Credence, str]:
    if event.shown_at is None:
        return "proxied", "one-click, pressed in a mail client"
    if event.at - event.shown_at >= READING_TIME:
        return "human", "pressed after the page could be read"
    return "suspect", "pressed sooner than the page could be read"


def _grade_fetch(event: Event, accepted_at: datetime | None) -> tuple[Credence, str]:
    agent = event.agent.strip().lower()
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


def _grade_bursts(hits: tuple[Hit, ...], links: int) -> tuple[Hit, ...]:
    """Whoever follows many links at once is a machine, and was one a moment before; so are the images it fetched."""
    fetches = [index for index, hit in enumerate(hits) if hit.event.kind in ("click", "page")]
    swept = max(2, ceil(SWEEP_SHARE * links))  # one link alone is no sweep, however short the mail
    caught = _find_runs(hits, fetches, span=BURST_SPAN, least=BURST_LINKS)
    caught |= _find_runs(hits, fetches, span=SWEEP_SPAN, least=swept)
    caught |= _find_images(hits, caught)
    return tuple(
        replace(hit, credence="machine", why="many links at once") if index in caught else hit
        for index, hit in enumerate(hits)
    )


def _find_runs(hits: Sequence[Hit], fetches: Sequence[int], *, span: timedelta, least: int) -> set[int]:
    """Those of `fetches` that lie in a window of `span` in which at least `least` different links were followed."""
    found: set[int] = set()
    window: Counter[_Link] = Counter()
    first = marked = 0
    for last, index in enumerate(fetches):
        window[_link(hits[index].event)] += 1
        while hits[index].event.at - hits[fetches[first]].event.at > span:
            left = _link(hits[fetches[first]].event)
            window[left] -= 1
            if not window[left]:
                del window[left]
            first += 1
        if len(window) >= least:
            found.update(fetches[max(first, marked) : last + 1])
            marked = last + 1
    return found


def _find_images(hits: Sequence[Hit], caught: set[int]) -> set[int]:
    """The opens from the same place and agent as a burst, and as near to it as a sweep is long."""
    bursts: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for index in caught:
        bursts[_session(hits[index].event)].append(hits[index].event.at)
    return {
        index
        for index, hit in enumerate(hits)
        if hit.event.kind == "open"
        and any(abs(hit.event.at - at) <= SWEEP_SPAN for at in bursts.get(_session(hit.event), []))
    }


def _link(event: Event) -> _Link:
    return event.kind, event.position, event.value.get("page", "")


# ---------------------------------------------------------------- what a press lifts


def _lift_sessions(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """A person who pressed a button also made the hits from the same place and agent around it."""
    presses: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for hit in hits:
        if hit.event.method == "POST" and hit.credence == "human" and hit.event.agent:
            presses[_session(hit.event)].append(hit.event.at)
    return tuple(_lift(hit, presses.get(_session(hit.event), [])) for hit in hits)


def _lift(hit: Hit, presses: Sequence[datetime]) -> Hit:
    if hit.credence in REAL or hit.event.method != "GET" or _is_ahead_of_time(hit.event):
        return hit
    if any(abs(pressed - hit.event.at) <= SESSION_SPAN for pressed in presses):
        return replace(hit, credence="human", why="the same person pressed a button")
    return hit


def _session(event: Event) -> tuple[str, str]:
    return event.origin, event.agent
