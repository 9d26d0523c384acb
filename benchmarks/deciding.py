"""How long one planning decision takes, beside the fsrs library replaying the same reviews and the limit of 2 ms."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from fsrs import Card, Rating, Scheduler

from benchmarks.measuring import print_figures, time_each
from config.load import load_programme
from models.domain import Enrolment, History, Leader, Programme
from scheduler.asking import appearances_of
from scheduler.planning import choose_prompts, next_nudge

LIMIT_MS = 2.0
START = date(2027, 1, 11)
ENROLLED = datetime(2026, 12, 7, 9, tzinfo=UTC)


def play(programme: Programme, enrolment: Enrolment) -> History:
    """The history of a leader who was sent everything and answered nothing."""
    history, now = History(), ENROLLED
    while (nudge := next_nudge(programme, enrolment, history, now)) is not None:
        history = History(nudges=(*history.nudges, nudge.sent()), next_ordinal=nudge.ordinal + 1)
        now = nudge.slot + timedelta(hours=1)
    return history


def run() -> None:
    """Prints the medians of 200 decisions late in the programme."""
    programme = load_programme(Path(__file__).parents[1] / "config" / "first-100-days")
    leader = Leader(key="s", email="sam.sample@example.org", name="Sam Sample", organisation="Example Hospitals")
    enrolment = Enrolment(
        id=1,
        leader=leader,
        programme=programme.id,
        role="chief-executive",
        start_date=START,
        enrolled_on=ENROLLED.date(),
        cohort="2027-01",
        pace="full",
    )
    whole = play(programme, enrolment)
    late = History(nudges=whole.nudges[:-1], next_ordinal=whole.nudges[-1].ordinal)
    now = datetime.combine(late.nudges[-1].local_date + timedelta(days=1), time(6), tzinfo=UTC)
    appearances = appearances_of(late, START)
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)

    def replay_with_library() -> None:
        cards: dict[str, Card] = {}
        for seen in appearances:
            card = cards.get(seen.item) or Card(card_id=len(cards))
            at = ENROLLED + timedelta(days=seen.day + 40)
            cards[seen.item], _ = scheduler.review_card(card, Rating.Good, at)

    seconds = time_each(
        lambda: next_nudge(programme, enrolment, late, now),
        lambda: choose_prompts(appearances, day=101, capacity=3),
        replay_with_library,
        rounds=200,
    )
    names = ["next_nudge: dates, rules and questions", "choose_prompts alone", "the fsrs library's replay, no choice"]
    rows = [
        [name, f"{1000 * taken:.2f}", f"{taken / seconds[-1]:.2f}", f"{1000 * taken / LIMIT_MS:.2f}"]
        for name, taken in zip(names, seconds, strict=True)
    ]
    title = f"One decision after {len(appearances)} appearances (median of 200)"
    print_figures(title, ["what", "ms", "of the library's", f"of the limit of {LIMIT_MS:g} ms"], rows)
