"""Who made a hit, and what the hits of one mail say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain import Answer, Credence, Event
from scheduler.evidence import Evidence, grade_mail
from scheduler.telltales import SCANNER_AGENTS

ACCEPTED = datetime(2027, 1, 12, 8, 30, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
HOUR = 3600.0


def hit(kind: Any = "open", *, after: float = HOUR, **fields: Any) -> Event:
    """An hour after acceptance by default, by a browser, from one place. `after` in seconds."""
    fields = {"mail_id": 1, "agent": FIREFOX, "origin": "here", **fields}
    return Event(kind=kind, at=ACCEPTED + timedelta(seconds=after), **fields)


def click(position: int = 0, **fields: Any) -> Event:
    return hit("click", position=position, **fields)


def page(position: int = 0, **fields: Any) -> Event:
    return hit("page", position=position, **fields)


def press(said: str = "using", *, after: float = HOUR, shown: float, position: int = 0, **fields: Any) -> Event:
    shown_at = ACCEPTED + timedelta(seconds=shown)
    value = {"answer": said}
    return hit("answer", after=after, method="POST", position=position, shown_at=shown_at, value=value, **fields)


def grade(*events: Event, links: int = 5) -> Evidence:
    return grade_mail(events, accepted_at=ACCEPTED, links=links)


def credences(*events: Event, links: int = 5) -> list[Credence]:
    return [hit.credence for hit in grade(*events, links=links).hits]


# ---------------------------------------------------------------- what a hit says alone


def test_an_hour_after_acceptance_a_browser_is_a_person() -> None:
    assert credences(hit(), click()) == ["human", "human"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (click(method="HEAD"), "machine"),
        (click(purpose="prefetch"), "machine"),
        (click(purpose="prefetch;prerender"), "machine"),
        (click(purpose="Preview"), "machine"),
        (click(purpose="navigate"), "human"),
        (click(agent=""), "machine"),
        (click(agent="   "), "machine"),
        (click(agent="Barracuda Sentinel (EE)"), "machine"),
        (click(agent="curl/8.5.0"), "machine"),
        (hit(agent=GMAIL), "proxied"),
        (click(agent=GMAIL), "human"),
        (hit(agent="Mozilla/5.0"), "machine"),
        (click(agent="Mozilla/5.0"), "human"),
        (hit(agent=OUTLOOK), "human"),
    ],
)
def test_a_hit_alone(event: Event, expected: Credence) -> None:
    assert credences(event) == [expected]


@pytest.mark.parametrize(
    ("after", "expected"),
    [(-5, "machine"), (9.9, "machine"), (10, "suspect"), (299.9, "suspect"), (300, "human")],
)
def test_the_sooner_after_acceptance_the_likelier_a_machine(after: float, expected: Credence) -> None:
    assert credences(hit(after=after)) == [expected]
    assert credences(click(after=after)) == [expected]


def test_an_image_proxy_is_real_within_five_minutes_but_not_within_ten_seconds() -> None:
    assert credences(hit(after=20, agent=GMAIL)) == ["proxied"]
    assert credences(hit(after=5, agent=GMAIL)) == ["machine"]


def test_without_a_time_of_acceptance_the_rules_of_age_stay_silent() -> None:
    evidence = grade_mail([hit(after=1)], accepted_at=None, links=3)
    assert [graded.credence for graded in evidence.hits] == ["human"]


@pytest.mark.parametrize("part", SCANNER_AGENTS)
def test_each_known_scanner_is_a_machine_however_it_is_written(part: str) -> None:
    assert credences(hit(agent=f"Mozilla/5.0 {part.upper()}1.0")) == ["machine"]


@pytest.mark.parametrize(
    "agent",
    [
        FIREFOX,
        OUTLOOK,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 "
        "Safari/537.36 Edg/143.0.0.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0",
    ],
)
def test_what_people_read_mail_with_is_no_scanner(agent: str) -> None:
    assert credences(hit(agent=agent)) == ["human"]


# ---------------------------------------------------------------- what hits say together


def test_three_links_in_two_seconds_are_a_machine_the_first_of_them_too() -> None:
    assert credences(click(0), page(1, after=HOUR + 1), page(2, after=HOUR + 2)) == ["machine"] * 3


def test_three_links_in_more_than_two_seconds_are_a_person() -> None:
    assert credences(click(0), page(1, after=HOUR + 1), page(2, after=HOUR + 2.1)) == ["human"] * 3


def test_one_link_three_times_is_a_person() -> None:
    assert credences(page(1), page(1, after=HOUR + 0.5), page(1, after=HOUR + 1)) == ["human"] * 3


def test_four_of_five_links_in_ten_seconds_are_a_machine() -> None:
    spread = [page(position, after=HOUR + 3 * position) for position in range(4)]
    assert credences(*spread, links=5) == ["machine"] * 4
    assert credences(*spread, links=6) == ["human"] * 4
    assert credences(*spread[:3], links=5) == ["human"] * 3


def test_following_the_only_link_of_a_mail_is_no_sweep() -> None:
    assert credences(page(0), page(0, after=HOUR + 4), links=1) == ["human", "human"]


def test_a_burst_leaves_what_came_long_before_and_after_alone() -> None:
    burst = [page(position, after=2 * HOUR) for position in range(3)]
    assert credences(page(0), *burst, page(1, after=3 * HOUR)) == ["human", *["machine"] * 3, "human"]


def test_an_image_fetched_beside_a_burst_is_the_machines_and_another_reader_keeps_his() -> None:
    burst = [page(position, after=HOUR) for position in range(3)]
    scanners, readers = hit(after=HOUR - 1), hit(after=HOUR + 1, origin="there")
    assert credences(scanners, *burst, readers) == ["machine"] * 4 + ["human"]


def test_what_a_readers_program_fetches_ahead_of_time_says_nothing_of_the_reader() -> None:
    ahead = [page(position, purpose="prefetch") for position in range(3)]
    assert credences(hit(), *ahead, page(0, after=HOUR + 9)) == ["human", *["machine"] * 3, "human"]


def test_the_footers_pages_are_links_of_their_own() -> None:
    footer = [hit("page", value={"page": name}) for name in ("preferences", "unsubscribe")]
    assert credences(page(0), *footer) == ["machine"] * 3


def trap(*, after: float, **fields: Any) -> Event:
    return hit("trap", after=after, **fields)


def test_whoever_follows_the_link_that_nobody_sees_is_a_machine_and_made_what_is_near() -> None:
    events = [click(0, after=HOUR - 31), hit(after=HOUR - 30), trap(after=HOUR), click(1, after=HOUR + 30)]
    assert credences(*events, click(2, after=HOUR + 31)) == ["human", "machine", "machine", "machine", "human"]


def test_the_link_that_nobody_sees_is_none_of_those_that_make_a_sweep() -> None:
    assert credences(page(0, after=HOUR - 40), trap(after=HOUR), page(1, after=HOUR + 40), links=2) == [
        "human",
        "machine",
        "human",
    ]


def test_a_press_near_a_trap_is_a_persons_who_never_made_the_step_into_it() -> None:
    events = [page(0), trap(after=HOUR + 3), press(after=HOUR + 9, shown=HOUR)]
    assert credences(*events) == ["human", "machine", "human"]


def test_a_hit_of_a_crowd_is_a_machines_unless_a_press_lifts_it() -> None:
    seen = [hit(id=1), click(0, after=HOUR + 400, id=2), click(1, after=2 * HOUR, id=3)]
    graded = grade_mail(seen, accepted_at=ACCEPTED, links=5, crowd={1, 3}).hits
    assert [(hit.event.id, hit.credence) for hit in graded] == [(1, "machine"), (2, "human"), (3, "machine")]
    answered = [*seen, press(after=2 * HOUR + 9, shown=2 * HOUR, id=4)]
    graded = grade_mail(answered, accepted_at=ACCEPTED, links=5, crowd={1, 3}).hits
    assert [(hit.event.id, hit.credence) for hit in graded][2:] == [(3, "human"), (4, "human")]


# ---------------------------------------------------------------- what a press says and lifts


def test_a_press_after_the_page_could_be_read_is_a_person_and_lifts_its_click() -> None:
    assert credences(page(after=60), press(after=62, shown=60.5)) == ["human", "human"]


def test_a_press_sooner_than_that_counts_as_an_answer_and_lifts_nothing() -> None:
    evidence = grade(page(after=60), press(after=61.4, shown=60))
    assert [graded.credence for graded in evidence.hits] == ["suspect", "suspect"]
    assert (evidence.answers, evidence.grade) == ({0: "using"}, "answered")


@pytest.mark.parametrize(("waited", "expected"), [(1.499, "suspect"), (1.5, "human")])
def test_a_person_needs_a_second_and_a_half(waited: float, expected: Credence) -> None:
    assert credences(press(after=HOUR + waited, shown=HOUR)) == [expected]


def test_a_person_who_opens_all_questions_at_once_is_lifted_by_the_first_press() -> None:
    tabs = [page(position) for position in range(3)]
    assert credences(*tabs, press(after=HOUR + 20, shown=HOUR)) == ["human"] * 4


def test_a_press_lifts_nothing_from_elsewhere_nor_from_another_time() -> None:
    scanner = page(0, after=60, origin="scanner")
    long_before = page(0, after=61)
    pressed = press(after=HOUR, shown=HOUR - 5)
    assert credences(scanner, long_before, pressed) == ["suspect", "suspect", "human"]


def test_a_press_does_not_lift_what_was_fetched_ahead_of_time() -> None:
    ahead = [page(method="HEAD"), page(purpose="prefetch")]
    assert credences(*ahead, press(after=HOUR + 9, shown=HOUR)) == ["machine", "machine", "human"]


# ---------------------------------------------------------------- what it comes to


def test_nothing_came() -> None:
    evidence = grade()
    assert (evidence.grade, evidence.opened, evidence.opens, evidence.last_activity) == ("nothing", False, 0, None)


@pytest.mark.parametrize(
    ("events", "expected", "opened", "engaged"),
    [
        ([hit(after=5)], "machine", False, False),
        ([hit(after=60)], "machine", False, False),
        ([hit(after=60), hit(after=HOUR)], "probable", True, False),
        ([hit(agent=GMAIL)], "probable", True, False),
        ([hit("page", value={"page": "preferences"})], "probable", True, False),
        ([click(2)], "human", True, True),
        ([page(2)], "human", True, True),
        ([press("forgot", shown=HOUR - 9)], "answered", True, True),
        ([hit("check_in", method="POST", position=0, value={"done": "yes"})], "answered", True, True),
    ],
)
def test_the_strongest_evidence_gives_the_grade(
    events: list[Event], expected: str, opened: bool, engaged: bool
) -> None:
    evidence = grade(*events)
    assert (evidence.grade, evidence.opened, evidence.engaged) == (expected, opened, engaged)


def test_only_followed_addresses_count_as_clicked() -> None:
    assert grade(click(2), page(1), click(3, after=20)).clicked == frozenset({2})


def test_repeats_within_a_minute_are_one_open() -> None:
    assert grade(hit(), hit(after=HOUR + 59), hit(after=HOUR + 200)).opens == 2


def test_the_last_answer_of_a_position_counts() -> None:
    events = [
        press("forgot", after=HOUR + 9, shown=HOUR),
        press("nearly", after=HOUR + 5, shown=HOUR, position=1),
        press("using", after=HOUR + 30, shown=HOUR + 9),
    ]
    assert grade(*events).answers == {0: "using", 1: "nearly"}


def test_of_two_answers_in_one_instant_the_later_in_the_log_counts() -> None:
    assert grade(press("forgot", shown=0), press("using", shown=0)).answers == {0: "using"}


def test_an_answer_that_is_none_counts_for_nothing() -> None:
    assert grade(press("perhaps", shown=0)).answers == {}


def test_the_newest_thing_a_person_did_is_told() -> None:
    newest = ACCEPTED + timedelta(seconds=2 * HOUR)
    assert grade(hit(), click(0, after=2 * HOUR), click(0, after=3 * HOUR, method="HEAD")).last_activity == newest


@st.composite
def events_of_any_kind(draw: st.DrawFn) -> Event:
    after, position = draw(st.floats(-10, 7200)), draw(st.integers(0, 4))
    origin = draw(st.sampled_from(["here", "there"]))
    kind = draw(st.sampled_from(["open", "click", "page", "answer"]))
    if kind == "answer":
        return press(after=after, shown=after - draw(st.floats(0, 5)), position=position, origin=origin)
    agent, method = draw(st.sampled_from(["", FIREFOX, GMAIL, "curl/8"])), draw(st.sampled_from(["GET", "HEAD"]))
    return hit(kind, after=after, position=position, origin=origin, agent=agent, method=method)


@given(st.lists(events_of_any_kind(), max_size=30))
def test_whatever_came_each_hit_is_graded_once_in_order_of_time_and_each_answer_counts(events: list[Event]) -> None:
    evidence = grade(*events)
    answers: dict[int | None, Answer] = {event.position: "using" for event in events if event.kind == "answer"}
    assert [graded.event for graded in evidence.hits] == sorted(events, key=lambda event: event.at)
    assert evidence.answers == answers
    assert all(graded.credence == "machine" for graded in evidence.hits if graded.event.method == "HEAD")


@given(st.lists(events_of_any_kind(), max_size=12))
def test_grading_does_not_depend_on_the_order_in_which_hits_of_different_instants_arrive(events: list[Event]) -> None:
    distinct = list({event.at: event for event in events}.values())
    assert grade(*distinct) == grade(*reversed(distinct))


def test_a_flood_of_hits_is_graded_in_a_moment() -> None:
    flood = [page(number % 3, after=HOUR + number / 2000) for number in range(20_000)]
    assert grade(*flood).grade == "machine"


def test_a_flood_of_images_presses_and_traps_is_graded_in_a_moment() -> None:
    flood = [trap(after=HOUR + number / 1000) for number in range(10_000)]
    flood += [hit(after=HOUR + number / 1000) for number in range(10_000)]
    flood += [press(after=HOUR + number / 1000, shown=HOUR - 9) for number in range(10_000)]
    assert grade(*flood).grade == "answered"
