"""Gateways at every link of every mail of the 100 days, people behind them: nothing is changed, and each is known."""

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.integration.gateways.stage import Graded, Played, play

SEED = 20270111


@pytest.fixture(scope="module", params=[2, pytest.param(6, marks=pytest.mark.prove)], ids=["two roles", "every role"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("gateways"), seed=SEED, roles=request.param)


def share(hits: Iterable[Graded], *credences: str) -> float:
    counted = Counter(hit.credence for hit in hits)
    return sum(counted[credence] for credence in credences if credence in counted) / counted.total()


def test_every_link_of_every_mail_was_followed_and_answered(played: Played) -> None:
    assert played.mails > 60
    assert played.network.visits > 10 * played.mails
    assert played.network.statuses <= {200, 302}


def test_machines_write_nothing_but_the_raw_log(played: Played) -> None:
    assert set(played.writes) == {"INSERT INTO events"}


def test_no_machine_answered_chose_or_left_for_anybody(played: Played) -> None:
    by_machines = [hit.event for hit in played.hits if hit.by_machine]
    assert {event.kind for event in by_machines} == {"open", "click", "page", "trap"}
    assert {event.method for event in by_machines} == {"GET", "HEAD"}
    assert (played.left, played.chosen) == ([], [])


def test_of_mails_that_are_not_tracked_nothing_but_what_people_pressed_is_kept(played: Played) -> None:
    assert {event.kind for event in played.of_untracked} == {"answer", "check_in"}
    assert {(event.agent, event.origin) for event in played.of_untracked} == {("", "")}


def test_machines_are_known_for_machines(played: Played) -> None:
    machines = [hit for hit in played.hits if hit.by_machine]
    assert len(machines) > 300
    assert share(machines, "machine", "suspect") >= 0.99
    late = [hit for hit in machines if hit.late and not hit.event.purpose]
    assert len(late) > 10
    assert share(late, "machine", "suspect") >= 0.95


def test_people_are_known_for_people_once_five_minutes_have_gone_by(played: Played) -> None:
    people = [hit for hit in played.hits if not hit.by_machine and hit.late]
    assert len(people) > 100
    assert share(people, "human", "proxied") >= 0.95


def test_what_a_person_pressed_is_a_persons_at_any_time(played: Played) -> None:
    presses = [hit for hit in played.hits if hit.is_press]
    assert {hit.credence for hit in presses} == {"human"}
    assert any(not hit.late for hit in presses)


def test_every_hit_has_its_grade(played: Played) -> None:
    assert None not in {hit.credence for hit in played.hits}
