"""Programmes, leaders, enrolments and pasts of every shape, for hypothesis: small ones first, quickly drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from models.domain import (
    Answer,
    Enrolment,
    History,
    Item,
    LatePolicy,
    Leader,
    Limits,
    Programme,
    QuestionKind,
    Resource,
    Role,
    Span,
    Step,
    Tip,
)
from scheduler.planning import next_nudge
from tests.builders import (
    PACES,
    build_check_in,
    build_enrolment,
    build_leader,
    build_message,
    build_questions,
    build_resource,
    build_tip,
    send,
)

ZONES = (
    "Europe/London",
    "Pacific/Apia",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/New_York",
)
HOLIDAYS = ("GB-ENG", "GB-SCT", "DE-BY", "US", "JP", "AU-NSW", "none")
SEND_TIMES = (time(8, 30), time(0, 0), time(0, 30), time(1, 30), time(2, 15), time(2, 30), time(12, 0), time(23, 30))
WORKING_WEEKS = tuple(tuple(day for day in range(7) if bits >> day & 1) for bits in (0b11111, *range(1, 128)))
QUESTIONS: tuple[tuple[QuestionKind, ...], ...] = (
    ("recall", "application", "reflection"),
    ("application",),
    ("recall", "reflection"),
    (),
)
WINDOWS = (
    *((-28, 100), (-28, 95), (0, 30), (14, 95), (1, 40), (30, 90)),
    *((-28, 7), (-28, -1), (7, 12), (60, 75), (40, 40)),
)
LATE: tuple[LatePolicy, ...] = ("send", "skip", "late_wording")
ROLES = ("director", "chair")


@dataclass(frozen=True, repr=False)
class Case:
    """What one plan is made from. Shown by what matters to the planner, or it would fill pages."""

    programme: Programme
    enrolment: Enrolment
    history: History
    now: datetime

    def __repr__(self) -> str:
        enrolment, leader, past = self.enrolment, self.enrolment.leader, self.history
        role = self.programme.roles[enrolment.role]
        lines = [
            f"now {self.now}, start {enrolment.start_date}, enrolled {enrolment.enrolled_on}, role {role.id}, "
            f"pace {enrolment.pace or role.pace}, skip {enrolment.skip}, pauses {_show(enrolment.pauses)}",
            f"{leader.time_zone} {leader.send_at}, holidays {leader.holidays}, working days {leader.working_days}, "
            f"away {_show(leader.away)}, elsewhere {sorted(map(str, past.elsewhere))}, "
            f"reserved {sorted(map(str, past.reserved))}, {past.limits}",
            *(f"step {step.day}: {_show_items(self.programme, step)}" for step in role.steps),
            *(
                f"sent {nudge.local_date}{' in doubt' if nudge.in_doubt else ''}: "
                f"{', '.join(f'{item.item} ({item.placed}, {item.answer})' for item in nudge.items)}"
                for nudge in past.nudges
            ),
        ]
        return "\n".join(lines)


def _show(spans: Sequence[Span]) -> str:
    return ", ".join(f"{span.first}..{span.last or ''}" for span in spans) or "none"


def _show_items(programme: Programme, step: Step) -> str:
    """A step's item and riders, each with what the planner goes by."""
    shown: list[str] = []
    for item in (programme.items[item] for item in (step.item, *step.riders)):
        words = [item.id, item.kind, f"{item.earliest_day}..{item.latest_day}", item.when_late]
        words += [f"after {', '.join(item.after)}"] if item.after else []
        words += ["before the start"] if isinstance(item, Tip) and item.before_start else []
        words += ["without address"] if isinstance(item, Resource) and item.url is None else []
        words.append("/".join(question.kind for question in item.questions) or "no question")
        shown.append(" ".join(words))
    return " with ".join(shown)


