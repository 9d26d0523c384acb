"""What a plan keeps: anchors, order, caps, riders and questions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain import (
    Answer,
    Enrolment,
    History,
    Leader,
    Plan,
    PlannedNudge,
    Programme,
    Resource,
    SentItem,
    Span,
    Step,
    Tip,
)
from scheduler.asking import appearances_of
from scheduler.planning import choose_prompts, next_nudge, plan_ahead
from tests.builders import (
    PACES,
    at,
    build_appearance,
    build_enrolment,
    build_leader,
    build_programme,
    build_resource,
    build_sent,
    build_tip,
    send,
)

ENROLLED = at("2026-12-07 09:00")


def plan(
    programme: Programme, enrolment: Enrolment | None = None, history: History | None = None, now: str = ""
) -> Plan:
    return plan_ahead(programme, enrolment or build_enrolment(), history or History(), at(now) if now else ENROLLED)


def when(plan: Plan, item: str) -> PlannedNudge:
    """The nudge in which an item first comes."""
    return next(n for n in plan.nudges if any(i.item == item and i.placed != "prompt" for i in n.items))


def sent_as_planned(programme: Programme, enrolment: Enrolment, *, nudges: int) -> History:
    history = History()
    for _ in range(nudges):
        nudge = next_nudge(programme, enrolment, history, ENROLLED if not history.nudges else history.nudges[-1].at)
        assert nudge is not None
        history = send(history, nudge)
    return history


# ---------------------------------------------------------------- anchors


def test_the_welcome_comes_first_and_the_closing_summary_last() -> None:
    nudges = plan(build_programme()).nudges
    assert nudges[0].items[0].item == "welcome"
    assert nudges[0].local_date == date(2026, 12, 21)
    assert nudges[-1].items[0].item == "closing-summary"
    assert nudges[-1].local_date == date(2027, 4, 21)


def test_check_ins_come_on_their_day_or_on_the_nearest_working_day() -> None:
    made = plan(build_programme())
    assert [when(made, f"check-in-{day}").local_date for day in (30, 60, 90)] == [
        date(2027, 2, 10),
        date(2027, 3, 12),
        date(2027, 4, 12),  # day 90 is a Sunday
    ]
    assert when(made, "check-in-90").why == "A pause. Moved from day 90: Sunday is not a working day."


def test_a_check_in_whose_days_are_all_away_comes_on_the_nearest_free_day() -> None:
    away = build_leader(away=(Span(first=date(2027, 2, 1), last=date(2027, 2, 19)),))
    check_in = when(plan(build_programme(), build_enrolment(leader=away)), "check-in-30")
    assert check_in.local_date == date(2027, 2, 22)
    assert check_in.why.endswith("Moved from day 30: away, and no nearer day is free.")


def test_a_check_in_past_at_enrolment_is_skipped_and_said() -> None:
    late = build_enrolment(start_date=date(2026, 10, 26), enrolled_on=date(2026, 12, 7))
    made = plan(build_programme(), late)
    assert made.nudges[0].items[0].item == "welcome"
    assert made.nudges[0].local_date == date(2026, 12, 8)
    assert [(u.item, u.why) for u in made.unplaced] == [("check-in-30", "day 30 was past at enrolment")]


# ---------------------------------------------------------------- new items


def test_the_first_mail_leaves_on_the_next_working_day_at_the_earliest() -> None:
    friday = build_enrolment(start_date=date(2026, 12, 14), enrolled_on=date(2026, 12, 4))
    assert plan(build_programme(), friday, now="2026-12-04 07:00").nudges[0].local_date == date(2026, 12, 7)


def test_an_item_comes_after_its_prerequisites_even_where_its_day_is_earlier() -> None:
    first, second = build_tip("first"), build_tip("second", after=("first",))
    steps = [Step(item="second", day=5, why="w."), Step(item="first", day=20, why="w.")]
    made = plan(build_programme([first, second], steps))
    assert when(made, "first").day < when(made, "second").day


def test_an_item_comes_inside_its_window() -> None:
    tip = build_tip("late-one", earliest_day=40, latest_day=60)
    made = plan(build_programme([tip], [Step(item="late-one", day=3, why="w.")]))
    assert when(made, "late-one").day == 42  # Sunday and Saturday before it: the first working day from day 40 on


def test_an_item_whose_window_is_all_away_is_named_with_its_reason() -> None:
    tip = build_tip("early", earliest_day=1, latest_day=5)
    leader = build_leader(away=(Span(first=date(2027, 1, 11), last=date(2027, 1, 20)),))
    made = plan(build_programme([tip]), build_enrolment(leader=leader))
    assert [u.item for u in made.unplaced] == ["early"]
    assert "no free day between day 1 and day 5" in made.unplaced[0].why


def test_what_follows_an_item_that_cannot_come_does_not_come_either_and_says_so() -> None:
    early, follows = build_tip("early", earliest_day=1, latest_day=5), build_tip("follows", after=("early",))
    leader = build_leader(away=(Span(first=date(2027, 1, 11), last=date(2027, 1, 20)),))
    made = plan(build_programme([early, follows]), build_enrolment(leader=leader))
    assert [u.why for u in made.unplaced if u.item == "follows"] == ["it follows “Early”, for which no day was left"]


def test_a_prerequisite_goes_before_others_when_its_followers_are_pressed_for_time() -> None:
    other, first = build_tip("other", latest_day=20), build_tip("first", latest_day=40)
    second = build_tip("second", after=("first",), earliest_day=5, latest_day=12)
    leader = build_leader(working_days=(0,))
    steps = [Step(item=item, day=0, why="w.") for item in ("other", "first", "second")]
    made = plan(build_programme([other, first, second], steps), build_enrolment(leader=leader))
    assert not made.unplaced


def test_targets_give_way_so_that_every_tip_comes_by_day_seventy() -> None:
    tips = [build_tip(f"tip-{i}") for i in range(12)]
    steps = [Step(item=tip.id, day=60 + i, why="w.") for i, tip in enumerate(tips)]
    made = plan(build_programme(tips, steps))
    assert not made.unplaced
    assert max(when(made, tip.id).day for tip in tips) <= 70


def test_a_late_starter_gets_everything_spread_under_the_caps() -> None:
    tips = [build_tip(f"tip-{i}", latest_day=20) for i in range(6)]
    late = build_enrolment(start_date=date(2026, 10, 26), enrolled_on=date(2026, 12, 7))
    made = plan(build_programme(tips), late)
    assert all(42 < when(made, tip.id).day <= 70 for tip in tips)
    assert_caps(made.nudges, gap_days=2, week_cap=2)


def test_an_item_not_sent_late_is_skipped_and_counts_as_met() -> None:
    skipped = build_tip("early", latest_day=10, when_late="skip")
    follows = build_tip("follows", after=("early",))
    late = build_enrolment(start_date=date(2026, 10, 26), enrolled_on=date(2026, 12, 7))
    made = plan(build_programme([skipped, follows]), late)
    assert "early" in [u.item for u in made.unplaced]
    assert when(made, "follows").items[0].placed == "new"


@pytest.mark.parametrize(("start", "late"), [(date(2027, 1, 11), False), (date(2026, 12, 1), True)])
def test_the_tip_for_before_day_one_comes_early_or_in_its_late_wording(start: date, *, late: bool) -> None:
    tip = build_tip("say-hello", before_start=True, latest_day=7, when_late="late_wording")
    enrolment = build_enrolment(start_date=start)
    nudge = when(plan(build_programme([tip], [Step(item=tip.id, day=-14, why="w.")]), enrolment), tip.id)
    assert nudge.items[0].late is late
    assert (nudge.day < 0) is not late


@pytest.mark.parametrize(("enrolled", "came"), [(date(2027, 1, 5), -3), (date(2027, 1, 9), 2), (date(2027, 2, 12), 37)])
def test_the_tip_for_before_day_one_goes_before_all_others_that_could(enrolled: date, came: int) -> None:
    first = build_tip("say-hello", before_start=True, latest_day=7, when_late="late_wording")
    others = [build_resource(f"reading-{n}", latest_day=5) for n in range(3)]
    steps = [Step(item=item.id, day=-20, why="w.") for item in (*others, first)]
    made = plan(build_programme([first, *others], steps), build_enrolment(enrolled_on=enrolled))
    assert when(made, "say-hello").day == came
    assert all(when(made, other.id).day > came for other in others)


def test_an_overfull_programme_does_not_crowd_out_the_tip_for_before_day_one() -> None:
    others = [build_tip(f"tip-{n}") for n in range(28)]
    hello = build_tip("say-hello", before_start=True)
    steps = [Step(item=tip.id, day=n % 20, why="w.") for n, tip in enumerate(others)]
    steps.append(Step(item="say-hello", day=-3, why="w."))
    made = plan(build_programme([*others, hello], steps))
    assert when(made, "say-hello").day < 0
    assert max(n.day for n in made.nudges for i in n.items if i.placed == "new") > 70  # too many to be in time


def test_before_a_pause_without_an_end_the_order_is_still_that_of_closing_days() -> None:
    items = [build_resource("long-open"), build_tip("soon-closed", latest_day=40)]
    steps = [Step(item="long-open", day=1, why="w."), Step(item="soon-closed", day=1, why="w.")]
    paused = build_enrolment(pauses=(Span(first=date(2027, 1, 20), last=None),))
    made = plan(build_programme(items, steps), paused)
    assert when(made, "soon-closed").day < when(made, "long-open").day


def test_riders_come_along_and_count_as_met() -> None:
    tip, rider = build_tip("host"), build_resource("rider", url=None)
    programme = build_programme([tip, rider], [Step(item="host", day=5, why="w.", riders=("rider",))])
    made = plan(programme)
    assert [(i.item, i.placed) for i in when(made, "host").items] == [("host", "new"), ("rider", "with")]
    history = send(History(), when(made, "host"))
    assert all(
        i.placed == "prompt" for n in plan(programme, history=history).nudges for i in n.items if i.item == "rider"
    )


def test_a_rider_whose_tip_was_met_in_an_earlier_role_joins_the_next_tip() -> None:
    steps = [Step(item="host", day=5, why="w.", riders=("rider",)), Step(item="next", day=20, why="w.")]
    programme = build_programme([build_tip("host"), build_tip("next"), build_resource("rider", url=None)], steps)
    history = History(
        nudges=(build_sent("welcome", date(2026, 12, 21)), build_sent("host", date(2027, 1, 12), ordinal=2))
    )
    assert [i.item for i in when(plan(programme, history=history), "next").items[:2]] == ["next", "rider"]


HOSTED = [Step(item="host", day=30, why="w.", riders=("rider",))]


def build_hosted(*others: Tip, steps: Sequence[Step] = ()) -> Programme:
    return build_programme([build_tip("host"), build_resource("rider", url=None), *others], [*steps, *HOSTED])


def test_an_item_waits_for_the_mail_that_a_prerequisite_rides_in() -> None:
    made = plan(build_hosted(build_tip("after-it", after=("rider",)), steps=[Step(item="after-it", day=1, why="w.")]))
    assert when(made, "host").day < when(made, "after-it").day


def test_a_rider_of_a_tip_that_is_left_out_rides_on_another_or_is_named() -> None:
    without_host = build_enrolment(skip=("host",))
    alone = plan(build_hosted(), without_host)
    assert {u.item: u.why for u in alone.unplaced}["rider"] == "it rides on a tip, and none is left to come"
    made = plan(build_hosted(build_tip("other"), steps=[Step(item="other", day=5, why="w.")]), without_host)
    assert [i.item for i in when(made, "other").items] == ["other", "rider"]


def test_a_rider_that_lost_its_ride_finds_a_tip_that_does_come() -> None:
    too_late = build_tip("too-late", latest_day=-1)
    steps = [Step(item="too-late", day=-5, why="w."), Step(item="other", day=5, why="w.")]
    away = build_leader(away=(Span(first=date(2026, 12, 22), last=date(2027, 1, 10)),))
    made = plan(build_hosted(too_late, build_tip("other"), steps=steps), build_enrolment(leader=away, skip=("host",)))
    assert [i.item for i in when(made, "other").items] == ["other", "rider"]
    assert {u.item for u in made.unplaced} == {"too-late", "host"}


def test_a_rider_never_rides_on_a_tip_that_waits_for_it() -> None:
    follows, other = build_tip("follows", after=("rider",)), build_tip("other")
    steps = [Step(item="follows", day=2, why="w."), Step(item="other", day=9, why="w.")]
    made = plan(build_hosted(follows, other, steps=steps), build_enrolment(skip=("host",)))
    assert when(made, "rider").day < when(made, "follows").day
    assert when(made, "rider").items[0].item == "other"


def test_a_rider_whose_tip_finds_no_day_is_named_with_it() -> None:
    closed = build_leader(away=(Span(first=date(2027, 1, 11), last=date(2027, 1, 20)),))
    host, rider, other = build_tip("host", earliest_day=1, latest_day=5), build_resource("rider"), build_tip("other")
    steps = [Step(item="host", day=1, why="w.", riders=("rider",)), Step(item="other", day=20, why="w.")]
    made = plan(build_programme([host, rider, other], steps), build_enrolment(leader=closed))
    assert [u.item for u in made.unplaced] == ["host", "rider"]
    assert made.unplaced[1].why.startswith("it rides on “Host”: no free day")


def test_where_something_must_give_what_nothing_waits_for_goes_first() -> None:
    first, alone = build_tip("first", latest_day=8), build_tip("alone", latest_day=7)
    chain = [build_tip("second", after=("first",)), build_tip("third", after=("second",))]
    steps = [Step(item=item.id, day=1, why="w.") for item in (alone, first, *chain)]
    monday = build_leader(working_days=(0,), away=(Span(first=date(2026, 12, 22), last=date(2027, 1, 17)),))
    made = plan(build_programme([alone, first, *chain], steps), build_enrolment(leader=monday))
    assert [u.item for u in made.unplaced] == ["alone"]


def test_a_rider_that_comes_alone_and_finds_no_day_is_named() -> None:
    host, rider = build_tip("host", latest_day=75, when_late="skip"), build_resource("rider", latest_day=75)
    programme = build_programme([host, rider], [Step(item="host", day=70, why="w.", riders=("rider",))])
    away = build_leader(away=(Span(first=date(2027, 3, 29), last=date(2027, 4, 30)),))
    late = build_enrolment(leader=away, start_date=date(2026, 12, 28), enrolled_on=date(2027, 3, 26))
    assert {u.item for u in plan(programme, late, now="2027-03-26 01:00").unplaced} >= {"host", "rider"}


def test_a_rider_left_out_by_hr_does_not_ride() -> None:
    made = plan(build_hosted(), build_enrolment(skip=("rider",)))
    assert [i.item for i in when(made, "host").items] == ["host"]
    assert [u.item for u in made.unplaced] == ["rider"]


def test_a_check_in_left_out_by_hr_is_named() -> None:
    made = plan(build_programme(), build_enrolment(skip=("check-in-60",)))
    assert [(u.item, u.why) for u in made.unplaced] == [
        ("check-in-60", "left out for this leader in the enrolment (skip)")
    ]


def test_without_a_welcome_nothing_else_comes() -> None:
    on_the_last_day = build_enrolment(start_date=date(2026, 8, 29), enrolled_on=date(2026, 12, 7))
    made = plan(build_programme(), on_the_last_day)
    assert made.nudges == ()
    assert {u.item for u in made.unplaced} >= {"welcome", "closing-summary", "listen-first"}


def test_items_left_out_by_hr_do_not_come() -> None:
    made = plan(build_programme(), build_enrolment(skip=("share-early",)))
    assert not any(i.item == "share-early" for n in made.nudges for i in n.items)
    assert [u.item for u in made.unplaced] == ["share-early"]


# ---------------------------------------------------------------- questions


def test_a_nudge_never_asks_about_what_it_brings() -> None:
    for nudge in plan(build_programme()).nudges:
        new = {i.item for i in nudge.items if i.placed in ("new", "with")}
        assert not new & {i.item for i in nudge.items if i.placed == "prompt"}


def test_questions_of_a_tip_come_in_turn_and_then_round_again() -> None:
    made = plan(build_programme([build_tip("only")]))
    kinds = [i.question for n in made.nudges for i in n.items if i.placed == "prompt"]
    assert kinds[:4] == ["recall", "application", "reflection", "recall"]


def test_light_paces_have_no_nudges_of_questions_alone() -> None:
    alone = [n for n in plan(build_programme(role_pace="light")).nudges if n.items[0].placed == "prompt"]
    assert not alone
    assert any(n.items[0].placed == "prompt" for n in plan(build_programme()).nudges)


@pytest.mark.parametrize(
    ("host", "riders", "prompts"),
    [
        ("tip-5", (), 3),
        ("tip-5", ("picture",), 3),
        ("reading", (), 1),
        ("reading", ("picture",), 0),  # a rider takes the words of a question
    ],
)
def test_a_mail_asks_as_much_as_its_words_leave_room_for(host: str, riders: tuple[str, ...], prompts: int) -> None:
    tips = [build_tip(f"tip-{i}") for i in range(6)]
    steps = [Step(item=tip.id, day=1 + 7 * i, why="w.") for i, tip in enumerate(tips[:5])]
    steps.append(Step(item=host, day=45, why="w.", riders=riders))
    programme = build_programme([*tips, build_resource("reading"), build_resource("picture")], steps)
    nudge = when(plan(programme), host)
    assert sum(i.placed == "prompt" for i in nudge.items) == prompts


def test_a_pace_with_many_questions_leaves_room_for_five_visible_links() -> None:
    tips = [build_tip(f"tip-{i}") for i in range(7)]
    pace = replace(PACES["standard"], prompts=5)
    programme = replace(build_programme(tips), paces={"standard": pace})
    nudge = when(plan(programme), "tip-6")
    assert sum(i.placed == "prompt" for i in nudge.items) == 4


def test_an_item_outside_the_gap_is_asked_before_one_inside_it_whatever_its_value() -> None:
    history = [build_appearance("old", day=1, introduced=True, answer=None)]
    history += [build_appearance("old", day=day, answer="using") for day in (5, 15, 30)]
    history += [build_appearance("fresh", day=33, introduced=True), build_appearance("newest", day=34, introduced=True)]
    assert choose_prompts(history, day=36, capacity=3) == ("old", "fresh", "newest")
    assert choose_prompts(history, day=36, capacity=1) == ("old",)


def test_a_forgotten_item_is_worth_more_than_a_remembered_one() -> None:
    history = [build_appearance(item, day=1, introduced=True) for item in ("known", "forgotten")]
    history += [build_appearance("known", day=8, answer="using"), build_appearance("forgotten", day=8, answer="forgot")]
    assert choose_prompts(history, day=20, capacity=2) == ("forgotten", "known")


@pytest.mark.parametrize(("forgotten", "known"), [("one", "two"), ("two", "one")])
def test_an_answer_changes_what_is_asked_next(forgotten: str, known: str) -> None:
    programme, enrolment = build_programme([build_tip("one"), build_tip("two")]), build_enrolment()
    history = sent_as_planned(programme, enrolment, nudges=4)
    answers: dict[str, Answer] = {forgotten: "forgot", known: "using"}
    both = tuple(
        SentItem(item=item, kind="tip", placed="prompt", question="recall", answer=answers[item])
        for item in ("one", "two")
    )
    last = replace(history.nudges[-1], items=both)
    told = replace(history, nudges=(*history.nudges[:-1], last))
    made = plan(programme, enrolment, told, "2027-02-01 20:00")
    assert next(i.item for n in made.nudges for i in n.items if i.placed == "prompt") == forgotten


# ---------------------------------------------------------------- always


def test_the_first_element_of_the_plan_is_the_next_nudge() -> None:
    programme, enrolment = build_programme(), build_enrolment()
    assert next_nudge(programme, enrolment, History(), ENROLLED) == plan(programme).nudges[0]


def test_a_plan_that_runs_as_laid_out_does_not_change_on_the_way() -> None:
    programme, enrolment = build_programme(), build_enrolment()
    at_first = plan(programme, enrolment)
    history = History()
    for nudge in at_first.nudges:
        morning = nudge.slot - timedelta(hours=3)
        assert next_nudge(programme, enrolment, history, morning) == nudge
        history = send(history, nudge)
    assert plan_ahead(programme, enrolment, history, ENROLLED) == Plan()


def test_an_item_that_is_out_no_longer_hurries_the_others() -> None:
    items = [build_tip("zero", latest_day=7), build_resource("one", latest_day=7)]
    items.append(build_tip("two", earliest_day=0, latest_day=30, when_late="skip"))
    steps = [Step(item=item, day=day, why="w.") for item, day in (("zero", 8), ("one", 2), ("two", 7))]
    programme = build_programme(items, steps)
    enrolment = build_enrolment(
        leader=build_leader(holidays="none"), start_date=date(2026, 1, 3), enrolled_on=date(2025, 11, 22)
    )
    welcomed = History(nudges=(build_sent("welcome", date(2025, 12, 15)),), next_ordinal=2)
    made = plan(programme, enrolment, welcomed, "2025-12-15 09:00")
    first = made.nudges[0]
    assert plan_ahead(programme, enrolment, send(welcomed, first), first.slot).nudges == made.nudges[1:]


def test_nudges_of_another_programme_count_to_the_same_caps() -> None:
    elsewhere = frozenset({date(2026, 12, 21), date(2026, 12, 22)})
    made = plan(build_programme(), history=History(elsewhere=elsewhere))
    assert made.nudges[0].local_date == date(
        2026, 12, 29
    )  # any seven days hold two, and Boxing Day is observed on the 28th


def test_after_an_outage_the_next_nudge_leaves_today_and_only_one() -> None:
    programme, enrolment = build_programme(), build_enrolment()
    history = sent_as_planned(programme, enrolment, nudges=2)
    made = plan(programme, enrolment, history, "2027-03-01 09:00")
    assert made.nudges[0].local_date == date(2027, 3, 1)
    assert_caps(made.nudges, gap_days=2, week_cap=2)


def test_a_pause_moves_the_closing_summary_and_nothing_is_sent_in_it() -> None:
    pause = Span(first=date(2027, 2, 1), last=date(2027, 2, 14))
    made = plan(build_programme(), build_enrolment(pauses=(pause,)))
    assert not [n for n in made.nudges if n.local_date in pause]
    assert when(made, "closing-summary").local_date == date(2027, 5, 5)


def test_a_pause_without_an_end_leaves_nothing_planned_after_it() -> None:
    made = plan(build_programme(), build_enrolment(pauses=(Span(first=date(2027, 2, 1), last=None),)))
    assert max(n.local_date for n in made.nudges) < date(2027, 2, 1)
    assert {u.why for u in made.unplaced if u.item.startswith("check-in")} == {"after the pause, which has no end yet"}
    at_once = plan(build_programme(), build_enrolment(pauses=(Span(first=date(2026, 12, 7), last=None),)))
    assert {u.why for u in at_once.unplaced if u.item == "welcome"} == {"after the pause, which has no end yet"}


def test_what_comes_after_a_pause_without_an_end_says_so() -> None:
    made = plan(build_programme(), build_enrolment(pauses=(Span(first=date(2026, 12, 28), last=None),)))
    assert {u.why for u in made.unplaced} == {"after the pause, which has no end yet"}


def test_a_long_pause_moves_the_horizon_of_remembering() -> None:
    programme = build_programme()
    enrolment = build_enrolment(pauses=(Span(first=date(2027, 2, 1), last=date(2027, 10, 31)),))
    history = sent_as_planned(programme, enrolment, nudges=6)
    nudges = plan(programme, enrolment, history, "2027-11-01 06:00").nudges
    first = next(n for n in nudges if n.items[0].placed == "prompt")
    elapsed = (first.local_date - enrolment.start_date).days
    seen = appearances_of(history, enrolment.start_date)
    by_value = choose_prompts(seen, day=elapsed, capacity=3, horizon_day=180 + 273)
    assert tuple(i.item for i in first.items) == by_value
    assert by_value != choose_prompts(seen, day=elapsed, capacity=3)  # past the horizon nothing has any value


@pytest.mark.parametrize(("last", "said"), [(date(2027, 2, 14), ()), (date(2027, 2, 15), ("welcome_back",))])
def test_the_first_nudge_after_more_than_two_weeks_of_pause_says_welcome_back(last: date, said: tuple[str]) -> None:
    pause = Span(first=date(2027, 2, 1), last=last)
    nudges = plan(build_programme(), build_enrolment(pauses=(pause,))).nudges
    assert next(n for n in nudges if n.local_date > last).openings == said
    assert [n.openings for n in nudges if n.openings] == ([said] if said else [])


def test_the_next_nudge_after_a_start_that_moved_far_says_so_once() -> None:
    programme = build_programme()
    history = sent_as_planned(programme, build_enrolment(), nudges=2)
    moved = build_enrolment(start_date=date(2027, 2, 1), moved_at=at("2027-01-15 12:00"))
    assert [n.openings for n in plan(programme, moved, history, "2027-01-15 12:30").nudges][:2] == [
        ("dates_moved",),
        (),
    ]
    assert plan(programme, moved).nudges[0].openings == ()  # nothing was sent that could have said otherwise


@pytest.mark.parametrize("stopped", ["held", "withdrawn", "suppressed"])
def test_a_stopped_enrolment_has_no_plan(stopped: str) -> None:
    assert plan(build_programme(), replace(build_enrolment(), stopped=stopped)) == Plan()


def test_two_mails_of_one_history_keep_their_answers_apart() -> None:
    first, second = build_sent("a", date(2027, 1, 12)), build_sent("b", date(2027, 1, 18), ordinal=2)
    asked = SentItem(item="a", kind="tip", placed="prompt", question="recall", answer="using")
    second = replace(second, items=(*second.items, asked))
    seen = appearances_of(History(nudges=(first, second)), date(2027, 1, 11))
    assert [(a.nudge, a.item, a.day, a.introduced, a.answer) for a in seen] == [
        ("1", "a", 1.0, True, None),
        ("2", "b", 7.0, True, None),
        ("2", "a", 7.0, False, "using"),
    ]


# ---------------------------------------------------------------- any programme, leader and calendar


def assert_caps(nudges: tuple[PlannedNudge, ...], *, gap_days: int, week_cap: int) -> None:
    dates = [n.local_date for n in nudges]
    assert all((later - earlier).days >= gap_days for earlier, later in pairwise(dates))
    for first in dates:
        assert sum(first <= other < first + timedelta(days=7) for other in dates) <= week_cap


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    count = draw(st.integers(1, 25))
    items: list[Tip | Resource] = []
    for i in range(count):
        opens = draw(st.integers(-28, 60))
        after = tuple(draw(st.sets(st.sampled_from([x.id for x in items]), max_size=2))) if items else ()
        fields: dict[str, Any] = {"earliest_day": opens, "latest_day": opens + draw(st.integers(5, 60)), "after": after}
        fields["when_late"] = draw(st.sampled_from(["send", "skip"]))
        build = draw(st.sampled_from([build_tip, build_resource]))
        items.append(build(f"item-{i}", **fields))
    steps = [Step(item=item.id, day=draw(st.integers(-14, 95)), why="w.") for item in items]
    return build_programme(items, steps, role_pace=draw(st.sampled_from(["light", "standard", "full"])))


@st.composite
def leaders(draw: st.DrawFn) -> Leader:
    first = date(2027, 1, 1) + timedelta(days=draw(st.integers(0, 90)))
    away = Span(first=first, last=first + timedelta(days=draw(st.integers(0, 20))))
    return build_leader(
        working_days=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        holidays=draw(st.sampled_from(["GB-ENG", "GB-SCT", "DE-BY", "US", "none"])),
        time_zone=draw(st.sampled_from(["Europe/London", "Pacific/Apia", "Asia/Kathmandu", "America/New_York"])),
        away=draw(st.sampled_from([(), (away,)])),
    )


def broken_rules(programme: Programme, enrolment: Enrolment, made: Plan) -> Iterator[str]:
    """What a plan breaks, judged without the planner's own code."""
    pace = programme.paces[programme.roles[enrolment.role].pace]
    came: dict[str, int] = {}
    late = (enrolment.enrolled_on - enrolment.start_date).days
    role_items = [programme.items[item] for item in programme.roles[enrolment.role].item_ids]
    expected = {item.id for item in role_items if not (item.when_late == "skip" and late > item.latest_day)}
    for nudge in made.nudges:
        if nudge.local_date.weekday() not in enrolment.leader.working_days:
            yield f"{nudge.local_date} is no working day"
        if any(span.first <= nudge.local_date <= (span.last or date.max) for span in enrolment.leader.away):
            yield f"{nudge.local_date} is away"
        if nudge.local_date <= enrolment.enrolled_on:
            yield f"{nudge.local_date} is not after the enrolment"
        if nudge.day != (nudge.local_date - enrolment.start_date).days:
            yield f"{nudge.local_date} is not day {nudge.day}"
        if sum(i.placed in ("new", "check-in", "message") for i in nudge.items) > 1:
            yield f"{nudge.local_date} brings two new items"
        if sum(i.placed == "prompt" for i in nudge.items) > pace.prompts:
            yield f"{nudge.local_date} asks too much"
        for item in nudge.items:
            known = programme.items[item.item]
            if item.placed == "prompt" and came.get(item.item, 999) >= nudge.day:
                yield f"{item.item} is asked before it came"
            if item.placed != "new":
                came.setdefault(item.item, nudge.day)
                continue
            if item.item in came:
                yield f"{item.item} comes twice"
            if any(before in expected and before not in came for before in known.after):
                yield f"{item.item} comes before its prerequisites"
            closes = max(known.latest_day, late + 28)
            if not known.earliest_day <= nudge.day <= closes:
                yield f"{item.item} comes on day {nudge.day}, outside its window"
            came[item.item] = nudge.day


@settings(max_examples=150, deadline=None)
@given(programmes(), leaders(), st.dates(date(2026, 11, 1), date(2027, 4, 1)), st.integers(-40, 80))
def test_every_plan_keeps_the_rules(programme: Programme, leader: Leader, start: date, enrolled_day: int) -> None:
    enrolment = build_enrolment(leader=leader, start_date=start, enrolled_on=start + timedelta(days=enrolled_day))
    now = at(f"{enrolment.enrolled_on} 09:00")
    made = plan_ahead(programme, enrolment, History(), now)
    assert not list(broken_rules(programme, enrolment, made))
    pace = programme.paces[programme.roles["director"].pace]
    assert_caps(made.nudges, gap_days=pace.gap_days, week_cap=pace.week_cap)
    missing = set(programme.roles["director"].item_ids) - {i.item for n in made.nudges for i in n.items}
    assert missing == {u.item for u in made.unplaced} - {i.item for n in made.nudges for i in n.items}
    assert plan_ahead(programme, enrolment, History(), now) == made
