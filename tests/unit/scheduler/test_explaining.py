"""Why a leader gets a nudge on a day, or gets none: the rules that speak, in words."""

from dataclasses import replace
from datetime import date

import pytest

from models.domain import Enrolment, History, Programme, Span, Step
from scheduler.deciding import Case, Stopped
from scheduler.deciding import explain as ask
from scheduler.explaining import Account
from scheduler.planning import plan_ahead
from tests.builders import at, build_enrolment, build_leader, build_programme, build_sent, build_tip, send
from tests.unit.scheduler.test_planning import sent_as_planned

ENROLLED = at("2026-12-07 09:00")


def explain(
    day: str,
    *,
    programme: Programme | None = None,
    enrolment: Enrolment | None = None,
    history: History | None = None,
    now: str = "2026-12-07 09:00",
    stopped: Stopped = None,
) -> Account:
    programme = programme or build_programme()
    case = Case(enrolment=enrolment or build_enrolment(), history=history or History())
    on = date.fromisoformat(day)
    return ask(case, programmes={programme.id: programme}, now=at(now), on=on, stopped=stopped)


def words(account: Account, rule: str) -> list[str]:
    return [said.words for said in account.said if said.rule == rule]


def rules(account: Account) -> list[str]:
    return list(dict.fromkeys(said.rule for said in account.said))


def test_the_rules_speak_in_the_order_in_which_they_are_asked() -> None:
    assert rules(explain("2027-01-13")) == ["programme", "calendar", "gap", "new items", "plan"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-12-25", "holiday: Christmas Day."),
        ("2027-01-16", "Saturday is not a working day."),
        ("2027-02-16", "away."),
        ("2027-03-29", "holiday: Easter Monday."),
        ("2027-03-30", "a working day; mail leaves at 08:30 BST."),
    ],
)
def test_the_calendar_says_why_a_day_is_closed(day: str, said: str) -> None:
    leader = build_leader(away=(Span(first=date(2027, 2, 15), last=date(2027, 2, 19)),))
    account = explain(day, enrolment=build_enrolment(leader=leader))
    assert words(account, "calendar") == [said]
    assert not words(account, "gap")


def test_a_pause_is_told_with_its_dates() -> None:
    paused = build_enrolment(pauses=(Span(first=date(2027, 2, 1), last=date(2027, 2, 14)),))
    (said,) = words(explain("2027-02-02", enrolment=paused), "calendar")
    assert said == "paused from Mon 1 Feb 2027 to Sun 14 Feb 2027: the count of days stands still."
    endless = build_enrolment(pauses=(Span(first=date(2027, 2, 1), last=None),))
    assert "until it is ended" in words(explain("2027-02-02", enrolment=endless), "calendar")[0]


def test_gap_and_cap_name_the_mails_that_take_the_room() -> None:
    assert words(explain("2027-01-13"), "gap") == ["mails lie at least 2 days apart, and Tue 12 Jan 2027 is taken."]
    full = build_programme([build_tip("a"), build_tip("b")], [Step(item=i, day=1, why="w.") for i in ("a", "b")])
    assert words(explain("2027-01-18", programme=full), "cap") == [
        "at most 2 mails in any seven days, and Thu 14 Jan 2027 and Tue 19 Jan 2027 are taken."
    ]


def test_a_new_item_says_what_it_aimed_at_and_what_it_waits_for() -> None:
    first, second = build_tip("first"), build_tip("second", after=("first",), earliest_day=4, latest_day=40)
    steps = [Step(item="first", day=1, why="w."), Step(item="second", day=8, why="w.")]
    programme = build_programme([first, second], steps)
    assert words(explain("2027-01-12", programme=programme), "new items") == [
        "“First” is aimed at day 1, and may come from day -28 to day 100: it comes on this day."
    ]
    assert words(explain("2027-01-14", programme=programme), "new items") == [
        "“Second” is aimed at day 8, and may come from day 4 to day 40: its date is Tue 19 Jan 2027."
    ]


