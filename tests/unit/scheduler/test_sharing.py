"""Several programmes of one leader: one cap, new items before repeated questions, nobody starved."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from models.domain import History, PlannedNudge, Programme, Span, Step
from scheduler.planning import next_nudge, plan_ahead
from scheduler.sharing import Party, make_way, plan_together
from tests.builders import at, build_enrolment, build_programme, build_tip, send
from tests.unit.scheduler.test_planning import assert_caps

NOW = at("2026-12-07 09:00")


def build_other(tips: int, *, pace: str = "standard") -> Programme:
    items = [build_tip(f"other-{n}") for n in range(tips)]
    steps = [Step(item=item.id, day=1 + 7 * n, why="w.") for n, item in enumerate(items)]
    return build_programme(items, steps, id="other-100-days", role_pace=pace)


def build_parties(first: Programme, second: Programme) -> tuple[Party, Party]:
    older = build_enrolment(id=1, programme=first.id)
    younger = build_enrolment(id=2, programme=second.id)
    return (
        Party(programme=first, enrolment=older, history=History()),
        Party(programme=second, enrolment=younger, history=History()),
    )


def lay_out(own: Party, other: Party) -> tuple[PlannedNudge, ...]:
    return plan_ahead(own.programme, own.enrolment, make_way(own, [other], NOW), NOW).nudges


def live_together(older: Party, younger: Party) -> Iterator[tuple[int, PlannedNudge]]:
    """Both sent as the service would: each morning each is decided on what went out by then."""
    parties = [older, younger]
    now: datetime = NOW
    while now < at("2027-05-10 09:00"):
        for place in (0, 1):
            own, other = (_told_of(parties[n], parties[1 - n]) for n in (place, 1 - place))
            nudge = next_nudge(own.programme, own.enrolment, make_way(own, [other], now), now)
            if nudge is not None and nudge.local_date == now.date():
                yield own.enrolment.id, nudge
                parties[place] = replace(own, history=send(own.history, nudge))
        now += timedelta(days=1)


def _told_of(own: Party, other: Party) -> Party:
    sent = frozenset(nudge.local_date for nudge in other.history.nudges)
    return replace(own, history=replace(own.history, elsewhere=sent))


def test_two_programmes_keep_one_cap_and_both_come_to_their_end() -> None:
    older, younger = build_parties(build_programme(), build_other(4))
    sent = list(live_together(older, younger))
    assert_caps(tuple(nudge for _, nudge in sent), gap_days=2, week_cap=2)
    new = {(who, item.item) for who, nudge in sent for item in nudge.items if item.placed != "prompt"}
    assert {item for who, item in new if who == 1} >= {"welcome", "listen-first", "share-early", "closing-summary"}
    assert {item for who, item in new if who == 2} >= {"welcome", "other-0", "other-3", "closing-summary"}


def test_the_plans_of_both_are_what_goes_out_and_keep_the_cap_together() -> None:
    older, younger = build_parties(build_programme(), build_other(4))
    plans = plan_together((older, younger), NOW)
    both = sorted((n for plan in plans.values() for n in plan.nudges), key=lambda nudge: nudge.local_date)
    assert_caps(tuple(both), gap_days=2, week_cap=2)
    assert list(live_together(older, younger)) == [
        (own, nudge) for nudge in both for own, plan in plans.items() if nudge in plan.nudges
    ]


def test_the_tightest_pace_holds_for_both() -> None:
    older, younger = build_parties(build_programme(role_pace="light"), build_other(4, pace="full"))
    both = sorted((*lay_out(older, younger), *lay_out(younger, older)), key=lambda nudge: nudge.local_date)
    assert_caps(tuple(both), gap_days=3, week_cap=2)


def test_questions_alone_of_the_older_give_way_to_what_is_new_in_the_younger() -> None:
    older, younger = build_parties(build_programme(), build_other(4))
    new = {nudge.local_date for nudge in lay_out(younger, older) if nudge.items[0].placed != "prompt"}

    def too_near(nudges: Sequence[PlannedNudge]) -> list[date]:
        asked = [nudge.local_date for nudge in nudges if nudge.items[0].placed == "prompt"]
        return [day for day in asked if any(abs((day - other).days) < 2 for other in new)]

    assert too_near(plan_ahead(older.programme, older.enrolment, History(), NOW).nudges)
    assert not too_near(lay_out(older, younger))


def test_a_programme_that_is_over_or_stopped_takes_no_dates() -> None:
    older, younger = build_parties(build_programme(), build_other(4))
    stopped = replace(older, enrolment=replace(older.enrolment, stopped="withdrawn"))
    assert make_way(younger, [stopped], NOW) == younger.history
    paused = replace(older, enrolment=replace(older.enrolment, pauses=(Span(first=date(2026, 12, 7), last=None),)))
    assert lay_out(younger, paused) == plan_ahead(younger.programme, younger.enrolment, History(), NOW).nudges
