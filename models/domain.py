"""The words of the field as frozen values: no input or output, no clock, no framework.

Every other room speaks in these values. Days are counted from a leader's start date (day 0), dates are the leader's
local dates, instants are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

ItemKind = Literal["tip", "resource", "check-in", "message"]
QuestionKind = Literal["recall", "application", "reflection"]
Answer = Literal["forgot", "nearly", "using"]
PlacedAs = Literal["new", "with", "prompt", "check-in", "message"]
LatePolicy = Literal["send", "late_wording", "skip"]
Tracking = Literal["off", "ask", "on"]
MailKind = Literal["nudge", "confirmation", "digest"]
NoticeName = Literal[
    "paused",
    "resumed",
    "left",
    "returned",
    "consent_given",
    "consent_withdrawn",
    "correction",
    "correction_made",
    "correction_declined",
    "fresh_link",
    "answered",
    "checked_in",
    "reply_not_understood",
]
MailState = Literal[
    "planned",
    "claimed",
    "sending",
    "sent",
    "in_doubt",
    "failed",
    "failed_after_doubt",
    "expired",
    "cancelled",
    "suppressed",
]
Status = Literal["waiting", "active", "paused", "held", "withdrawn", "completed", "suppressed"]
Grade = Literal["answered", "human", "probable", "machine", "nothing"]
EventKind = Literal["open", "click", "page", "trap", "answer", "unread", "check_in", "mark", "choice"]
Credence = Literal["human", "suspect", "machine", "proxied"]  # who made a hit, as far as can be told
Opening = Literal["welcome_back", "dates_moved"]  # a line above all else that a nudge says

BY_MAIL = "MAIL"  # the method of an event that somebody wrote instead of pressing a button
API = "api"  # the source of enrolments that another system made
WELCOME = "welcome"
CLOSING = "closing-summary"


# ---------------------------------------------------------------- what a programme holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about a tip or resource, with what a good answer holds."""

    kind: QuestionKind
    ask: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to learn or do. The planner needs no more of it than this; its text stands in the four kinds below."""

    id: str
    title: str
    subject: str
    preheader: str = ""
    earliest_day: int = -28
    latest_day: int = 100
    after: tuple[str, ...] = ()  # prerequisites, by id
    when_late: LatePolicy = "send"
    skill_sets: tuple[str, ...] = ()  # the main one first
    questions: tuple[Question, ...] = ()

    @property
    def kind(self) -> ItemKind:
        raise TypeError(f"{type(self).__name__} is no kind of item")

    def question(self, kind: QuestionKind) -> Question | None:
        """The item's question of that kind, or None."""
        return next((question for question in self.questions if question.kind == kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a tip says when it comes after the moment it was written for."""

    headline: str
    subject: str
    why: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip(Item):
    """One habit to try: why it matters, and ten minutes' worth of doing. `why` and `action` are Markdown."""

    why: str
    action: str
    before_start: bool = False  # best before day 0: planned early when the enrolment allows it
    late: Wording | None = None

    @property
    def kind(self) -> ItemKind:
        return "tip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Item):
    """Something to read. Without a `url` it has no confirmed address and only ever rides on a tip."""

    format: str
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    covers: str  # Markdown
    read: str  # the part to read
    minutes: int
    url: str | None = None
    address_checked: date | None = None

    @property
    def kind(self) -> ItemKind:
        return "resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Item):
    """A pause to look back. `body` is Markdown; `asks` are for the leader alone."""

    day: int
    body: str
    asks: tuple[str, ...]

    @property
    def kind(self) -> ItemKind:
        return "check-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Item):
    """The welcome or the closing summary. `body` is Markdown, and so is `choice`, which stands below it."""

    day: int
    body: str
    choice: str = ""  # the welcome's one decision, shown where tracking is asked for

    @property
    def kind(self) -> ItemKind:
        return "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much mail a leader gets. `ask_below` is None where there are no nudges of prompts alone."""

    name: str
    week_cap: int  # nudges in any seven days
    gap_days: int  # local dates of two nudges lie at least so far apart
    prompts: int  # at most so many in one nudge
    ask_below: float | None  # an item predicted under this retrievability earns a nudge of prompts alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """As much of paces as binds all mail to a leader: see `Pace`."""

    week_cap: int
    gap_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place in a role's sequence: the item, the day aimed at, why it stands there, and what rides along."""

    item: str
    day: int
    why: str
    riders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A kind of leader and the order in which it meets the items."""

    id: str
    name: str
    pace: str
    steps: tuple[Step, ...]
    optional: tuple[str, ...] = ()  # never sent, listed on the leader's own page

    @property
    def item_ids(self) -> tuple[str, ...]:
        """All items of the sequence, riders included, in its order."""
        return tuple(item for step in self.steps for item in (step.item, *step.riders))


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    id: str
    name: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillSet:
    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Roles, items, sequences and pacing rules, as read from one folder of config."""

    id: str
    name: str
    themes: tuple[Theme, ...]
    skill_sets: Mapping[str, SkillSet]
    items: Mapping[str, Item]
    roles: Mapping[str, Role]
    paces: Mapping[str, Pace]
    first_day: int = -28
    last_day: int = 100
    closing_last_day: int = 103
    tips_by_day: int = 70  # every tip is met by this day where the rules allow it
    resources_by_day: int = 95
    late_grace_days: int = 28  # a window stays open at least so long after a late enrolment
    open_tracking: Tracking = "ask"


# ---------------------------------------------------------------- who takes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole local days from `first` to `last`, both included; `last` None has no end yet."""

    first: date
    last: date | None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """A person who receives nudges, with the calendar they live in. Leaders' own choices are already applied."""

    key: str  # identity: the id HR gave, else the address in lower case
    email: str
    name: str
    organisation: str
    time_zone: str = "Europe/London"
    holidays: str = "GB-ENG"  # a subdivision the holidays library knows, or "none"
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0
    send_at: time = time(8, 30)
    away: tuple[Span, ...] = ()
    assistant_reads: bool = False
    tracking: bool = False  # opens and clicks may be seen: agreed to, or the programme's `on`
    plain: bool = False  # wants text without any HTML


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEntry:
    """What a source (a file of HR's) says about one leader: the wish that `sync` brings about."""

    leader: Leader
    role: str
    start_date: date
    programmes: tuple[str, ...]
    formerly: tuple[str, ...] = ()
    cohort: str | None = None
    pace: str | None = None
    skip: tuple[str, ...] = ()
    status: Literal["active", "paused", "withdrawn"] = "active"
    origin: str = ""  # path:line, for messages


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCounts:
    """What stays on record of an enrolment's answers, opens and clicks once these have been removed."""

    opened: int | None  # mails with a real open; None: not tracked
    engaged: int  # mails with an answer, a check-in or a human click
    check_ins_done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A leader taking a programme from a start date in a role."""

    id: int
    leader: Leader
    programme: str
    role: str
    start_date: date
    enrolled_on: date
    cohort: str
    pace: str | None = None  # None: the role's
    skip: tuple[str, ...] = ()
    pauses: tuple[Span, ...] = ()  # local days on which the count of days stands still
    moved_at: datetime | None = None  # when the start date last moved so far that the leader is told
    stopped: Literal["held", "withdrawn", "suppressed"] | None = None
    by_api: bool = False  # another system enrolled the leader, and no file speaks of it
    kept_counts: KeptCounts | None = None  # its answers have been removed; None: they have not


# ---------------------------------------------------------------- mail that is no nudge


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a mail says that is no nudge: confirms a choice, carries a fresh link, asks HR for a correction."""

    says: NoticeName
    values: Mapping[str, str] = field(default_factory=dict[str, str])  # what its words need: until, url, ...


# ---------------------------------------------------------------- what happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One hit from the web, or a reply, as it came in. The log of these is never changed; it is graded afterwards."""

    at: datetime
    kind: EventKind
    mail_id: int | None = None
    enrolment_id: int | None = None
    position: int | None = None  # of the mail's item; None: the hit belongs to the mail as a whole
    method: str = "GET"
    agent: str = ""
    origin: str = ""  # keyed hash of the address it came from
    purpose: str = ""  # Sec-Purpose, Purpose or X-Moz, as sent
    nonce: str | None = None  # of the page a button was pressed on: once only
    shown_at: datetime | None = None  # when that page was shown
    value: Mapping[str, str] = field(default_factory=dict[str, str])  # answer, action, pace, ...
    id: int | None = field(default=None, compare=False)  # its number in the log, once it is there

    @property
    def is_press(self) -> bool:
        """Whether somebody said something: pressed a button, or wrote it by mail. The rest only looked."""
        return self.method in ("POST", BY_MAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """One item in one nudge that was sent."""

    nudge: str  # same for the items of one e-mail
    item: str
    kind: Literal["tip", "resource"]
    day: float  # days since the leader's start date
    introduced: bool  # first appearance: sets the initial state, is no recall
    answer: Answer | None
    opened: bool | None  # None: not tracked
    clicked: bool  # a human followed the resource's link
    question: QuestionKind = "recall"  # reflection: exposure only
    exposure: float = 1.0  # below 1 where the mail may never have arrived (in doubt: 0.5)
    click_visible: bool | None = None  # a click would have been seen; None: where opens are tracked


@dataclass(frozen=True, slots=True)
class Belief:
    """What we hold true of one leader and one item."""

    stability_days: float
    difficulty: float  # 1 to 10
    last_exposure_day: float  # effective: where a single certain exposure would have left the same retrievability


@dataclass(frozen=True, slots=True)
class Memory:
    """All beliefs of one leader by item, with the Beta counts of mails opened and not."""

    beliefs: Mapping[str, Belief]
    opened: float
    unopened: float

    @property
    def open_rate(self) -> float:
        return self.opened / (self.opened + self.unopened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The memory after the nudges up to an ordinal, all of them old enough for their silence to count."""

    through: int
    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class SentItem:
    """One item of a nudge that went out, with what came back."""

    item: str
    kind: ItemKind
    placed: PlacedAs
    question: QuestionKind | None = None
    answer: Answer | None = None
    clicked: bool = False
    click_visible: bool = False
    unread: bool = False  # the leader said so when asked about it


@dataclass(frozen=True, slots=True, kw_only=True)
class SentNudge:
    """A nudge that went out, or may have (`in_doubt`)."""

    ordinal: int
    at: datetime
    local_date: date
    items: tuple[SentItem, ...]
    opened: bool | None = None  # None: not tracked
    in_doubt: bool = False
    hits: int = 0  # on record
    crowded: int = 0  # of these, made by somebody who was at the mails of many just then


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that planning needs to know of the past, and of the leader's other programmes."""

    nudges: tuple[SentNudge, ...] = ()
    elsewhere: frozenset[date] = frozenset()  # dates of other programmes' nudges: they count to the gap and the cap
    reserved: frozenset[date] = frozenset()  # dates other programmes mean to use: nudges of questions alone give way
    limits: Limits | None = None  # of the tightest pace among the leader's programmes; None: of this one's
    next_ordinal: int = 1
    settled: Settled | None = None  # what need not be replayed; None: everything is

    @property
    def last_date(self) -> date | None:
        """The local date of the last nudge that went out."""
        return max((nudge.local_date for nudge in self.nudges), default=None)


# ---------------------------------------------------------------- what is to come


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    item: str
    kind: ItemKind
    placed: PlacedAs
    question: QuestionKind | None = None
    late: bool = False  # in its late wording


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNudge:
    """One e-mail to one enrolment in one slot, and why it stands there."""

    ordinal: int
    day: int
    local_date: date
    slot: datetime  # aware UTC
    items: tuple[PlannedItem, ...]
    why: str
    openings: tuple[Opening, ...] = ()

    def sent(self) -> SentNudge:
        """The nudge once it has gone out as planned, not answered and not seen to be opened."""
        items = tuple(
            SentItem(item=item.item, kind=item.kind, placed=item.placed, question=item.question) for item in self.items
        )
        return SentNudge(ordinal=self.ordinal, at=self.slot, local_date=self.local_date, items=items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """An item that cannot come, and the rule that forbids it."""

    item: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that remains for one enrolment, in order of time."""

    nudges: tuple[PlannedNudge, ...] = ()
    unplaced: tuple[Unplaced, ...] = field(default=())