def test_an_item_that_could_come_but_has_no_date_says_why() -> None:
    early, follows = build_tip("early", earliest_day=1, latest_day=5), build_tip("follows", after=("early",))
    leader = build_leader(away=(Span(first=date(2027, 1, 11), last=date(2027, 1, 20)),))
    programme = build_programme([early, follows])
    account = explain("2027-01-13", programme=programme, enrolment=build_enrolment(leader=leader))
    first, second = words(account, "new items")
    assert first.startswith(
        "“Early” is aimed at day 1, and may come from day 1 to day 5: it does not come, no free day"
    )
    assert second.endswith("after “Early”: it does not come, it follows “Early”, for which no day was left.")


def test_questions_say_how_well_each_is_remembered_and_what_asking_adds() -> None:
    programme = build_programme()
    made = plan_ahead(programme, build_enrolment(), History(), ENROLLED)
    asking = next(n for n in made.nudges if any(i.placed == "prompt" for i in n.items))
    account = explain(asking.local_date.isoformat(), programme=programme)
    asked = [item for item in asking.items if item.placed == "prompt"]
    said = words(account, "questions")
    assert len(said) == len(asked)
    assert f"is asked about ({asked[0].question}): last seen 7 days before, 59% likely to be remembered;" in said[0]


@pytest.mark.parametrize(
    ("pace", "day", "said"),
    [
        ("light", "2027-01-15", "the pace light has no mails of questions alone."),
        ("standard", "2026-12-29", "before the start date there are no mails of questions alone."),
        ("standard", "2027-01-15", "nothing has been met for long enough to be asked about."),
    ],
)
def test_no_mail_of_questions_alone_has_its_reason(pace: str, day: str, said: str) -> None:
    assert words(explain(day, programme=build_programme(role_pace=pace)), "questions") == [said]


def test_what_is_not_weak_enough_to_be_asked_is_named_with_its_figure() -> None:
    programme, enrolment = build_programme([build_tip("only")]), build_enrolment()
    history = sent_as_planned(programme, enrolment, nudges=2)
    answered = replace(history.nudges[-1].items[0], placed="prompt", question="recall", answer="using")
    history = send(history, plan_ahead(programme, enrolment, history, at("2027-01-12 12:00")).nudges[0])
    last = replace(history.nudges[-1], items=(answered,))
    history = replace(history, nudges=(*history.nudges[:-1], last))
    account = explain("2027-01-26", programme=programme, history=history, now="2027-01-21 12:00")
    (said,) = words(account, "questions")
    assert "remembered with less than 85%; the weakest, “Only”, stands at" in said
    assert said.endswith("not below that.")


def test_before_the_first_mail_may_leave_the_enrolment_says_so() -> None:
    account = explain("2026-12-07")
    assert words(account, "standing") == [
        "enrolled on Mon 7 Dec 2026: the first mail leaves on the next working day, or later."
    ]
    assert words(account, "plan") == ["nothing is planned for this day; the next mail after it is on Mon 21 Dec 2026."]


@pytest.mark.parametrize(("stopped", "said"), [("held", "held: the row is missing"), ("withdrawn", "withdrawn, by HR")])
def test_a_stopped_enrolment_says_why_nothing_is_sent(stopped: str, said: str) -> None:
    account = explain("2027-01-12", enrolment=replace(build_enrolment(), stopped=stopped))
    assert words(account, "standing")[0].startswith(said)
    assert rules(account) == ["standing", "programme", "plan"]


def test_an_enrolment_that_the_api_holds_is_not_looked_for_in_a_file() -> None:
    account = explain("2027-01-12", enrolment=replace(build_enrolment(), stopped="held", by_api=True))
    assert words(account, "standing")[0] == "held by the API, so nothing is sent until it lets the enrolment go on."


def test_after_the_closing_summary_nothing_follows() -> None:
    account = explain("2027-04-22")
    assert words(account, "programme")[1] == "the closing summary comes before it: nothing follows that."


