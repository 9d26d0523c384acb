"""What planning reads of the past: nudges that went out, joined with what came back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from models.database import Database
from models.domain import Enrolment, Event, History, SentItem
from models.events import record_event
from models.store import read_enrolments
from models.tables import EventRow, LeaderRow, MailItemRow
from scheduler.deciding import Case, read_cases
from scheduler.history import read_histories
from tests.builders import at, build_enrolment, build_leader, keep_enrolment
from tests.integration.web.scene import FIREFOX, PROGRAMME, RECALL, RESOURCE, SENT_AT, Scene, open_scene
from tests.integration.web.test_event_log import counting


def read_history(scene: Scene, enrolment_id: int | None = None) -> History:
    wanted = enrolment_id or scene.enrolment_id
    with scene.database.reading() as session:
        enrolments = read_enrolments(session, tracking={PROGRAMME: "ask"}, ids=[wanted])
        return read_histories(session, enrolments)[wanted]


def hit(scene: Scene, kind: Any, *, position: int | None = None, hours: float = 4.0, **fields: Any) -> None:
    """A hit by a browser, hours after the mail was sent."""
    fields = {"mail_id": scene.mail_id, "agent": FIREFOX, "origin": "here", **fields}
    with scene.database.sessions.begin() as session:
        record_event(session, Event(kind=kind, at=SENT_AT + timedelta(hours=hours), position=position, **fields))


def answer(scene: Scene, said: str, *, hours: float = 4.0) -> None:
    hit(scene, "answer", position=RECALL, hours=hours, method="POST", value={"answer": said}, shown_at=SENT_AT)


def items(history: History) -> Sequence[SentItem]:
    (nudge,) = history.nudges
    return nudge.items


def test_a_nudge_that_was_sent_is_told_with_its_items_in_order(scene: Scene) -> None:
    (nudge,) = read_history(scene).nudges
    assert (nudge.ordinal, nudge.at, nudge.local_date, nudge.in_doubt) == (1, SENT_AT, date(2027, 1, 12), False)
    assert [(item.item, item.kind, item.placed, item.question) for item in nudge.items] == [
        ("listen-first", "tip", "prompt", "recall"),
        ("listen-first", "tip", "prompt", "application"),
        ("share-early", "tip", "prompt", "reflection"),
        ("short-report", "resource", "new", None),
        ("check-in-30", "check-in", "check-in", None),
        ("share-early", "tip", "new", None),
    ]


def test_without_any_mail_there_is_no_past(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        other = keep_enrolment(
            session, build_enrolment(leader=build_leader(key="b@example.org", email="b@example.org"))
        )
    assert read_history(scene, other.id) == History(nudges=(), elsewhere=frozenset(), next_ordinal=1)
    with scene.database.reading() as session:
        assert read_histories(session, []) == {}


def test_an_open_and_a_click_are_told_where_the_mail_was_tracked(scene: Scene) -> None:
    assert read_history(scene).nudges[0].opened is False
    assert (items(read_history(scene))[RESOURCE].click_visible, items(read_history(scene))[RESOURCE].clicked) == (
        True,
        False,
    )
    hit(scene, "open")
    assert read_history(scene).nudges[0].opened is True
    hit(scene, "click", position=RESOURCE, hours=5)
    assert items(read_history(scene))[RESOURCE].clicked is True


def test_machines_are_not_taken_for_the_leader(scene: Scene) -> None:
    hit(scene, "open", hours=0.001)
    hit(scene, "open", agent="Mozilla/5.0")
    hit(scene, "click", position=RESOURCE, method="HEAD")
    assert read_history(scene).nudges[0].opened is False
    assert items(read_history(scene))[RESOURCE].clicked is False


def test_where_the_mail_was_not_tracked_opens_and_clicks_are_not_known(database: Database) -> None:
    scene = open_scene(database, agreed=False)
    hit(scene, "open")
    hit(scene, "click", position=RESOURCE)
    (nudge,) = read_history(scene).nudges
    assert nudge.opened is None
    assert (nudge.items[RESOURCE].clicked, nudge.items[RESOURCE].click_visible) == (False, False)


def test_where_an_assistant_reads_opens_and_clicks_are_not_known_and_answers_are(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        session.get_one(LeaderRow, 1).assistant_reads = True
    hit(scene, "open")
    hit(scene, "click", position=RESOURCE)
    answer(scene, "using", hours=6)
    (nudge,) = read_history(scene).nudges
    assert nudge.opened is None
    assert (nudge.items[RESOURCE].clicked, nudge.items[RESOURCE].click_visible) == (False, False)
    assert nudge.items[RECALL].answer == "using"


def test_the_last_answer_counts_tracked_or_not(database: Database) -> None:
    scene = open_scene(database, agreed=False)
    answer(scene, "using")
    answer(scene, "forgot", hours=30)
    assert [item.answer for item in items(read_history(scene))] == ["forgot", None, None, None, None, None]


@pytest.mark.parametrize(
    ("state", "told", "in_doubt", "next_ordinal"),
    [
        ("sent", True, False, 2),
        ("in_doubt", True, True, 2),
        ("planned", False, False, 1),
        ("claimed", False, False, 1),
        ("sending", False, False, 1),
        ("failed_after_doubt", False, False, 2),
    ],
)
def test_what_went_out_or_may_have_is_told(
    database: Database, state: str, told: bool, in_doubt: bool, next_ordinal: int
) -> None:
    history = read_history(open_scene(database, state=state))
    assert [nudge.in_doubt for nudge in history.nudges] == ([in_doubt] if told else [])
    assert history.next_ordinal == next_ordinal


def test_a_nudge_that_certainly_failed_gave_its_number_back(scene: Scene) -> None:
    for state in ("failed", "expired", "cancelled"):
        scene.add_mail(state=state, ordinal=None)
    assert read_history(scene).next_ordinal == 2


def test_nudges_come_by_their_numbers(scene: Scene) -> None:
    for ordinal in (3, 2):
        scene.add_mail(ordinal=ordinal, state="sent", ended_at=at(f"2027-01-1{ordinal + 2} 08:30"))
    history = read_history(scene)
    assert [nudge.ordinal for nudge in history.nudges] == [1, 2, 3]
    assert history.next_ordinal == 4


def test_only_a_resource_with_a_nudge_of_its_own_surely_had_an_address(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        session.add(MailItemRow(mail_id=scene.mail_id, position=6, item="toolkit", kind="resource", placed="with"))
    assert items(read_history(scene))[6].click_visible is False
    hit(scene, "click", position=6)
    assert (items(read_history(scene))[6].clicked, items(read_history(scene))[6].click_visible) == (True, True)


def read_case(scene: Scene, enrolment_id: int) -> Case:
    with scene.database.reading() as session:
        enrolments = read_enrolments(session, tracking={PROGRAMME: "ask"}, ids=[enrolment_id])
        return read_cases(session, enrolments)[enrolment_id]


def test_the_dates_of_another_programme_are_told_to_both(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        second = keep_enrolment(session, replace(build_enrolment(), programme="next-200-days"))
    scene.add_mail(enrolment_id=second.id, ordinal=1, state="sent")
    scene.add_mail(enrolment_id=second.id, ordinal=2, local_date=date(2027, 1, 20))  # planned, not sent
    first, other = read_case(scene, scene.enrolment_id), read_case(scene, second.id)
    assert (first.history.elsewhere, other.history.elsewhere) == ({date(2027, 1, 15)}, {date(2027, 1, 12)})
    assert [case.enrolment.id for case in first.kin] == [second.id]
    assert [case.enrolment.id for case in other.kin] == [scene.enrolment_id]


def test_another_leaders_nudges_are_nobodys_business(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        other = keep_enrolment(
            session, build_enrolment(leader=build_leader(key="b@example.org", email="b@example.org"))
        )
    scene.add_mail(enrolment_id=other.id, ordinal=1, state="sent")
    assert (read_case(scene, scene.enrolment_id).history.elsewhere, read_case(scene, other.id).kin) == (set(), ())
    assert len(read_history(scene).nudges) == 1


def test_histories_are_read_in_as_many_queries_for_many_as_for_one(scene: Scene) -> None:
    def count(enrolments: Sequence[Enrolment]) -> int:
        with counting(scene.database) as sent, scene.database.reading() as session:
            read_histories(session, enrolments)
            return len([statement for statement in sent if "SELECT" in statement])

    with scene.database.sessions.begin() as session:
        leaders = [build_leader(key=f"l{number}@example.org", email=f"l{number}@example.org") for number in range(20)]
        kept = [keep_enrolment(session, build_enrolment(leader=leader)) for leader in leaders]
    for enrolment in kept:
        mail_id = scene.add_mail(enrolment_id=enrolment.id, ordinal=1, state="sent", ended_at=SENT_AT)
        with scene.database.sessions.begin() as session:
            session.add(EventRow(at=SENT_AT, kind="open", mail_id=mail_id, method="GET", agent="", origin="", value={}))
    assert count(kept) == count(kept[:1]) <= 6
