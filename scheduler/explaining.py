"""Why a leader gets a nudge on a date or gets none: every rule that speaks, in the order in which they are asked. Pure.

The words come from the plan itself and from the values it was made of, so they cannot say otherwise than it does. A
date that is over is judged as of its morning, by what had been sent until then and by today's settings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from models.domain import (
    CLOSING,
    CheckIn,
    Enrolment,
    History,
    Limits,
    Message,
    Pace,
    Plan,
    PlannedNudge,
    Programme,
)
from scheduler.asking import Forecast
from scheduler.assumptions import HORIZON_DAY
from scheduler.calendar import closed_because, day_number, paused_days_until, slot_on
from scheduler.candidates import Candidate, find_candidates
from scheduler.days import WEEK
from scheduler.memory import prompt_gain_days, retrievability
from scheduler.placing import Standing, pace_of
from scheduler.planning import FIRST_ASKING_DAY

Rule = Literal["standing", "programme", "calendar", "gap", "cap", "anchors", "new items", "questions", "plan"]
ANCHOR_IN_SIGHT_DAYS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What one rule says of a date, in words for HR. `stops`: by itself it forbids a mail that day."""

    rule: Rule
    words: str
    stops: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that was said of one date, and what it comes to. `nudge` is what the plan has for it."""

    day: int
    verdict: str
    said: tuple[Said, ...]
    nudge: PlannedNudge | None


def explain_day(
    programme: Programme,
    enrolment: Enrolment,
    history: History,
    plan: Plan,
    on: date,
    *,
    beside: Mapping[date, str] | None = None,
    record: frozenset[date] | None = None,
) -> Account:
    """The rules that speak of a local date, up to what the plan has for it.

    `history` and `plan` are those of the moment that the date is judged from. `beside` names the leader's other
    programmes that have a mail on a date. `record`: the date is over, and mails went out on these.
    """
    view = _View(programme, enrolment, history, plan, on, beside or {}, record)
    said = tuple(_speak(view))
    return Account(day=view.day, verdict=_sum_up(view, said), said=said, nudge=view.nudge)


@dataclass(frozen=True, slots=True)
class _View:
    """A date, and all that is known of it."""

    programme: Programme
    enrolment: Enrolment
    history: History
    plan: Plan
    on: date
    beside: Mapping[date, str]
    record: frozenset[date] | None

    @property
    def day(self) -> int:
        return day_number(self.enrolment.start_date, self.enrolment.pauses, self.on)

    @property
    def elapsed_days(self) -> float:
        return float((self.on - self.enrolment.start_date).days)

    @property
    def nudge(self) -> PlannedNudge | None:
        """What the plan has for the date; nothing where another programme had its mail."""
        if self.on in self.beside:
            return None
        return next((nudge for nudge in self.plan.nudges if nudge.local_date == self.on), None)

    @property
    def before(self) -> tuple[PlannedNudge, ...]:
        """The planned nudges that come earlier."""
        return tuple(nudge for nudge in self.plan.nudges if nudge.local_date < self.on)

    @property
    def taken(self) -> list[date]:
        """All other dates on which mail went out or, for a date to come, is planned; in order."""
        if self.record is not None:
            return sorted(self.record - {self.on})
        sent = {nudge.local_date for nudge in self.history.nudges} | self.history.elsewhere | self.beside.keys()
        return sorted((sent | {nudge.local_date for nudge in self.plan.nudges}) - {self.on})

    def name(self, days: Sequence[date]) -> str:
        """Dates in words, with the other programme whose mail they have."""
        return " and ".join(f"{_say(day)} ({self.beside[day]})" if day in self.beside else _say(day) for day in days)

    @property
    def dates(self) -> dict[str, date]:
        """When each item comes by the plan."""
        return {i.item: n.local_date for n in self.plan.nudges for i in n.items if i.placed != "prompt"}

    @property
    def met(self) -> frozenset[str]:
        """What has come before the date, by the plan."""
        standing = Standing.after(self.history)
        for nudge in self.before:
            standing = standing.go_on(nudge)
        return standing.met

    @property
    def limits(self) -> Limits | Pace:
        """The gap and the cap that hold."""
        return self.history.limits or pace_of(self.programme, self.enrolment)

    @property
    def is_over(self) -> bool:
        """Whether nothing can come on the date whatever the calendar says."""
        ended = CLOSING in self.met or self.day > self.programme.closing_last_day
        return self.enrolment.stopped is not None or ended or self.on <= self.enrolment.enrolled_on

    def forecast(self) -> Forecast:
        """What is remembered when the nudges planned before the date have gone out and stayed unanswered."""
        forecast = Forecast.from_history(self.programme, self.history, self.enrolment.start_date)
        for nudge in self.before:
            forecast.send(nudge, float((nudge.local_date - self.enrolment.start_date).days))
        return forecast

    def title(self, item: str) -> str:
        known = self.programme.items.get(item)
        return item if known is None else f"“{known.title}”"


def _sum_up(view: _View, said: Sequence[Said]) -> str:
    if view.nudge is not None:
        return "a mail is due." if view.record is None else "a mail was due."
    stop = next((one for one in said if one.stops), None)
    return f"no mail: {stop.words}" if stop else "no mail: nothing is due that day."


def _speak(view: _View) -> Iterator[Said]:
    """The rules in order; where one leaves no room for the next, that one is silent."""
    yield from _standing(view)
    yield from _programme(view)
    if not view.is_over:
        closed = list(_closed(view))
        yield from closed or _open(view)
        crowded = [] if closed or view.nudge is not None else [*_other_programme(view), *_gap(view), *_cap(view)]
        yield from crowded
        yield from _anchors(view)
        yield from _new_items(view)
        if view.nudge is not None:
            yield from _prompts(view)
        elif not (closed or crowded):
            yield from _questions_alone(view)
    yield from _plan(view)


# ---------------------------------------------------------------- one rule each


def _standing(view: _View) -> Iterator[Said]:
    enrolment = view.enrolment
    if enrolment.stopped == "held":
        why = "held by the API, so nothing is sent until it lets the enrolment go on"
        if not enrolment.by_api:
            why = "held: the row is missing from config, so nothing is sent until it is back"
        yield Said("standing", f"{why}.", stops=True)
    elif enrolment.stopped == "withdrawn":
        yield Said("standing", "withdrawn, by HR or by the leader: nothing is sent.", stops=True)
    elif enrolment.stopped is not None:
        yield Said("standing", f"{enrolment.stopped}: nothing is sent.", stops=True)
    if view.on <= enrolment.enrolled_on:
        yield Said(
            "standing",
            f"enrolled on {_say(enrolment.enrolled_on)}: the first mail leaves on the next working day, or later.",
            stops=True,
        )


def _programme(view: _View) -> Iterator[Said]:
    programme = view.programme
    paused = paused_days_until(view.enrolment.pauses, view.on)
    less = f", less {paused} paused days" if paused else ""
    yield Said("programme", f"day {view.day}, counted from {_say(view.enrolment.start_date)}{less}.")
    if view.day < programme.first_day:
        yield Said("programme", f"nothing goes out before day {programme.first_day}.", stops=True)
    if CLOSING in view.met:
        yield Said("programme", "the closing summary comes before it: nothing follows that.", stops=True)
    elif view.day > programme.closing_last_day:
        yield Said("programme", f"the programme ended on day {programme.closing_last_day}.", stops=True)


def _closed(view: _View) -> Iterator[Said]:
    pause = next((pause for pause in view.enrolment.pauses if view.on in pause), None)
    if pause is not None:
        until = "until it is ended" if pause.last is None else f"to {_say(pause.last)}"
        yield Said("calendar", f"paused from {_say(pause.first)} {until}: the count of days stands still.", stops=True)
    closed = closed_because(view.enrolment.leader, view.on)
    if closed is not None:
        yield Said("calendar", f"{closed}.", stops=True)


def _open(view: _View) -> Iterator[Said]:
    leader = view.enrolment.leader
    slot = slot_on(leader, view.on)
    if slot is not None:
        local = slot.astimezone(ZoneInfo(leader.time_zone))
        yield Said("calendar", f"a working day; mail leaves at {local:%H:%M} {local:%Z}.")


def _other_programme(view: _View) -> Iterator[Said]:
    if view.on in view.beside:
        yield Said("gap", f"the leader's mail of that day is one of {view.beside[view.on]}.", stops=True)


def _gap(view: _View) -> Iterator[Said]:
    gap = view.limits.gap_days
    near = [other for other in view.taken if abs((other - view.on).days) < gap]
    if near:
        words = f"mails lie at least {gap} days apart, and {view.name(near)} {_are(near)} taken."
        yield Said("gap", words, stops=True)


def _cap(view: _View) -> Iterator[Said]:
    cap = view.limits.week_cap
    for first in (view.on - timedelta(days=back) for back in range(WEEK)):
        week = [other for other in view.taken if first <= other < first + timedelta(days=WEEK)]
        if len(week) >= cap:
            words = f"at most {cap} mails in any seven days, and {view.name(week)} {_are(week)} taken."
            yield Said("cap", words, stops=True)
            return


def _anchors(view: _View) -> Iterator[Said]:
    """The welcome, check-ins and the closing summary that belong near the date and have not come yet."""
    dates, missing = view.dates, {missing.item: missing.why for missing in view.plan.unplaced}
    for step in view.programme.roles[view.enrolment.role].steps:
        is_near = abs(step.day - view.day) <= ANCHOR_IN_SIGHT_DAYS or dates.get(step.item) == view.on
        is_fixed = isinstance(view.programme.items[step.item], CheckIn | Message)
        if not (is_fixed and is_near) or step.item in view.met:
            continue
        words = f"{view.title(step.item)} is aimed at day {step.day}"
        if step.item in dates:
            yield Said("anchors", f"{words}: {_say_date(view, dates[step.item])}.")
        elif step.item in missing:
            yield Said("anchors", f"{words}: it does not come, {missing[step.item]}.")


def _new_items(view: _View) -> Iterator[Said]:
    """The new item of the day, or else the next one, and how many could come on the day but have no date at all."""
    coming = find_candidates(view.programme, view.enrolment, view.met, soonest=None).candidates
    if not coming:
        yield Said("new items", "every tip and resource of the role has come by then, or does not come at all.")
        return
    dates, missing = view.dates, {missing.item: missing.why for missing in view.plan.unplaced}
    dated = sorted((dates[c.step.item], c.rank, c) for c in coming if c.step.item in dates)
    if dated:
        yield Said("new items", f"{_say_candidate(view, dated[0][2])}: {_say_date(view, dated[0][0])}.")
    undated = [c for c in coming if c.step.item in missing and c.opens <= view.day <= c.closes]
    shown = undated if len(undated) <= 2 else undated[:1]
    for candidate in shown:
        words = f"{_say_candidate(view, candidate)}: it does not come, {missing[candidate.step.item]}."
        yield Said("new items", words)
    if len(undated) > len(shown):
        yield Said("new items", f"{len(undated) - len(shown)} more do not come; `plan` lists them with their reasons.")


def _say_candidate(view: _View, candidate: Candidate) -> str:
    words = f"{view.title(candidate.step.item)} is aimed at day {candidate.step.day}, and may come from day "
    words += f"{candidate.opens} to day {candidate.closes}"
    if candidate.after:
        words += f", after {', '.join(view.title(before) for before in sorted(candidate.after))}"
    return words


def _say_date(view: _View, on: date) -> str:
    return "it comes on this day" if on == view.on else f"its date is {_say(on)}"


def _prompts(view: _View) -> Iterator[Said]:
    forecast = view.forecast()
    beliefs = forecast.memory(view.elapsed_days).beliefs
    for item in view.nudge.items if view.nudge is not None else ():
        if item.placed != "prompt":
            continue
        belief = beliefs[item.item]
        horizon = HORIZON_DAY + view.elapsed_days - view.day
        recall = retrievability(belief, view.elapsed_days)
        gain = prompt_gain_days(belief, day=view.elapsed_days, horizon_day=horizon)
        ago = view.elapsed_days - forecast.sightings.last_day[item.item]
        yield Said(
            "questions",
            f"{view.title(item.item)} is asked about ({item.question}): last seen {ago:.0f} days before, {recall:.0%} "
            f"likely to be remembered; asking adds about {gain:.0f} days of remembering up to day {HORIZON_DAY:.0f}.",
        )


def _questions_alone(view: _View) -> Iterator[Said]:
    pace = pace_of(view.programme, view.enrolment)
    if pace.ask_below is None:
        yield Said("questions", f"the pace {pace.name} has no mails of questions alone.")
        return
    if view.day < FIRST_ASKING_DAY:
        yield Said("questions", "before the start date there are no mails of questions alone.")
        return
    if view.on in view.history.reserved:
        yield Said("questions", "the day is kept for something new in another programme of the leader's.")
    weakest = view.forecast().weakest(view.elapsed_days)
    if weakest is None:
        yield Said("questions", "nothing has been met for long enough to be asked about.")
        return
    item, recall = weakest
    below = "below" if recall < pace.ask_below else "not below"
    yield Said(
        "questions",
        f"on a free day questions alone go out when something is remembered with less than {pace.ask_below:.0%}; "
        f"the weakest, {view.title(item)}, stands at {recall:.0%}, {below} that.",
    )


def _plan(view: _View) -> Iterator[Said]:
    if view.nudge is not None:
        yield Said("plan", view.nudge.why)
    elif view.record is not None:
        later = min((day for day in view.record if day > view.on), default=None)
        yield Said("plan", f"the next mail went out on {_say(later)}." if later else "no mail has gone out since.")
    else:
        later = next((nudge.local_date for nudge in view.plan.nudges if nudge.local_date > view.on), None)
        if later is None:
            yield Said("plan", "nothing is planned for this day, nor after it.")
        else:
            yield Said("plan", f"nothing is planned for this day; the next mail after it is on {_say(later)}.")


# ---------------------------------------------------------------- words


def _say(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def _are(days: Sequence[date]) -> str:
    return "is" if len(days) == 1 else "are"