def test_a_day_in_the_past_is_judged_by_what_had_been_sent_until_then() -> None:
    programme, enrolment = build_programme(), build_enrolment()
    history = sent_as_planned(programme, enrolment, nudges=6)
    day = history.nudges[3].local_date
    account = explain(day.isoformat(), programme=programme, history=history, now="2027-03-20 09:00")
    assert account.nudge is not None
    assert account.nudge.items == plan_ahead(programme, enrolment, History(), ENROLLED).nudges[3].items


def test_every_day_of_a_plan_has_an_account_that_agrees_with_it() -> None:
    programme, enrolment = build_programme(), build_enrolment()
    planned = {n.local_date: n for n in plan_ahead(programme, enrolment, History(), ENROLLED).nudges}
    for ordinal in range(date(2026, 12, 8).toordinal(), date(2027, 5, 1).toordinal()):
        day = date.fromordinal(ordinal)
        account = explain(day.isoformat(), programme=programme)
        assert account.nudge == planned.get(day)
        blocked = {"gap", "cap"} & set(rules(account)) or any(
            "a working day" not in said for said in words(account, "calendar")
        )
        assert not (blocked and account.nudge)


def test_the_verdict_is_what_stops_a_mail_first() -> None:
    assert explain("2027-01-16").verdict == "no mail: Saturday is not a working day."
    assert explain("2027-01-13").verdict.startswith("no mail: mails lie at least 2 days apart")
    assert explain("2027-01-12").verdict == "a mail is due."
    assert explain("2027-01-15").verdict == "no mail: nothing is due that day."


def test_a_check_in_is_told_of_near_the_day_it_is_aimed_at() -> None:
    assert words(explain("2027-04-11"), "anchors") == ["“Day 90” is aimed at day 90: its date is Mon 12 Apr 2027."]
    assert words(explain("2027-04-12"), "anchors") == ["“Day 90” is aimed at day 90: it comes on this day."]
    skipped = explain("2027-03-12", enrolment=build_enrolment(skip=("check-in-60",)))
    assert words(skipped, "anchors")[0].startswith("“Day 60” is aimed at day 60: it does not come, left out")


def test_a_day_that_has_had_its_mail_is_judged_as_of_its_morning() -> None:
    programme, enrolment = build_programme(), build_enrolment()
    history = sent_as_planned(programme, enrolment, nudges=3)
    day = history.nudges[-1].local_date
    account = explain(day.isoformat(), programme=programme, history=history, now=f"{day} 15:00")
    assert account.nudge is not None
    assert account.verdict == "a mail was due."


def test_around_a_day_that_is_over_only_mail_that_went_out_counts() -> None:
    programme, enrolment = build_programme(), build_enrolment()
    history = sent_as_planned(programme, enrolment, nudges=2)  # and then the service was off until March
    account = explain("2027-01-20", programme=programme, history=history, now="2027-03-01 12:00")
    assert not words(account, "gap")
    assert words(account, "plan") in ([account.nudge.why] if account.nudge else [], ["no mail has gone out since."])
    held = explain("2027-01-20", programme=programme, history=history, now="2027-03-01 12:00", stopped="held")
    assert held.verdict.startswith("no mail: held")


def test_another_programmes_mail_of_the_day_is_named() -> None:
    programme = build_programme()
    other = build_programme(id="small-steps", name="Small steps")
    sent = build_sent("welcome", date(2026, 12, 22))
    kin = Case(
        enrolment=build_enrolment(id=2, programme="small-steps"), history=History(nudges=(sent,), next_ordinal=2)
    )
    case = Case(enrolment=build_enrolment(), history=History(elsewhere=frozenset({date(2026, 12, 22)})), kin=(kin,))
    programmes = {programme.id: programme, other.id: other}
    account = ask(case, programmes=programmes, now=at("2027-01-04 09:00"), on=date(2026, 12, 22), stopped=None)
    assert account.verdict == "no mail: the leader's mail of that day is one of Small steps."
    next_day = ask(case, programmes=programmes, now=at("2027-01-04 09:00"), on=date(2026, 12, 23), stopped=None)
    assert "Tue 22 Dec 2026 (Small steps) is taken" in words(next_day, "gap")[0]
