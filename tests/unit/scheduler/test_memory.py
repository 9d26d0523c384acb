"""The forgetting curve and what appearances do to it, held against the published algorithm."""

from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from models.domain import Answer
from scheduler import memory as m
from tests.builders import build_appearance

START = datetime(2027, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize("gaps", [(1, 1, 1), (3, 7, 14), (30, 60, 2), (5, 5, 90)])
def test_stability_and_difficulty_follow_the_published_algorithm(gaps: tuple[int, ...]) -> None:
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card, _ = scheduler.review_card(Card(card_id=1), Rating.Good, START)
    stability, difficulty, now = m.initial_stability_days(m.GOOD), m.initial_difficulty(m.GOOD), START
    for gap, rating in zip(gaps, (Rating.Good, Rating.Again, Rating.Good), strict=True):
        now += timedelta(days=gap)
        recall = m.recall_probability(gap, stability)
        assert recall == pytest.approx(scheduler.get_card_retrievability(card, now), abs=1e-9)
        card, _ = scheduler.review_card(card, rating, now)
        grown = m.stability_recalled if rating is Rating.Good else m.stability_forgotten
        stability = grown(stability, difficulty, recall)
        difficulty = m.next_difficulty(difficulty, int(rating))
        assert stability == pytest.approx(card.stability, rel=1e-9)
        assert difficulty == pytest.approx(card.difficulty, rel=1e-9)


@given(st.floats(0.5, 400), st.floats(0, 100), st.floats(0.1, 200))
def test_days_remembered_are_the_area_under_the_curve(stability: float, first: float, length: float) -> None:
    steps = 2000
    width = length / steps
    midpoints = (first + (i + 0.5) * width for i in range(steps))
    area = sum(m.recall_probability(midpoint, stability) for midpoint in midpoints) * width
    assert m.recall_days(stability, first, first + length) == pytest.approx(area, rel=1e-4)


def stability_after(answer: Answer | None, *, opened: bool | None = None) -> float:
    first = build_appearance(day=1, introduced=True)
    asked = build_appearance(day=8, answer=answer, opened=opened)
    return m.believe([first, asked])["listen-first"].stability_days


def test_a_better_answer_leaves_a_longer_memory() -> None:
    assert stability_after("using") > stability_after("nearly") > stability_after("forgot")


def test_silence_moves_a_belief_less_than_an_answer() -> None:
    before = m.initial_stability_days(m.GOOD)
    assert before < stability_after(None) < stability_after("using")


def test_a_mail_that_was_seen_to_be_opened_counts_for_more_than_one_that_was_not() -> None:
    history = [build_appearance(day=1, introduced=True, opened=opened) for opened in (True, False)]
    seen, unseen = (m.retrievability(m.believe([first])["listen-first"], 3) for first in history)
    assert seen > unseen


def test_one_answer_proves_that_the_whole_mail_was_opened() -> None:
    tip = build_appearance("new-tip", day=8, nudge="n8", introduced=True, opened=False)
    first = build_appearance(day=1, introduced=True, opened=False)
    silent = build_appearance(day=8, opened=False)
    answered = build_appearance(day=8, opened=False, answer="using")
    after_silence = m.believe([first, silent, tip])["new-tip"]
    after_answer = m.believe([first, answered, tip])["new-tip"]
    assert m.retrievability(after_answer, 8) == pytest.approx(m.READ_IF_OPENED)
    assert m.retrievability(after_silence, 8) < 0.75


def test_a_resource_that_nobody_clicked_was_probably_not_read() -> None:
    def read(*, opened: bool | None, clicked: bool = False) -> float:
        new = build_appearance("report", kind="resource", day=1, introduced=True, opened=opened, clicked=clicked)
        return m.retrievability(m.believe([new])["report"], 1)

    assert read(opened=True) == pytest.approx(0.05)
    assert read(opened=None) == pytest.approx(0.7 * 0.3)
    assert read(opened=True, clicked=True) == pytest.approx(1)


def test_a_reflection_question_refreshes_without_counting_as_recall() -> None:
    first = build_appearance(day=1, introduced=True)
    thought = build_appearance(day=8, answer="using", question="reflection")
    belief = m.believe([first, thought])["listen-first"]
    assert belief.stability_days == m.initial_stability_days(m.GOOD)
    assert m.retrievability(belief, 8) == pytest.approx(1)


def test_silence_says_nothing_for_two_days() -> None:
    history = [build_appearance(day=1, introduced=True), build_appearance(day=8)]
    assert m.believe(history, today=9.9) != m.believe(history, today=10)
    assert m.believe(history, today=10) == m.believe(history)


def test_a_mail_in_doubt_counts_half() -> None:
    certain = m.believe([build_appearance(day=1, introduced=True)])["listen-first"]
    doubtful = m.believe([build_appearance(day=1, introduced=True, exposure=0.5)])["listen-first"]
    assert m.retrievability(doubtful, 1) == pytest.approx(m.retrievability(certain, 1) / 2)


def test_a_leader_who_never_opens_is_believed_less_and_less() -> None:
    unopened = [build_appearance(f"tip-{day}", day=day, introduced=True, opened=False) for day in range(1, 60, 3)]
    assert m.remember(unopened).open_rate < 0.35


def test_without_tracking_silence_still_tells_of_a_leader_who_does_not_open() -> None:
    first = build_appearance(day=1, introduced=True)
    silent = [build_appearance(day=day) for day in range(8, 90, 7)]
    answered = [build_appearance(day=day, answer="using") for day in range(8, 90, 7)]
    assert m.remember([first, *silent]).open_rate < 0.55
    assert m.remember([first, *answered]).open_rate > 0.85
    assert m.remember([first]).open_rate == pytest.approx(0.7)  # nothing was asked, so its silence says nothing


def test_the_silence_of_a_mail_in_doubt_is_no_sign_of_a_leader_who_does_not_open() -> None:
    first = build_appearance(day=1, introduced=True)
    assert m.remember([first, build_appearance(day=8, exposure=0.5)]).open_rate == pytest.approx(0.7)


appearances = st.builds(
    build_appearance,
    st.sampled_from(["a", "b", "c"]),
    day=st.integers(0, 120).map(float),
    answer=st.sampled_from([None, "forgot", "nearly", "using"]),
    opened=st.sampled_from([None, True, False]),
    question=st.sampled_from(["recall", "application", "reflection"]),
    exposure=st.sampled_from([0.5, 1.0]),
)


@given(st.lists(appearances, max_size=60))
def test_beliefs_stay_in_bounds_and_do_not_depend_on_the_order_of_arrival(history: list[m.Appearance]) -> None:
    beliefs = m.believe(history, today=121)
    for belief in beliefs.values():
        assert 0 < m.retrievability(belief, 121) <= 1
        assert 1 <= belief.difficulty <= 10
        assert belief.stability_days > 0
    unique = {(a.nudge, a.item): a for a in history}.values()
    shuffled = sorted(unique, key=lambda a: (a.item, -a.day))
    assert m.believe(unique, today=121) == m.believe(shuffled, today=121)