# ---------------------------------------------------------------- programmes


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Of 1 to 60 tips and resources, in two roles that meet them in two orders."""
    count = draw(st.integers(1, 12) | st.integers(1, 25) | st.integers(1, 60))
    items: list[Tip | Resource] = []
    for number in range(count):
        items.append(draw(_new_items(f"item-{number}", [item.id for item in items])))
    fixed: list[Item] = [build_message("welcome", -21), *map(build_check_in, (30, 60, 90))]
    fixed.append(build_message("closing-summary", 100))
    return Programme(
        id="first-100-days",
        name="First 100 days",
        themes=(),
        skill_sets={},
        items={item.id: item for item in (*fixed, *items)},
        roles={role: draw(_roles(role, items)) for role in ROLES},
        paces=PACES,
    )


@st.composite
def _new_items(draw: st.DrawFn, item: str, known: Sequence[str]) -> Tip | Resource:
    shape = draw(st.sampled_from(["plain", "plain", "plain", "after", "after", "before start", "reading", "unlinked"]))
    opens, closes = draw(st.sampled_from(WINDOWS))
    after = tuple(sorted(draw(st.sets(st.sampled_from(known[-8:]), max_size=2)))) if shape == "after" and known else ()
    questions = build_questions(item, draw(st.sampled_from(QUESTIONS)))
    if shape in ("reading", "unlinked"):
        url = "https://example.org/report" if shape == "reading" else None
        return build_resource(item, earliest_day=opens, latest_day=closes, url=url, questions=questions)
    if shape == "before start":
        return build_tip(item, before_start=True, latest_day=7, when_late="late_wording", questions=questions)
    late = draw(st.sampled_from(LATE)) if shape == "plain" else "send"
    return build_tip(item, earliest_day=opens, latest_day=closes, after=after, when_late=late, questions=questions)


@st.composite
def _roles(draw: st.DrawFn, role: str, items: Sequence[Tip | Resource]) -> Role:
    """Most of the items, near their own order, each aimed at a day; resources without an address ride."""
    left_out = draw(st.sets(st.integers(1, len(items)), max_size=len(items) // 3))
    own = [item for number, item in enumerate(items) if number not in left_out]
    steps: list[Step] = []
    for item in own:
        linked = not isinstance(item, Resource) or item.url is not None
        rides = not linked or (isinstance(item, Resource) and draw(st.booleans()))
        hosts = [place for place, step in enumerate(steps) if len(step.riders) < 2] if rides and not item.after else []
        if hosts:
            place = draw(st.sampled_from(hosts[-3:]))
            steps[place] = replace(steps[place], riders=(*steps[place].riders, item.id))
        elif linked:
            steps.append(Step(item=item.id, day=draw(st.integers(-14, 95)), why="In its turn."))
    if draw(st.booleans()):
        steps.sort(key=lambda step: step.day)
    first = Step(item="welcome", day=draw(st.sampled_from([-21, -14, 1])), why="Hello.")
    days = draw(st.sampled_from([(30, 60, 90), (30, 60, 90), (30, 60), ()]))
    anchors = [Step(item=f"check-in-{day}", day=day, why="A pause.") for day in days]
    last = Step(item="closing-summary", day=100, why="The end.")
    pace = draw(st.sampled_from(["standard", "light", "full"]))
    return Role(id=role, name=role.capitalize(), pace=pace, steps=(first, *steps, *anchors, last))


# ---------------------------------------------------------------- who takes it


@st.composite
def _leaders(draw: st.DrawFn, start: date) -> Leader:
    return build_leader(
        time_zone=draw(st.sampled_from(ZONES)),
        holidays=draw(st.sampled_from(HOLIDAYS)),
        working_days=draw(st.sampled_from(WORKING_WEEKS)),
        send_at=draw(st.sampled_from(SEND_TIMES)),
        away=tuple(draw(st.lists(_spans(start, earliest_day=-40), max_size=3))),
    )


@st.composite
def _spans(draw: st.DrawFn, start: date, *, earliest_day: int, may_be_endless: bool = False) -> Span:
    first = start + timedelta(days=draw(st.integers(earliest_day, max(earliest_day, 0) + 110)))
    if may_be_endless and draw(st.integers(0, 5)) == 5:
        return Span(first=first, last=None)
    return Span(first=first, last=first + timedelta(days=draw(st.integers(0, 4) | st.integers(0, 30))))


@st.composite
def _enrolments(draw: st.DrawFn, programme: Programme) -> Enrolment:
    start = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 1460)))
    enrolled_day = draw(st.sampled_from([-42, -10, 0, 20, 60]) | st.integers(-60, 90))
    role = draw(st.sampled_from(ROLES))
    pauses = st.lists(_spans(start, earliest_day=enrolled_day + 1, may_be_endless=True), max_size=2)
    may_skip = [item for item in programme.roles[role].item_ids if item != "welcome"]
    return build_enrolment(
        leader=draw(_leaders(start)),
        role=role,
        start_date=start,
        enrolled_on=start + timedelta(days=enrolled_day),
        pace=draw(st.sampled_from([None, "light", "standard", "full"])),
        skip=tuple(draw(st.lists(st.sampled_from(may_skip), max_size=2, unique=True))) if draw(st.booleans()) else (),
        pauses=tuple(draw(pauses)) if draw(st.booleans()) else (),
    )


# ---------------------------------------------------------------- what happened


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """An enrolment at some moment of its days: fresh, under way, or after its world has changed."""
    programme = draw(programmes())
    enrolment = draw(_enrolments(programme))
    zone = ZoneInfo(enrolment.leader.time_zone)
    history = draw(_pasts_elsewhere(enrolment.start_date)) if draw(st.integers(0, 3)) == 3 else History()
    now = datetime.combine(enrolment.enrolled_on, draw(st.sampled_from(SEND_TIMES)), tzinfo=zone).astimezone(UTC)
    if draw(st.booleans()):
        return Case(programme, enrolment, history, now)
    for _ in range(draw(st.integers(1, 14))):
        nudge = next_nudge(programme, enrolment, history, now)
        if nudge is None:
            break
        history = send(history, nudge, in_doubt=draw(st.integers(0, 9)) == 9)
        history = _answered(history, draw(st.sampled_from([None, None, "using", "nearly", "forgot"])))
        now = nudge.slot + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 3])), hours=draw(st.integers(0, 9)))
    if draw(st.booleans()):
        programme, enrolment = draw(_changes(programme, enrolment, now))
    now += timedelta(days=draw(st.sampled_from([0, 0, 1, 5, 40])), hours=draw(st.integers(0, 23)))
    return Case(programme, enrolment, history, now)


@st.composite
def _pasts_elsewhere(draw: st.DrawFn, start: date) -> History:
    """Nudges of the leader's other programmes, and dates that these mean to use; their pace may be tighter."""
    days = st.sets(st.integers(-30, 100), max_size=4)
    sent, meant = ({start + timedelta(days=day) for day in draw(days)} for _ in range(2))
    limits = draw(st.sampled_from([None, Limits(week_cap=2, gap_days=3), Limits(week_cap=1, gap_days=2)]))
    return History(elsewhere=frozenset(sent), reserved=frozenset(meant - sent), limits=limits)


