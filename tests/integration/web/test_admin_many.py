"""Many leaders at once on the admin pages: asked about in numbers, done in one press, to nobody else's leaders."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.choices import leave, pause
from models.domain import CLOSING
from models.tables import AuditRow, MailItemRow, MailRow, PauseRow
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.admin import Visitor, enter, read_text
from tests.integration.web.scene import SENT_AT, Scene, Tables
from web.admin.crowd import MOST, decide

OWN, OTHER = "Example Hospitals", "Moor Trust"
LIST, MANY = "/admin/leaders", "/admin/leaders/many"
START = date(2027, 1, 11)


@pytest.fixture
def people(scene: Scene) -> dict[str, int]:
    """Five more leaders, each as a bulk action may find one, and one of another organisation; their numbers."""
    numbers: dict[str, int] = {}
    with scene.database.sessions.begin() as session:
        for name in ("Ann", "Bob", "Cas", "Dee", "Eve", "Kim"):
            organisation = OTHER if name == "Kim" else OWN
            email = f"{name.lower()}@example.org"
            leader = build_leader(key=email, email=email, name=f"{name} Example", organisation=organisation)
            numbers[name] = keep_enrolment(session, build_enrolment(leader=leader, cohort="spring")).id
        pause(session, numbers["Bob"], now=scene.now, actor="leader")
        pause(session, numbers["Cas"], now=scene.now, until=date(2027, 1, 15), actor="admin", account="x@example.org")
        leave(session, numbers["Dee"], now=scene.now)
    closing = scene.add_mail(
        enrolment_id=numbers["Eve"], recipient="eve@example.org", ordinal=1, state="sent", ended_at=SENT_AT
    )
    with scene.database.sessions.begin() as session:
        session.add(MailItemRow(mail_id=closing, position=0, item=CLOSING, kind="message", placed="message"))
    return numbers


def ask(visitor: Visitor, action: str, **fields: Any) -> Any:
    return visitor.press(LIST, MANY, action=action, **fields)


def confirm(visitor: Visitor, asked: Any, **fields: Any) -> Any:
    """Press the button of the page that asks."""
    hidden = dict(re.findall(r'<input type="hidden" name="(mark|action|ids|until|sure)" value="([^"]*)">', asked.text))
    return visitor.post(MANY, **hidden, **fields)


def read_tables(scene: Scene) -> Tables:
    """All but what is worked out from the rest."""
    return scene.tables(without=("standings", "touched"))


def read_pauses(scene: Scene) -> list[tuple[int, date, date | None, str]]:
    with scene.database.reading() as session:
        rows = session.scalars(select(PauseRow).order_by(PauseRow.enrolment_id, PauseRow.id))
        return [(row.enrolment_id, row.first, row.last, row.by) for row in rows]


def read_notices(scene: Scene) -> list[tuple[str, Any]]:
    with scene.database.reading() as session:
        rows = session.scalars(select(MailRow).where(MailRow.kind != "nudge").order_by(MailRow.id))
        return [(row.recipient, row.notice) for row in rows]


# ---------------------------------------------------------------- what happens to whom


@pytest.mark.parametrize(
    ("action", "status", "ends", "expected"),
    [
        ("pause", "active", [], "changes"),
        ("pause", "held", [], "changes"),
        ("pause", "paused", [date(2027, 3, 4)], "changes"),
        ("pause", "paused", [date(2027, 3, 5)], "already"),
        ("pause", "paused", [date(2027, 3, 6)], "already"),
        ("pause", "paused", [date(2027, 1, 1), None], "already"),
        ("pause", "withdrawn", [], "left"),
        ("pause", "completed", [], "completed"),
        ("resume", "paused", [None], "changes"),
        ("resume", "active", [], "already"),
        ("resume", "withdrawn", [None], "left"),
        ("resume", "completed", [None], "completed"),
        ("withdraw", "active", [], "changes"),
        ("withdraw", "suppressed", [], "changes"),
        ("withdraw", "withdrawn", [], "already"),
        ("withdraw", "completed", [], "completed"),
    ],
)
def test_what_an_action_does_to_one_leader(action: Any, status: Any, ends: list[date | None], expected: str) -> None:
    assert decide(action, status, ends, until=date(2027, 3, 5)) == expected


def test_a_pause_without_an_end_outlasts_one_that_has_one() -> None:
    assert decide("pause", "paused", [date(2099, 1, 1)], until=None) == "changes"
    assert decide("pause", "paused", [None], until=None) == "already"


# ---------------------------------------------------------------- asked, then done


def test_everybody_found_is_paused_after_the_numbers_were_shown(scene: Scene, people: dict[str, int]) -> None:
    visitor = enter(scene, "hr@example.org", role="hr", organisations=(OWN,))
    before, posted = read_tables(scene), len(read_notices(scene))
    asked = ask(visitor, "pause", whom="found", cohort="spring", until="2027-03-05")
    text = read_text(asked)
    for words in (
        "Pause 2 leaders up to and including 5 March 2027?",
        "2 leaders will be paused up to and including 5 March 2027.",
        "1 leader : paused for as long already, or longer.",
        "1 leader : cannot, they left or were withdrawn.",
        "1 leader : cannot, they have come to the end of the programme.",
        "2 e-mails go out at once , one to each",
        "Paused up to 5 March 2027 HR has paused",
        "Ann Example, ann@example.org Cas Example, cas@example.org Back",
    ):
        assert words in text, words
    assert read_tables(scene) == before

    done = read_text(visitor.go_on(confirm(visitor, asked)))
    for words in (
        "2 by this press: paused.",
        "1 paused for as long already",
        "1 could not: they left",
        "1 could not: they",
    ):
        assert words in done, words
    assert read_pauses(scene) == [
        (people["Ann"], date(2027, 1, 12), date(2027, 3, 5), "admin"),
        (people["Bob"], date(2027, 1, 12), None, "leader"),
        (people["Cas"], date(2027, 1, 12), date(2027, 3, 5), "admin"),
    ]
    paused = {"says": "paused", "values": {"until": "2027-03-05", "by": "admin"}}
    new = [notice for notice in read_notices(scene) if notice[1] == paused]
    assert new == [("ann@example.org", paused), ("cas@example.org", paused)]
    assert len(read_notices(scene)) == posted + 1  # what told Cas of the shorter pause had not left, and does not
    with scene.database.reading() as session:
        lines = session.scalars(
            select(AuditRow).where(AuditRow.account == "hr@example.org", AuditRow.action == "paused")
        )
        assert sorted(line.leader_key for line in lines) == ["ann@example.org", "cas@example.org"]


def test_pressed_twice_it_is_done_once(scene: Scene, people: dict[str, int]) -> None:
    visitor = enter(scene)
    asked = ask(visitor, "pause", chosen=[people["Ann"], people["Kim"]])
    confirm(visitor, asked)
    after = read_tables(scene)
    again = read_text(visitor.go_on(confirm(visitor, asked)))
    assert "0 by this press: paused. As many e-mails are on their way. 2 paused for as long already" in again
    assert read_tables(scene) == after


def test_those_who_are_ticked_go_on_and_it_is_said_who_paused_themselves(scene: Scene, people: dict[str, int]) -> None:
    visitor = enter(scene)
    asked = ask(visitor, "resume", chosen=[people[name] for name in ("Ann", "Bob", "Cas")])
    text = read_text(asked)
    assert "End the pause of 2 leaders?" in text
    assert "goes on today. 1 of them paused themselves." in text
    assert "1 leader : not paused." in text
    assert "Your pause is over" in text
    assert "2 by this press" in read_text(visitor.go_on(confirm(visitor, asked)))
    assert read_pauses(scene) == []


def test_many_are_withdrawn_with_a_reason_and_no_mail(scene: Scene, people: dict[str, int]) -> None:
    visitor = enter(scene, "hr@example.org", role="hr")
    posted = read_notices(scene)
    asked = ask(visitor, "withdraw", chosen=[people["Ann"], people["Dee"], people["Eve"]])
    text = read_text(asked)
    assert "Withdraw 1 leader?" in text
    assert "No e-mail goes out : tell them yourself." in text
    confirm(visitor, asked, why="the trust\nwas merged")
    with scene.database.reading() as session:
        (line,) = session.scalars(select(AuditRow).where(AuditRow.action == "withdrawn"))
        assert (line.leader_key, line.account) == ("ann@example.org", "hr@example.org")
        assert line.change["after"]["value"].endswith(": the trust was merged")
    assert read_notices(scene) == posted


def test_only_those_who_were_asked_about_are_changed(scene: Scene, people: dict[str, int]) -> None:
    """Somebody who comes to fit the search meanwhile was not in the numbers."""
    visitor = enter(scene)
    asked = ask(visitor, "pause", whom="found", q="ann")
    with scene.database.sessions.begin() as session:
        leader = build_leader(key="ann.2@example.org", email="ann.2@example.org", name="Ann Other")
        keep_enrolment(session, build_enrolment(leader=leader))
    confirm(visitor, asked)
    assert [row[0] for row in read_pauses(scene) if row[3] == "admin"] == [people["Ann"], people["Cas"]]


def test_where_one_cannot_be_changed_nobody_is(
    scene: Scene, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.choices import ChoiceError
    from web.admin import crowd

    visitor = enter(scene)
    asked = ask(visitor, "pause", chosen=[people["Ann"], people["Kim"]])

    def pause_some(session: Any, enrolment_id: int, **options: Any) -> bool:
        if enrolment_id == people["Kim"]:
            raise ChoiceError("this enrolment is no longer kept")
        return pause(session, enrolment_id, **options)

    monkeypatch.setattr(crowd, "pause", pause_some)
    before = read_tables(scene)
    answer = confirm(visitor, asked)
    assert (answer.status_code, "This enrolment is no longer kept." in read_text(answer)) == (400, True)
    assert read_tables(scene) == before


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Nobody was chosen"),
        ({"whom": "found", "q": "nobody at all"}, "Nobody was chosen"),
        ({"chosen": [1], "until": "2020-01-01"}, "is past"),
        ({"chosen": [1], "until": "2029-01-01"}, "within the next year"),
        ({"chosen": [1], "until": "soon"}, "Write the last day"),
        ({"ids": ".".join(str(number) for number in range(MOST + 1))}, "1001 are too many at once"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(scene: Scene, fields: dict[str, Any], says: str) -> None:
    visitor = enter(scene)
    before = read_tables(scene)
    answer = ask(visitor, "pause", **fields)
    assert (answer.status_code, says in read_text(answer)) == (400, True)
    assert read_tables(scene) == before


@pytest.mark.parametrize("fields", [{"ids": "1;2"}, {"ids": "1..2"}, {"action": "promote"}, {"chosen": ["x"]}])
def test_what_no_page_of_ours_sends_is_not_understood(scene: Scene, fields: dict[str, Any]) -> None:
    assert enter(scene).press(LIST, MANY, **{"action": "pause", **fields}).status_code == 422


@pytest.mark.parametrize("sure", ["", "yes"])
def test_somebody_elses_leader_among_them_is_as_unknown_as_one_that_there_is_not(
    scene: Scene, people: dict[str, int], sure: str
) -> None:
    visitor = enter(scene, role="hr", organisations=(OWN,))
    before = read_tables(scene)
    for action in ("pause", "resume", "withdraw"):
        answers = [
            ask(visitor, action, sure=sure, **{field: written})
            for stranger in (people["Kim"], 99999, 2**40)
            for field, written in (("chosen", [people["Ann"], stranger]), ("ids", f"{people['Ann']}.{stranger}"))
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1
    assert read_tables(scene) == before


def test_everybody_found_is_everybody_of_the_accounts_organisations(scene: Scene, people: dict[str, int]) -> None:
    visitor = enter(scene, role="hr", organisations=(OTHER,))
    confirm(visitor, ask(visitor, "pause", whom="found"))
    assert [row[0] for row in read_pauses(scene) if row[3] == "admin"] == [people["Cas"], people["Kim"]]


def test_a_viewer_is_offered_no_box_and_pressing_does_nothing(scene: Scene, people: dict[str, int]) -> None:
    visitor = enter(scene, role="viewer")
    page = visitor.get(LIST).text
    assert ("checkbox" in page, MANY in page) == (False, False)
    before = read_tables(scene)
    assert ask(visitor, "pause", chosen=[people["Ann"]], sure="yes").status_code == 403
    assert read_tables(scene) == before
