"""The programme as it ships keeps its promises for every start date of 2027, role, pace and moment of enrolment."""

import random
from collections.abc import Callable, Iterable

import pytest

from tests.plans.table import MOMENTS, Outcome, every_enrolment, measure, write_table

PLANS_IN_CI = 120
IN_TIME = [moment for moment, day in MOMENTS.items() if day <= 0]


def broken_promises(outcome: Outcome) -> list[str]:
    """What one plan does not keep: a rule, a cap, or that all is met in time by who is enrolled by day 0."""
    pace, programme = outcome.ground.pace, outcome.ground.programme
    found = list(outcome.broken)
    if outcome.most_in_seven_days > pace.week_cap:
        found.append(f"{outcome.most_in_seven_days} mails in seven days")
    if outcome.moment in IN_TIME:
        if outcome.last_tip_day > programme.tips_by_day:
            found.append(f"the last tip comes on day {outcome.last_tip_day}")
        if outcome.last_resource_day > programme.resources_by_day:
            found.append(f"the last resource comes on day {outcome.last_resource_day}")
        found += [f"{item} does not come: {outcome.ground.unplaced[item]}" for item in outcome.unplaced]
    return [f"{outcome.label}: {line}" for line in found]


def broken_by_any(outcomes: Iterable[Outcome]) -> list[str]:
    return [line for outcome in outcomes for line in broken_promises(outcome)]


def test_a_sample_of_the_whole_table_keeps_its_promises() -> None:
    sample = random.Random(2027).sample(list(every_enrolment()), PLANS_IN_CI)
    assert broken_by_any(measure(enrolment, moment) for enrolment, moment in sample) == []


@pytest.mark.prove
def test_the_whole_table_keeps_its_promises_and_no_planner_could_fit_in_more(
    record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.plans.optimum import compare  # the solver is not installed where only the tests of every day run

    outcomes: list[Outcome] = []
    short: list[str] = []
    for enrolment, moment in every_enrolment():
        outcome = measure(enrolment, moment)
        outcomes.append(outcome)
        fits = compare(outcome.ground)
        if fits is None or fits.best < fits.planned:
            short.append(f"{outcome.label}: {fits}")
    table = write_table(outcomes)
    record_property("table", table)
    with capsys.disabled():
        print(f"\n{table}")
    assert broken_by_any(outcomes) == []
    assert short == []