def _answered(history: History, answer: Answer | None) -> History:
    last = history.nudges[-1]
    items = tuple(replace(item, answer=answer) if item.placed == "prompt" else item for item in last.items)
    return replace(history, nudges=(*history.nudges[:-1], replace(last, items=items)))


@st.composite
def _changes(draw: st.DrawFn, programme: Programme, enrolment: Enrolment, now: datetime) -> tuple[Programme, Enrolment]:
    """One thing that HR, an editor or the leader changes while the programme runs."""
    match draw(st.sampled_from(["role", "pace", "start", "removed", "added", "skip", "pause", "away"])):
        case "role":
            other = next(role for role in ROLES if role != enrolment.role)
            return programme, replace(enrolment, role=other)
        case "pace":
            return programme, replace(enrolment, pace=draw(st.sampled_from(["light", "standard", "full"])))
        case "start":
            moved = timedelta(days=draw(st.integers(-30, 45)))
            return programme, replace(enrolment, start_date=enrolment.start_date + moved)
        case "removed":
            new = [item.id for item in programme.items.values() if isinstance(item, Tip | Resource)]
            return _removed(programme, set(draw(st.lists(st.sampled_from(new), min_size=1, max_size=3)))), enrolment
        case "added":
            return _added(programme, draw(st.integers(-14, 95))), enrolment
        case "skip":
            item = draw(st.sampled_from(programme.roles[enrolment.role].item_ids))
            return programme, replace(enrolment, skip=(item,))
        case "pause":
            first = now.date() + timedelta(days=draw(st.integers(-10, 10)))
            first = max(first, enrolment.enrolled_on + timedelta(days=1))
            last = draw(st.sampled_from([None, first + timedelta(days=3), first + timedelta(days=20)]))
            return programme, replace(enrolment, pauses=(*enrolment.pauses, Span(first=first, last=last)))
        case _:
            away = Span(first=now.date(), last=now.date() + timedelta(days=draw(st.integers(0, 40))))
            return programme, replace(enrolment, leader=replace(enrolment.leader, away=(away,)))


def _removed(programme: Programme, gone: set[str]) -> Programme:
    """Without these items. What rode on one of them goes out of the sequences with it."""
    items = {
        item.id: replace(item, after=tuple(before for before in item.after if before not in gone))
        for item in programme.items.values()
        if item.id not in gone
    }
    roles = {
        role.id: replace(
            role,
            steps=tuple(
                replace(step, riders=tuple(rider for rider in step.riders if rider not in gone))
                for step in role.steps
                if step.item not in gone
            ),
        )
        for role in programme.roles.values()
    }
    return replace(programme, items=items, roles=roles)


def _added(programme: Programme, day: int) -> Programme:
    """With one more tip, at the end of each sequence."""
    step = Step(item="added", day=day, why="New.")
    roles = {role.id: replace(role, steps=(*role.steps, step)) for role in programme.roles.values()}
    return replace(programme, items={**programme.items, "added": build_tip("added")}, roles=roles)
