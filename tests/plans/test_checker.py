"""The checker itself: a good plan passes, and a plan that breaks one rule is found to break that rule and no other."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from models.domain import (
    Enrolment,
    History,
    Pace,
    Plan,
    PlannedItem,
    PlannedNudge,
    Programme,
    QuestionKind,
    SentItem,
    Span,
    Step,
    Tip,
    Unplaced,
)
from scheduler.planning import next_nudge, plan_ahead
from tests.builders import (
    at,
    build_enrolment,
    build_leader,
    build_programme,
    build_resource,
    build_sent,
    build_tip,
    send,
)
from tests.plans.checker import broken_rules
from tests.plans.ground import Room, instant_of, is_questions_alone
from tests.plans.steadiness import unsteady

ENROLLED = at("2026-12-07 09:00")
TIPS = [
    build_tip("hello", before_start=True, latest_day=7, when_late="late_wording"),
    build_tip("one", latest_day=30),
    build_tip("two", after=("one",), latest_day=60),
    build_tip("three", earliest_day=30, latest_day=80),
]
ITEMS = [*TIPS, build_resource("reading"), build_resource("rider", url=None), build_resource("picture")]
STEPS = [
    Step(item="hello", day=-14, why="w."),
    Step(item="one", day=2, why="w.", riders=("rider",)),
    Step(item="two", day=9, why="w."),
    Step(item="reading", day=16, why="w.", riders=("picture",)),
    Step(item="three", day=37, why="w."),
]
PROGRAMME = build_programme(ITEMS, STEPS)
ENROLMENT = build_enrolment()
PLAN = plan_ahead(PROGRAMME, ENROLMENT, History(), ENROLLED)

# two tips and nothing asked alone, for what a busier plan would break in more than one way
DUO = [build_tip("first"), build_tip("second")]
DUO_STEPS = [Step(item="first", day=-10, why="w."), Step(item="second", day=5, why="w.")]


def rules_broken(
    plan: Plan,
    *,
    programme: Programme = PROGRAMME,
    enrolment: Enrolment = ENROLMENT,
    history: History | None = None,
    now: datetime = ENROLLED,
) -> set[str]:
    return rules_of(broken_rules(programme, enrolment, history or History(), now, plan))


def rules_of(lines: Iterable[str]) -> set[str]:
    return {line.partition(":")[0] for line in lines}


def bringing(plan: Plan, item: str) -> PlannedNudge:
    return next(n for n in plan.nudges if any(i.item == item and i.placed != "prompt" for i in n.items))


def questions_alone(plan: Plan) -> PlannedNudge:
    return next(n for n in plan.nudges if is_questions_alone(n))


def with_nudge(plan: Plan, old: PlannedNudge, *new: PlannedNudge) -> Plan:
    """The plan with other nudges in the place of one, in order and counted anew."""
    nudges = sorted([*(n for n in plan.nudges if n is not old), *new], key=lambda nudge: nudge.slot)
    first = plan.nudges[0].ordinal
    return replace(plan, nudges=tuple(replace(n, ordinal=first + place) for place, n in enumerate(nudges)))


def moved(nudge: PlannedNudge, day: date) -> PlannedNudge:
    return replace(nudge, local_date=day, slot=at(f"{day} 08:30", "Europe/London"), day=(day - date(2027, 1, 11)).days)


def moving(item: str, day: date) -> Plan:
    nudge = bringing(PLAN, item)
    return with_nudge(PLAN, nudge, moved(nudge, day))


def with_items(nudge: PlannedNudge, *items: PlannedItem) -> PlannedNudge:
    return replace(nudge, items=(*nudge.items, *items))


def question(item: str, kind: QuestionKind = "recall") -> PlannedItem:
    return PlannedItem(item=item, kind="tip", placed="prompt", question=kind)


# ---------------------------------------------------------------- good plans


def test_a_good_plan_breaks_no_rule() -> None:
    assert rules_broken(PLAN) == set()
    assert rules_of(unsteady(plan_ahead, next_nudge, PROGRAMME, ENROLMENT, History(), ENROLLED, PLAN)) == set()


def test_the_empty_plan_of_a_stopped_enrolment_breaks_no_rule() -> None:
    stopped = replace(ENROLMENT, stopped="held")
    assert rules_broken(Plan(), enrolment=stopped) == set()
    assert rules_broken(PLAN, enrolment=stopped) == {"rule 8"}


# ---------------------------------------------------------------- rule 1: slots


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2027, 1, 16), "no working day"),
        (date(2027, 1, 18), "a holiday"),  # Martin Luther King's day
        (date(2027, 1, 19), "an away day"),
        (date(2027, 1, 21), "in a pause"),
    ],
)
def test_a_nudge_on_a_closed_day_breaks_rule_one(day: date, reason: str) -> None:
    leader = build_leader(holidays="US", away=(Span(first=date(2027, 1, 19), last=date(2027, 1, 19)),))
    pause = Span(first=date(2027, 1, 21), last=date(2027, 1, 21))
    programme, enrolment = duo(), build_enrolment(leader=leader, pauses=(pause,))
    plan = plan_ahead(programme, enrolment, History(), ENROLLED)
    nudge = bringing(plan, "second")
    shut = replace(moved(nudge, day), day=(day - date(2027, 1, 11)).days - (day in pause))
    found = list(broken_rules(programme, enrolment, History(), ENROLLED, with_nudge(plan, nudge, shut)))
    assert found == [f"rule 1: {day} is {reason}"]


def duo(*, role_pace: str = "light", items: Iterable[Tip] = DUO, steps: Iterable[Step] = DUO_STEPS) -> Programme:
    return build_programme(list(items), list(steps), role_pace=role_pace)


def test_a_slot_an_hour_off_breaks_rule_one() -> None:
    nudge = bringing(PLAN, "three")
    assert rules_broken(with_nudge(PLAN, nudge, replace(nudge, slot=nudge.slot + timedelta(hours=1)))) == {"rule 1"}


def test_a_nudge_on_the_day_of_the_enrolment_breaks_rule_one() -> None:
    assert rules_broken(PLAN, enrolment=replace(ENROLMENT, enrolled_on=date(2026, 12, 21))) == {"rule 1"}


@pytest.mark.parametrize(
    ("zone", "send_at", "day", "instant"),
    [
        ("Europe/London", time(8, 30), date(2027, 3, 26), at("2027-03-26 08:30")),
        ("Europe/London", time(1, 30), date(2027, 3, 28), at("2027-03-28 01:00")),  # 01:30 is skipped: 02:00 BST
        ("Europe/London", time(1, 30), date(2027, 10, 31), at("2027-10-31 00:30")),  # comes twice
        ("Australia/Lord_Howe", time(2, 15), date(2027, 10, 3), at("2027-10-02 15:30")),  # half an hour is skipped
        ("Africa/Cairo", time(0, 0), date(2027, 4, 30), at("2027-04-29 22:00")),  # midnight is skipped
        ("Pacific/Apia", time(8, 30), date(2011, 12, 30), None),  # the whole day is
    ],
)
def test_the_checker_knows_the_instants_of_local_times(
    zone: str, send_at: time, day: date, instant: datetime | None
) -> None:
    assert instant_of(zone, send_at, day) == instant


# ---------------------------------------------------------------- rule 2: days, caps and sizes


def test_a_wrong_day_number_breaks_rule_two() -> None:
    nudge = bringing(PLAN, "three")
    assert rules_broken(with_nudge(PLAN, nudge, replace(nudge, day=nudge.day + 1))) == {"rule 2"}


def test_a_paused_day_counted_breaks_rule_two() -> None:
    paused = replace(ENROLMENT, pauses=(Span(first=date(2027, 4, 1), last=date(2027, 4, 2)),))
    plan = plan_ahead(PROGRAMME, paused, History(), ENROLLED)
    closing = bringing(plan, "closing-summary")
    assert closing.local_date == date(2027, 4, 23)
    assert rules_broken(plan, enrolment=paused) == set()
    assert rules_broken(with_nudge(plan, closing, replace(closing, day=102)), enrolment=paused) == {"rule 2"}


def test_two_nudges_nearer_than_the_gap_break_rule_two() -> None:
    nudge = questions_alone(PLAN)
    neighbour = next(n for n in PLAN.nudges if n.ordinal == nudge.ordinal + 1)
    assert rules_broken(with_nudge(PLAN, nudge, moved(nudge, neighbour.local_date - timedelta(days=1)))) == {"rule 2"}


def test_a_third_nudge_in_seven_days_breaks_rule_two() -> None:
    elsewhere = History(elsewhere=frozenset({bringing(PLAN, "three").local_date + timedelta(days=2)}))
    assert rules_broken(PLAN, history=elsewhere) == {"rule 2"}


def test_questions_alone_keep_away_from_dates_reserved_elsewhere() -> None:
    asking, new = questions_alone(PLAN).local_date, bringing(PLAN, "three").local_date
    assert rules_broken(PLAN, history=History(reserved=frozenset({asking}))) == {"rule 2"}
    assert rules_broken(PLAN, history=History(reserved=frozenset({new}))) == set()


def test_questions_alone_at_a_pace_without_them_break_rule_two() -> None:
    light = replace(PROGRAMME.paces["standard"], ask_below=None)
    assert rules_broken(PLAN, programme=replace(PROGRAMME, paces={"standard": light})) == {"rule 2"}


def test_a_fourth_question_breaks_rule_two() -> None:
    fewer = replace(PROGRAMME.paces["standard"], prompts=2)
    assert rules_broken(PLAN, programme=replace(PROGRAMME, paces={"standard": fewer})) == {"rule 2"}


def test_a_sixth_link_breaks_rule_two() -> None:
    linked = {**PROGRAMME.items, "rider": build_resource("rider", url="https://example.org/picture")}
    host = bringing(PLAN, "reading")
    riders = tuple(PlannedItem(item=f"picture-{n}", kind="resource", placed="with") for n in range(3))
    linked |= {rider.item: build_resource(rider.item) for rider in riders}
    (role,) = PROGRAMME.roles.values()
    steps = tuple(
        replace(step, riders=(*step.riders, *(r.item for r in riders))) if step.item == "reading" else step
        for step in role.steps
    )
    programme = replace(PROGRAMME, items=linked, roles={"director": replace(role, steps=steps)})
    assert rules_broken(with_nudge(PLAN, host, with_items(host, *riders)), programme=programme) == {"rule 2"}


def test_the_caps_count_in_any_seven_days() -> None:
    room = Room(PROGRAMME.paces["standard"], [date(2027, 1, 4), date(2027, 1, 10)])
    assert not room.has_room(date(2027, 1, 7))
    assert not room.has_room(date(2027, 1, 11))
    assert room.has_room(date(2027, 1, 13))
    assert room.without(date(2027, 1, 4)).has_room(date(2027, 1, 7))


# ---------------------------------------------------------------- rule 3: welcome and anchors


def test_a_nudge_before_the_welcome_breaks_rule_three() -> None:
    early = moving("hello", date(2026, 12, 17))
    assert rules_broken(early) == {"rule 3"}


def test_a_plan_without_a_welcome_breaks_rule_three() -> None:
    welcome = bringing(PLAN, "welcome")
    without = with_nudge(PLAN, welcome)
    reason = Unplaced(item="welcome", why="lost")
    assert rules_broken(replace(without, unplaced=(*PLAN.unplaced, reason))) == {"rule 3"}


def test_a_check_in_off_its_day_breaks_rule_three() -> None:
    assert bringing(PLAN, "check-in-60").local_date == date(2027, 3, 12)
    assert rules_broken(moving("check-in-60", date(2027, 3, 11))) == {"rule 3"}


def test_a_check_in_past_at_enrolment_breaks_rule_three_when_planned() -> None:
    late = replace(ENROLMENT, enrolled_on=date(2027, 2, 15))
    now = at("2027-02-15 09:00")
    plan = plan_ahead(PROGRAMME, late, History(), now)
    assert rules_broken(plan, enrolment=late, now=now) == set()
    first = bringing(plan, "check-in-60")
    past = replace(first.items[0], item="check-in-30")
    unplaced = tuple(u for u in plan.unplaced if u.item != "check-in-30")
    swapped = with_nudge(replace(plan, unplaced=unplaced), first, replace(first, items=(past,)))
    swapped = replace(swapped, unplaced=(*unplaced, Unplaced(item="check-in-60", why="lost")))
    assert rules_broken(swapped, enrolment=late, now=now) == {"rule 3"}


def test_something_after_the_closing_summary_breaks_rule_three() -> None:
    last = [n for n in PLAN.nudges if is_questions_alone(n)][-1]
    longer = replace(PROGRAMME, last_day=103)
    assert rules_broken(PLAN, programme=longer) == set()
    assert rules_broken(with_nudge(PLAN, last, moved(last, date(2027, 4, 23))), programme=longer) == {"rule 3"}


# ---------------------------------------------------------------- rule 4: new items


def test_an_item_that_comes_twice_breaks_rule_four() -> None:
    nudge = questions_alone(PLAN)
    again = replace(nudge.items[0], item="one", placed="new", question=None)
    items = (again, *(item for item in nudge.items if item.item != "one"))
    assert rules_broken(with_nudge(PLAN, nudge, replace(nudge, items=items))) == {"rule 4"}


def test_an_item_that_was_sent_breaks_rule_four_when_planned_again() -> None:
    programme, history = duo(), History()
    plan = plan_ahead(programme, ENROLMENT, history, ENROLLED)
    for nudge in plan.nudges[:2]:
        history = send(history, nudge)
    rest = replace(plan, nudges=plan.nudges[2:])
    nudge = bringing(rest, "second")
    again = replace(nudge, items=(replace(nudge.items[0], item="first"),))
    unplaced = (Unplaced(item="second", why="its days are full"),)
    now = history.nudges[-1].at
    narrow = replace(programme, items={**programme.items, "second": build_tip("second", latest_day=-20)})
    found = rules_broken(
        replace(with_nudge(rest, nudge, again), unplaced=unplaced), programme=narrow, history=history, now=now
    )
    assert found == {"rule 4"}


def test_two_new_items_in_one_nudge_break_rule_four() -> None:
    programme = duo()
    plan = plan_ahead(programme, ENROLMENT, History(), ENROLLED)
    first = bringing(plan, "first")
    without_first = with_nudge(plan, first)
    second = bringing(without_first, "second")
    both = replace(second, items=(first.items[0], second.items[0]))
    assert rules_broken(with_nudge(without_first, second, both), programme=programme) == {"rule 4"}


def test_a_rider_left_behind_breaks_rule_four() -> None:
    host = bringing(PLAN, "one")
    alone = replace(host, items=tuple(item for item in host.items if item.item != "rider"))
    found = list(broken_rules(PROGRAMME, ENROLMENT, History(), ENROLLED, with_nudge(PLAN, host, alone)))
    assert "rule 4: one comes without rider" in found


def test_an_item_outside_its_window_breaks_rule_four() -> None:
    narrow = {**PROGRAMME.items, "three": replace(PROGRAMME.items["three"], earliest_day=50)}
    assert rules_broken(PLAN, programme=replace(PROGRAMME, items=narrow)) == {"rule 4"}


def test_an_item_before_its_prerequisite_breaks_rule_four() -> None:
    waits = {**PROGRAMME.items, "two": replace(PROGRAMME.items["two"], after=("three",))}
    assert rules_broken(PLAN, programme=replace(PROGRAMME, items=waits)) == {"rule 4"}


def test_items_in_the_wrong_order_break_rule_four() -> None:
    pressing = {**PROGRAMME.items, "reading": replace(PROGRAMME.items["reading"], latest_day=29)}
    (role,) = PROGRAMME.roles.values()
    steps = tuple(replace(step, day=2) if step.item == "reading" else step for step in role.steps)
    programme = replace(PROGRAMME, items=pressing, roles={"director": replace(role, steps=steps)})
    assert rules_broken(PLAN, programme=programme) == {"rule 4"}


def test_an_item_that_is_optional_for_the_role_breaks_rule_four() -> None:
    (role,) = PROGRAMME.roles.values()
    steps = tuple(step for step in role.steps if step.item != "three")
    optional = replace(PROGRAMME, roles={"director": replace(role, steps=steps, optional=("three",))})
    assert rules_broken(PLAN, programme=optional) == {"rule 4"}


def test_a_resource_without_an_address_that_comes_alone_breaks_rule_four() -> None:
    bare = {**PROGRAMME.items, "reading": build_resource("reading", url=None)}
    assert rules_broken(PLAN, programme=replace(PROGRAMME, items=bare)) == {"rule 4"}


# ---------------------------------------------------------------- rule 5: late starts


def test_an_item_skipped_by_policy_breaks_rule_five_when_planned() -> None:
    late = replace(ENROLMENT, enrolled_on=date(2027, 1, 31))
    now = at("2027-01-31 09:00")
    plan = plan_ahead(duo(), late, History(), now)
    skipped = duo(items=[DUO[0], build_tip("second", latest_day=10, when_late="skip")])
    assert rules_broken(plan, programme=skipped, enrolment=late, now=now) == {"rule 5"}


def test_the_wrong_wording_breaks_rule_five() -> None:
    host = bringing(PLAN, "hello")
    late = replace(host, items=(replace(host.items[0], late=True), *host.items[1:]))
    assert rules_broken(with_nudge(PLAN, host, late)) == {"rule 5"}


def test_a_tip_for_before_the_start_that_comes_after_it_breaks_rule_five() -> None:
    early = build_tip("first", before_start=True, latest_day=7, when_late="late_wording")
    programme = duo(items=[early, build_tip("second", latest_day=6)])
    plan = plan_ahead(programme, ENROLMENT, History(), ENROLLED)
    first, second = bringing(plan, "first"), bringing(plan, "second")
    assert first.day < 0 < second.day
    late = (replace(first.items[0], late=True), replace(second.items[1], item="second"))
    swapped = with_nudge(plan, first, replace(first, items=second.items[:1]))
    swapped = with_nudge(swapped, next(n for n in swapped.nudges if n.day == second.day), replace(second, items=late))
    assert rules_broken(swapped, programme=programme) == {"rule 5"}


# ---------------------------------------------------------------- rule 6: nothing is lost


def test_an_item_that_is_nowhere_breaks_rule_six() -> None:
    assert rules_broken(without_three()) == {"rule 6"}


def without_three(*unplaced: Unplaced) -> Plan:
    """The plan without the item that comes last, as if it did not exist."""
    items = {item: known for item, known in PROGRAMME.items.items() if item != "three"}
    (role,) = PROGRAMME.roles.values()
    steps = tuple(step for step in role.steps if step.item != "three")
    less = replace(PROGRAMME, items=items, roles={"director": replace(role, steps=steps)})
    return replace(plan_ahead(less, ENROLMENT, History(), ENROLLED), unplaced=unplaced)


@pytest.mark.parametrize("why", ["no day is free", ""])
def test_an_item_said_not_to_fit_though_a_date_is_free_breaks_rule_six(why: str) -> None:
    assert rules_broken(without_three(Unplaced(item="three", why=why))) == {"rule 6"}


def test_an_item_both_planned_and_unplaced_breaks_rule_six() -> None:
    assert rules_broken(replace(PLAN, unplaced=(Unplaced(item="three", why="no day is free"),))) == {"rule 6"}


def test_an_item_that_comes_too_late_though_a_date_was_free_breaks_rule_six() -> None:
    assert rules_broken(PLAN, programme=replace(PROGRAMME, tips_by_day=32)) == {"rule 6"}


# ---------------------------------------------------------------- rule 7: questions


def test_a_question_about_what_the_nudge_brings_breaks_rule_seven() -> None:
    host = bringing(PLAN, "hello")
    assert rules_broken(with_nudge(PLAN, host, with_items(host, question("hello")))) == {"rule 7"}


def test_a_question_about_what_was_not_met_breaks_rule_seven() -> None:
    host = bringing(PLAN, "one")
    swapped = (*(i for i in host.items if i.placed != "prompt"), question("three"))
    assert rules_broken(with_nudge(PLAN, host, replace(host, items=swapped))) == {"rule 7"}


def test_a_question_about_an_item_that_is_gone_breaks_rule_seven() -> None:
    past = build_sent("old", date(2026, 12, 8), ordinal=0)
    host = bringing(PLAN, "hello")
    asking = with_nudge(PLAN, host, with_items(host, question("old")))
    assert rules_broken(asking, history=History(nudges=(past,))) == {"rule 7"}


def test_a_question_out_of_turn_breaks_rule_seven() -> None:
    last = [n for n in PLAN.nudges if is_questions_alone(n)][-1]
    turned: dict[QuestionKind, QuestionKind] = {
        "recall": "application",
        "application": "reflection",
        "reflection": "recall",
    }
    items = tuple(
        replace(item, question=turned[item.question]) if item.kind == "tip" and item.question else item
        for item in last.items
    )
    assert rules_broken(with_nudge(PLAN, last, replace(last, items=items))) == {"rule 7"}


def test_a_fresh_item_asked_while_a_rested_one_is_not_breaks_rule_seven() -> None:
    paces = {"one": Pace(name="one", week_cap=3, gap_days=1, prompts=1, ask_below=None)}
    days = {"first": -18, "second": -17, "third": -5, "fourth": -4}
    steps = [Step(item=item, day=day, why="w.") for item, day in days.items()]
    programme = replace(duo(items=map(build_tip, days), steps=steps, role_pace="one"), paces=paces)
    plan = plan_ahead(programme, ENROLMENT, History(), ENROLLED)
    nudge = bringing(plan, "fourth")
    assert nudge.items[1].item in ("first", "second")
    fresh = replace(nudge.items[1], item="third", question="recall")
    assert rules_broken(plan, programme=programme) == set()
    other = with_nudge(plan, nudge, replace(nudge, items=(nudge.items[0], fresh)))
    assert rules_broken(other, programme=programme) == {"rule 7"}


def test_an_empty_place_breaks_rule_seven() -> None:
    last = [n for n in PLAN.nudges if is_questions_alone(n)][-1]
    assert len(last.items) == 3
    assert rules_broken(with_nudge(PLAN, last, replace(last, items=last.items[:2]))) == {"rule 7"}


# ---------------------------------------------------------------- rule 8: steadiness


def test_ordinals_that_do_not_count_on_break_rule_eight() -> None:
    assert rules_broken(PLAN, history=History(next_ordinal=5)) == {"rule 8"}


def found_unsteady(planner: Callable[[Programme, Enrolment, History, datetime], Plan]) -> set[str]:
    def first(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> PlannedNudge | None:
        return next(iter(planner(programme, enrolment, history, now).nudges), None)

    past, now = send(History(), PLAN.nudges[0]), PLAN.nudges[0].slot
    plan = planner(PROGRAMME, ENROLMENT, past, now)
    return set(unsteady(planner, first, PROGRAMME, ENROLMENT, past, now, plan))


def test_a_planner_that_forgets_is_unsteady() -> None:
    calls: list[int] = []

    def restless(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Plan:
        calls.append(1)
        return plan_ahead(programme, enrolment, history, now + timedelta(days=7 * len(calls)))

    assert "rule 8: planning again, told in another order, gives another plan" in found_unsteady(restless)


def test_a_planner_that_follows_the_order_of_items_is_unsteady() -> None:
    def by_place(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Plan:
        last = list(programme.items)[-1]
        made = plan_ahead(programme, enrolment, history, now)
        return replace(made, unplaced=(Unplaced(item=last, why="it stands last"),))

    (line,) = found_unsteady(by_place)
    assert "another order" in line


def test_a_planner_that_moves_what_it_laid_out_is_unsteady() -> None:
    def drifting(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> Plan:
        made = plan_ahead(programme, enrolment, history, now)
        return replace(made, nudges=made.nudges[: 20 - 2 * len(history.nudges)])

    (line,) = found_unsteady(drifting)
    assert line.startswith("rule 8: after the first nudge")


def test_a_next_nudge_that_is_not_the_plans_first_is_unsteady() -> None:
    def second(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> PlannedNudge | None:
        return plan_ahead(programme, enrolment, history, now).nudges[1]

    lines = unsteady(plan_ahead, second, PROGRAMME, ENROLMENT, History(), ENROLLED, PLAN)
    assert list(lines) == ["rule 8: the next nudge is not the plan's first"]


# ---------------------------------------------------------------- rule 9: downtime


def test_a_nudge_whose_day_is_past_breaks_rule_nine() -> None:
    history = History()
    for nudge in PLAN.nudges[:3]:
        history = send(history, nudge)
    rest = replace(PLAN, nudges=PLAN.nudges[3:])
    on_time = rest.nudges[0].slot + timedelta(hours=7, minutes=59)
    assert rules_broken(rest, history=history, now=on_time) == set()
    assert rules_broken(rest, history=history, now=on_time + timedelta(minutes=2)) == {"rule 9"}


def test_answers_in_the_past_do_not_disturb_the_checker() -> None:
    asked = SentItem(item="hello", kind="tip", placed="prompt", question="recall", answer="using")
    history = send(send(History(), PLAN.nudges[0]), PLAN.nudges[1])
    last = history.nudges[-1]
    history = replace(history, nudges=(history.nudges[0], replace(last, items=(*last.items, asked))))
    now = last.at + timedelta(days=1)
    assert rules_broken(plan_ahead(PROGRAMME, ENROLMENT, history, now), history=history, now=now) == set()
